//! The mix of a document that is edited, as its file has it, frame by frame.
//!
//! ```text
//! thread of the picture              thread "mix"                                thread "loudness"
//! Playhead of each frame -- queue --> LiveMix -> gain -> limiter -> MixFeed   <-- gain -- the whole mix, measured
//! ```

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};
use repcast_mixer::SoundFailure;
use repcast_model::session::Playhead;
use repcast_model::time::FrameRate;

use super::feed::{FeedWriter, MixFeed};
use crate::audio::DocumentAudio;
use crate::live::{LimitedMix, MusicClock};

/// Frames whose sound waits to be mixed: at the start a source may have to be opened, measured and decoded.
const QUEUED_FRAMES: usize = 600;

/// Sounds that are silent and have not been taken.
const MAX_FAILURES: usize = 32;

/// A frame, and where the document is in it.
struct MixedFrame {
    number: u64,
    playhead: Playhead,
}

/// What the threads of a mix share with its owner.
#[derive(Default)]
struct MixState {
    is_over: AtomicBool,
    /// In decibels, once the whole mix is measured.
    gain_db: OnceLock<f64>,
    failures: Mutex<Vec<SoundFailure>>,
}

/// The mix of a document. Dropping it ends it and waits for its threads.
pub struct DocumentMix {
    frames: Option<Sender<MixedFrame>>,
    state: Arc<MixState>,
    thread: Option<JoinHandle<()>>,
}

impl DocumentMix {
    /// Begins a mix in a feed. `None` when no thread can be started.
    #[must_use]
    pub fn start(audio: &DocumentAudio, rate: FrameRate, feed: &Arc<MixFeed>) -> Option<Self> {
        let (send, frames) = bounded(QUEUED_FRAMES);
        let state = Arc::<MixState>::default();
        let (audio, shared, writer) = (audio.clone(), state.clone(), feed.begin());
        let work = move || run(&audio, rate, &shared, &frames, &writer);
        let thread = thread::Builder::new().name("mix".to_owned()).spawn(work);
        let thread = thread.inspect_err(|error| tracing::error!("no thread could be started for the sound: {error}"));
        Some(Self { frames: Some(send), state, thread: Some(thread.ok()?) })
    }

    /// Mixes the sound of a frame, later. Frames are numbered from 0, as they are shown. What does not fit the queue is
    /// silent.
    pub fn push(&self, number: u64, playhead: Playhead) {
        if let Some(frames) = &self.frames
            && frames.try_send(MixedFrame { number, playhead }).is_err()
        {
            tracing::debug!(number, "the sound of a frame is left out: the mixer is behind or has failed");
        }
    }

