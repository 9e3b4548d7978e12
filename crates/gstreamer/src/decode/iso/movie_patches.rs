//! Which bytes of a movie the demuxer must not read, and what it reads in their place.

use super::boxes::Child;
use super::{Sample, VideoTrack};
use crate::decode::byte_patches::BytePatches;
use mp4_atom::FourCC;

/// Offset of a box's type in the box: after its size of four bytes.
const TYPE_OFFSET: u64 = 4;

/// Size of the Movie Fragment Random Access Offset Box at the end of a file (ISO/IEC 14496-12, 8.8.11), in bytes.
const MFRO_BYTES: u64 = 16;

/// Collects the patches of one movie while its boxes are read.
#[derive(Default)]
pub(super) struct MoviePatches {
    patches: Vec<(u64, Vec<u8>)>,
    /// Offset and bytes of the field with the media duration of the selected track.
    media_duration: Option<(u64, usize)>,
}

impl MoviePatches {
    /// Turns the box at this offset into a `free` box, which demuxers skip.
    pub(super) fn hide(&mut self, offset: u64) {
        self.patches.push((offset + TYPE_OFFSET, b"free".to_vec()));
    }

    /// Replaces the bytes at this offset.
    pub(super) fn replace(&mut self, offset: u64, bytes: Vec<u8>) {
        self.patches.push((offset, bytes));
    }

    /// Hides the pointer to the index of fragments at the end of a file of `len` bytes.
    pub(super) fn hide_random_access(&mut self, len: u64) {
        if let Some(offset) = len.checked_sub(MFRO_BYTES) {
            self.hide(offset);
        }
    }

    /// Hides every edit list, every track that the demuxer would prefer to the selected one, and the durations at which
    /// the demuxer would stop: it compares decoding times with durations of the presentation. `selected` is the offset of
    /// the track, and `handler` that of the tracks it was selected from.
    pub(super) fn hide_all_but(&mut self, moov: Child<'_>, selected: u64, handler: &[u8; 4], is_fragmented: bool) {
        if let Some(mvhd) = moov.find(b"mvhd") {
            let (offset, bytes) = duration_field(mvhd);
            self.patches.push((offset, vec![0; bytes]));
        }
        if let Some(mehd) = moov.path(&[b"mvex", b"mehd"]) {
            self.hide(mehd.offset);
        }
        for trak in moov.children().filter(|child| child.kind == FourCC::new(b"trak")) {
            if trak.offset == selected {
                self.media_duration = trak.path(&[b"mdia", b"mdhd"]).map(duration_field);
            } else if trak.is_track_of(handler) || !is_fragmented {
                // A fragment may locate its samples relative to those of the previous track, which must then stay.
                self.hide(trak.offset);
            }
            if let Some(edts) = trak.find(b"edts") {
                self.hide(edts.offset);
            }
        }
    }

    /// All patches for a video track, and a media duration that ends after the last sample in decoding and in presentation
    /// order, so that the demuxer reads every sample.
    pub(super) fn finish(self, video: &VideoTrack) -> BytePatches {
        let end = |sample: &Sample| sample.pts.saturating_add(i64::from(sample.duration));
        let end = video.samples.iter().map(end).max().unwrap_or(0);
        self.finish_at(end.saturating_add(video.demuxer_shift), video.timescale)
    }

    /// All patches for a track whose last sample ends at `end`, in the demuxer's ticks, with a media duration a second
    /// longer.
    pub(super) fn finish_at(mut self, end: i64, timescale: u32) -> BytePatches {
        let duration = (end.max(0) as u64).saturating_add(u64::from(timescale));
        match self.media_duration {
            Some((offset, 4)) => {
                let duration = u32::try_from(duration).unwrap_or(u32::MAX).min(u32::MAX - 1);
                self.patches.push((offset, duration.to_be_bytes().to_vec()));
            }
            Some((offset, _)) => self.patches.push((offset, duration.to_be_bytes().to_vec())),
            None => {}
        }
        BytePatches::new(self.patches)
    }
}

/// Offset and bytes of the duration in an `mvhd` or `mdhd` (ISO/IEC 14496-12, 8.2.2 and 8.4.2), which follows two dates
/// and the timescale.
fn duration_field(header: Child<'_>) -> (u64, usize) {
    let is_long = header.body.first() == Some(&1);
    if is_long { (header.body_offset + 24, 8) } else { (header.body_offset + 16, 4) }
}
