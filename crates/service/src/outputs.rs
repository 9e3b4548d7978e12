//! Recordings and pushes of live sessions that clients start, within what the operator allows.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use repcast_engine::live::{PushStatus, RecordError, RecordingStatus, StartPushError};
use repcast_media::{PushConnector, PushTarget, PushTargetError};

use super::push_rules::{PushRejection, PushRule, allowed};
use super::sessions::LiveSession;

/// What the operator allows clients to do with their sessions.
#[derive(Clone, Default)]
pub struct OutputConfig {
    /// The folder of recordings; without it, clients record nothing.
    pub recordings: Option<PathBuf>,
    /// The receivers that clients may push to; without any, they push nowhere.
    pub push_rules: Vec<PushRule>,
    /// Connects to receivers.
    pub connector: Option<Arc<dyn PushConnector>>,
}

/// Why a session is not recorded or pushed.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// There is no folder of recordings.
    #[error("This server records nothing: its operator has to name a folder with --recordings.")]
    NoRecordings,
    /// The recording does not start.
    #[error("{0}")]
    Record(RecordError),
    /// Clients may push nowhere.
    #[error("This server pushes nowhere: its operator has to allow hosts with --push-allow.")]
    NoPushes,
    /// Clients may not push there.
    #[error("The operator of this server does not allow pushes to this host and port.")]
    NotAllowed,
    /// The text is not the address of a receiver.
    #[error("This is no address of a receiver: {0}.")]
    Target(#[from] PushTargetError),
    /// The host has no address.
    #[error("The host has no address.")]
    NoAddress,
    /// The push does not start.
    #[error("{0}")]
    Push(StartPushError),
}

/// The outputs of all sessions.
pub(crate) struct Outputs {
    config: OutputConfig,
    /// Held while a recording is given its name.
    naming: Mutex<()>,
}

impl Outputs {
    pub(crate) fn new(config: OutputConfig) -> Self {
        Self { config, naming: Mutex::default() }
    }

    /// Records a session from the newest key frame on, into a file whose name is that of the session and the number of the
    /// recording in it.
    pub(crate) fn record(&self, LiveSession { stream, .. }: &LiveSession) -> Result<RecordingStatus, OutputError> {
        let folder = self.config.recordings.as_ref().ok_or(OutputError::NoRecordings)?;
        // It guards no data.
        let _naming = self.naming.lock().unwrap_or_else(PoisonError::into_inner);
        let number = stream.recordings().len() + 1;
        let target = folder.join(format!("{}-{number}.mp4", stream.id()));
        let id = stream.record(&target).map_err(OutputError::Record)?;
        let status = stream.recordings().into_iter().find(|recording| recording.id == id);
        status.ok_or(OutputError::Record(RecordError::Over))
    }

    /// Pushes a session to a receiver. May block while its address is found.
    pub(crate) fn push(&self, LiveSession { stream, .. }: &LiveSession, url: &str) -> Result<PushStatus, OutputError> {
        let OutputConfig { push_rules, connector, .. } = &self.config;
        let connector = connector.as_ref().filter(|_| !push_rules.is_empty()).ok_or(OutputError::NoPushes)?;
        let target: PushTarget = url.parse()?;
        let target = allowed(push_rules, target).map_err(|rejection| match rejection {
            PushRejection::NotAllowed => OutputError::NotAllowed,
            PushRejection::NoAddress => OutputError::NoAddress,
        })?;
        let id = stream.push(target, connector.clone()).map_err(OutputError::Push)?;
        let status = stream.pushes().into_iter().find(|push| push.id == id);
        status.ok_or(OutputError::Push(StartPushError::Over))
    }
}
