//! The order of an output, and what is held while its audio is missing.

use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};
use std::thread;

use crossbeam_channel::{Sender, bounded, unbounded};
use repcast_gstreamer::encode::{EncoderSettings, FALLBACK, Purpose, Quality, SelectedEncoder};
use repcast_media::{Track, TrackId};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;
use repcast_mux::sink::OutputSummary;

use super::super::chunks::{ChunkPolicy, Chunks};
use super::*;

const FRAMES: u64 = 60;

/// The track and the decode time of each sample.
type Pushed = Arc<Mutex<Vec<(u32, u64)>>>;

/// The result, and what the sink received.
type Packaged = (Result<Option<u64>, RenderError>, Vec<(u32, u64)>);

struct Recorder(Pushed);

impl Sink for Recorder {
    fn begin(&mut self, _: &[Track]) -> Result<(), MuxError> {
        Ok(())
    }

    fn push(&mut self, sample: Sample) -> Result<(), MuxError> {
        self.0.lock().unwrap().push((sample.track.get(), sample.dts));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<OutputSummary, MuxError> {
        Ok(OutputSummary { frames: FRAMES, bytes: 1 })
    }
}

fn rate() -> FrameRate {
    FrameRate::new(30, 1).unwrap()
}

/// A frame of a GOP of ten.
fn frame(number: u64, bytes: usize) -> EncodedGopFrame {
    const AVCC: [u8; 19] = [1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x28, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2];
    let start = number / 10 * 10;
    EncodedGopFrame {
        gop: start..start + 10,
        config: StreamConfig { size: Size { width: 64, height: 64 }, rate: rate(), avcc: AVCC.to_vec() },
        frame: EncodedFrame { frame: number, is_key: number == start, data: vec![0; bytes] },
    }
}

/// The audio of all frames, and a little more.
fn audio() -> Vec<Sample> {
    let unit = |index: u64| Sample {
        track: TrackId::AUDIO,
        dts: index * 1024,
        pts: index as i64 * 1024 - 1024,
        duration: 1024,
        is_sync: true,
        data: vec![0],
    };
    (0..=sample_at(FRAMES, rate()) / 1024 + 1).map(unit).collect()
}

/// Packages what `deliver` sends, and returns what the sink received.
fn packaged(
    stop: &AtomicBool,
    frames: usize,
    deliver: impl FnOnce(Sender<EncodedGopFrame>, Sender<Sample>) + Send,
) -> Packaged {
    let encoder = SelectedEncoder { name: FALLBACK };
    let size = Size { width: 64, height: 64 };
    let settings = EncoderSettings {
        source: size,
        size,
        rate: rate(),
        quality: Quality::Crf(23),
        preset: "ultrafast",
        key_interval: 10,
        reorder: false,
        purpose: Purpose::File,
        threads: 1,
    };
    let (chunks, metrics) = (Chunks::new(FRAMES, 10, 1, ChunkPolicy::Long), PipelineMetrics::default());
    let context = RenderContext {
        encoder: &encoder,
        settings: &settings,
        chunks: &chunks,
        cache: None,
        store: None,
        metrics: &metrics,
        stop,
    };
    let pushed = Pushed::default();
    let sink = Box::new(Recorder(pushed.clone()));
    let ((send_frames, encoded), (send_audio, samples)) = (bounded(frames), unbounded());
    let written = thread::scope(|scope| {
        scope.spawn(|| deliver(send_frames, send_audio));
        write(&encoded, Some(&samples), sink, FRAMES, &context, |_| ())
    });
    let pushed = pushed.lock().unwrap().clone();
    (written, pushed)
}

#[test]
fn the_order_of_the_output_does_not_depend_on_what_arrives_first() {
    let running = AtomicBool::new(false);
    let (written, expected) = packaged(&running, 64, |frames, samples| {
        audio().into_iter().for_each(|sample| samples.send(sample).unwrap());
        (0..FRAMES).for_each(|number| frames.send(frame(number, 8)).unwrap());
    });
    assert_eq!((written.unwrap(), expected.len()), (Some(1), FRAMES as usize + audio().len()));
    let (written, late) = packaged(&running, 64, |frames, samples| {
        // GOPs in another order, and then the audio.
        (0..FRAMES).rev().for_each(|number| frames.send(frame(number / 10 * 10 + 9 - number % 10, 8)).unwrap());
        drop(frames);
        audio().into_iter().for_each(|sample| samples.send(sample).unwrap());
    });
    assert_eq!((written.unwrap(), late), (Some(1), expected.clone()));
    let (_, mixed) = packaged(&running, 1, |frames, samples| {
        let mut audio = audio().into_iter();
        for number in 0..FRAMES {
            audio.by_ref().take(if number % 7 == 0 { 11 } else { 1 }).for_each(|unit| samples.send(unit).unwrap());
            frames.send(frame(number, 8)).unwrap();
        }
        audio.for_each(|sample| samples.send(sample).unwrap());
    });
    assert_eq!(mixed, expected);
}

#[test]
fn frames_are_held_up_to_a_limit_while_the_audio_is_missing() {
    const BYTES: usize = 4 << 20;
    let (running, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (written, pushed) = packaged(&running, 1, |frames, samples| {
        thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..FRAMES {
                    frames.send(frame(number, BYTES)).unwrap();
                    sent.fetch_add(1, Ordering::Relaxed);
                }
                drop(frames);
            });
            // Those that are held, the one that is written, and one in the queue.
            let most = MAX_HELD_BYTES / BYTES + 2;
            while sent.load(Ordering::Relaxed) < most {
                thread::yield_now();
            }
            for _ in 0..1000 {
                thread::yield_now();
                assert_eq!(sent.load(Ordering::Relaxed), most);
            }
            audio().into_iter().for_each(|sample| samples.send(sample).unwrap());
            drop(samples);
        });
    });
    assert_eq!((written.unwrap(), pushed.len()), (Some(1), FRAMES as usize + audio().len()));
}

#[test]
fn a_render_that_is_stopped_while_the_audio_is_missing_ends() {
    let stop = AtomicBool::new(false);
    let (written, pushed) = packaged(&stop, 64, |frames, samples| {
        (0..FRAMES).for_each(|number| frames.send(frame(number, 8)).unwrap());
        stop.store(true, Ordering::Relaxed);
        drop((frames, samples));
    });
    assert!(matches!(written, Err(RenderError::Interrupted)) && pushed.len() <= FRAMES as usize, "{written:?}");
}
