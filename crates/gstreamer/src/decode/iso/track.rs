//! Selection of the video track of a movie, and its headers.

use mp4_atom::{Colr, Elst, FourCC, Mdhd, Mvhd, Tkhd};

use super::alpha_layer::has_alpha_layer;
use super::boxes::{Child, Children};
use super::fragments::Fragments;
use super::matrix::Display;
use super::samples::samples;
use super::{Sample, VideoTrack};
use crate::decode::color::{ColorTags, ContainerColor};

/// Bytes of a visual sample entry before its child boxes (ISO/IEC 14496-12, 12.1.3).
const VISUAL_ENTRY_BYTES: usize = 78;

/// The handler of video tracks (ISO/IEC 14496-12, 12.1.1).
pub(super) const VIDEO: &[u8; 4] = b"vide";

/// The handler of audio tracks (ISO/IEC 14496-12, 12.2.1).
pub(super) const AUDIO: &[u8; 4] = b"soun";

/// Most tracks of one handler that are considered.
const MAX_TRACKS: usize = 64;

/// One entry of an edit list (ISO/IEC 14496-12, 8.6.6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::decode) struct EditListEntry {
    /// Duration in ticks of the movie. 0 in the last entry means up to the end of the media.
    pub(in crate::decode) duration: u64,
    /// Start in the media, in ticks of the track; `None` for an empty edit, which shows nothing.
    pub(in crate::decode) media_time: Option<i64>,
    /// Whether one frame is held for the whole duration (media rate 0).
    pub(in crate::decode) is_dwell: bool,
    /// Whether the media rate is neither 1 nor 0, which the standard does not allow.
    pub(in crate::decode) has_other_rate: bool,
}

/// The video track to decode.
pub(super) struct SelectedTrack {
    pub(super) video: VideoTrack,
    /// Parser of its fragments, if the movie may have any.
    pub(super) fragments: Option<Fragments>,
    /// Offset of its `trak` in the file.
    pub(super) offset: u64,
}

/// Selects the first enabled video track that has samples, or the first with samples if none is enabled, in a file of
/// `len` bytes.
pub(super) fn select_track(moov: Child<'_>, len: u64) -> Option<SelectedTrack> {
    let movie: Mvhd = moov.get()?;
    let mut traks = tracks(moov, VIDEO).into_iter();
    traks.find_map(|(trak, header)| read_track(moov, &movie, trak, &header, len))
}

/// The tracks of a handler with their headers, enabled ones first.
pub(super) fn tracks<'a>(moov: Child<'a>, handler: &[u8; 4]) -> Vec<(Child<'a>, Tkhd)> {
    let traks = moov.children().filter(|child| child.kind == FourCC::new(b"trak") && child.is_track_of(handler));
    let mut traks: Vec<_> = traks.take(MAX_TRACKS).filter_map(|trak| Some((trak, trak.get::<Tkhd>()?))).collect();
    traks.sort_by_key(|(_, header)| !header.enabled);
    traks
}

fn read_track(moov: Child<'_>, movie: &Mvhd, trak: Child<'_>, header: &Tkhd, len: u64) -> Option<SelectedTrack> {
    let media = trak.find(b"mdia")?;
    let Mdhd { timescale, .. } = media.get()?;
    if timescale == 0 || movie.timescale == 0 {
        return None;
    }
    let stbl = media.path(&[b"minf", b"stbl"])?;
    let (samples, is_truncated) = samples(stbl, len);
    let end: i64 = samples.iter().map(|Sample { duration, .. }| i64::from(*duration)).sum();
    let fragments = Fragments::of(moov, header.track_id, end);
    if samples.is_empty() && fragments.is_none() {
        return None;
    }
    let video = VideoTrack {
        timescale,
        movie_timescale: movie.timescale,
        samples,
        edits: trak.find(b"edts").map_or_else(Vec::new, edits),
        display: Display::of(&header.matrix),
        color: stbl.find(b"stsd").and_then(color).unwrap_or_default(),
        has_alpha_layer: stbl
            .find(b"stsd")
            .and_then(|stsd| visual_entry(stsd)?.find(b"hvcC"))
            .is_some_and(|record| has_alpha_layer(record.body)),
        demuxer_shift: 0,
        is_truncated,
    };
    Some(SelectedTrack { video, fragments, offset: trak.offset })
}

