//! The encoder's element: its settings, and how it is told of key frames.

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_video as gst_video;

use super::{EncodeError, EncoderSettings, Purpose, Quality};

/// Each thread of x264 holds a picture, and more than this many gain nothing at any size.
const MAX_THREADS: usize = 64;

/// Settings of x264enc in full; of the others what they have in common, where they have it.
pub(super) fn configure(encoder: &gst::Element, name: &str, settings: &EncoderSettings) {
    let EncoderSettings { quality, preset, key_interval, reorder, .. } = settings;
    if name == "x264enc" {
        encoder.set_property_from_str("speed-preset", preset);
        // x264's own choice, within the number of pictures that may be on their way.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = if settings.threads > 0 { settings.threads } else { cores * 3 / 2 };
        encoder.set_property("threads", threads.clamp(1, MAX_THREADS) as u32);
        encoder.set_property("key-int-max", key_interval);
        // Without these, scene cuts put key frames off the grid of segments.
        encoder.set_property("option-string", "scenecut=0");
        if matches!(settings.purpose, Purpose::Live { .. }) {
            // Slices instead of frames side by side, and no look-ahead: a frame comes out before the next goes in.
            encoder.set_property_from_str("tune", "zerolatency");
        }
        if !reorder {
            encoder.set_property("bframes", 0_u32);
        }
        match quality {
            Quality::Crf(crf) => {
                encoder.set_property_from_str("pass", "qual");
                encoder.set_property("quantizer", crf);
                // Without a buffer model; by default the element holds even constant quality to 2 Mbit/s.
                encoder.set_property("vbv-buf-capacity", 0_u32);
            }
            Quality::Bitrate(kbps) => {
                encoder.set_property_from_str("pass", "cbr");
                encoder.set_property("bitrate", kbps);
            }
        }
        return;
    }
    set_first(encoder, &["gop-size", "key-int-max", "max-keyframe-interval"], &key_interval.to_string());
    set_first(encoder, &["b-frames", "bframes", "max-bframes"], "0");
    match quality {
        // OpenH264 counts bits, and has no constant quality.
        Quality::Bitrate(kbps) if name == "openh264enc" => set_first(encoder, &["bitrate"], &(kbps * 1000).to_string()),
        Quality::Bitrate(kbps) => set_first(encoder, &["bitrate"], &kbps.to_string()),
        // Hardware has no CRF; a constant quantiser of the same number comes near to it.
        Quality::Crf(crf) => {
            ["cqp", "constqp"].iter().for_each(|mode| set_first(encoder, &["rate-control", "rc-mode"], mode));
            for property in ["qpi", "qp-i", "qpp", "qp-p", "qp-const"] {
                set_first(encoder, &[property], &crf.to_string());
            }
        }
    }
}

/// Marks a picture that is to become a key frame.
pub(super) const KEY_WANTED: gst::BufferFlags = gst::BufferFlags::MARKER;

/// Tells the encoder of each marked picture just before it gets it. Named by its time instead, the wish would meet
/// another picture in encoders that shift their clock.
pub(super) fn force_keys(encoder: &gst::Element) {
    let Some(pad) = encoder.static_pad("sink") else { return };
    pad.add_probe(gst::PadProbeType::BUFFER, |pad, info| {
        if info.buffer().is_some_and(|buffer| buffer.flags().contains(KEY_WANTED)) {
            let event = gst_video::DownstreamForceKeyUnitEvent::builder().all_headers(false).build();
            pad.send_event(event);
        }
        gst::PadProbeReturn::Ok
    });
}

/// Sets the first of the properties that the element has, if the value is one of its values. Elements differ, and a
/// wish that one of them does not know is no reason to do without it.
fn set_first(encoder: &gst::Element, names: &[&str], value: &str) {
    let Some(property) = names.iter().find_map(|name| encoder.find_property(name)) else { return };
    let is_known = match gst::glib::EnumClass::with_type(property.value_type()) {
        Some(values) => values.value_by_nick(value).is_some(),
        None => gst::glib::Value::deserialize(value, property.value_type()).is_ok(),
    };
    if is_known {
        encoder.set_property_from_str(property.name(), value);
    }
}

pub(super) fn make(name: &str) -> Result<gst::Element, EncodeError> {
    gst::ElementFactory::make(name).build().map_err(|_| EncodeError::Missing(name.to_owned()))
}
