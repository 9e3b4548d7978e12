//! Replacements for bytes of a file, applied to what its demuxer reads.
//!
//! Demuxers mishandle some boxes and elements. The file is not changed; the demuxer reads other bytes of the same
//! length at their offsets.

use std::sync::Arc;

use gst::prelude::*;
use gstreamer as gst;

/// Bytes that replace those of a file, at fixed offsets and without changing its length.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct BytePatches {
    /// Offset in the file and replacement, in rising order of offset and without overlaps.
    patches: Vec<(u64, Vec<u8>)>,
}

impl BytePatches {
    /// The patches may be listed in any order but must not overlap.
    pub(super) fn new(mut patches: Vec<(u64, Vec<u8>)>) -> Self {
        patches.sort_unstable();
        Self { patches }
    }

    /// Memory held, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.patches.iter().map(|(_, bytes)| bytes.len() + size_of::<(u64, Vec<u8>)>()).sum()
    }

    /// Patches every buffer that is read from the pad of a source element, in push and in pull mode.
    pub(super) fn install(self: &Arc<Self>, source: &gst::Pad) {
        if self.patches.is_empty() {
            return;
        }
        let this = self.clone();
        source.add_probe(gst::PadProbeType::BUFFER | gst::PadProbeType::PULL, move |_, info| {
            let offset = info.offset;
            let Some(buffer) = info.buffer_mut() else { return gst::PadProbeReturn::Ok };
            // A buffer without an offset cannot be located in the file; the addition then overflows.
            let Some(end) = offset.checked_add(buffer.size() as u64) else { return gst::PadProbeReturn::Ok };
            let patches = &this.patches;
            let first = patches.partition_point(|(at, bytes)| at + bytes.len() as u64 <= offset);
            let touched = patches[first..].iter().take_while(|(at, _)| *at < end);
            if touched.clone().next().is_some()
                && let Ok(mut bytes) = buffer.make_mut().map_writable()
            {
                touched.for_each(|(at, patch)| overlay(&mut bytes, offset, patch, *at));
            }
            gst::PadProbeReturn::Ok
        });
    }
}

/// Copies the part of `patch`, located at `at` in the file, that overlaps `bytes`, located at `offset`.
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
    fn every_range_of_a_file_is_patched_where_it_overlaps() {
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
