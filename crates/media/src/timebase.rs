//! Frame numbers to ticks of a timescale.

use repcast_model::time::FrameRate;

/// Timescales below this are doubled until they reach it, so that times in other units (audio, edit lists written by
/// other tools) can be expressed closely enough: 30 frames a second become 15360 ticks, 24 become 12288.
const MIN_TIMESCALE: u64 = 10_000;

/// A timescale in which every frame lasts the same whole number of ticks (ISO/IEC 14496-12, 8.4.2 and 8.6.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timebase {
    /// Ticks in a second.
    pub timescale: u32,
    /// Ticks in a frame.
    pub frame_ticks: u32,
}

/// A rate whose timescale, or whose ticks in a frame, take more than 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the frame rate {rate} has no timescale of 32 bits")]
pub struct TimescaleError {
    /// Frames per second.
    pub rate: FrameRate,
}

impl Timebase {
    /// The timebase of a rate: `numerator * k` ticks a second, `denominator * k` a frame, `k` a power of two.
    ///
    /// # Errors
    /// When one of them does not fit 32 bits.
    pub fn new(rate: FrameRate) -> Result<Self, TimescaleError> {
        let (mut timescale, mut frame_ticks) = (u64::from(rate.numerator()), u64::from(rate.denominator()));
        while timescale < MIN_TIMESCALE {
            timescale *= 2;
            frame_ticks *= 2;
        }
        match (u32::try_from(timescale), u32::try_from(frame_ticks)) {
            (Ok(timescale), Ok(frame_ticks)) => Ok(Self { timescale, frame_ticks }),
            _ => Err(TimescaleError { rate }),
        }
    }

    /// Ticks from the start of frame 0 to the start of frame `frame`.
    #[must_use]
    pub fn at(self, frame: u64) -> u64 {
        frame.saturating_mul(u64::from(self.frame_ticks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_rates_get_common_timescales() {
        let timebase = |numerator, denominator| {
            let base = Timebase::new(FrameRate::new(numerator, denominator).unwrap()).unwrap();
            (base.timescale, base.frame_ticks)
        };
        assert_eq!(timebase(24, 1), (12288, 512));
        assert_eq!(timebase(25, 1), (12800, 512));
        assert_eq!(timebase(30, 1), (15360, 512));
        assert_eq!(timebase(60, 1), (15360, 256));
        assert_eq!(timebase(30000, 1001), (30000, 1001));
    }

    #[test]
    fn a_rate_that_needs_too_many_ticks_is_refused() {
        let rate = FrameRate::new(1, u32::MAX).unwrap();
        assert_eq!(Timebase::new(rate), Err(TimescaleError { rate }));
    }
}
