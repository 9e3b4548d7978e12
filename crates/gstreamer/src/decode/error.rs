use std::io;
use std::path::{Path, PathBuf};

use repcast_media::io_reason;

/// Why a clip cannot be read. [`Missing`](Self::Missing), [`Io`](Self::Io), [`Stalled`](Self::Stalled),
/// [`TimedOut`](Self::TimedOut), [`Crashed`](Self::Crashed) and [`Unchecked`](Self::Unchecked) may succeed on a retry;
/// the others require another file or another installation.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DecodeError {
    /// There is no such file.
    #[error("{}: no such file", .0.display())]
    Missing(PathBuf),
    /// The path names a folder, a pipe or something else that is not a file.
    #[error("{}: not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// The operating system reported an error, or a limit was exceeded.
    #[error("{}: {reason}", .path.display())]
    Io {
        /// Path of the clip.
        path: PathBuf,
        /// Description of the error.
        reason: String,
    },
    /// The first bytes match no known format. The file name is not considered.
    #[error("{}: not a clip that repcast reads (QuickTime, MP4, WebM, Matroska, PNG, JPEG, WebP or GIF)", .0.display())]
    UnknownFormat(PathBuf),
    /// The first bytes match a format that repcast does not read.
    #[error("{}: this is {name}, which repcast does not read; {advice}", .path.display())]
    Unsupported {
        /// Path of the clip.
        path: PathBuf,
        /// Name of the format, with article.
        name: &'static str,
        /// What the user can do.
        advice: &'static str,
    },
    /// The file has no video track, or one without frames.
    #[error("{}: contains no video frame", .0.display())]
    NoVideo(PathBuf),
    /// The file has no audio track, or one without samples.
    #[error("{}: contains no audio", .0.display())]
    NoAudio(PathBuf),
    /// The first bytes match no known format with audio.
    #[error("{}: not audio that repcast reads (MP4, QuickTime, WebM, Matroska, MP3, AAC, WAV, FLAC or Ogg)", .0.display())]
    UnknownAudio(PathBuf),
    /// The audio has a rate or a number of channels that is not read.
    #[error(
        "{}: audio of {channels} channels at {rate} Hz; it must have 1 to {} channels at {} to {} Hz",
        .path.display(), super::limits::MAX_AUDIO_CHANNELS, super::limits::MIN_AUDIO_RATE, super::limits::MAX_AUDIO_RATE
    )]
    AudioFormat {
        /// Path of the file.
        path: PathBuf,
        /// Channels of the decoded audio.
        channels: u32,
        /// Samples per second.
        rate: u32,
    },
    /// A side is 0 or longer than 8192 pixels.
    #[error("{}: {width}x{height} pixels; each side must have 1 to {}", .path.display(), super::limits::MAX_CLIP_SIDE)]
    Dimensions {
        /// Path of the clip.
        path: PathBuf,
        /// Stored width in pixels.
        width: u32,
        /// Stored height in pixels.
        height: u32,
    },
    /// It has more frames than an exercise may have.
    #[error("{}: more than {frames} frames; a clip of an exercise is a few seconds long", .path.display())]
    TooLong {
        /// Path of the clip.
        path: PathBuf,
        /// Most frames.
        frames: u64,
    },
    /// The data is damaged, or no installed decoder supports the codec.
    #[error("{}: cannot be decoded: {reason}", .path.display())]
    Broken {
        /// Path of the clip.
        path: PathBuf,
        /// Description by the decoder.
        reason: String,
    },
    /// The data ends before the duration stated in the file.
    #[error("{}: ends early, after {secs:.3} s of {expected_secs:.3} s; the file is truncated or damaged", .path.display())]
    Truncated {
        /// Path of the clip.
        path: PathBuf,
        /// Seconds that could be read.
        secs: f64,
        /// Seconds stated in the file.
        expected_secs: f64,
    },
    /// The decoder delivered nothing for too long.
    #[error("{}: the decoder delivered nothing for {secs} s", .path.display())]
    Stalled {
        /// Path of the clip.
        path: PathBuf,
        /// The timeout in seconds.
        secs: u64,
    },
    /// Decoders of this file were abandoned because they do not stop.
    #[error("{}: is not opened again, because earlier decoders of it do not stop; the file is damaged", .0.display())]
    DoesNotStop(PathBuf),
    /// Too many decoders of other files were abandoned because they do not stop.
    #[error(
        "{}: is not opened, because {} decoders of damaged files do not stop; restart the program",
        .0.display(),
        crate::MAX_ABANDONED_PIPELINES
    )]
    TooManyAbandoned(PathBuf),
    /// Checking the file in a worker process took too long.
    #[error("{}: decoding some of its frames took more than {secs} s; the file is damaged or too large", .path.display())]
    TimedOut {
        /// Path of the clip.
        path: PathBuf,
        /// The limit in seconds.
        secs: u64,
    },
    /// A decoder crashed, or exceeded its memory, when the file was checked in a worker process.
    #[error("{}: the decoder crashed or needed too much memory; the file is damaged or too large", .0.display())]
    Crashed(PathBuf),
    /// The file could not be checked in a worker process, which is required before it is opened.
    #[error("{}: could not be checked, because too many other files are; try again later", .0.display())]
    Unchecked(PathBuf),
    /// GStreamer or a required plugin is not installed.
    #[error("GStreamer: {0}; `repcast doctor` names the missing package")]
    Library(String),
}

impl DecodeError {
    /// An error of the operating system, or of a reader that stands on it.
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing(path.to_owned()),
            _ => Self::Io { path: path.to_owned(), reason: io_reason(error) },
        }
    }

    /// The file that cannot be read; `None` when the installation is at fault.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Missing(path)
            | Self::NotAFile(path)
            | Self::UnknownFormat(path)
            | Self::NoVideo(path)
            | Self::NoAudio(path)
            | Self::UnknownAudio(path)
            | Self::DoesNotStop(path)
            | Self::TooManyAbandoned(path)
            | Self::Crashed(path)
            | Self::Unchecked(path)
            | Self::Io { path, .. }
            | Self::Unsupported { path, .. }
            | Self::Dimensions { path, .. }
            | Self::AudioFormat { path, .. }
            | Self::Broken { path, .. }
            | Self::TooLong { path, .. }
            | Self::Truncated { path, .. }
            | Self::Stalled { path, .. }
            | Self::TimedOut { path, .. } => Some(path),
            Self::Library(_) => None,
        }
    }
}
