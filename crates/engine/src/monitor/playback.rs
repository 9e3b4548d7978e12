//! What of a feed is given to a device, and when.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use repcast_media::{AudioOutput, AudioOutputError, Stereo};
use repcast_model::audio::SAMPLE_RATE;

use super::feed::{FeedClock, MixFeed};

/// How often samples are given to the device.
pub(super) const STEP: Duration = Duration::from_millis(10);

/// Sound that is given to the device before it has to be: some steps, lest a busy machine interrupts it.
const AHEAD: Duration = Duration::from_millis(40);

/// The least time between giving a sample and the last moment at which the device takes it.
const SLACK: Duration = Duration::from_millis(5);

/// How far the sound may be from its time before it is begun again: less than is noticed, and far less than the 40 ms that
/// are allowed.
const TOLERANCE_NANOS: i128 = 15_000_000;

/// Frames over which it is measured how far the mix is ahead: a second at 30 a second. A moment in which it is late does not
/// count.
const LEAD_FRAMES: usize = 30;

/// The longest time by which sound is delayed for a device that needs it earlier than it is mixed.
const MAX_DELAY: Duration = Duration::from_secs(2);

/// Samples over which the sound is faded in where it begins: 10 ms.
const FADE: usize = 480;

/// Samples that are given to the device at a time.
const BLOCK: usize = 960;

/// A place in a mix, and its relation to the clock.
#[derive(Clone, Copy)]
struct Cursor {
    epoch: u64,
    /// The next sample.
    next: u64,
    /// When sample 0 is heard, in nanoseconds from the start of the playback.
    origin: i128,
    /// Samples since the sound began, up to [`FADE`].
    faded: usize,
}

/// Plays a feed on a device.
pub(super) struct Playback {
    output: Box<dyn AudioOutput>,
    started: Instant,
    cursor: Option<Cursor>,
    /// How far the mix was ahead of its time when each of the last frames was mixed, in nanoseconds.
    leads: VecDeque<i128>,
    /// The end of the mix in the last step.
    end: u64,
    /// The delay of the sound, in nanoseconds.
    delay: i128,
}

impl Playback {
    pub(super) fn new(output: Box<dyn AudioOutput>, started: Instant) -> Self {
        Self { output, started, cursor: None, leads: VecDeque::with_capacity(LEAD_FRAMES), end: 0, delay: 0 }
    }

    /// Gives the device what is heard next; called every [`STEP`].
    ///
    /// # Errors
    /// When the device is lost.
    pub(super) fn step(&mut self, feed: &MixFeed, now: Instant) -> Result<(), AudioOutputError> {
        let Some(clock) = feed.clock() else {
            self.cursor = None;
            return Ok(());
        };
        let time = nanos(now.saturating_duration_since(self.started));
        let latency = nanos(self.output.latency() + SLACK);
        let due = self.origin(&clock);
        // Only while the mix goes on: in a pause it has no lead.
        if std::mem::replace(&mut self.end, clock.end) != clock.end {
            self.measure_lead(due + heard(clock.end) - time, latency);
        }
        let origin = due + self.delay;
        // The first sample that the device still takes in time, and one past the last that it is given now.
        let [first, end] = [latency, latency + nanos(AHEAD)].map(|ahead| samples(time + ahead - origin));
        let is_in_time = |cursor: &Cursor| {
            cursor.epoch == clock.epoch
                && (cursor.origin - origin).abs() <= TOLERANCE_NANOS
                && cursor.origin + heard(cursor.next) - time >= latency - nanos(SLACK)
        };
        let begun = Cursor { epoch: clock.epoch, next: first, origin, faded: 0 };
        let mut cursor = self.cursor.filter(is_in_time).unwrap_or(begun);
        let mut block = [[0.0; 2]; BLOCK];
        while cursor.next < end {
            let wanted = (end - cursor.next).min(BLOCK as u64) as usize;
            let count = feed.read(cursor.epoch, cursor.next, &mut block[..wanted]);
            if count == 0 {
                break;
            }
            fade_in(&mut block[..count], &mut cursor.faded);
            let heard_in = cursor.origin + heard(cursor.next) - time;
            self.output.play(&block[..count], Duration::from_nanos(u64::try_from(heard_in).unwrap_or(0)))?;
            cursor.next += count as u64;
        }
        // A cursor that has read nothing begins again, with a fade.
        self.cursor = (cursor.faded > 0).then_some(cursor);
        Ok(())
    }

