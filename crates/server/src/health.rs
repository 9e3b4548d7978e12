//! Liveness and metrics.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::{Duration, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use serde::Serialize;

use super::problems::service_problem;
use super::response::{NEVER, bytes};
use super::state::AppState;
use repcast_engine::live::{PushState, RecordingStatus};
use repcast_engine::metrics::{Counter, Stage};
use repcast_gstreamer::{MAX_ABANDONED_PIPELINES, abandoned_pipelines, decode};
use repcast_http::{Certificates, Problem, ProblemKind};
use repcast_service::GenerationFailure;
use repcast_storage::{StoreCondition, StoreUsage};

/// Upper bounds of the stage histograms: each twice the previous one, around the 33 ms of a frame.
const BOUNDS_MICROS: [u64; 12] = [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000];

/// The content type of OpenMetrics text, which Prometheus reads.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The health of the server. A server with an admin address gives the details there alone.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    status: HealthStatus,
    /// The version of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    /// The graphics adapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    adapter: Option<String>,
    /// The encoder that new sessions use.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoder: Option<&'static str>,
    /// The part of the capacity in use, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity_used: Option<f64>,
    /// Pipelines that hang and were abandoned.
    #[serde(skip_serializing_if = "Option::is_none")]
    abandoned_pipelines: Option<usize>,
    /// The segment store, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<StoreHealth>,
}

/// The use of the segment store.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct StoreHealth {
    /// Bytes in use.
    bytes: u64,
    /// Bytes that it may use.
    limit_bytes: u64,
    /// Writes that failed.
    failures: u64,
    /// Whether it can be written to, or why not.
    condition: &'static str,
}

impl From<StoreUsage> for StoreHealth {
    fn from(usage: StoreUsage) -> Self {
        let StoreUsage { bytes, limit_bytes, failures, condition, .. } = usage;
        Self { bytes, limit_bytes, failures, condition: condition.name() }
    }
}

/// Whether everything works.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum HealthStatus {
    /// It does.
    Ok,
    /// Too many decoders or encoders hang; a restart helps.
    Degraded,
}

impl Health {
    /// Without details.
    fn new(status: HealthStatus) -> Self {
        Self {
            status,
            version: None,
            adapter: None,
            encoder: None,
            capacity_used: None,
            abandoned_pipelines: None,
            store: None,
        }
    }
}

/// Whether the server is alive. The details are given at the admin address, if there is one.
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "server",
    responses((status = 200, description = "It is alive", body = Health), (status = 503, description = "It is shutting down, or its device is lost")))]
pub(super) async fn health(State(state): State<Arc<AppState>>) -> Result<Json<Health>, Problem> {
    state.service.check_health().map_err(|error| service_problem(&error))?;
    let health = details(&state);
    Ok(Json(if state.has_admin { Health::new(health.status) } else { health }))
}

/// The health with details.
pub(super) async fn detailed(State(state): State<Arc<AppState>>) -> Result<Json<Health>, Problem> {
    state.service.check_health().map_err(|error| service_problem(&error))?;
    Ok(Json(details(&state)))
}

fn details(state: &AppState) -> Health {
    let engine = state.service.engine();
    let abandoned = abandoned_pipelines();
    let status = if abandoned < MAX_ABANDONED_PIPELINES { HealthStatus::Ok } else { HealthStatus::Degraded };
    Health {
        version: Some(env!("CARGO_PKG_VERSION")),
        adapter: Some(engine.gpu.name().to_owned()),
        encoder: Some(engine.encoders.current()),
        capacity_used: Some(engine.capacity.load()),
        abandoned_pipelines: Some(abandoned),
        store: state.service.store_usage().map(StoreHealth::from),
        ..Health::new(status)
    }
}

/// All metrics, for Prometheus; at the admin address, if there is one.
#[utoipa::path(get, path = "/metrics", operation_id = "getMetrics", tag = "server",
    responses((status = 200, description = "OpenMetrics text", content_type = "application/openmetrics-text"),
        (status = 404, description = "They are served at the admin address")))]
pub(super) async fn public_metrics(State(state): State<Arc<AppState>>) -> Result<Response, Problem> {
    if state.has_admin {
        return Err(Problem::new(ProblemKind::NotFound, "There are no metrics at this address."));
    }
    all_metrics(&state).await
}

