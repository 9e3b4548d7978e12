//! What the demuxer is shown in place of some bytes of a file.

use std::sync::Arc;

use gst::prelude::*;
use gstreamer as gst;
use mp4_atom::FourCC;

use super::boxes::Child;
use super::track::Found;
use super::{Sample, Video};

/// Where the kind of a box lies in it.
const KIND_OFFSET: u64 = 4;

/// Bytes at the end of a file that point to its random access index (ISO/IEC 14496-12, 8.8.11).
const MFRO_BYTES: u64 = 16;

/// Bytes that take the place of those of a file, at fixed offsets and without changing its length.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::decode) struct Patches {
    /// Rising by offset, once all are there.
    patches: Vec<(u64, Vec<u8>)>,
    /// Where the length of the shown track's media is stated, and in how many bytes.
    media_duration: Option<(u64, usize)>,
}

impl Patches {
    /// Hides a box that begins at `at`.
    pub(super) fn hide(&mut self, at: u64) {
        self.patches.push((at + KIND_OFFSET, b"free".to_vec()));
    }

    /// Shows these bytes in place of those at `at`.
    pub(in crate::decode) fn replace(&mut self, at: u64, bytes: Vec<u8>) {
        self.patches.push((at, bytes));
    }

    /// Hides the pointer to the index of fragments at the end of a file of `len` bytes.
    pub(super) fn hide_random_access(&mut self, len: u64) {
        if let Some(at) = len.checked_sub(MFRO_BYTES) {
            self.hide(at);
        }
    }

    /// Hides every edit list, every track that would be shown in place of the one that was found, and the lengths at
    /// which the demuxer would stop: it compares times of decoding with lengths of presentation.
    pub(super) fn hide_all_but(&mut self, moov: Child<'_>, found: &Found) {
        if let Some(mvhd) = moov.find(b"mvhd") {
            let (at, bytes) = duration_field(mvhd);
            self.patches.push((at, vec![0; bytes]));
        }
        if let Some(mehd) = moov.path(&[b"mvex", b"mehd"]) {
            self.hide(mehd.offset);
        }
        for trak in moov.children().filter(|child| child.kind == FourCC::new(b"trak")) {
            if trak.offset == found.offset {
                self.media_duration = trak.path(&[b"mdia", b"mdhd"]).map(duration_field);
            } else if trak.is_video_track() || found.fragments.is_none() {
                // A fragment may say where its samples lie by those of the track before it, which must stay then.
                self.hide(trak.offset);
            }
            if let Some(edts) = trak.find(b"edts") {
                self.hide(edts.offset);
            }
        }
    }

    /// States a length of the media past the end of its last sample in any order. This is the last patch.
    pub(super) fn lengthen(&mut self, video: &Video) {
        let end = |sample: &Sample| sample.pts.saturating_add(i64::from(sample.duration) + video.demuxer_shift);
        let end = video.samples.iter().map(end).max().unwrap_or(0).max(0) as u64;
        let length = end.saturating_add(u64::from(video.timescale));
        match self.media_duration {
            Some((at, 4)) => {
                let length = u32::try_from(length).unwrap_or(u32::MAX).min(u32::MAX - 1);
                self.patches.push((at, length.to_be_bytes().to_vec()));
            }
            Some((at, _)) => self.patches.push((at, length.to_be_bytes().to_vec())),
            None => {}
        }
        self.patches.sort_unstable();
    }

    /// Bytes that are kept.
    pub(in crate::decode) fn bytes(&self) -> usize {
        self.patches.iter().map(|(_, bytes)| bytes.len() + size_of::<(u64, Vec<u8>)>()).sum()
    }

    /// Shows the patched bytes to whatever reads from `source`.
    pub(in crate::decode) fn install(self: &Arc<Self>, source: &gst::Pad) {
        if self.patches.is_empty() {
            return;
        }
        let this = self.clone();
        source.add_probe(gst::PadProbeType::BUFFER | gst::PadProbeType::PULL, move |_, info| {
            let offset = info.offset;
            let Some(buffer) = info.buffer_mut() else { return gst::PadProbeReturn::Ok };
            // Without an offset nothing is known of where the bytes lie.
            let Some(end) = offset.checked_add(buffer.size() as u64) else { return gst::PadProbeReturn::Ok };
            let patches = &this.patches;
            let first = patches.partition_point(|(at, bytes)| at + bytes.len() as u64 <= offset);
            let seen = patches[first..].iter().take_while(|(at, _)| *at < end);
            if seen.clone().next().is_some()
                && let Ok(mut bytes) = buffer.make_mut().map_writable()
            {
                seen.for_each(|(at, patch)| overlay(&mut bytes, offset, patch, *at));
            }
            gst::PadProbeReturn::Ok
        });
    }
}

/// Where a header of a movie or of its media says how long it lasts, and in how many bytes (ISO/IEC 14496-12, 8.2.2 and
/// 8.4.2: two dates and a timescale, or a timescale, come before).
fn duration_field(header: Child<'_>) -> (u64, usize) {
    let is_long = header.body.first() == Some(&1);
    if is_long { (header.body_offset + 24, 8) } else { (header.body_offset + 16, 4) }
}

/// Puts the part of `patch`, which lies at `at` in a file, over `bytes`, which lie at `offset`.
fn overlay(bytes: &mut [u8], offset: u64, patch: &[u8], at: u64) {
    let (from, to) = (at.max(offset), (at + patch.len() as u64).min(offset + bytes.len() as u64));
    if from < to {
        let (source, target) = ((from - at) as usize, (from - offset) as usize);
        let count = (to - from) as usize;
        bytes[target..target + count].copy_from_slice(&patch[source..source + count]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_shows_in_whatever_part_is_read() {
        let file: Vec<u8> = (0..40).collect();
        let (at, patch) = (13, [101, 102, 103, 104]);
        let mut whole = file.clone();
        whole[13..17].copy_from_slice(&patch);
        for from in 0..40 {
            for to in from..=40 {
                let mut part = file[from..to].to_vec();
                overlay(&mut part, from as u64, &patch, at);
                assert_eq!(part, whole[from..to], "{from}..{to}");
            }
        }
    }
}
