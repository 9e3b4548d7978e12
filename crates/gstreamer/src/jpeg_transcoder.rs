//! JPEG images to H.264, as they arrive: what a camera that sends images is recorded as.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use bytes::Bytes;
use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;

use crate::jpeg::JpegError;
use crate::stopper::{PipelineOwner, STOP_TIMEOUT, stop};
use repcast_media::StreamConfig;
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// Images that may wait for the encoder: two seconds. More are dropped.
const MAX_QUEUED: u64 = 50;
/// Encoded frames that may wait to be taken: what the encoder holds at its end.
const MAX_ENCODED: usize = 256;
/// Images between key frames: two seconds of most cameras.
const KEY_DISTANCE: u32 = 50;
/// Quality (CRF).
const CRF: u32 = 23;
/// How long the last frames may take.
const FINISH_TIMEOUT: gst::ClockTime = gst::ClockTime::from_seconds(3);

/// An encoded frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TranscodedFrame {
    /// NAL units, each after its length in four bytes; key frames carry their parameter sets.
    pub data: Bytes,
    /// The time of its image.
    pub at: Duration,
    /// Whether decoding can begin here.
    pub is_key: bool,
    /// The stream.
    pub config: StreamConfig,
}

/// A running pipeline. Dropping it stops it.
#[derive(Debug)]
pub struct JpegTranscoder {
    pipeline: gst::Pipeline,
    bus: gst::Bus,
    owner: PipelineOwner,
    source: gst_app::AppSrc,
    encoded: Receiver<TranscodedFrame>,
    size: Size,
    /// Images that were dropped.
    dropped: u64,
}

impl JpegTranscoder {
    /// Starts to encode images of this size. Odd sides lose a line.
    ///
    /// # Errors
    /// When an element is missing.
    pub fn start(size: Size, rate: FrameRate) -> Result<Self, JpegError> {
        gst::init().map_err(|_| JpegError::Failed)?;
        let make =
            |element: &'static str| gst::ElementFactory::make(element).build().map_err(|_| JpegError::Missing(element));
        let caps = gst::Caps::new_empty_simple("image/jpeg");
        let source = gst_app::AppSrc::builder().caps(&caps);
        let source = source.format(gst::Format::Time).is_live(true).block(false).build();
        source.set_property("max-bytes", 0_u64);
        let (decode, convert, scale, filter) =
            (make("jpegdec")?, make("videoconvert")?, make("videoscale")?, make("capsfilter")?);
        let even = Size { width: size.width & !1, height: size.height & !1 };
        let caps = gst::Caps::builder("video/x-raw").field("format", "I420").field("width", even.width as i32);
        filter.set_property("caps", caps.field("height", even.height as i32).build());
        let encode = make("x264enc")?;
        encode.set_property_from_str("pass", "qual");
        encode.set_property("quantizer", CRF);
        encode.set_property("key-int-max", KEY_DISTANCE);
        encode.set_property_from_str("speed-preset", "veryfast");
        // Frames come out in the order of their images, and without waiting for others.
        encode.set_property_from_str("tune", "zerolatency");
        let (parse, output) = (make("h264parse")?, make("capsfilter")?);
        parse.set_property("config-interval", -1_i32);
        let caps = gst::Caps::builder("video/x-h264").field("stream-format", "avc").field("alignment", "au");
        output.set_property("caps", caps.build());
        let (sender, encoded) = sync_channel(MAX_ENCODED);
        let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let frame = frame(&sample, even, rate).ok_or(gst::FlowError::Error)?;
            sender.send(frame).map(|()| gst::FlowSuccess::Ok).map_err(|_| gst::FlowError::Eos)
        });
        let sink = gst_app::AppSink::builder().sync(false).callbacks(callbacks.build()).build();
        let pipeline = gst::Pipeline::new();
        let chain = [
            source.upcast_ref(),
            &decode,
            &convert,
            &scale,
            &filter,
            &encode,
            &parse,
            &output,
            sink.upcast_ref::<gst::Element>(),
        ];
        pipeline.add_many(chain).map_err(|_| JpegError::Failed)?;
        gst::Element::link_many(chain).map_err(|_| JpegError::Failed)?;
        let bus = pipeline.bus().ok_or(JpegError::Failed)?;
        let transcoder = Self { pipeline, bus, owner: PipelineOwner::new(), source, encoded, size, dropped: 0 };
        transcoder.pipeline.set_state(gst::State::Playing).map_err(|_| JpegError::Failed)?;
        Ok(transcoder)
    }

    /// The size of its images.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Images that the encoder was too slow for.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Encodes the next image. Its time is greater than that of the image before.
    ///
    /// # Errors
    /// When the pipeline has failed.
    pub fn push(&mut self, image: &Bytes, at: Duration) -> Result<(), JpegError> {
        if self.bus.pop_filtered(&[gst::MessageType::Error]).is_some() {
            return Err(JpegError::Failed);
        }
        if self.source.current_level_buffers() > MAX_QUEUED {
            self.dropped += 1;
            return Ok(());
        }
        let mut buffer = gst::Buffer::from_slice(image.clone());
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(gst::ClockTime::from_nseconds(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX - 1)));
        }
        self.source.push_buffer(buffer).map(drop).map_err(|_| JpegError::Failed)
    }

    /// The next encoded frame, if there is one.
    pub fn take(&mut self) -> Option<TranscodedFrame> {
        self.encoded.try_recv().ok()
    }

    /// The last frames.
    #[must_use]
    pub fn finish(self) -> Vec<TranscodedFrame> {
        // A pipeline that has failed takes no end either.
        let _ = self.source.end_of_stream();
        let _ = self.bus.timed_pop_filtered(FINISH_TIMEOUT, &[gst::MessageType::Eos, gst::MessageType::Error]);
        std::iter::from_fn(|| self.encoded.try_recv().ok()).collect()
    }
}

