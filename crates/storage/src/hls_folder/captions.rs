//! The captions of a folder: for each language a playlist, and a segment of WebVTT for each of the video's.

use std::fs;
use std::path::Path;

use repcast_model::audio::{SAMPLE_RATE, SampleSpan};
use repcast_model::captions::{CaptionTrack, language_name};
use repcast_model::time::{Rational, round};
use repcast_mux::MuxError;
use repcast_mux::hls::{self, Bandwidth, Segment, SubtitlesRendition};
use repcast_mux::subtitles::write_segment;

use crate::partial::PartialFolder;

/// What the names of all files of captions begin with; the language follows.
const PREFIX: &str = "captions-";

/// Whether a file of this name belongs to captions.
pub(super) fn is_caption_file(name: &str) -> bool {
    let is_ending = name.ends_with(".vtt") || name.ends_with(".m3u8");
    name.starts_with(PREFIX) && is_ending
}

/// Writes the segments and the playlist of a track that accompanies these segments of video. Returns the rendition, whose URI
/// is the name of the playlist, and the bytes of all files. Errors name the path `output`.
pub(super) fn write_captions(
    track: &CaptionTrack,
    video: &[Segment],
    target_secs: u64,
    folder: &PartialFolder,
    output: &Path,
) -> Result<(SubtitlesRendition, u64), MuxError> {
    let CaptionTrack { language, placement, cues } = track;
    let name = format!("{PREFIX}{language}");
    let mut start = Rational::default();
    let mut segments = Vec::with_capacity(video.len());
    for (number, Segment { duration, .. }) in (1..).zip(video) {
        let span = SampleSpan { start: sample(start), end: sample(start + duration) };
        start += duration;
        let (uri, text) = (format!("{name}_{number:05}.vtt"), write_segment(cues, span, *placement));
        fs::write(folder.path_of(&uri), &text).map_err(MuxError::storage(output, "write a segment"))?;
        segments.push(Segment { uri, duration: *duration, bytes: text.len() as u64 });
    }
    let playlist = hls::media(None, &segments, target_secs);
    let uri = format!("{name}.m3u8");
    fs::write(folder.path_of(&uri), &playlist).map_err(MuxError::storage(output, "write a playlist"))?;
    let bytes = segments.iter().map(|segment| segment.bytes).sum::<u64>() + playlist.len() as u64;
    let (language, bandwidth) = (language.clone(), Bandwidth::of(&segments));
    Ok((SubtitlesRendition { uri, name: language_name(&language), language, bandwidth }, bytes))
}

fn sample(secs: Rational) -> u64 {
    u64::try_from(round(secs * i128::from(SAMPLE_RATE))).unwrap_or(0)
}