/// All metrics, at the admin address.
pub(super) async fn metrics(State(state): State<Arc<AppState>>) -> Result<Response, Problem> {
    all_metrics(&state).await
}

async fn all_metrics(state: &AppState) -> Result<Response, Problem> {
    // The collector, which cannot wait, reads the result.
    state.service.is_database_ready().await;
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &state.registry)
        .map_err(|_| Problem::new(ProblemKind::Internal, "The metrics could not be written."))?;
    Ok(bytes(OPEN_METRICS, NEVER, text))
}

/// The metrics of sessions and generations, read when they are requested.
pub(super) struct SessionMetrics(pub(super) Weak<AppState>);

impl fmt::Debug for SessionMetrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionMetrics")
    }
}

impl Collector for SessionMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(state) = self.0.upgrade() else { return Ok(()) };
        let service = &state.service;
        let sessions = service.sessions();
        let running = sessions.iter().filter(|session| !session.stream.is_over());
        let viewers: u64 = sessions.iter().map(|session| session.viewers.count()).sum();
        let metrics = &service.engine().metrics;
        let generations = service.generation_counts();
        let load = service.engine().capacity.load();
        gauge(&mut encoder, "repcast_sessions", "Live sessions that run", running.clone().count() as f64)?;
        gauge(&mut encoder, "repcast_viewers", "Viewers of live sessions", viewers as f64)?;
        let recordings = sessions.iter().flat_map(|session| session.stream.recordings());
        let recordings = recordings.filter(RecordingStatus::is_running).count() as f64;
        gauge(&mut encoder, "repcast_recordings", "Recordings that run", recordings)?;
        if let Some(cameras) = service.camera_counts() {
            gauge(&mut encoder, "repcast_camera_sessions", "Camera sessions that are open", cameras.sessions as f64)?;
            gauge(
                &mut encoder,
                "repcast_cameras_lost",
                "Camera sessions whose camera does not send",
                cameras.lost as f64,
            )?;
            gauge(
                &mut encoder,
                "repcast_camera_recordings",
                "Recordings of cameras that run",
                cameras.recordings as f64,
            )?;
            gauge(&mut encoder, "repcast_camera_viewers", "Those who watch cameras", cameras.viewers as f64)?;
            let age = cameras.frame_age.unwrap_or_default().as_secs_f64();
            gauge(&mut encoder, "repcast_camera_frame_age_seconds", "Age of the oldest last picture of a camera", age)?;
            let free = cameras.free_bytes as f64;
            gauge(&mut encoder, "repcast_recordings_free_bytes", "Bytes free on the disk of camera recordings", free)?;
        }
        gauge(&mut encoder, "repcast_generations", "Videos being generated", generations.running as f64)?;
        gauge(&mut encoder, "repcast_capacity_used", "Share of the machine's capacity that is leased", load)?;
        let abandoned = abandoned_pipelines() as f64;
        gauge(&mut encoder, "repcast_abandoned_pipelines", "Decoders and encoders that do not stop", abandoned)?;
        if let Some(is_ready) = service.was_database_ready() {
            let help = "Whether the database answers";
            gauge(&mut encoder, "repcast_database_ready", help, f64::from(u8::from(is_ready)))?;
        }
        if let Some(expiry) = state.certificates.as_ref().and_then(Certificates::expiry) {
            let secs = expiry.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
            let help = "End of validity of the TLS certificate, in seconds since 1970";
            gauge(&mut encoder, "repcast_certificate_expiry_timestamp_seconds", help, secs)?;
        }
        if let Some(store) = service.store_usage() {
            gauge(&mut encoder, "repcast_store_bytes", "Bytes of the segment store in use", store.bytes as f64)?;
            gauge(
                &mut encoder,
                "repcast_store_limit_bytes",
                "Bytes that the segment store may use",
                store.limit_bytes as f64,
            )?;
            let is_writable = f64::from(u8::from(store.condition == StoreCondition::Writable));
            gauge(&mut encoder, "repcast_store_writable", "Whether the last segment could be stored", is_writable)?;
            let failures = encoder.encode_descriptor(
                "repcast_store_failures",
                "Segments that could not be stored",
                None,
                MetricType::Counter,
            )?;
            ConstCounter::new(store.failures).encode(failures)?;
        }
        let checks = service.check_counts();
        let counters = [
            ("repcast_frames", "Frames of live sessions", metrics.get(Counter::Frames)),
            ("repcast_late_frames", "Frames dropped because they were late", metrics.get(Counter::LateFrames)),
            ("repcast_failovers", "Encoders replaced in mid-stream", metrics.get(Counter::Failovers)),
            ("repcast_concealed", "Damaged spans of clips that were concealed", decode::concealed_count() as u64),
            ("repcast_broken_clips", "Clips replaced by a slate", metrics.get(Counter::BrokenClips)),
            ("repcast_video_bytes", "Bytes of encoded video of live sessions", metrics.get(Counter::Bytes)),
            (
                "repcast_spool_failures",
                "Times that old segments of event playlists could not be kept on disk",
                metrics.get(Counter::SpoolFailures),
            ),
            ("repcast_recording_bytes", "Bytes written by recordings", metrics.get(Counter::RecordedBytes)),
            ("repcast_recording_failures", "Recordings that ended early", metrics.get(Counter::FailedRecordings)),
            ("repcast_push_bytes", "Bytes handed to receivers of pushes", metrics.get(Counter::PushedBytes)),
            ("repcast_push_reconnects", "Lost or refused connections of pushes", metrics.get(Counter::PushRetries)),
            ("repcast_push_dropped_gops", "GOPs left out for slow receivers", metrics.get(Counter::DroppedGops)),
            ("repcast_generations_begun", "Videos started", generations.started),
            ("repcast_generations_failed", "Videos that could not be finished", generations.failed.iter().sum()),
            ("repcast_generation_slates", "Videos that end early with a card that says so", generations.slates),
            ("repcast_clip_checks", "Clips checked by a worker process", checks.checked),
            ("repcast_clips_rejected", "Clips whose check stalled, crashed or took too long", checks.rejected),
            ("repcast_clips_unchecked", "Checks of clips without a result", checks.unchecked),
        ];
        for (name, help, value) in counters {
            let metric = ConstCounter::new(value);
            metric.encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)?;
        }
        let mut failed = encoder.encode_descriptor(
            "repcast_generation_failures",
            "Videos that could not be finished, by the reason",
            None,
            MetricType::Counter,
        )?;
        for (reason, count) in std::iter::zip(GenerationFailure::ALL, generations.failed) {
            ConstCounter::new(count).encode(failed.encode_family(&[("reason", reason.name())])?)?;
        }
        let mut using = encoder.encode_descriptor(
            "repcast_encoder_sessions",
            "Live sessions by the encoder in use",
            None,
            MetricType::Gauge,
        )?;
        let mut encoders: Vec<&'static str> = running.filter_map(|session| session.stream.report().encoder).collect();
        encoders.sort_unstable();
        for same in encoders.chunk_by(|a, b| a == b) {
            let labels = [("encoder", same[0])];
            ConstGauge::new(same.len() as i64).encode(using.encode_family(&labels)?)?;
        }
        let mut states = encoder.encode_descriptor(
            "repcast_pushes",
            "Pushes of the sessions that are listed, by their state",
            None,
            MetricType::Gauge,
        )?;
        let pushes: Vec<PushState> =
            sessions.iter().flat_map(|session| session.stream.pushes()).map(|push| push.state).collect();
        for state in PushState::ALL {
            let number = pushes.iter().filter(|other| **other == state).count();
            ConstGauge::new(number as i64).encode(states.encode_family(&[("state", state.name())])?)?;
        }
        let mut stages = encoder.encode_descriptor(
            "repcast_stage_seconds",
            "Seconds that a frame of a live session spends in each stage",
            None,
            MetricType::Histogram,
        )?;
        let bounds = BOUNDS_MICROS.map(Duration::from_micros);
        for stage in Stage::ALL {
            let times = metrics.histogram(stage);
            let (count, sum) = times.totals();
            let between = times.between(&bounds);
            let rest = count - between.iter().sum::<u64>();
            let buckets: Vec<(f64, u64)> = bounds
                .iter()
                .map(Duration::as_secs_f64)
                .chain([f64::INFINITY])
                .zip(between.into_iter().chain([rest]))
                .collect();
            let labels = [("stage", stage.name())];
            stages.encode_family(&labels)?.encode_histogram::<NoLabelSet>(sum.as_secs_f64(), count, &buckets, None)?;
        }
        Ok(())
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: f64) -> fmt::Result {
    ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
}