impl Drop for JpegTranscoder {
    fn drop(&mut self) {
        // A pipeline that waits for room for a frame would not stop.
        while self.encoded.try_recv().is_ok() {}
        stop(&self.pipeline, &[], self.owner, STOP_TIMEOUT);
    }
}

fn frame(sample: &gst::Sample, size: Size, rate: FrameRate) -> Option<TranscodedFrame> {
    let (buffer, caps) = (sample.buffer()?, sample.caps()?);
    let avcc = caps.structure(0)?.get::<gst::Buffer>("codec_data").ok()?;
    let avcc = avcc.map_readable().ok()?.as_slice().to_vec();
    let data = Bytes::copy_from_slice(buffer.map_readable().ok()?.as_slice());
    // The encoder counts from a thousand hours, so that it can go below the first time; its segment says so.
    let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
    let at = Duration::from_nanos(segment.to_running_time(buffer.pts()?)?.nseconds());
    let is_key = !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
    Some(TranscodedFrame { data, at, is_key, config: StreamConfig { size, rate, avcc } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(size: Size, gray: u8) -> Bytes {
        // Detail that stays, and a corner that changes: of a flat image every frame would be a key frame.
        let detail = |at: u32| (at.wrapping_mul(2_654_435_761) >> 25) as u8;
        let mut pixels: Vec<u8> = (0..size.width * size.height).map(detail).collect();
        pixels[..8].fill(gray);
        let mut bytes = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
        let color = image::ExtendedColorType::L8;
        image::ImageEncoder::write_image(encoder, &pixels, size.width, size.height, color).unwrap();
        bytes.into()
    }

    #[test]
    fn images_become_frames_at_their_times() {
        let size = Size { width: 161, height: 91 };
        let mut transcoder = JpegTranscoder::start(size, FrameRate::new(25, 1).unwrap()).unwrap();
        for number in 0..60_u32 {
            transcoder.push(&image(size, number as u8), Duration::from_millis(u64::from(number) * 70)).unwrap();
            // As a camera, which is not faster than the encoder.
            std::thread::sleep(Duration::from_millis(5));
        }
        let frames = transcoder.finish();
        assert_eq!(frames.len(), 60);
        let times: Vec<u128> = frames.iter().map(|frame| frame.at.as_millis()).collect();
        assert_eq!(times, (0..60).map(|number| number * 70).collect::<Vec<u128>>());
        let keys: Vec<usize> = (0..60).filter(|number| frames[*number].is_key).collect();
        assert_eq!(keys, [0, 50]);
        assert_eq!(frames[0].config.size, Size { width: 160, height: 90 });
        // A sequence parameter set in front (ITU-T H.264, table 7-1).
        assert!(frames[50].data.windows(5).any(|bytes| bytes[..3] == [0, 0, 0] && bytes[4] & 31 == 7));
    }

    #[test]
    fn what_is_no_image_does_no_harm() {
        let size = Size { width: 64, height: 64 };
        let mut transcoder = JpegTranscoder::start(size, FrameRate::new(25, 1).unwrap()).unwrap();
        for number in 0..20 {
            let _ =
                transcoder.push(&Bytes::from_static(b"\xff\xd8\xff\xd9 no image"), Duration::from_millis(number * 40));
        }
        let _ = transcoder.finish();
    }
}
