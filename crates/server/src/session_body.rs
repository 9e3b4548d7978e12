//! What responses and events say of a session.

use std::collections::BTreeMap;

use repcast_engine::live::{BrokenClip, Rendition};
use repcast_engine::metrics::{Counter, Percentiles};
use repcast_model::session::{AudioLevelStatus, RoleLevelStatus, SessionStatus};
use repcast_model::time::to_f64;
use repcast_service::{Action, Caller, LiveSession};
use serde::Serialize;
use utoipa::ToSchema;

use super::links::SessionLinks;
use super::session_items::{ListedItem, SessionItem};
use super::state::AppState;

/// The public addresses of a session.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionAddresses {
    /// Its id in addresses.
    #[schema(example = "5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90")]
    id: String,
    /// The master playlist, for any player.
    #[schema(example = "/live/5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90/master.m3u8")]
    hls_url: String,
    /// A growing MP4.
    #[schema(example = "/live/5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90/stream.mp4")]
    mp4_url: String,
    /// A page with a player.
    #[schema(example = "/live/5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90/")]
    player_url: String,
}

/// How viewers join a session.
#[derive(Serialize, ToSchema)]
pub(super) struct JoinAddress {
    /// The code by which viewers join it: four letters, in any case.
    #[schema(example = "KXTR")]
    join_code: String,
    /// Where viewers join it: short enough to be typed. It starts with the base URL for other devices, if that is known.
    #[schema(example = "http://192.168.1.20:8080/j/KXTR")]
    join_url: String,
}

/// A session that was started, with the right to control it.
#[derive(Serialize, ToSchema)]
pub(super) struct StartedSession {
    #[serde(flatten)]
    addresses: SessionAddresses,
    #[serde(flatten)]
    join: JoinAddress,
    /// The bearer token of commands, preview and end.
    control_token: String,
    /// A page with a player and the controls, for the coach only: it contains the token.
    #[schema(example = "/live/5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90/?control=1#d9f0…")]
    control_url: String,
}

/// Whether a session plays.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PlaybackState {
    /// The first frame is repeated, until the session is started.
    Waiting,
    /// The position advances.
    Playing,
    /// The current frame is repeated.
    Paused,
    /// The last frame has been shown.
    Ended,
    /// It has stopped because of an error.
    Failed,
}

/// The state of a session. Times are seconds of the session, to the microsecond.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionState {
    state: PlaybackState,
    /// Position of the next frame; a valid time to seek to.
    #[schema(example = 12.4)]
    position_secs: f64,
    /// Length at speed 1.
    #[schema(example = 80.0)]
    duration_secs: f64,
    /// Seconds until its end at the present speed, pauses not counted.
    #[schema(example = 67.6)]
    remaining_secs: f64,
    /// Whole seconds until it starts by itself, if it waits for a time.
    starts_in_secs: Option<u64>,
    /// Playback speed; 1 plays the document unchanged.
    #[schema(example = 1.0)]
    speed: f64,
    /// The item of the last frame, or of the target of a later seek.
    #[schema(required)]
    current: Option<SessionItem>,
    /// The first item that starts after that frame.
    #[schema(required)]
    next: Option<SessionItem>,
    /// The visible message.
    #[schema(required)]
    message: Option<String>,
    /// How loud its sounds are, of sessions with sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<AudioLevels>,
    #[serde(flatten)]
    join: JoinAddress,
}

/// How loud the sounds of a session are, by their role, as commands have set it.
#[derive(Serialize, ToSchema)]
pub(super) struct AudioLevels {
    music: AudioLevel,
    voice: AudioLevel,
    effect: AudioLevel,
}

/// The level of one role.
#[derive(Serialize, ToSchema)]
pub(super) struct AudioLevel {
    /// Decibels, in addition to those of the document.
    gain: f64,
    /// Whether nothing of it is heard.
    muted: bool,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    #[serde(flatten)]
    state: SessionState,
    #[serde(flatten)]
    addresses: SessionAddresses,
    /// The document's title, which may be empty.
    #[schema(example = "Morning")]
    title: String,
    /// Its items in the order of time: the exercises and rests of a workout, the clips of a composition.
    items: Vec<ListedItem>,
    /// The encoder in use; empty before the first frame.
    #[schema(example = "x264enc")]
    encoder: &'static str,
    /// The graphics adapter.
    adapter: String,
    /// Frames per second.
    #[schema(example = 30.0)]
    fps: f64,
    /// Output frames, dropped ones included.
    frames: u64,
    /// Dropped frames.
    late_frames: u64,
    /// Encoders replaced in this session.
    failovers: u64,
    /// Encoded bytes of all renditions, audio and captions.
    bytes: u64,
    /// Viewer count, estimated from playlist requests, plus readers of the growing MP4.
    viewers: u64,
    /// Whether the preview window is open; null when there is none.
    #[schema(required)]
    preview: Option<bool>,
    /// Durations of each stage, by its name.
    stages: BTreeMap<&'static str, StageTimes>,
    /// Its renditions, the largest first.
    renditions: Vec<SessionRendition>,
    /// The languages of its captions.
    captions: Vec<String>,
    /// Messages about clips that were replaced by a slate.
    broken_clips: Vec<String>,
    /// Messages about sounds that are silent, or became so.
    silent_sounds: Vec<String>,
    /// What is drawn otherwise than the document says, such as letters that no font has.
    warnings: Vec<String>,
    /// Why it failed.
    #[schema(required)]
    failure: Option<String>,
}