    /// The sounds that became silent since the last call.
    #[must_use]
    pub fn take_failures(&self) -> Vec<SoundFailure> {
        std::mem::take(&mut *self.state.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends the mix without waiting for its threads.
    pub fn stop(&mut self) {
        self.state.is_over.store(true, Ordering::Relaxed);
        self.frames = None;
    }

    /// Whether its threads have ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for DocumentMix {
    fn drop(&mut self) {
        self.stop();
        // A panic leaves the document without sound.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn run(audio: &DocumentAudio, rate: FrameRate, state: &MixState, frames: &Receiver<MixedFrame>, writer: &FeedWriter) {
    let is_over = || state.is_over.load(Ordering::Relaxed);
    let Some(mut mix) = LimitedMix::open(audio, rate, MusicClock::Timeline, &is_over) else { return };
    thread::scope(|scope| {
        if audio.soundtrack.loudness.is_some() {
            let measure = || {
                let mut mixer = audio.open_mixer(&is_over)?;
                let gain_db = audio.measure_gain(&mut mixer, &is_over)?;
                let _ = state.gain_db.set(gain_db);
                Some(())
            };
            // Without this thread, the mix is as loud as its sources make it.
            let spawned = thread::Builder::new().name("loudness".to_owned()).spawn_scoped(scope, measure);
            let _ = spawned.inspect_err(|error| tracing::warn!("the loudness is not measured: {error}"));
        }
        for MixedFrame { number, playhead } in frames {
            if is_over() {
                break;
            }
            state.gain_db.get().iter().for_each(|gain_db| mix.set_gain(**gain_db));
            let block = mix.frame(number, playhead);
            writer.push(block.start, block.samples, block.levels);
            let mut failures = state.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.extend(mix.take_failures());
            failures.truncate(MAX_FAILURES);
        }
        // The frames end with the owner.
        state.is_over.store(true, Ordering::Relaxed);
    });
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use repcast_media::Stereo;
    use repcast_model::audio::{AudioRole, Loudness, SampleSpan, Sound, SoundSource, Soundtrack, Wave, sample_at};
    use repcast_model::session::Transport;
    use repcast_model::time::Rational;

    use super::*;

    const FRAMES: u64 = 90;

    fn rate() -> FrameRate {
        FrameRate::new(30, 1).unwrap()
    }

    /// A tone of three seconds that is to be louder than it is.
    fn audio() -> DocumentAudio {
        let sound = Sound {
            role: AudioRole::Music,
            span: SampleSpan { start: 0, end: sample_at(FRAMES, rate()) },
            source: SoundSource::Tone { frequency: Rational::from_integer(440), wave: Wave::Sine },
            gain: Some(Rational::from_integer(-30)),
            pan: Rational::from_integer(0),
            fade_in: 0,
            fade_out: 0,
            ducks_music: false,
        };
        let loudness = Some(Loudness { target: Rational::from_integer(-20), true_peak: Rational::from_integer(-1) });
        let soundtrack =
            Soundtrack { samples: sample_at(FRAMES, rate()), sounds: vec![sound], ducking: None, loudness };
        DocumentAudio { soundtrack: Arc::new(soundtrack), sounds: Arc::default() }
    }

    #[track_caller]
    fn wait_until(condition: impl Fn() -> bool) {
        let since = Instant::now();
        while !condition() {
            assert!(since.elapsed() < Duration::from_secs(60));
            thread::yield_now();
        }
    }

    #[test]
    fn what_is_heard_of_a_document_is_its_file_at_its_loudness() {
        let mut reader = audio().open_mix(&|| false).unwrap();
        let mut file: Vec<Stereo> = Vec::new();
        while let Some(samples) = reader.read() {
            file.extend_from_slice(samples);
        }
        let feed = Arc::<MixFeed>::default();
        feed.set_active(true);
        let mix = DocumentMix::start(&audio(), rate(), &feed).unwrap();
        wait_until(|| mix.state.gain_db.get().is_some());
        let mut transport = Transport::new(FRAMES, rate(), Vec::new());
        for number in 0..FRAMES {
            mix.push(number, transport.playhead());
            transport.tick();
        }
        // The limiter keeps the last samples.
        let mixed = file.len() - repcast_mixer::LIMITER_LATENCY;
        wait_until(|| feed.end() == mixed as u64);
        let mut heard = vec![[0.0; 2]; mixed];
        assert_eq!(feed.read(1, 0, &mut heard), mixed);
        assert!(heard.iter().zip(&file).all(|(a, b)| (a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6));
        assert!(mix.take_failures().is_empty());
    }

    #[test]
    fn another_mix_begins_while_the_one_before_ends() {
        let feed = Arc::<MixFeed>::default();
        feed.set_active(true);
        let mut before = DocumentMix::start(&audio(), rate(), &feed).unwrap();
        before.stop();
        let mix = DocumentMix::start(&audio(), rate(), &feed).unwrap();
        let transport = Transport::new(FRAMES, rate(), Vec::new());
        mix.push(0, transport.playhead());
        wait_until(|| feed.end() > 0 && before.has_ended());
        // That of the first frame, which is not repeated by the mix before.
        assert_eq!(feed.end() as usize, 1600 - repcast_mixer::LIMITER_LATENCY);
    }
}
