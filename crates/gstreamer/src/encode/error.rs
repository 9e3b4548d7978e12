/// Why pictures could not be encoded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EncodeError {
    /// No candidate delivered a frame.
    #[error(
        "no H.264 encoder works here ({}); on Debian, `apt install gstreamer1.0-plugins-ugly` adds x264enc",
        .0.iter().map(|(name, reason)| format!("{name}: {reason}")).collect::<Vec<_>>().join("; ")
    )]
    NoneWorks(Vec<(String, String)>),
    /// The name given is not one of the candidates.
    #[error("there is no encoder called `{0}`; known are {known}", known = super::CANDIDATES.join(", "))]
    Unknown(String),
    /// The encoder or the pipeline around it failed.
    #[error("the encoder {encoder} failed: {reason}")]
    Failed {
        /// Its element's name.
        encoder: String,
        /// What it said.
        reason: String,
    },
    /// A GStreamer element that is always needed is not installed.
    #[error("GStreamer has no element `{0}`; `repcast doctor` names the missing package")]
    Missing(String),
    /// The pipeline was stopped from the other side.
    #[error("encoding was stopped")]
    Stopped,
}
