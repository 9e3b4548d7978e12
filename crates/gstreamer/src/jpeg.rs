//! The pictures of an encoded stream as JPEG images: smaller and fewer than they arrive, for previews. One pipeline decodes every
//! frame, and encodes those that are shown.

use std::time::Duration;

use bytes::Bytes;
use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;

use crate::stopper::{PipelineOwner, STOP_TIMEOUT, stop};
use repcast_media::{CodecConfig, HevcConfig, StreamConfig};
use repcast_model::geometry::Size;

/// Encoded frames that may wait for the decoder: a second of most streams. More are dropped up to the next key frame.
const MAX_QUEUED: u64 = 30;

/// How pictures are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JpegSettings {
    /// Pixels of a picture's width at most; its height follows.
    pub max_width: u32,
    /// Pictures a second at most.
    pub rate: u32,
    /// Quality of the images, 1 to 100.
    pub quality: u8,
}

impl Default for JpegSettings {
    fn default() -> Self {
        Self { max_width: 960, rate: 15, quality: 75 }
    }
}

/// A picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JpegPicture {
    /// The image.
    pub data: Bytes,
    /// The time that its frame was given.
    pub at: Duration,
    /// Its size in pixels.
    pub size: Size,
}

/// Why there are no pictures.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JpegError {
    /// The codec is not decoded here.
    #[error("there is no decoder for this stream")]
    Codec,
    /// An element is missing.
    #[error("GStreamer has no {0}; install gstreamer1.0-plugins-good, -bad and gstreamer1.0-libav")]
    Missing(&'static str),
    /// The pipeline failed.
    #[error("the stream cannot be decoded")]
    Failed,
}

/// A running pipeline. Dropping it stops it.
#[derive(Debug)]
pub struct JpegStream {
    pipeline: gst::Pipeline,
    bus: gst::Bus,
    owner: PipelineOwner,
    source: gst_app::AppSrc,
    /// Whether frames are dropped until the next key frame.
    needs_key: bool,
}

impl JpegStream {
    /// Starts to decode a stream; `show` is given its pictures, on a thread of the pipeline.
    ///
    /// # Errors
    /// When the codec is another, or an element is missing.
    pub fn start(
        codec: &CodecConfig,
        settings: JpegSettings,
        mut show: impl FnMut(JpegPicture) + Send + 'static,
    ) -> Result<Self, JpegError> {
        gst::init().map_err(|_| JpegError::Failed)?;
        let (name, parser, decoder, data, size) = match codec {
            CodecConfig::H264(StreamConfig { avcc, size, .. }) => {
                ("video/x-h264", "h264parse", "avdec_h264", avcc, *size)
            }
            CodecConfig::H265(HevcConfig { hvcc, size, .. }) => {
                ("video/x-h265", "h265parse", "avdec_h265", hvcc, *size)
            }
            _ => return Err(JpegError::Codec),
        };
        let format = if name == "video/x-h264" { "avc" } else { "hvc1" };
        let caps = gst::Caps::builder(name)
            .field("stream-format", format)
            .field("alignment", "au")
            .field("codec_data", gst::Buffer::from_slice(data.clone()))
            .build();
        let source =
            gst_app::AppSrc::builder().caps(&caps).format(gst::Format::Time).is_live(true).block(false).build();
        source.set_property("max-bytes", 0_u64);
        let decode = make(decoder)?;
        // Threads of frames would each add the time of a frame.
        decode.set_property_from_str("max-threads", "1");
        let rate = make("videorate")?;
        rate.set_property("drop-only", true);
        rate.set_property("max-rate", i32::try_from(settings.rate).unwrap_or(i32::MAX));
        let shown = shown_size(size, settings.max_width);
        let (scale, filter, encode) = (make("videoscale")?, make("capsfilter")?, make("jpegenc")?);
        let caps =
            gst::Caps::builder("video/x-raw").field("width", shown.width as i32).field("height", shown.height as i32);
        filter.set_property("caps", caps.field("pixel-aspect-ratio", gst::Fraction::new(1, 1)).build());
        encode.set_property("quality", i32::from(settings.quality));
        let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let buffer = sample.buffer().ok_or(gst::FlowError::Error)?;
            let map = buffer.map_readable().map_err(|_| gst::FlowError::Error)?;
            let at = Duration::from_nanos(buffer.pts().map_or(0, gst::ClockTime::nseconds));
            show(JpegPicture { data: Bytes::copy_from_slice(map.as_slice()), at, size: shown });
            Ok(gst::FlowSuccess::Ok)
        });
        let sink = gst_app::AppSink::builder().sync(false).max_buffers(1).callbacks(callbacks.build()).build();
        let pipeline = gst::Pipeline::new();
        let (parse, convert) = (make(parser)?, make("videoconvert")?);
        let chain = [
            source.upcast_ref(),
            &parse,
            &decode,
            &rate,
            &scale,
            &filter,
            &convert,
            &encode,
            sink.upcast_ref::<gst::Element>(),
        ];
        pipeline.add_many(chain).map_err(|_| JpegError::Failed)?;
        gst::Element::link_many(chain).map_err(|_| JpegError::Failed)?;
        let bus = pipeline.bus().ok_or(JpegError::Failed)?;
        let stream = Self { pipeline, bus, owner: PipelineOwner::new(), source, needs_key: true };
        stream.pipeline.set_state(gst::State::Playing).map_err(|_| JpegError::Failed)?;
        Ok(stream)
    }

    /// Decodes the next frame. Its time is greater than that of the frame before.
    ///
    /// # Errors
    /// When the pipeline has failed.
    pub fn push(&mut self, data: &[u8], at: Duration, is_key: bool) -> Result<(), JpegError> {
        if self.bus.pop_filtered(&[gst::MessageType::Error]).is_some() {
            return Err(JpegError::Failed);
        }
        self.needs_key |= self.source.current_level_buffers() > MAX_QUEUED;
        if self.needs_key && !is_key {
            return Ok(());
        }
        self.needs_key = false;
        let mut buffer = gst::Buffer::from_slice(data.to_vec());
        if let Some(buffer) = buffer.get_mut() {
            let at = gst::ClockTime::from_nseconds(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX - 1));
            buffer.set_pts(at);
            buffer.set_dts(at);
            if !is_key {
                buffer.set_flags(gst::BufferFlags::DELTA_UNIT);
            }
        }
        self.source.push_buffer(buffer).map(drop).map_err(|_| JpegError::Failed)
    }
}

