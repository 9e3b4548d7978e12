/// Why pictures could not be encoded. [`Failed`](Self::Failed) may succeed with another encoder.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EncodeError {
    /// No candidate passed its probe. Each is listed with the reason.
    #[error(
        "no H.264 encoder works here ({}); on Debian, `apt install gstreamer1.0-plugins-ugly` adds x264enc",
        .0.iter().map(|(name, reason)| format!("{name}: {reason}")).collect::<Vec<_>>().join("; ")
    )]
    NoneWorks(Vec<(String, String)>),
    /// The requested name is not one of the candidates.
    #[error("there is no encoder called `{0}`; known are {known}", known = super::CANDIDATES.join(", "))]
    Unknown(String),
    /// The encoder or the pipeline around it failed.
    #[error("the encoder {encoder} failed: {reason}")]
    Failed {
        /// The name of its element.
        encoder: String,
        /// Description of the failure.
        reason: String,
    },
    /// A required GStreamer element is not installed.
    #[error("GStreamer has no element `{0}`; `repcast doctor` names the missing package")]
    Missing(String),
    /// The other half of the encoder was dropped or has failed.
    #[error("encoding was stopped")]
    Stopped,
}
