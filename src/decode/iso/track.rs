//! Which track of a movie is shown, and what its headers say.

use mp4_atom::{Colr, Elst, FourCC, Mdhd, Mvhd, Tkhd};

use super::boxes::{Child, Children};
use super::fragments::Fragments;
use super::matrix::Display;
use super::samples::samples;
use super::{Sample, Video};

/// Bytes of a visual sample entry before the boxes that it holds (ISO/IEC 14496-12, 12.1.3).
const VISUAL_ENTRY_BYTES: usize = 78;

/// One entry of an edit list (ISO/IEC 14496-12, 8.6.6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::decode) struct Edit {
    /// How long it is shown, in ticks of the movie. 0 in the last entry: to the end.
    pub(in crate::decode) duration: u64,
    /// Where it begins in the media, in ticks of the track; `None` where nothing is shown.
    pub(in crate::decode) media_time: Option<i64>,
    /// Whether one frame is held for as long.
    pub(in crate::decode) is_dwell: bool,
    /// Whether the entry asks for a speed that is neither 1 nor 0, which the standard does not allow.
    pub(in crate::decode) has_other_rate: bool,
}

/// What a sample description says of color, in the code points of ITU-T H.273.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::decode) struct ContainerColor {
    pub(in crate::decode) primaries: u16,
    pub(in crate::decode) transfer: u16,
    pub(in crate::decode) matrix: u16,
    /// QuickTime's own box does not say.
    pub(in crate::decode) full_range: Option<bool>,
}

/// The track that is shown.
pub(super) struct Found {
    pub(super) video: Video,
    /// How its fragments are read, where the movie may have some.
    pub(super) fragments: Option<Fragments>,
    /// Where its `trak` begins in the file.
    pub(super) offset: u64,
}

/// Chooses the first enabled video track that has samples, or the first at all where none is enabled, in a file of `len` bytes.
pub(super) fn choose(moov: Child<'_>, len: u64) -> Option<Found> {
    let movie: Mvhd = moov.get()?;
    let is_video = |trak: &Child<'_>| {
        let handler = trak.path(&[b"mdia", b"hdlr"]);
        handler.is_some_and(|handler| handler.body.get(8..12) == Some(b"vide"))
    };
    let traks = moov.children().filter(|child| child.kind == FourCC::new(b"trak")).filter(is_video);
    let mut traks: Vec<_> = traks.filter_map(|trak| Some((trak, trak.get::<Tkhd>()?))).collect();
    traks.sort_by_key(|(_, header)| !header.enabled);
    traks.into_iter().find_map(|(trak, header)| found(moov, &movie, trak, &header, len))
}

fn found(moov: Child<'_>, movie: &Mvhd, trak: Child<'_>, header: &Tkhd, len: u64) -> Option<Found> {
    let media = trak.find(b"mdia")?;
    let Mdhd { timescale, .. } = media.get()?;
    let stbl = media.path(&[b"minf", b"stbl"])?;
    let samples = samples(stbl, len);
    let end: i64 = samples.iter().map(|Sample { duration, .. }| i64::from(*duration)).sum();
    let fragments = Fragments::of(moov, header.track_id, end);
    if timescale == 0 || movie.timescale == 0 || (samples.is_empty() && fragments.is_none()) {
        return None;
    }
    let video = Video {
        timescale,
        movie_timescale: movie.timescale,
        samples,
        edits: trak.find(b"edts").map_or_else(Vec::new, edits),
        display: Display::of(&header.matrix),
        color: stbl.find(b"stsd").and_then(color),
        demuxer_shift: 0,
    };
    Some(Found { video, fragments, offset: trak.offset })
}

fn edits(edts: Child<'_>) -> Vec<Edit> {
    let entries = edts.get::<Elst>().map_or_else(Vec::new, |list| list.entries);
    let edit = |entry: mp4_atom::ElstEntry| {
        let rate = (entry.media_rate.integer(), entry.media_rate.decimal());
        Edit {
            duration: entry.segment_duration,
            media_time: entry.media_time.and_then(|time| i64::try_from(time).ok()),
            is_dwell: rate == (0, 0),
            has_other_rate: ![(0, 0), (1, 0)].contains(&rate),
        }
    };
    entries.into_iter().map(edit).collect()
}

fn color(stsd: Child<'_>) -> Option<ContainerColor> {
    let entries = stsd.body.get(8..)?;
    let entry = Children::new(0, entries).next()?;
    let inner = Child { body: entry.body.get(VISUAL_ENTRY_BYTES..)?, ..entry };
    inner.all().find_map(|color| match color {
        Colr::Nclx { colour_primaries, transfer_characteristics, matrix_coefficients, full_range_flag } => {
            Some(ContainerColor {
                primaries: colour_primaries,
                transfer: transfer_characteristics,
                matrix: matrix_coefficients,
                full_range: Some(full_range_flag),
            })
        }
        Colr::Nclc { colour_primaries, transfer_characteristics, matrix_coefficients } => Some(ContainerColor {
            primaries: colour_primaries,
            transfer: transfer_characteristics,
            matrix: matrix_coefficients,
            full_range: None,
        }),
        _ => None,
    })
}
