//! Exact time: rationals for seconds, integers for frames.
//!
//! Session time (the time on the viewer's screen), source time (inside a clip) and frame numbers are different types. A
//! time is computed from a frame number and a rate, never from a sum of durations, so that nothing drifts.

mod number;

use std::fmt;

pub(crate) use number::{FRACTION_PATTERN, ReadNumber, read_number};
pub use number::{format_rational, parse_rational};

/// An exact fraction. Numbers are rounded and bounded when they are read (see [`parse_rational`]), so that the products
/// of the few factors in a timeline fit 128 bits.
pub type Rational = num_rational::Ratio<i128>;

/// Nanoseconds per second.
pub const NANOS_PER_SEC: i128 = 1_000_000_000;

/// The integer nearest to `value`, halves away from zero.
#[must_use]
pub fn round(value: Rational) -> i128 {
    value.round().to_integer()
}

/// The nearest floating-point number, for display and for the GPU.
#[must_use]
pub fn to_f64(value: Rational) -> f64 {
    *value.numer() as f64 / *value.denom() as f64
}

/// A constant number of frames per second, as a fraction in lowest terms.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FrameRate(Rational);

impl FrameRate {
    /// The rate `numerator / denominator`, or `None` if it is not positive.
    #[must_use]
    pub fn new(numerator: u32, denominator: u32) -> Option<Self> {
        let valid = numerator > 0 && denominator > 0;
        valid.then(|| Self(Rational::new(i128::from(numerator), i128::from(denominator))))
    }

    /// The rate for an exact number of frames per second, or `None` if it is not positive or a part exceeds 32 bits.
    #[must_use]
    pub fn from_rational(rate: Rational) -> Option<Self> {
        Self::new(u32::try_from(*rate.numer()).ok()?, u32::try_from(*rate.denom()).ok()?)
    }

    /// Frames per second.
    #[must_use]
    pub fn per_second(self) -> Rational {
        self.0
    }

    /// The numerator in lowest terms.
    #[must_use]
    pub fn numerator(self) -> u32 {
        *self.0.numer() as u32
    }

    /// The denominator in lowest terms.
    #[must_use]
    pub fn denominator(self) -> u32 {
        *self.0.denom() as u32
    }

    /// The start of frame `frame`, in seconds.
    #[must_use]
    pub fn secs_at(self, frame: u64) -> Rational {
        Rational::from_integer(i128::from(frame)) / self.0
    }

    /// The start of frame `frame`, in nanoseconds, rounded down.
    #[must_use]
    pub fn nanos_at(self, frame: u64) -> u64 {
        (self.secs_at(frame) * NANOS_PER_SEC).floor().to_integer().max(0) as u64
    }

    /// The frame whose start is nearest to a time in seconds, halves up; 0 for negative times.
    #[must_use]
    pub fn boundary_at(self, secs: Rational) -> u64 {
        round(secs * self.0).max(0) as u64
    }

    /// The rate in frames per second, rounded up: 30 for 30000/1001.
    #[must_use]
    pub fn ceil(self) -> u32 {
        self.0.ceil().to_integer() as u32
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.numerator(), self.denominator())
    }
}

impl fmt::Debug for FrameRate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A time inside a clip, in seconds from its first frame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceTime(pub Rational);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_times_never_drift() {
        let ntsc = FrameRate::new(30000, 1001).unwrap();
        assert_eq!(ntsc.nanos_at(30000), 1_001_000_000_000);
        assert_eq!(ntsc.boundary_at(Rational::from_integer(1001)), 30000);
        assert_eq!(ntsc.ceil(), 30);
    }
}
