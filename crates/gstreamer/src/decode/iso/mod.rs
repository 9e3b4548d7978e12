//! QuickTime and MP4 files (ISO/IEC 14496-12): sample table, edit list, matrix and color of the selected video track, and
//! length and edit list of the selected audio track.
//!
//! GStreamer's demuxer applies edit lists, display matrices and track flags in ways that lose frames. It therefore
//! reads the file without them ([`BytePatches`]): a movie with one track, from its first sample to its last. The hidden
//! values are parsed here, exactly, and applied by [`Timing`](super::timing::Timing) and by the clip's orientation and
//! pixel aspect ratio.

mod alpha_layer;
mod audio;
mod boxes;
mod fragments;
mod matrix;
mod movie_patches;
mod samples;
mod track;

use std::fs::File;
use std::io;
use std::path::Path;

use mp4_atom::FourCC;

#[cfg(test)]
pub(super) use audio::Gapless;
pub(super) use audio::{AudioTrack, read_audio};
use boxes::{Children, read_at, walk_file};
use fragments::Fragments;
pub(super) use matrix::Display;
use movie_patches::MoviePatches;
pub(super) use samples::Sample;
pub(super) use track::EditListEntry;

use super::DecodeError;
use super::byte_patches::BytePatches;
use super::color::ContainerColor;

/// Largest `moov` that is read, in bytes: 64 MiB describe three million frames.
const MAX_MOOV_BYTES: u64 = 64 << 20;

/// Largest `moof` that is read, in bytes.
const MAX_MOOF_BYTES: u64 = 4 << 20;

/// Most frames in a clip: 18 hours at 60 frames per second.
pub(super) const MAX_SAMPLES: usize = 4_000_000;

/// The parsed boxes of a file.
#[derive(Default)]
pub(super) struct Movie {
    /// Whether a box or a sample extends past the end of the file.
    pub(super) truncated: bool,
    /// The selected track. `None` when the boxes are malformed: then the demuxer's packets are scanned instead.
    pub(super) video: Option<VideoTrack>,
    /// Applied to everything the demuxer reads.
    pub(super) patches: BytePatches,
}

/// The video track that is decoded.
pub(super) struct VideoTrack {
    /// Ticks per second of the track.
    pub(super) timescale: u32,
    /// Ticks per second of the movie, the unit of edit durations.
    pub(super) movie_timescale: u32,
    /// All samples in decoding order; at least one.
    pub(super) samples: Vec<Sample>,
    /// The edit list; empty if the track has none.
    pub(super) edits: Vec<EditListEntry>,
    /// From the display matrix.
    pub(super) display: Display,
    /// From the first sample description.
    pub(super) color: ContainerColor,
    /// Whether its alpha is in a layer of its own, which no decoder here reads.
    pub(super) has_alpha_layer: bool,
    /// How many ticks later the demuxer sees all composition times.
    pub(super) demuxer_shift: i64,
    /// Whether a sample extends past the end of the file.
    pub(super) is_truncated: bool,
}

/// Parses a file's boxes.
///
/// # Errors
/// When the file cannot be read, or has more than [`MAX_SAMPLES`] frames.
pub(super) fn read_movie(path: &Path) -> Result<Movie, DecodeError> {
    read(path).map_err(|error| DecodeError::io(path, &error))
}

fn read(path: &Path) -> io::Result<Movie> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    let mut patches = MoviePatches::default();
    let mut video: Option<VideoTrack> = None;
    let mut fragments: Option<Fragments> = None;
    let is_box_truncated = walk_file(&mut file, len, |file, kind, at, size| {
        if kind == FourCC::new(b"moov") && size <= MAX_MOOV_BYTES && video.is_none() {
            let bytes = read_at(file, at, size)?;
            let Some(moov) = Children::new(at, &bytes).next() else { return Ok(()) };
            if let Some(selected) = track::select_track(moov, len) {
                patches.hide_all_but(moov, selected.offset, track::VIDEO, selected.fragments.is_some());
                fragments = selected.fragments;
                video = Some(selected.video);
            }
        } else if kind == FourCC::new(b"moof")
            && size <= MAX_MOOF_BYTES
            && let (Some(fragments), Some(video)) = (&mut fragments, &mut video)
        {
            let bytes = read_at(file, at, size)?;
            if let Some(moof) = Children::new(at, &bytes).next() {
                fragments.add(moof, &mut video.samples);
            }
        } else if kind == FourCC::new(b"mfra") {
            // Given this index, the demuxer restarts the times of fragments after a seek.
            patches.hide(at);
            if at.checked_add(size) == Some(len) {
                patches.hide_random_access(len);
            }
        }
        let count = video.as_ref().map_or(0, |video| video.samples.len());
        if count > MAX_SAMPLES { Err(io::Error::other(format!("more than {MAX_SAMPLES} frames"))) } else { Ok(()) }
    })?;
    let Some(mut video) = video.filter(|video| !video.samples.is_empty()) else {
        return Ok(Movie { truncated: is_box_truncated, ..Movie::default() });
    };
    if let Some(fragments) = fragments {
        video.demuxer_shift = fragments.raise_offsets(&mut file, &mut patches)?;
    }
    let (truncated, patches) = (is_box_truncated || video.is_truncated, patches.finish(&video));
    Ok(Movie { truncated, video: Some(video), patches })
}
