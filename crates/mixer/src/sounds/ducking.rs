//! How much quieter music is at each sample, in closed form from the spans of the sounds that duck it.
//!
//! ```text
//!            |<- attack ->|<- lead ->|<-- sound -->|<- hold ->|<- release ->|
//! 0 dB  -----.                                                             .-----
//!             '.                                                         .'
//! depth         '-------------------------------------------------------'
//! ```

use std::f64::consts::PI;

use repcast_model::audio::{Ducking, SAMPLE_RATE, SampleSpan, samples};
use repcast_model::time::to_f64;

use super::envelope::factor;

/// Music is at its lowest this many samples, 20 ms, before the sound begins: a word is not masked by what precedes it.
const LEAD: i64 = SAMPLE_RATE as i64 / 50;

/// The gain of music over time.
#[derive(Clone, PartialEq, Debug)]
pub struct DuckingCurve {
    /// Where the gain is lowest: disjoint, in order.
    lows: Vec<Low>,
    attack: i64,
    release: i64,
    depth_db: f64,
    /// The lowest gain, as a factor.
    floor: f32,
}

/// Samples from `start` to `end`, exclusive; the start can lie before the beginning.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Low {
    start: i64,
    end: i64,
}

impl DuckingCurve {
    /// The curve for the spans of the sounds that duck music, in any order.
    #[must_use]
    pub fn new(ducking: &Ducking, spans: impl IntoIterator<Item = SampleSpan>) -> Self {
        let hold = samples(ducking.hold) as i64;
        let held = |span: SampleSpan| Low { start: span.start as i64 - LEAD, end: span.end as i64 + hold };
        let mut all: Vec<Low> = spans.into_iter().filter(|span| !span.is_empty()).map(held).collect();
        all.sort_by_key(|low| low.start);
        let mut lows: Vec<Low> = Vec::new();
        for low in all {
            match lows.last_mut() {
                Some(last) if low.start <= last.end => last.end = last.end.max(low.end),
                _ => lows.push(low),
            }
        }
        let depth_db = to_f64(ducking.depth).max(0.0);
        let (attack, release) = (samples(ducking.attack) as i64, samples(ducking.release) as i64);
        Self { lows, attack, release, depth_db, floor: factor(-depth_db) as f32 }
    }

    /// The gains of the samples from `start` on. Returns whether any is not 1.
    pub fn fill(&self, start: u64, gains: &mut [f32]) -> bool {
        let (mut position, end) = (start as i64, start as i64 + gains.len() as i64);
        let mut next = self.lows.partition_point(|low| low.end <= position);
        let mut is_ducked = false;
        while position < end {
            // Between `next - 1`, which has ended, and `next`, which has not.
            let low = self.lows.get(next).copied();
            let previous_end = next.checked_sub(1).map(|previous| self.lows[previous].end);
            let until = low.map_or(end, |low| if position < low.start { low.start } else { low.end }).min(end);
            let is_low = low.is_some_and(|low| position >= low.start);
            for position in position..until {
                let gain = if is_low {
                    self.floor
                } else {
                    let released = previous_end.map_or(1.0, |end| progress(position - end, self.release));
                    let attacked = low.map_or(1.0, |low| progress(low.start - 1 - position, self.attack));
                    self.gain(released.min(attacked))
                };
                is_ducked |= gain != 1.0;
                gains[(position - start as i64) as usize] = gain;
            }
            position = until;
            if low.is_some_and(|low| position >= low.end) {
                next += 1;
            }
        }
        is_ducked
    }

    /// The gain at a distance from 0, low, to 1, not ducked: a raised cosine in decibels.
    fn gain(&self, distance: f64) -> f32 {
        if distance >= 1.0 {
            return 1.0;
        }
        factor(-self.depth_db * (0.5 + 0.5 * (PI * distance).cos())) as f32
    }
}

/// How far sample `n` of a ramp of `len` samples has come, up to 1.
fn progress(n: i64, len: i64) -> f64 {
    if n >= len { 1.0 } else { (n as f64 + 0.5) / len as f64 }
}
