//! From a camera's times to this machine's.
//!
//! A frame arrives later than it was taken, by what encoding and the network take. The least of these delays hardly changes;
//! the others only add waiting. So the difference between both clocks is the least delay of the last seconds, and it is
//! followed slowly: a camera's clock drifts by some ten parts in a million, and everything faster is the network. Times that
//! cannot be, because the camera has set its clock, start a new difference.

use std::time::Duration;

/// Most that the difference changes, as a part of the time that passes: more than any clock of quartz drifts.
const MAX_SLEW: f64 = 0.001;

/// How long the difference follows the least delay at once: a camera that sends what it has kept of the past begins with
/// frames that are late.
const WARM_UP: i64 = 3_000_000_000;

/// The window of the least delay is between one and two of these long.
const WINDOW: i64 = 5_000_000_000;

/// A frame that arrives so long before it can have been taken, or whose time is so long before that of the frame before it,
/// comes from a clock that was set.
const JUMP: i64 = 1_000_000_000;

/// The most that the delays of sound and video of one camera differ if its times are those of one clock.
const MAX_SKEW: i64 = 500_000_000;

/// The clock of one track. Times are nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct TrackClock {
    state: Option<ClockOffset>,
    /// The last result.
    last: i64,
}

#[derive(Debug)]
struct ClockOffset {
    /// The first time of the camera since it set its clock, and the last.
    start: i64,
    media: i64,
    /// What is added to times of the camera.
    offset: i64,
    /// The least delay of the window so far, and of the one before.
    least: i64,
    least_before: i64,
    window_start: i64,
}

impl TrackClock {
    /// When a frame was taken whose time is `media` for the camera, and which arrived at `arrived`. Later than the last
    /// result.
    pub(crate) fn at(&mut self, media: i64, arrived: i64) -> i64 {
        self.update(media, arrived);
        let at = media.saturating_add(self.offset().unwrap_or_default());
        self.last = at.max(self.last.saturating_add(1)).max(1);
        self.last
    }

    /// As [`Self::at`], with the difference of another clock in the place of its own.
    fn at_offset(&mut self, media: i64, offset: i64) -> i64 {
        self.last = media.saturating_add(offset).max(self.last.saturating_add(1)).max(1);
        self.last
    }

    fn offset(&self) -> Option<i64> {
        self.state.as_ref().map(|state| state.offset)
    }

    /// Whether the difference is known.
    fn is_warm(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.media - state.start >= WARM_UP)
    }

    fn update(&mut self, media: i64, arrived: i64) {
        let delay = arrived.saturating_sub(media);
        let fresh =
            ClockOffset { start: media, media, offset: delay, least: delay, least_before: delay, window_start: media };
        let Some(state) = &mut self.state else {
            self.state = Some(fresh);
            return;
        };
        let is_warm = media.saturating_sub(state.start) >= WARM_UP;
        let is_set_back = media < state.media.saturating_sub(JUMP);
        let is_set_forward = is_warm && delay < state.offset.saturating_sub(JUMP);
        if is_set_back || is_set_forward {
            *state = fresh;
            return;
        }
        let passed = media.saturating_sub(state.media).max(0);
        state.media = state.media.max(media);
        state.least = state.least.min(delay);
        if media.saturating_sub(state.window_start) >= WINDOW {
            state.least_before = std::mem::replace(&mut state.least, delay);
            state.window_start = media;
        }
        let least = state.least.min(state.least_before);
        let difference = least.saturating_sub(state.offset);
        // A camera whose clock stands still for a while is late for good.
        if !is_warm || difference > JUMP {
            state.offset = least;
        } else {
            let most = (passed as f64 * MAX_SLEW) as i64;
            state.offset = state.offset.saturating_add(difference.clamp(-most, most));
        }
    }
}

/// The clocks of one connection.
#[derive(Debug, Default)]
pub(crate) struct ConnectionClock {
    video: TrackClock,
    audio: TrackClock,
    /// How much later sound arrives than video that was taken at the same time, once it is known.
    skew: Option<i64>,
}

impl ConnectionClock {
    /// When a picture was taken.
    pub(crate) fn video(&mut self, media: i64, arrived: Duration) -> Duration {
        to_duration(self.video.at(media, to_nanos(arrived)))
    }

    /// When sound was taken. It is in step with the video: where the camera's times are those of one clock, the difference
    /// between the delays of both tracks is one of encoding, and does not count.
    pub(crate) fn audio(&mut self, media: i64, arrived: Duration) -> Duration {
        let arrived = to_nanos(arrived);
        self.audio.update(media, arrived);
        let (Some(video), Some(own)) = (self.video.offset(), self.audio.offset()) else {
            return to_duration(self.audio.at(media, arrived));
        };
        let skew = own.saturating_sub(video);
        let is_one_clock = skew.abs() <= MAX_SKEW;
        if self.skew.is_none() && self.video.is_warm() && self.audio.is_warm() {
            self.skew = Some(if is_one_clock { skew } else { 0 });
        }
        let offset = match self.skew {
            Some(skew) => own.saturating_sub(skew),
            None if is_one_clock => video,
            None => own,
        };
        to_duration(self.audio.at_offset(media, offset))
    }
}