/// The entries of an `edts`.
pub(super) fn edits(edts: Child<'_>) -> Vec<EditListEntry> {
    let entries = edts.get::<Elst>().map_or_else(Vec::new, |list| list.entries);
    let edit = |entry: mp4_atom::ElstEntry| {
        let rate = (entry.media_rate.integer(), entry.media_rate.decimal());
        EditListEntry {
            duration: entry.segment_duration,
            media_time: entry.media_time.and_then(|time| i64::try_from(time).ok()),
            is_dwell: rate == (0, 0),
            has_other_rate: ![(0, 0), (1, 0)].contains(&rate),
        }
    };
    entries.into_iter().map(edit).collect()
}

/// The child boxes of the first sample description.
fn visual_entry(stsd: Child<'_>) -> Option<Child<'_>> {
    let entry = Children::new(0, stsd.body.get(8..)?).next()?;
    Some(Child { body: entry.body.get(VISUAL_ENTRY_BYTES..)?, ..entry })
}

/// Color of the first sample description: the color box (ISO/IEC 14496-12, 12.1.5, and QuickTime's `nclc`) and the
/// Dolby Vision configuration.
fn color(stsd: Child<'_>) -> Option<ContainerColor> {
    let entry = visual_entry(stsd)?;
    let tags = entry.all().find_map(|color| match color {
        Colr::Nclx { colour_primaries, transfer_characteristics, matrix_coefficients, full_range_flag } => {
            let range = Some(full_range_flag);
            Some(ColorTags::new(colour_primaries, transfer_characteristics, matrix_coefficients, range))
        }
        Colr::Nclc { colour_primaries, transfer_characteristics, matrix_coefficients } => {
            Some(ColorTags::new(colour_primaries, transfer_characteristics, matrix_coefficients, None))
        }
        _ => None,
    });
    // Two bytes of version, then the profile in the upper seven bits.
    let dolby_vision = entry.find(b"dvcC").or_else(|| entry.find(b"dvvC")).and_then(|child| child.body.get(2).copied());
    Some(ContainerColor {
        tags: tags.unwrap_or_default(),
        dolby_vision_profile: dolby_vision.map(|profile| profile >> 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
    }

    fn color_of(entry_boxes: &[&[u8]]) -> Option<ContainerColor> {
        let entry = boxed(b"avc1", &[&[0; VISUAL_ENTRY_BYTES][..], &entry_boxes.concat()].concat());
        let stsd = boxed(b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &entry].concat());
        Children::new(0, &stsd).next().and_then(color)
    }

    #[test]
    fn color_boxes_are_read_in_the_sample_entry_only() {
        let bt2020 = |range| ColorTags::new(9, 16, 9, range);
        let tags = |color: &[u8]| color_of(&[&boxed(b"colr", color)]).map(|color| color.tags);
        assert_eq!(tags(b"nclx\x00\x09\x00\x10\x00\x09\x80"), Some(bt2020(Some(true))));
        assert_eq!(tags(b"nclx\x00\x09\x00\x10\x00\x09\x00"), Some(bt2020(Some(false))));
        assert_eq!(tags(b"nclc\x00\x09\x00\x10\x00\x09"), Some(bt2020(None)));
        for cut in [&b"nclx"[..], b"nclx\x00\x09\x00\x10\x00\x09", b"nclc\x00", b"prof....", b""] {
            assert_eq!(tags(cut), Some(ColorTags::default()), "{cut:?}");
        }
        // The bytes of a color box inside another box are not a color box.
        let other = boxed(b"free", &boxed(b"colr", b"nclx\x00\x09\x00\x10\x00\x09\x80"));
        assert_eq!(color_of(&[&other]), Some(ContainerColor::default()));
        let profile =
            |kind| color_of(&[&boxed(kind, &[1, 0, 5 << 1 | 1, 0])]).and_then(|color| color.dolby_vision_profile);
        assert_eq!((profile(b"dvcC"), profile(b"dvvC"), profile(b"free")), (Some(5), Some(5), None));
    }
}
