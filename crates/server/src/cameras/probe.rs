//! A look at a camera.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use repcast_http::Problem;
use repcast_service::CameraProbe;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::credentials::RequestCaller;
use crate::problems::service_problem;
use crate::state::AppState;

/// What a camera sends, and what would be done with it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProbeBody {
    /// `h264`, `h265` or `mjpeg`.
    #[schema(example = "h264")]
    codec: &'static str,
    /// Pixels.
    #[schema(example = 1920)]
    width: u32,
    /// Pixels.
    #[schema(example = 1080)]
    height: u32,
    /// Pictures a second, as they arrive.
    fps: f64,
    /// Seconds between key frames.
    key_interval: Option<f64>,
    /// Bits a second of video and sound.
    bits_per_second: u64,
    /// `aac`, `pcma` or `pcmu`; none without sound that can be recorded.
    audio: Option<&'static str>,
    /// What a recording does with the video.
    #[schema(example = "stored as it is")]
    video_plan: &'static str,
    /// What a recording does with the sound.
    audio_plan: &'static str,
    /// What should be changed at the camera.
    advice: Vec<&'static str>,
}

/// Which camera.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProbeQuery {
    /// Its address, perhaps with a user name and a password.
    #[param(example = "rtsp://192.168.1.64/stream1")]
    url: String,
}

/// Looks at a camera for six seconds.
#[utoipa::path(get, path = "/api/cameras/probe", operation_id = "probeCamera", tag = "cameras", security((), ("token" = [])),
    params(ProbeQuery),
    responses((status = 200, description = "What it sends", body = ProbeBody), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 422, description = "The address is wrong, or not allowed"),
        (status = 502, description = "The camera sends no picture")))]
pub(crate) async fn probe(
    State(state): State<Arc<AppState>>,
    Query(ProbeQuery { url }): Query<ProbeQuery>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<ProbeBody>, Problem> {
    let probe: CameraProbe =
        state.service.probe_camera(&caller, &url).await.map_err(|error| service_problem(&error))?;
    let (size, (video_plan, audio_plan)) = (probe.video.size(), probe.plan());
    Ok(Json(ProbeBody {
        codec: probe.video.name(),
        width: size.width,
        height: size.height,
        fps: (probe.rate * 100.0).round() / 100.0,
        key_interval: probe.key_distance.map(|secs| (secs * 1000.0).round() / 1000.0),
        bits_per_second: probe.bits_per_second as u64,
        audio: probe.audio.as_deref().map(|format| format.name()),
        video_plan,
        audio_plan,
        advice: probe.advice(),
    }))
}
