//! Pad probes and signals of the demuxer: selects the video track and drops packets before the first key frame.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex};

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_video as gst_video;

use super::DecodeError;
use super::limits::MAX_CLIP_SIDE;

/// The first error of a pipeline, set on GStreamer's threads.
pub(super) type FirstError = Arc<Mutex<Option<DecodeError>>>;

/// The beginning of the first packet of the selected track, with the caps of the track.
pub(super) type FirstPacket = Arc<Mutex<Option<gst::Sample>>>;

/// A track whose first packet is held back before the decoder, which is not linked yet.
pub(super) struct BlockedTrack {
    pad: gst::Pad,
    /// Removing it lets packets pass.
    probe: gst::PadProbeId,
    /// The pad of the decoder.
    entry: gst::Pad,
}

impl BlockedTrack {
    /// Seeks, and links the decoder: nothing from before the seek reaches it, neither packets nor the flush (after which
    /// `h265parse` of GStreamer 1.22, before its first packet, gives decoders another stream format than it has stated).
    /// False when the demuxer cannot seek. May never return if the demuxer does not respond.
    pub(super) fn seek(self, seek: gst::Event) -> bool {
        let is_ready = self.pad.send_event(seek) && self.pad.link(&self.entry).is_ok();
        self.pad.remove_probe(self.probe);
        is_ready
    }
}

/// What happens to the first packets of the selected track.
pub(super) struct TrackStart {
    /// Packets before the first key frame are dropped.
    pub(super) is_at_key: bool,
    /// The track is held back at its first packet, and sent here.
    pub(super) blocked: Option<SyncSender<BlockedTrack>>,
}

/// Links the preferred video track to `entry` once all tracks are known; other tracks stay unlinked.
pub(super) fn link_video_track(
    demux: &gst::Element,
    entry: gst::Pad,
    path: PathBuf,
    first_error: FirstError,
    start: TrackStart,
) {
    let set = move |found: DecodeError| {
        if let Ok(mut first_error) = first_error.lock() {
            first_error.get_or_insert(found);
        }
    };
    // No data flows before the demuxer has signalled all tracks.
    let tracks: Arc<Mutex<Vec<gst::Pad>>> = Arc::default();
    let candidates = tracks.clone();
    demux.connect_pad_added(move |_, new| {
        if is_video(new)
            && let Ok(mut candidates) = candidates.lock()
        {
            candidates.push(new.clone());
        }
    });
    demux.connect_no_more_pads(move |_| {
        let mut candidates = tracks.lock().map(|mut tracks| std::mem::take(&mut *tracks)).unwrap_or_default();
        candidates.sort_by_key(preference);
        let Some(selected) = candidates.first() else { return set(DecodeError::NoVideo(path.clone())) };
        let caps = selected.current_caps().unwrap_or_else(|| selected.query_caps(None));
        let Some(structure) = caps.structure(0) else { return set(DecodeError::NoVideo(path.clone())) };
        let side = |name: &str| structure.get::<i32>(name).map_or(1, |side| u32::try_from(side).unwrap_or(0));
        let (width, height) = (side("width"), side("height"));
        if start.is_at_key {
            drop_until_key_frame(selected);
        }
        if [width, height].iter().any(|side| !(1..=MAX_CLIP_SIDE).contains(side)) {
            set(DecodeError::Dimensions { path: path.clone(), width, height });
        } else if let Some(blocked) = &start.blocked {
            block(selected, entry.clone(), blocked.clone());
        } else if selected.link(&entry).is_err() {
            set(DecodeError::Broken { path: path.clone(), reason: format!("no decoder for {structure}") });
        }
    });
}

fn is_video(pad: &gst::Pad) -> bool {
    let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
    caps.structure(0).is_some_and(|format| format.name().starts_with("video/") || format.name().starts_with("image/"))
}

