//! Subtitles as text: WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format") and SRT in, WebVTT out. Pure.
//!
//! ```text
//! file of a document --- read ---> SubtitleCue
//! CaptionCue --- write ---> a file of all cues
//!                      \--> segments of an HLS folder, which repeat a cue in each that it is shown in
//! text of each frame --- CaptionSegmenter ---> parts and segments of a live stream, which cut cues at their ends
//! ```

mod markup;
mod read;
mod segmenter;
mod write;

pub use read::{MAX_FILE_BYTES, ReadSubtitles, SubtitleError, read};
pub use segmenter::CaptionSegmenter;
pub use write::{FILE_HEADER, write_file, write_segment};
