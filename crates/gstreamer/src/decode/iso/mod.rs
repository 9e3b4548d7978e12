//! QuickTime and MP4 files (ISO/IEC 14496-12): what their boxes say of the one video track that is shown.
//!
//! GStreamer's demuxer applies edit lists, display matrices and track flags in ways that lose frames. It is shown the file
//! without them ([`Patches`]): a movie of one track, from its first sample to its last. What was hidden is read here, as
//! exact numbers, and applied by [`Timing`](super::timing::Timing) and by the orientation and pixel aspect of the clip.

mod boxes;
mod fragments;
mod matrix;
mod patch;
mod samples;
mod track;

use std::fs::File;
use std::io;
use std::path::Path;

use mp4_atom::FourCC;

use boxes::{Children, read_at, walk_file};
use fragments::Fragments;
pub(super) use matrix::Display;
pub(super) use patch::Patches;
pub(super) use samples::Sample;
pub(super) use track::Edit;

use super::DecodeError;
use super::color::ContainerColor;

/// Largest `moov` that is read: 64 MiB describe three million frames.
const MAX_MOOV_BYTES: u64 = 64 << 20;

/// Largest `moof` that is read.
const MAX_MOOF_BYTES: u64 = 4 << 20;

/// Most frames of a clip: 18 hours at 60 frames a second.
pub(super) const MAX_SAMPLES: usize = 4_000_000;

/// What a file's boxes say.
#[derive(Default)]
pub(super) struct Movie {
    /// Whether boxes or samples claim bytes past the file's end.
    pub(super) truncated: bool,
    /// The video track that is shown. `None` where the boxes make no sense: the demuxer is left to find out.
    pub(super) video: Option<Video>,
    /// What the demuxer is not shown.
    pub(super) patches: Patches,
}

/// The video track that is shown.
pub(super) struct Video {
    /// Ticks in a second of the track.
    pub(super) timescale: u32,
    /// Ticks in a second of the movie, in which the lengths of edits are counted.
    pub(super) movie_timescale: u32,
    /// Every sample, in decoding order. There is at least one.
    pub(super) samples: Vec<Sample>,
    /// The edit list; empty where there is none.
    pub(super) edits: Vec<Edit>,
    /// How the picture is turned and stretched.
    pub(super) display: Display,
    /// What the sample description says of color.
    pub(super) color: ContainerColor,
    /// By how many ticks the demuxer sees composition times later.
    pub(super) demuxer_shift: i64,
    /// Whether samples lie past the end of the file.
    pub(super) is_cut: bool,
}

/// Reads a file's boxes.
///
/// # Errors
/// When the file cannot be read, or says that it holds more frames than a clip may have.
pub(super) fn read_movie(path: &Path) -> Result<Movie, DecodeError> {
    read(path).map_err(|error| DecodeError::Io { path: path.to_owned(), reason: error.to_string() })
}

fn read(path: &Path) -> io::Result<Movie> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    let mut movie = Movie::default();
    let mut fragments: Option<Fragments> = None;
    movie.truncated = walk_file(&mut file, len, |file, kind, at, size| {
        if kind == FourCC::new(b"moov") && size <= MAX_MOOV_BYTES && movie.video.is_none() {
            let bytes = read_at(file, at, size)?;
            let Some(moov) = Children::new(at, &bytes).next() else { return Ok(()) };
            if let Some(found) = track::choose(moov, len) {
                movie.patches.hide_all_but(moov, &found);
                fragments = found.fragments;
                movie.video = Some(found.video);
            }
        } else if kind == FourCC::new(b"moof")
            && size <= MAX_MOOF_BYTES
            && let (Some(fragments), Some(video)) = (&mut fragments, &mut movie.video)
        {
            let bytes = read_at(file, at, size)?;
            if let Some(moof) = Children::new(at, &bytes).next() {
                fragments.add(moof, &mut video.samples);
            }
        } else if kind == FourCC::new(b"mfra") {
            // With this index the demuxer restarts the times of fragments after a seek.
            movie.patches.hide(at);
            if at.checked_add(size) == Some(len) {
                movie.patches.hide_random_access(len);
            }
        }
        let count = movie.video.as_ref().map_or(0, |video| video.samples.len());
        if count > MAX_SAMPLES { Err(io::Error::other(format!("more than {MAX_SAMPLES} frames"))) } else { Ok(()) }
    })?;
    movie.video = movie.video.filter(|video| !video.samples.is_empty());
    if let Some(video) = &mut movie.video {
        if let Some(fragments) = fragments {
            video.demuxer_shift = fragments.raise_offsets(&mut file, &mut movie.patches)?;
        }
        movie.truncated |= video.is_cut;
        movie.patches.lengthen(video);
    } else {
        movie.patches = Patches::default();
    }
    Ok(movie)
}
