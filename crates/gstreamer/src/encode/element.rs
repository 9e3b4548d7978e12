//! The encoder's element: its properties, and requests for key frames.

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_video as gst_video;

use super::candidates::X264;
use super::{EncodeError, EncoderSettings, Purpose, Quality};

/// Most threads of x264. Each holds a picture, and more do not increase the speed at any size.
const MAX_THREADS: usize = 64;

/// Sets the properties of x264enc in full, and of other encoders those that they have in common.
pub(super) fn configure(encoder: &gst::Element, name: &str, settings: &EncoderSettings) {
    let EncoderSettings { quality, preset, key_interval, reorder, .. } = settings;
    if name == X264 {
        encoder.set_property_from_str("speed-preset", preset);
        // x264's own default, within the limit.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = if settings.threads > 0 { settings.threads } else { cores * 3 / 2 };
        encoder.set_property("threads", threads.clamp(1, MAX_THREADS) as u32);
        encoder.set_property("key-int-max", key_interval);
        // Key frames at scene cuts would not be on segment boundaries.
        encoder.set_property("option-string", "scenecut=0");
        if matches!(settings.purpose, Purpose::Live { .. }) {
            // Threads encode slices and not frames, and there is no look-ahead: no frame of latency.
            encoder.set_property_from_str("tune", "zerolatency");
        }
        if !reorder {
            encoder.set_property("bframes", 0_u32);
        }
        match quality {
            Quality::Crf(crf) => {
                encoder.set_property_from_str("pass", "qual");
                encoder.set_property("quantizer", crf);
                // Disables the buffer model, with which the element limits even constant quality to 2 Mbit/s.
                encoder.set_property("vbv-buf-capacity", 0_u32);
            }
            Quality::Bitrate(kbps) => {
                encoder.set_property_from_str("pass", "cbr");
                encoder.set_property("bitrate", kbps);
            }
        }
        return;
    }
    set_first_existing(encoder, &["gop-size", "key-int-max", "max-keyframe-interval"], &key_interval.to_string());
    set_first_existing(encoder, &["b-frames", "bframes", "max-bframes"], "0");
    match quality {
        // OpenH264 takes bit/s, and has no constant quality mode.
        Quality::Bitrate(kbps) if name == "openh264enc" => {
            set_first_existing(encoder, &["bitrate"], &(kbps * 1000).to_string())
        }
        Quality::Bitrate(kbps) => set_first_existing(encoder, &["bitrate"], &kbps.to_string()),
        // Hardware has no CRF mode; a constant quantiser of the same value is close to it.
        Quality::Crf(crf) => {
            ["cqp", "constqp"].iter().for_each(|mode| set_first_existing(encoder, &["rate-control", "rc-mode"], mode));
            for property in ["qpi", "qp-i", "qpp", "qp-p", "qp-const"] {
                set_first_existing(encoder, &[property], &crf.to_string());
            }
        }
    }
}

/// Marks a buffer whose picture must become a key frame.
pub(super) const FORCE_KEY_FLAG: gst::BufferFlags = gst::BufferFlags::MARKER;

/// Sends a force-key-unit event to the encoder right before each marked buffer. A request by running time would select
/// another picture in encoders that shift time stamps.
pub(super) fn forward_key_requests(encoder: &gst::Element) {
    let Some(pad) = encoder.static_pad("sink") else { return };
    pad.add_probe(gst::PadProbeType::BUFFER, |pad, info| {
        if info.buffer().is_some_and(|buffer| buffer.flags().contains(FORCE_KEY_FLAG)) {
            let event = gst_video::DownstreamForceKeyUnitEvent::builder().all_headers(false).build();
            pad.send_event(event);
        }
        gst::PadProbeReturn::Ok
    });
}

/// Sets the first of the named properties that the element has, if the value is valid for it. Encoders differ, and an
/// unsupported setting is ignored.
fn set_first_existing(encoder: &gst::Element, names: &[&str], value: &str) {
    let Some(property) = names.iter().find_map(|name| encoder.find_property(name)) else { return };
    let is_valid = match gst::glib::EnumClass::with_type(property.value_type()) {
        Some(values) => values.value_by_nick(value).is_some(),
        None => gst::glib::Value::deserialize(value, property.value_type()).is_ok(),
    };
    if is_valid {
        encoder.set_property_from_str(property.name(), value);
    }
}

/// Creates an element.
pub(super) fn make(name: &str) -> Result<gst::Element, EncodeError> {
    gst::ElementFactory::make(name).build().map_err(|_| EncodeError::Missing(name.to_owned()))
}
