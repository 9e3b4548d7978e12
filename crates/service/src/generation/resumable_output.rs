//! An output that another render can continue where the first one ended early.
//!
//! ```text
//! first render --> ResumableSink --.                 (begin, push ...)
//!                                   UnfinishedOutput (where the sink is left when that render fails)
//! second render -> ResumableSink --'                 (push ... with later times, finish)
//! ```

use std::sync::Arc;

use parking_lot::Mutex;
use repcast_media::{Sample, Track, TrackId};
use repcast_mux::MuxError;
use repcast_mux::sink::{OutputSummary, Sink};

/// Where a render that ends early leaves its output.
pub(super) type OutputSlot = Arc<Mutex<Option<UnfinishedOutput>>>;

/// An output that has begun, and that is not written to now.
pub(super) struct UnfinishedOutput {
    sink: Box<dyn Sink>,
    /// Its video track.
    video: Track,
    /// Ticks of the video that were written.
    end: u64,
}

/// The output of one render, which is left in a slot unless it is finished.
pub(super) struct ResumableSink {
    /// Taken when it is finished or dropped.
    sink: Option<Box<dyn Sink>>,
    slot: OutputSlot,
    /// The video track; `None` before the output begins.
    video: Option<Track>,
    /// Ticks of video before the first sample of this render.
    start: u64,
    end: u64,
}

impl ResumableSink {
    /// An output from its beginning.
    pub(super) fn new(sink: Box<dyn Sink>, slot: &OutputSlot) -> Self {
        Self { sink: Some(sink), slot: slot.clone(), video: None, start: 0, end: 0 }
    }

    /// The rest of an output, whose video alone is continued: a track of audio ends where it was left.
    pub(super) fn resume(output: UnfinishedOutput, slot: &OutputSlot) -> Self {
        let UnfinishedOutput { sink, video, end } = output;
        Self { sink: Some(sink), slot: slot.clone(), video: Some(video), start: end, end }
    }

    fn sink(&mut self) -> Result<&mut Box<dyn Sink>, MuxError> {
        self.sink.as_mut().ok_or(MuxError::CallOrder("it was finished before"))
    }
}

impl Sink for ResumableSink {
    fn begin(&mut self, tracks: &[Track]) -> Result<(), MuxError> {
        let video = tracks.iter().find(|track| track.id == TrackId::VIDEO);
        match (&self.video, video) {
            (None, _) => {
                self.sink()?.begin(tracks)?;
                self.video = video.cloned();
                Ok(())
            }
            (Some(first), Some(video)) if first == video => Ok(()),
            (Some(_), _) => Err(MuxError::Tracks("the rest is encoded differently from the beginning")),
        }
    }

    fn push(&mut self, mut sample: Sample) -> Result<(), MuxError> {
        if sample.track != TrackId::VIDEO {
            return self.sink()?.push(sample);
        }
        sample.dts += self.start;
        sample.pts += i64::try_from(self.start).unwrap_or(i64::MAX);
        let end = sample.dts + u64::from(sample.duration);
        self.sink()?.push(sample)?;
        self.end = end;
        Ok(())
    }

    fn is_watched(&self) -> bool {
        self.sink.as_ref().is_some_and(|sink| sink.is_watched())
    }

    fn finish(mut self: Box<Self>) -> Result<OutputSummary, MuxError> {
        self.sink.take().ok_or(MuxError::CallOrder("it was finished before"))?.finish()
    }
}

impl Drop for ResumableSink {
    fn drop(&mut self) {
        if let (Some(sink), Some(video)) = (self.sink.take(), self.video.take()) {
            *self.slot.lock() = Some(UnfinishedOutput { sink, video, end: self.end });
        }
    }
}

#[cfg(test)]
mod tests {
    use repcast_media::{EncodedFrame, StreamConfig, VideoSampler};
    use repcast_model::geometry::Size;
    use repcast_model::time::FrameRate;

    use super::*;

    /// Notes what is pushed.
    #[derive(Clone, Default)]
    struct Notes(Arc<Mutex<Vec<(u64, i64)>>>, Arc<Mutex<bool>>);

    impl Sink for Notes {
        fn begin(&mut self, _: &[Track]) -> Result<(), MuxError> {
            Ok(())
        }

        fn push(&mut self, sample: Sample) -> Result<(), MuxError> {
            self.0.lock().push((sample.dts, sample.pts));
            Ok(())
        }

        fn finish(self: Box<Self>) -> Result<OutputSummary, MuxError> {
            *self.1.lock() = true;
            Ok(OutputSummary { frames: self.0.lock().len() as u64, bytes: 0 })
        }
    }

    fn sampler(avcc: &[u8]) -> VideoSampler {
        let (size, rate) = (Size { width: 64, height: 64 }, FrameRate::new(30, 1).unwrap());
        VideoSampler::new(StreamConfig { size, rate, avcc: avcc.to_vec() }).unwrap()
    }

    fn frame(frame: u64) -> EncodedFrame {
        EncodedFrame { frame, is_key: frame == 0, data: Vec::new() }
    }

    #[test]
    fn another_render_continues_where_the_first_one_ended() {
        let (notes, slot) = (Notes::default(), OutputSlot::default());
        let mut first = ResumableSink::new(Box::new(notes.clone()), &slot);
        let mut video = sampler(b"a");
        first.begin(&[video.track().clone()]).unwrap();
        (0..3).for_each(|number| first.push(video.sample(frame(number))).unwrap());
        assert!(slot.lock().is_none());
        drop(first);
        let output = slot.lock().take().unwrap();
        let mut rest = ResumableSink::resume(output, &slot);
        let mut video = sampler(b"a");
        assert!(rest.begin(&[sampler(b"b").track().clone()]).is_err());
        rest.begin(&[video.track().clone()]).unwrap();
        (0..2).for_each(|number| rest.push(video.sample(frame(number))).unwrap());
        assert_eq!(Box::new(rest).finish().unwrap().frames, 5);
        let tick = i64::from(video.sample(frame(2)).duration);
        let times: Vec<(u64, i64)> = (0..5).map(|number| ((number * tick) as u64, number * tick)).collect();
        assert_eq!(*notes.0.lock(), times);
        assert!(*notes.1.lock() && slot.lock().is_none());
    }

    #[test]
    fn an_output_that_never_began_cannot_be_continued() {
        let slot = OutputSlot::default();
        drop(ResumableSink::new(Box::new(Notes::default()), &slot));
        assert!(slot.lock().is_none());
    }
}
