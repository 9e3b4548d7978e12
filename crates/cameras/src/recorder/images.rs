//! The images of a camera that sends images, as H.264.

use std::sync::Arc;

use repcast_capture::{CameraFrame, TrackFormat, VideoFormat};
use repcast_gstreamer::jpeg::JpegError;
use repcast_gstreamer::jpeg_transcoder::{JpegTranscoder, TranscodedFrame};

/// Encodes images. The encoder goes on when the camera comes back by another connection: each image can be decoded alone.
#[derive(Debug, Default)]
pub(super) struct ImageEncoder {
    transcoder: Option<JpegTranscoder>,
    /// The format of the newest frame.
    format: Option<Arc<VideoFormat>>,
}

impl ImageEncoder {
    /// Encodes a frame that is an image, and returns what is encoded by now; none for other frames.
    pub(super) fn push(&mut self, frame: &CameraFrame) -> Result<Option<Vec<Arc<CameraFrame>>>, JpegError> {
        let TrackFormat::Video(format) = &frame.format else { return Ok(None) };
        let VideoFormat::Jpeg { size, rate } = **format else { return Ok(None) };
        let mut encoded = Vec::new();
        if self.transcoder.as_ref().is_some_and(|transcoder| transcoder.size() != size) {
            encoded = self.finish();
        }
        let transcoder = match &mut self.transcoder {
            Some(transcoder) => transcoder,
            none => none.insert(JpegTranscoder::start(size, rate)?),
        };
        transcoder.push(&frame.data, frame.at)?;
        let ready: Vec<_> = std::iter::from_fn(|| transcoder.take()).collect();
        encoded.extend(ready.into_iter().map(|frame| self.frame(frame)));
        Ok(Some(encoded))
    }

    /// The last frames.
    pub(super) fn finish(&mut self) -> Vec<Arc<CameraFrame>> {
        let rest = self.transcoder.take().map(JpegTranscoder::finish).unwrap_or_default();
        rest.into_iter().map(|frame| self.frame(frame)).collect()
    }

    fn frame(&mut self, frame: TranscodedFrame) -> Arc<CameraFrame> {
        let TranscodedFrame { data, at, is_key, config } = frame;
        let format = match &self.format {
            Some(format) if matches!(&**format, VideoFormat::H264(own) if *own == config) => format.clone(),
            _ => Arc::new(VideoFormat::H264(config)),
        };
        self.format = Some(format.clone());
        let format = TrackFormat::Video(format);
        Arc::new(CameraFrame { format, at, is_key, follows_loss: false, connection: 0, data })
    }
}
