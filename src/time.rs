//! Exact time: rationals for seconds, integers for frames.
//!
//! Session time (what the viewer sees), source time (inside a clip) and frame numbers are different types. Nothing is
//! accumulated: a time is always computed from a frame number and a rate.

use std::fmt;
use std::str::FromStr;

/// An exact fraction. Documents bound their numbers (see [`MAX_DECIMALS`]) so that products of the few factors a
/// timeline multiplies stay far inside 128 bits.
pub type Rational = num_rational::Ratio<i128>;

/// Digits allowed after the decimal point of a time or a speed.
pub const MAX_DECIMALS: usize = 6;

/// Largest numerator and denominator allowed in a fraction written `"n/d"`.
const MAX_FRACTION_PART: i128 = 1_000_000_000;
const MAX_FRACTION_DENOMINATOR: i128 = 1_001_000;

/// Nanoseconds in a second.
pub const NANOS_PER_SEC: i128 = 1_000_000_000;

/// Reads the text of a number, `12`, `-0.5`, `1.2e1` or `n/d`, as the exact value it is written as: `1.2` is 6/5.
///
/// # Errors
/// A sentence for the author of the document, when the text is no number or has too many digits to stay exact.
pub fn parse_rational(text: &str) -> Result<Rational, String> {
    if let Some((numerator, denominator)) = text.split_once('/') {
        return parse_fraction(numerator.trim(), denominator.trim());
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, i32::from_str(exponent).map_err(|_| not_a_number(text))?),
        None => (text, 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_number || (digits.contains('.') && fraction.is_empty()) {
        return Err(not_a_number(text));
    }
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    let point = i32::try_from(fraction.len()).map_err(|_| too_long())?;
    let trailing = i32::try_from(digits.len() - significant.len()).map_err(|_| too_long())?;
    let power = exponent.saturating_sub(point).saturating_add(trailing);
    if significant.is_empty() {
        return Ok(Rational::from_integer(0));
    }
    if significant.len() > 18 || power > 18 || power < -(MAX_DECIMALS as i32) {
        return Err(too_long());
    }
    let value: i128 = significant.parse().map_err(|_| not_a_number(text))?;
    let value = if negative { -value } else { value };
    let scale = 10_i128.pow(power.unsigned_abs());
    Ok(if power < 0 { Rational::new(value, scale) } else { Rational::from_integer(value * scale) })
}

fn parse_fraction(numerator: &str, denominator: &str) -> Result<Rational, String> {
    let text = || format!("{numerator}/{denominator}");
    let part = |digits: &str| -> Result<i128, String> {
        let is_whole = !digits.is_empty() && digits.len() <= 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_whole { digits.parse().map_err(|_| not_a_number(&text())) } else { Err(not_a_number(&text())) }
    };
    let (numerator, denominator) = (part(numerator)?, part(denominator)?);
    if denominator == 0 {
        return Err("the denominator must not be 0".to_owned());
    }
    if numerator > MAX_FRACTION_PART || denominator > MAX_FRACTION_DENOMINATOR {
        return Err(format!(
            "a fraction has at most {MAX_FRACTION_PART} above and {MAX_FRACTION_DENOMINATOR} below the line"
        ));
    }
    Ok(Rational::new(numerator, denominator))
}

fn not_a_number(text: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    format!("`{shown}` is not a number; write a decimal such as 1.5 or a fraction such as \"3/2\"")
}

fn too_long() -> String {
    format!("a number has at most 18 digits, {MAX_DECIMALS} of them after the point")
}

/// The whole number nearest to `value`, halves away from zero.
#[must_use]
pub fn round(value: Rational) -> i128 {
    value.round().to_integer()
}

/// A value for display and for the GPU, where exactness ends.
#[must_use]
pub fn to_f64(value: Rational) -> f64 {
    *value.numer() as f64 / *value.denom() as f64
}

/// A constant number of frames per second, as a fraction in lowest terms.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FrameRate(Rational);

impl FrameRate {
    /// The rate `numerator / denominator`, or `None` when it is not positive.
    #[must_use]
    pub fn new(numerator: u32, denominator: u32) -> Option<Self> {
        let valid = numerator > 0 && denominator > 0;
        valid.then(|| Self(Rational::new(i128::from(numerator), i128::from(denominator))))
    }

    /// The rate for an exact number of frames per second, or `None` when it does not fit two 32-bit parts.
    #[must_use]
    pub fn from_rational(rate: Rational) -> Option<Self> {
        Self::new(u32::try_from(*rate.numer()).ok()?, u32::try_from(*rate.denom()).ok()?)
    }

    /// Frames per second.
    #[must_use]
    pub fn per_second(self) -> Rational {
        self.0
    }

    /// The number above the line.
    #[must_use]
    pub fn numerator(self) -> u32 {
        *self.0.numer() as u32
    }

    /// The number below the line.
    #[must_use]
    pub fn denominator(self) -> u32 {
        *self.0.denom() as u32
    }

    /// Seconds at which frame `frame` begins.
    #[must_use]
    pub fn secs_at(self, frame: u64) -> Rational {
        Rational::from_integer(i128::from(frame)) / self.0
    }

    /// Nanoseconds at which frame `frame` begins, rounded down.
    #[must_use]
    pub fn nanos_at(self, frame: u64) -> u64 {
        (self.secs_at(frame) * NANOS_PER_SEC).floor().to_integer().max(0) as u64
    }

    /// The frame border nearest to a time of at least zero, in seconds.
    #[must_use]
    pub fn border_at(self, secs: Rational) -> u64 {
        round(secs * self.0).max(0) as u64
    }

    /// The rate in whole frames per second, rounded up: 30000/1001 counts as 30.
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
    fn numbers_mean_the_decimal_text() {
        let cases = [
            ("1.2", (6, 5)),
            ("0.1", (1, 10)),
            ("30", (30, 1)),
            ("1.5e1", (15, 1)),
            ("30000/1001", (30000, 1001)),
            ("-2.50", (-5, 2)),
        ];
        for (text, (numerator, denominator)) in cases {
            assert_eq!(parse_rational(text), Ok(Rational::new(numerator, denominator)), "{text}");
        }
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "NaN",
            "inf",
            "1e99",
            "1e-99",
            "0.1234567",
            "1/0",
            "1/-2",
            "--1",
            "1e",
            "9999999999999999999",
        ] {
            assert!(parse_rational(text).is_err(), "{text}");
        }
        assert_eq!(parse_rational("0e999999"), Ok(Rational::from_integer(0)));
    }

    #[test]
    fn frame_times_never_drift() {
        let ntsc = FrameRate::new(30000, 1001).unwrap();
        assert_eq!(ntsc.nanos_at(30000), 1_001_000_000_000);
        assert_eq!(ntsc.border_at(Rational::from_integer(1001)), 30000);
        assert_eq!(ntsc.ceil(), 30);
    }
}