/// Sessions.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionList(Vec<Session>);

/// Percentiles of durations, in microseconds.
#[derive(Serialize, ToSchema)]
pub(super) struct StageTimes {
    p50: u64,
    p95: u64,
    p99: u64,
}

/// One size of a stream.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionRendition {
    /// Its name in the addresses of the stream.
    #[schema(example = "1080p")]
    name: String,
    /// Pixels.
    width: u32,
    /// Pixels.
    height: u32,
    /// Average of the newest segments.
    bits_per_second: u64,
}

impl SessionAddresses {
    fn new(state: &AppState, session: &LiveSession) -> Self {
        let SessionLinks { id, player_url, hls_url, .. } = SessionLinks::new(&state.public_url, session);
        Self { id, mp4_url: format!("{player_url}stream.mp4"), hls_url, player_url }
    }
}

impl JoinAddress {
    fn new(state: &AppState, session: &LiveSession) -> Self {
        let SessionLinks { join_url, .. } = SessionLinks::new(state.shared_url(), session);
        Self { join_code: session.join.to_string(), join_url }
    }
}

impl StartedSession {
    pub(super) fn new(state: &AppState, session: &LiveSession) -> Self {
        Self {
            addresses: SessionAddresses::new(state, session),
            join: JoinAddress::new(state, session),
            control_token: session.control.secret().to_owned(),
            control_url: SessionLinks::new(&state.public_url, session).control_url,
        }
    }
}

impl SessionState {
    pub(super) fn new(state: &AppState, session: &LiveSession) -> Self {
        let report = session.stream.report();
        let SessionStatus {
            state: playback,
            position_secs,
            duration_secs,
            remaining_secs,
            starts_in_secs,
            speed,
            current,
            next,
            message,
        } = report.status;
        Self {
            state: if report.failure.is_some() { PlaybackState::Failed } else { playback.into() },
            position_secs,
            duration_secs,
            remaining_secs,
            starts_in_secs,
            speed,
            current: current.map(SessionItem::from),
            next: next.map(SessionItem::from),
            message,
            audio: session.stream.audio_levels().map(AudioLevels::from),
            join: JoinAddress::new(state, session),
        }
    }
}

impl From<repcast_model::session::SessionState> for PlaybackState {
    fn from(state: repcast_model::session::SessionState) -> Self {
        match state {
            repcast_model::session::SessionState::Waiting => Self::Waiting,
            repcast_model::session::SessionState::Playing => Self::Playing,
            repcast_model::session::SessionState::Paused => Self::Paused,
            repcast_model::session::SessionState::Ended => Self::Ended,
        }
    }
}

impl From<AudioLevelStatus> for AudioLevels {
    fn from(AudioLevelStatus { music, voice, effect }: AudioLevelStatus) -> Self {
        let level = |RoleLevelStatus { gain, muted }| AudioLevel { gain, muted };
        Self { music: level(music), voice: level(voice), effect: level(effect) }
    }
}

impl Session {
    pub(super) fn new(state: &AppState, session: &LiveSession) -> Self {
        let stream = &session.stream;
        let (report, metrics) = (stream.report(), stream.metrics());
        let times = |Percentiles { p50, p95, p99 }| StageTimes { p50, p95, p99 };
        Self {
            state: SessionState::new(state, session),
            addresses: SessionAddresses::new(state, session),
            title: stream.title(),
            items: stream.chapters().into_iter().map(ListedItem::from).collect(),
            encoder: report.encoder.unwrap_or_default(),
            adapter: state.service.engine().gpu.name().to_owned(),
            fps: to_f64(stream.rate().per_second()),
            frames: metrics.get(Counter::Frames),
            late_frames: metrics.get(Counter::LateFrames),
            failovers: metrics.get(Counter::Failovers),
            bytes: metrics.get(Counter::Bytes),
            viewers: session.viewers.count(),
            preview: stream.monitor().is_open(),
            stages: metrics.percentiles().into_iter().map(|(name, stage)| (name, times(stage))).collect(),
            renditions: stream.renditions().iter().map(SessionRendition::from).collect(),
            captions: stream.captions().iter().map(|captions| captions.language.clone()).collect(),
            broken_clips: report.broken.into_iter().map(|BrokenClip { message, .. }| message).collect(),
            silent_sounds: report.silent,
            warnings: session.warnings().to_vec(),
            failure: report.failure,
        }
    }
}

impl SessionList {
    /// The sessions that the caller may control.
    pub(super) fn new(state: &AppState, caller: &Caller) -> Self {
        let sessions = state.service.sessions();
        let may_control = |session: &&LiveSession| state.service.authorize(caller, Action::Control(session)).is_ok();
        Self(sessions.iter().filter(may_control).map(|session| Session::new(state, session)).collect())
    }
}

impl From<&Rendition> for SessionRendition {
    fn from(rendition: &Rendition) -> Self {
        Self {
            name: rendition.name.clone(),
            width: rendition.size.width,
            height: rendition.size.height,
            bits_per_second: rendition.window.bandwidth().average,
        }
    }
}
