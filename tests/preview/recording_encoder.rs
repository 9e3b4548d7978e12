//! An encoder element that keeps every frame that it receives and encodes it with x264.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gst::prelude::*;
use gstreamer as gst;

use super::support::x264_bin::{add_x264, encoder_bin, register};

/// The name under which it is registered.
pub(crate) const NAME: &str = "nvh264enc";

static FRAMES: Mutex<Vec<Arc<[u8]>>> = Mutex::new(Vec::new());

fn lock() -> MutexGuard<'static, Vec<Arc<[u8]>>> {
    FRAMES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Number of frames so far.
pub(crate) fn count() -> usize {
    lock().len()
}

/// The frames from index `first` on, in NV12.
pub(crate) fn frames_from(first: usize) -> Vec<Arc<[u8]>> {
    lock()[first..].to_vec()
}

pub(crate) fn register_element() {
    register(NAME, RecordingEncoder::static_type());
}

fn build(bin: &gst::Bin) {
    let encoder = add_x264(bin, "ultrafast");
    encoder.static_pad("sink").unwrap().add_probe(gst::PadProbeType::BUFFER, |_, info| {
        if let Some(buffer) = info.buffer() {
            let frame: Arc<[u8]> = Arc::from(&*buffer.map_readable().unwrap());
            lock().push(frame);
        }
        gst::PadProbeReturn::Ok
    });
}

encoder_bin!(RecordingEncoder, recording_encoder, "Keeps frames", build);
