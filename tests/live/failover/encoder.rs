//! Encoder elements that encode with x264 and then fail, each in its own way. They are registered under the names of hardware
//! encoders that this machine does not have.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gst::prelude::*;
use gstreamer as gst;

use crate::support::x264_bin::{add_x264, encoder_bin, register};

/// How long an encoder hangs: longer than a test runs.
const HANG: Duration = Duration::from_secs(3600);

/// How an encoder fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// Posts an error.
    Error,
    /// Accepts frames and outputs nothing.
    Stall,
    /// Outputs noise.
    Garbage,
    /// Never returns from a frame, like a driver that waits for its device.
    Hang,
    /// Sends end of stream.
    EndOfStream,
}

impl Failure {
    /// Frames before the failure: more than probing takes. One of the failures is at a part boundary that is not a segment
    /// boundary.
    fn good_frames(self) -> u64 {
        if self == Self::Error { 105 } else { 100 }
    }
}

/// Registers one element for each name.
pub(crate) fn register_all(encoders: &[(&str, Failure)]) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for (name, failure) in encoders {
            let element = match failure {
                Failure::Error => FailingEncoder::static_type(),
                Failure::Stall => StallingEncoder::static_type(),
                Failure::Garbage => GarbageEncoder::static_type(),
                Failure::Hang => HangingEncoder::static_type(),
                Failure::EndOfStream => EndingEncoder::static_type(),
            };
            register(name, element);
        }
    });
}

/// Fills a bin with an x264 encoder whose source pad fails.
fn build(bin: &gst::Bin, failure: Failure) {
    let encoder = add_x264(bin, "veryfast");
    let output_frames = AtomicU64::new(0);
    let bin = bin.downgrade();
    encoder.static_pad("src").unwrap().add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
        if output_frames.fetch_add(1, Ordering::Relaxed) < failure.good_frames() {
            return gst::PadProbeReturn::Ok;
        }
        match failure {
            Failure::Error => {
                if let Some(bin) = bin.upgrade() {
                    gst::element_error!(bin, gst::StreamError::Encode, ["the driver failed"]);
                }
            }
            Failure::Stall => {}
            Failure::Hang => std::thread::sleep(HANG),
            Failure::EndOfStream => {
                pad.push_event(gst::event::Eos::new());
            }
            Failure::Garbage => {
                if let Some(buffer) = info.buffer_mut() {
                    *buffer = noise_like(buffer);
                }
                return gst::PadProbeReturn::Ok;
            }
        }
        gst::PadProbeReturn::Drop
    });
}

/// A buffer of the same size with pseudorandom bytes, none of which is 0: there is no start code in it.
fn noise_like(buffer: &gst::Buffer) -> gst::Buffer {
    let mut noise = buffer.copy_deep().unwrap();
    let mut map = noise.get_mut().unwrap().map_writable().unwrap();
    let mut state = 1_u32;
    for byte in map.iter_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (state >> 24) as u8 | 1;
    }
    drop(map);
    noise
}

encoder_bin!(FailingEncoder, failing, "Fails", |bin| build(bin, Failure::Error));
encoder_bin!(StallingEncoder, stalling, "Stalls", |bin| build(bin, Failure::Stall));
encoder_bin!(GarbageEncoder, garbage, "Outputs noise", |bin| build(bin, Failure::Garbage));
encoder_bin!(HangingEncoder, hanging, "Hangs", |bin| build(bin, Failure::Hang));
encoder_bin!(EndingEncoder, ending, "Ends the stream", |bin| build(bin, Failure::EndOfStream));