    /// When sample 0 of the mix is due, in nanoseconds from the start of the playback.
    fn origin(&self, clock: &FeedClock) -> i128 {
        let at = match clock.at.checked_duration_since(self.started) {
            Some(after) => nanos(after),
            None => -nanos(self.started - clock.at),
        };
        at - heard(clock.position)
    }

    /// Sets the delay of the sound: none where the mix is ahead by what the device needs, as it is by some frames. A device
    /// that needs more, such as a wireless one, is heard later than the picture is seen.
    fn measure_lead(&mut self, lead: i128, latency: i128) {
        if self.leads.len() == LEAD_FRAMES {
            self.leads.pop_front();
        }
        self.leads.push_back(lead);
        // Until it is known how far the mix is ahead, it counts as far enough.
        if self.leads.len() < LEAD_FRAMES {
            return;
        }
        let best = self.leads.iter().copied().max().unwrap_or(0);
        let needed = (latency + nanos(STEP) - best).clamp(0, nanos(MAX_DELAY));
        if (needed - self.delay).abs() > TOLERANCE_NANOS / 2 {
            self.delay = needed;
        }
    }
}

fn fade_in(samples: &mut [Stereo], faded: &mut usize) {
    for sample in samples.iter_mut().take(FADE.saturating_sub(*faded)) {
        *faded += 1;
        let gain = *faded as f32 / FADE as f32;
        *sample = sample.map(|value| value * gain);
    }
}

fn nanos(time: Duration) -> i128 {
    time.as_nanos() as i128
}

/// Nanoseconds from sample 0 to a sample.
fn heard(sample: u64) -> i128 {
    i128::from(sample) * 1_000_000_000 / i128::from(SAMPLE_RATE)
}