/// Rank of a track among several, the lowest first. Matroska marks default tracks as selected, movies mark disabled
/// tracks as unselected.
pub(super) fn preference(pad: &gst::Pad) -> u8 {
    match pad.sticky_event::<gst::event::StreamStart>(0).map(|event| event.stream_flags()) {
        Some(flags) if flags.contains(gst::StreamFlags::UNSELECT) => 2,
        Some(flags) if flags.contains(gst::StreamFlags::SELECT) => 0,
        _ => 1,
    }
}

/// Whether decoding can start at this packet. VP8 and VP9 with alpha carry two streams with independent key frames, and
/// both packets must be key frames.
pub(super) fn is_key(packet: &gst::BufferRef, caps: Option<&gst::CapsRef>) -> bool {
    let is_vp8 = || caps.and_then(|caps| caps.structure(0)).is_some_and(|format| format.name() == "video/x-vp8");
    let alpha_is_key = || match packet.meta::<gst_video::video_meta::VideoCodecAlphaMeta>() {
        Some(meta) => meta.alpha_buffer().map_readable().is_ok_and(|alpha| is_vpx_key(alpha.as_slice(), is_vp8())),
        None => true,
    };
    !packet.flags().contains(gst::BufferFlags::DELTA_UNIT) && alpha_is_key()
}

/// Whether the first byte of a frame marks a key frame (RFC 6386, 9.1; VP9 Bitstream and Decoding Process, 6.2).
fn is_vpx_key(packet: &[u8], is_vp8: bool) -> bool {
    match packet.first() {
        Some(first) if is_vp8 => first & 1 == 0,
        Some(first) if first & 0xf0 == 0xb0 => first & 0x06 == 0,
        Some(first) => first & 0xcc == 0x80,
        None => false,
    }
}

/// Holds the first packet of a track back, and sends the track to `blocked` when it has arrived.
fn block(pad: &gst::Pad, entry: gst::Pad, blocked: SyncSender<BlockedTrack>) {
    let mask = gst::PadProbeType::BLOCK | gst::PadProbeType::BUFFER;
    pad.add_probe(mask, move |pad, info| {
        if let Some(probe) = info.id.take() {
            // Full when the track has been sent already.
            let _ = blocked.try_send(BlockedTrack { pad: pad.clone(), probe, entry: entry.clone() });
        }
        gst::PadProbeReturn::Ok
    });
}

/// Drops packets before the first key frame, at the start and after each flush.
fn drop_until_key_frame(pad: &gst::Pad) {
    let is_waiting = AtomicBool::new(true);
    pad.add_probe(gst::PadProbeType::BUFFER | gst::PadProbeType::EVENT_FLUSH, move |pad, info| {
        if info.event().is_some_and(|event| event.type_() == gst::EventType::FlushStop) {
            is_waiting.store(true, Ordering::Relaxed);
        }
        match info.buffer() {
            Some(packet) if is_waiting.load(Ordering::Relaxed) => {
                if !is_key(packet, pad.current_caps().as_deref()) {
                    return gst::PadProbeReturn::Drop;
                }
                is_waiting.store(false, Ordering::Relaxed);
                gst::PadProbeReturn::Ok
            }
            _ => gst::PadProbeReturn::Ok,
        }
    });
}

/// Bytes of the first packet that are copied: sequence headers precede the coded picture.
const MAX_HEADER_BYTES: usize = 1 << 16;

/// Copies the beginning of the first packet that passes `entry` into `first_packet`.
pub(super) fn copy_first_packet(entry: &gst::Pad, first_packet: FirstPacket) {
    entry.add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
        let flags = gst::BufferCopyFlags::MEMORY | gst::BufferCopyFlags::DEEP;
        let header =
            info.buffer().and_then(|packet| packet.copy_region(flags, ..packet.size().min(MAX_HEADER_BYTES)).ok());
        if let (Some(header), Ok(mut first)) = (header, first_packet.lock()) {
            *first = Some(gst::Sample::builder().buffer(&header).caps_if_some(pad.current_caps().as_ref()).build());
        }
        gst::PadProbeReturn::Remove
    });
}