fn to_nanos(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

fn to_duration(nanos: i64) -> Duration {
    Duration::from_nanos(nanos.max(0).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: i64 = 1_000_000;
    const SECOND: i64 = 1000 * MILLI;

    /// A delay of 20 ms and up to 80 ms of waiting, in a pattern that repeats nowhere soon.
    fn jitter(frame: i64) -> i64 {
        20 * MILLI + (frame * 7919 % 81) * MILLI
    }

    /// Frames of 25 a second of a camera whose clock is wrong by some parts in a million, for some seconds: the largest error
    /// after the first ten seconds, in milliseconds.
    fn worst_error(ppm: f64, secs: i64) -> f64 {
        let mut clock = TrackClock::default();
        let mut worst = 0_f64;
        for frame in 0..secs * 25 {
            let taken = frame * 40 * MILLI;
            let media = (taken as f64 * (1.0 + ppm / 1e6)) as i64;
            let at = clock.at(media, taken + jitter(frame));
            if taken > 10 * SECOND {
                worst = worst.max((at - taken - 20 * MILLI).abs() as f64 / MILLI as f64);
            }
        }
        worst
    }

    #[test]
    fn a_clock_that_drifts_is_followed_and_the_network_is_not() {
        for ppm in [0.0, 20.0, -20.0, 500.0, -500.0] {
            let worst = worst_error(ppm, 7200);
            assert!(worst < 10.0, "{ppm} ppm: {worst} ms");
        }
    }

    #[test]
    fn a_clock_that_was_set_does_not_move_the_picture() {
        for jump in [3600 * SECOND, -3600 * SECOND, 2 * SECOND, -2 * SECOND] {
            let mut clock = TrackClock::default();
            for frame in 0..2000_i64 {
                let taken = frame * 40 * MILLI;
                let media = 5000 * SECOND + taken + if frame >= 1000 { jump } else { 0 };
                let at = clock.at(media, taken + jitter(frame));
                let error = at - taken - 20 * MILLI;
                assert!(error.abs() <= 101 * MILLI, "{jump}: frame {frame}: {error}");
            }
        }
    }

    #[test]
    fn frames_that_waited_together_keep_their_distances() {
        let mut clock = TrackClock::default();
        let mut last = 0;
        for frame in 0..1000_i64 {
            let taken = frame * 40 * MILLI;
            // The network stands still for six seconds.
            let arrived = if (500..650).contains(&frame) { 650 * 40 * MILLI } else { taken } + 20 * MILLI;
            let at = clock.at(taken, arrived);
            if frame > 100 {
                assert!((at - last - 40 * MILLI).abs() <= MILLI, "frame {frame}: {} ms", (at - last) / MILLI);
            }
            last = at;
        }
    }

    #[test]
    fn a_camera_that_begins_with_its_past_is_not_ahead_of_time() {
        let mut clock = TrackClock::default();
        let mut last = 0;
        for frame in 0..500_i64 {
            let media = frame * 40 * MILLI;
            // Two seconds at once, then as they are taken.
            let arrived = (media - 2 * SECOND).max(0) + 20 * MILLI;
            let at = clock.at(media, arrived);
            assert!(at > last);
            assert!(frame < 50 || at <= arrived + 1000, "frame {frame}");
            last = at;
        }
    }

    #[test]
    fn sound_stays_in_step_with_the_picture() {
        // Video is encoded for 90 ms, sound for 20.
        for (ppm, audio_ppm) in [(0.0, 0.0), (500.0, 500.0), (-500.0, -500.0), (0.0, 60.0), (0.0, -60.0)] {
            let mut clock = ConnectionClock::default();
            let nanos = |nanos: i64| Duration::from_nanos(nanos.unsigned_abs());
            let mut worst = 0;
            for frame in 0..7200 * 25_i64 {
                let taken = SECOND + frame * 40 * MILLI;
                let media = |ppm: f64| ((taken - SECOND) as f64 * (1.0 + ppm / 1e6)) as i64;
                let video = clock.video(media(ppm), nanos(taken + 70 * MILLI + jitter(frame)));
                let audio = clock.audio(media(audio_ppm), nanos(taken + jitter(frame * 3)));
                if frame > 250 {
                    worst = worst.max((audio.as_nanos() as i64 - video.as_nanos() as i64).abs() / MILLI);
                }
            }
            assert!(worst < 40, "{ppm} and {audio_ppm} ppm: {worst} ms");
        }
    }

    #[test]
    fn times_increase_whatever_a_camera_says() {
        let mut clock = TrackClock::default();
        let mut last = 0;
        for (media, arrived) in [(0, 0), (i64::MAX, 1), (i64::MIN, 2), (5, 3), (5, 4), (4, 5), (i64::MAX, i64::MAX)] {
            let at = clock.at(media, arrived);
            assert!(at > last || at == i64::MAX, "{media} {arrived}");
            last = at;
        }
    }
}
