//! The decoding part of a pipeline: `decodebin ! videoconvertscale`, and the caps that it negotiates with the sink.

use std::sync::atomic::{AtomicI32, Ordering};

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;

use super::DecodeError;
use super::container::{FrameShape, StartPolicy};
use super::layout::FORMATS;
use repcast_model::geometry::Size;

/// The most threads of a decoder in this process; 0 for as many as it chooses.
static MAX_THREADS: AtomicI32 = AtomicI32::new(0);

/// Limits the threads of all decoders of this process.
pub(super) fn limit_threads(count: i32) {
    MAX_THREADS.store(count, Ordering::Relaxed);
}

/// Configures every decoder that decodebin creates.
pub(super) fn configure_decoders(pipeline: &gst::Pipeline, start_policy: StartPolicy) {
    pipeline.connect_deep_element_added(move |_, _, element| {
        // By default a decoder ignores any number of errors and delivers no frames for the damaged part.
        if element.has_property("max-errors") {
            element.set_property("max-errors", 0);
        }
        let max_threads = MAX_THREADS.load(Ordering::Relaxed);
        if max_threads > 0 && element.has_property("max-threads") {
            element.set_property("max-threads", max_threads);
        }
        // Frames with missing references show artifacts.
        if element.has_property("output-corrupt") {
            element.set_property("output-corrupt", start_policy == StartPolicy::IncompleteFrames);
        }
    });
}

/// Adds `decodebin ! videoconvertscale` in front of the sink. Returns the pad that takes packets.
pub(super) fn add_decoder(
    pipeline: &gst::Pipeline,
    sink: &gst_app::AppSink,
    shape: Option<FrameShape>,
) -> Result<gst::Pad, DecodeError> {
    sink.set_caps(Some(&raw_caps(FORMATS.to_vec(), shape)));
    let (decode, convert) = (make("decodebin")?, make("videoconvertscale")?);
    link(pipeline.add_many([&decode, &convert]))?;
    link(convert.link(sink))?;
    let (target, sink) = (pad(&convert, "sink")?, sink.clone());
    decode.connect_pad_added(move |_, new| {
        if !target.is_linked() {
            if is_palette(new) {
                let opaque = FORMATS.into_iter().filter(|format| !has_alpha(*format));
                sink.set_caps(Some(&raw_caps(opaque.collect(), shape)));
            }
            // If this fails, the element that cannot push posts an error on the bus.
            let _ = new.link(&target);
        }
    });
    pad(&decode, "sink")
}

/// Announces support for plane offsets to decoders of planar RGB. Without it `vp9dec` copies the planes in the wrong
/// order: the first, which is green, to red, and so on (`gst_vpx_dec_image_to_buffer` of GStreamer 1.22).
pub(super) fn accept_plane_offsets(sink: &gst::Pad) {
    sink.add_probe(gst::PadProbeType::QUERY_DOWNSTREAM, |_, info| {
        if let Some(query) = info.query_mut()
            && let gst::QueryViewMut::Allocation(allocation) = query.view_mut()
            && allocation.get_owned().0.is_some_and(|caps| is_planar_rgb(&caps))
        {
            allocation.add_allocation_meta::<gst_video::VideoMeta>(None);
            return gst::PadProbeReturn::Handled;
        }
        gst::PadProbeReturn::Ok
    });
}

fn is_planar_rgb(caps: &gst::CapsRef) -> bool {
    let format = caps.structure(0).and_then(|structure| structure.get::<&str>("format").ok());
    format.is_some_and(|format| format.starts_with("GBR"))
}

/// Caps for raw frames in these formats, and in this shape if it is known.
fn raw_caps(formats: Vec<gst_video::VideoFormat>, shape: Option<FrameShape>) -> gst::Caps {
    let caps = gst_video::VideoCapsBuilder::new().format_list(formats);
    match shape {
        Some(FrameShape { size: Size { width, height }, pixel_aspect }) => {
            caps.width(width as i32).height(height as i32).pixel_aspect_ratio(pixel_aspect).build()
        }
        None => caps.build(),
    }
}

/// Whether a pad delivers palette images, whose alpha is not set and must be ignored.
fn is_palette(pad: &gst::Pad) -> bool {
    let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
    caps.structure(0).and_then(|structure| structure.get::<&str>("format").ok()) == Some("RGB8P")
}

fn has_alpha(format: gst_video::VideoFormat) -> bool {
    gst_video::VideoFormatInfo::from_format(format).has_alpha()
}

/// Creates an element.
pub(super) fn make(name: &str) -> Result<gst::Element, DecodeError> {
    gst::ElementFactory::make(name).build().map_err(|_| DecodeError::Library(format!("there is no element `{name}`")))
}

/// Converts the result of adding or linking elements.
pub(super) fn link<T>(result: Result<T, gst::glib::BoolError>) -> Result<T, DecodeError> {
    result.map_err(|error| DecodeError::Library(error.to_string()))
}

/// A static pad of an element.
pub(super) fn pad(element: &gst::Element, name: &str) -> Result<gst::Pad, DecodeError> {
    element.static_pad(name).ok_or_else(|| DecodeError::Library(format!("{} has no pad {name}", element.name())))
}