/// The first sample at or after a number of nanoseconds from sample 0.
fn samples(nanos: i128) -> u64 {
    u64::try_from((nanos * i128::from(SAMPLE_RATE) + 999_999_999).div_euclid(1_000_000_000)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::super::feed::{FeedWriter, MixLevels};
    use super::*;

    /// What was given to a device: each sample with the time at which it is heard, in nanoseconds from the start.
    type Heard = Arc<Mutex<Vec<(i128, Stereo)>>>;

    struct Recorder {
        heard: Heard,
        time: Arc<Mutex<Duration>>,
        latency: Duration,
    }

    impl AudioOutput for Recorder {
        fn latency(&self) -> Duration {
            self.latency
        }

        fn play(&mut self, samples: &[Stereo], heard_in: Duration) -> Result<(), AudioOutputError> {
            assert!(heard_in >= self.latency, "{heard_in:?} is too late");
            let start = nanos(*self.time.lock().unwrap() + heard_in);
            let times = (0..).map(|index| start + heard(index));
            self.heard.lock().unwrap().extend(times.zip(samples.iter().copied()));
            Ok(())
        }
    }

    /// A playback in simulated time, of a mix whose samples are their numbers.
    struct Simulation {
        feed: Arc<MixFeed>,
        writer: FeedWriter,
        playback: Playback,
        started: Instant,
        time: Arc<Mutex<Duration>>,
        heard: Heard,
        mixed: u64,
    }

    fn numbered(range: std::ops::Range<u64>) -> Vec<Stereo> {
        range.map(|index| [index as f32, -(index as f32)]).collect()
    }

    impl Simulation {
        fn new(latency_millis: u64) -> Self {
            let (heard, time, started) = (Heard::default(), Arc::<Mutex<Duration>>::default(), Instant::now());
            let latency = Duration::from_millis(latency_millis);
            let recorder = Recorder { heard: heard.clone(), time: time.clone(), latency };
            let feed = Arc::<MixFeed>::default();
            feed.set_active(true);
            let writer = feed.begin();
            let playback = Playback::new(Box::new(recorder), started);
            Self { feed, writer, playback, started, time, heard, mixed: 0 }
        }

        /// Runs for a time in which sample 0 is due at `origin_millis`, and the mix is ahead by `lead_millis`.
        fn run(&mut self, millis: u64, origin_millis: u64, lead_millis: u64) {
            for _ in 0..millis / 10 {
                let now = *self.time.lock().unwrap();
                let origin = Duration::from_millis(origin_millis);
                if let Some(position) = now.checked_sub(origin).map(|time| samples(nanos(time))) {
                    let end = position + lead_millis * 48;
                    if end > self.mixed {
                        self.writer.push(self.mixed, &numbered(self.mixed..end), MixLevels::default());
                        self.mixed = end;
                    }
                    let at = self.started + now;
                    self.feed.show(position, at, at);
                }
                self.playback.step(&self.feed, self.started + now).unwrap();
                *self.time.lock().unwrap() += STEP;
            }
        }

        /// Checks that each sample given from some time on is heard at its own, plus a delay; returns them.
        fn check(&self, from_millis: i128, origin_millis: i128, delay_millis: std::ops::Range<i128>) -> Vec<Stereo> {
            let heard_samples = self.heard.lock().unwrap().clone();
            let late: Vec<_> = heard_samples.into_iter().filter(|(at, _)| *at >= from_millis * 1_000_000).collect();
            for (at, sample) in &late {
                let due = heard(sample[0] as u64) + origin_millis * 1_000_000;
                let delay = delay_millis.start * 1_000_000..delay_millis.end * 1_000_000;
                assert!(delay.contains(&(at - due)), "sample {} at {at}, due at {due}", sample[0]);
            }
            late.into_iter().map(|(_, sample)| sample).collect()
        }
    }

    /// The samples are those of the mix without a gap.
    fn assert_contiguous(samples: &[Stereo]) {
        let gap = samples.windows(2).find(|pair| pair[1][0] != pair[0][0] + 1.0 || pair[1][1] != pair[0][1] - 1.0);
        assert_eq!((gap, samples.len() > 1000), (None, true));
    }

    #[test]
    fn what_reaches_the_device_is_the_mix_at_its_time() {
        let mut simulation = Simulation::new(50);
        simulation.run(2000, 30, 150);
        // The beginning is faded in.
        assert_contiguous(&simulation.check(30 + 10 + 60, 30, -1..1));
        let first = simulation.heard.lock().unwrap()[0];
        assert!(first.0 <= 100_000_000, "{first:?}");
    }

    #[test]
    fn a_jump_of_the_time_is_followed_and_a_small_one_is_not() {
        let mut simulation = Simulation::new(50);
        simulation.run(1000, 30, 150);
        let before = simulation.heard.lock().unwrap().len();
        simulation.run(1000, 40, 150);
        assert_contiguous(&simulation.check(200, 30, -1..1));
        assert!(simulation.heard.lock().unwrap().len() > before + 40_000);
        // As after a pause.
        simulation.run(1000, 300, 150);
        assert_contiguous(&simulation.check(2200, 300, -1..1));
    }

    #[test]
    fn a_mix_that_is_late_for_a_while_leaves_a_gap() {
        let mut simulation = Simulation::new(50);
        simulation.run(1000, 0, 150);
        let time = *simulation.time.lock().unwrap();
        // For 300 ms nothing is mixed.
        while *simulation.time.lock().unwrap() < time + Duration::from_millis(300) {
            let now = simulation.started + *simulation.time.lock().unwrap();
            simulation.playback.step(&simulation.feed, now).unwrap();
            *simulation.time.lock().unwrap() += STEP;
        }
        simulation.run(1000, 0, 150);
        assert_contiguous(&simulation.check(1400, 0, -1..1));
        let heard_samples = simulation.heard.lock().unwrap();
        let gaps = heard_samples.windows(2).filter(|pair| pair[1].0 - pair[0].0 > 1_000_000);
        assert_eq!(gaps.count(), 1);
    }

    #[test]
    fn a_device_that_needs_more_than_the_mix_is_ahead_is_late_by_the_rest() {
        let mut simulation = Simulation::new(250);
        simulation.run(3000, 0, 150);
        // 250 ms and some slack are needed, 150 ms are there.
        assert_contiguous(&simulation.check(2500, 0, 100..130));
    }

    #[test]
    fn a_device_that_has_stalled_begins_again_in_time() {
        let mut simulation = Simulation::new(50);
        simulation.run(1000, 0, 150);
        // A call that did not return for two seconds, in which the mix went on.
        *simulation.time.lock().unwrap() += Duration::from_secs(2);
        simulation.run(1000, 0, 150);
        assert_contiguous(&simulation.check(3200, 0, -1..1));
        let heard_samples = simulation.heard.lock().unwrap();
        let between = heard_samples.iter().filter(|(at, _)| (1_200_000_000..3_000_000_000).contains(at));
        assert_eq!(between.count(), 0);
    }
}
