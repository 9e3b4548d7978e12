use std::path::PathBuf;

/// Why a clip could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DecodeError {
    /// There is no such file.
    #[error("{}: no such file", .0.display())]
    Missing(PathBuf),
    /// The path names a folder, a pipe or something else that is not a file.
    #[error("{}: not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// The operating system refused.
    #[error("{}: {reason}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// The first bytes belong to no format that repcast reads, whatever the name's ending says.
    #[error("{}: not a clip that repcast reads (QuickTime, MP4, WebM, Matroska, PNG, JPEG, WebP or GIF)", .0.display())]
    UnknownFormat(PathBuf),
    /// The first bytes belong to a format that repcast does not read.
    #[error("{}: this is {name}, which repcast does not read; {advice}", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The format with its article.
        name: &'static str,
        /// What to do about it.
        advice: &'static str,
    },
    /// The file has no video track, or one without a single frame.
    #[error("{}: holds no video frame", .0.display())]
    NoVideo(PathBuf),
    /// A side is longer than [`MAX_CLIP_SIDE`](super::MAX_CLIP_SIDE) or empty.
    #[error("{}: {width}x{height} pixels; a clip has 1 to {} a side", .path.display(), super::MAX_CLIP_SIDE)]
    Dimensions {
        /// The file.
        path: PathBuf,
        /// Stored width.
        width: u32,
        /// Stored height.
        height: u32,
    },
    /// The data is damaged or in a codec that no installed decoder reads.
    #[error("{}: cannot be decoded: {reason}", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// The data ends before the file says it does.
    #[error("{}: ends early, after {secs:.3} s of {expected_secs:.3} s; the file is truncated or damaged", .path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Seconds that could be read.
        secs: f64,
        /// Seconds that the file promises.
        expected_secs: f64,
    },
    /// The decoder stopped answering.
    #[error("{}: the decoder delivered nothing for {secs} s", .path.display())]
    Stalled {
        /// The file.
        path: PathBuf,
        /// How long it was waited for.
        secs: u64,
    },
    /// GStreamer or one of its plugins is not installed as needed.
    #[error("GStreamer: {0}; `repcast doctor` names the missing package")]
    Library(String),
}