impl Drop for JpegStream {
    fn drop(&mut self) {
        stop(&self.pipeline, &[], self.owner, STOP_TIMEOUT);
    }
}

/// The size of a picture that is at most `max_width` wide. Both sides are even.
fn shown_size(size: Size, max_width: u32) -> Size {
    let width = size.width.min(max_width).max(2);
    let height = (u64::from(size.height) * u64::from(width) / u64::from(size.width.max(1))).max(2);
    Size { width: width & !1, height: u32::try_from(height).unwrap_or(u32::MAX) & !1 }
}

fn make(element: &'static str) -> Result<gst::Element, JpegError> {
    gst::ElementFactory::make(element).build().map_err(|_| JpegError::Missing(element))
}

#[cfg(test)]
mod tests {
    use super::*;
    use repcast_model::time::FrameRate;

    #[test]
    fn pictures_are_small_and_keep_their_shape() {
        let size = |width, height| Size { width, height };
        for (from, to) in
            [((1920, 1080), (960, 540)), ((320, 180), (320, 180)), ((1080, 1920), (960, 1706)), ((1, 1), (2, 2))]
        {
            assert_eq!(shown_size(size(from.0, from.1), 960), size(to.0, to.1));
        }
    }

    #[test]
    fn other_codecs_are_errors() {
        let settings = JpegSettings::default();
        assert_eq!(JpegStream::start(&CodecConfig::WebVtt, settings, |_| ()).unwrap_err(), JpegError::Codec);
        let size = Size { width: 64, height: 64 };
        let config = StreamConfig { size, rate: FrameRate::new(25, 1).unwrap(), avcc: vec![1, 2, 3] };
        // What is no stream is found out while it is decoded, and never ends the process.
        let stream = JpegStream::start(&CodecConfig::H264(config), settings, |_| ());
        if let Ok(mut stream) = stream {
            for number in 0..50 {
                let _ = stream.push(&[0, 0, 0, 1, 0x65, 7, 7], Duration::from_millis(40 * number), number == 0);
            }
        }
    }
}
