//! Reads and writes numbers as text, in decimal arithmetic and without a limit to their length.

use std::cmp::Ordering;

use super::Rational;

/// Digits after the decimal point that are kept; further ones are rounded.
const MAX_DECIMALS: usize = 6;

/// The value that larger numbers are clamped to. It is outside the range of every field, which therefore rejects it by
/// its own bound, and products of a few such numbers fit 128 bits.
const MAX_VALUE: i128 = 10_i128.pow(18);
/// Millionths in one.
const SCALE: i128 = 10_i128.pow(MAX_DECIMALS as u32);
/// Decimal digits of `MAX_VALUE` in millionths.
const MAX_DIGITS: i64 = 25;

/// Largest numerator and denominator allowed in a fraction written `"n/d"`.
const MAX_FRACTION_PART: i128 = 1_000_000_000;
const MAX_FRACTION_DENOMINATOR: i128 = 1_001_000;

/// The texts of fractions, as a regular expression: parts up to the two bounds above, the one below not 0.
pub(crate) const FRACTION_PATTERN: &str =
    "^ *0*([0-9]{1,9}|1000000000) */ *0*([1-9][0-9]{0,5}|1000[0-9]{3}|1001000) *$";

/// A number as it is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ReadNumber {
    /// The value, rounded.
    pub(crate) value: Rational,
    /// How the number that was written compares with the rounded one.
    pub(crate) written: Ordering,
}

/// Reads the text of a number, `12`, `-0.5`, `1.2e1` or `n/d`.
///
/// A decimal is rounded to the nearest millionth, halves away from zero: computed numbers such as 33.333333333333336
/// have digits that are rounding errors. The text itself is rounded, not a binary approximation: up to six decimals are
/// exact, and 1.2 is 6/5. Numbers beyond 10^18 are clamped to it. Fractions are exact.
///
/// # Errors
/// A message for the author of the document if the text is not a number or a part of a fraction is too large.
pub fn parse_rational(text: &str) -> Result<Rational, String> {
    read_number(text).map(|number| number.value)
}

/// The same, and whether the number was rounded.
pub(crate) fn read_number(text: &str) -> Result<ReadNumber, String> {
    if let Some((numerator, denominator)) = text.split_once('/') {
        let value = parse_fraction(numerator.trim_matches(' '), denominator.trim_matches(' '))?;
        return Ok(ReadNumber { value, written: Ordering::Equal });
    }
    let decimal = Decimal::split(text).ok_or_else(|| not_a_number(text))?;
    let (millionths, written) = decimal.millionths();
    let magnitude = Rational::new(millionths, SCALE);
    Ok(match decimal.is_negative {
        false => ReadNumber { value: magnitude, written },
        true => ReadNumber { value: -magnitude, written: written.reverse() },
    })
}

/// The canonical text of a number, which [`parse_rational`] reads as the same value: a decimal without trailing zeros if
/// at most six decimals state the value exactly, else a fraction `n/d` in lowest terms.
///
/// The reader has no notation for negative fractions and for fractions with large parts, and rejects their text.
#[must_use]
pub fn format_rational(value: Rational) -> String {
    let (numerator, denominator) = (*value.numer(), *value.denom());
    let scaled = if SCALE % denominator == 0 { numerator.checked_mul(SCALE / denominator) } else { None };
    let Some(millionths) = scaled else { return format!("{numerator}/{denominator}") };
    let sign = if millionths < 0 { "-" } else { "" };
    let (whole, decimals) = (millionths.unsigned_abs() / SCALE as u128, millionths.unsigned_abs() % SCALE as u128);
    if decimals == 0 {
        return format!("{sign}{whole}");
    }
    let decimals = format!("{decimals:0MAX_DECIMALS$}");
    format!("{sign}{whole}.{}", decimals.trim_end_matches('0'))
}

/// The parts of the text of a number.
struct Decimal<'a> {
    is_negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

impl<'a> Decimal<'a> {
    /// Splits a number in the notation of JSON (RFC 8259, 6), leading zeros allowed.
    fn split(text: &'a str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (text, 0),
        };
        let (is_negative, digits) = mantissa.strip_prefix('-').map_or((false, mantissa), |digits| (true, digits));
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let is_number = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        is_number.then_some(Self { is_negative, whole: whole.as_bytes(), fraction: fraction.as_bytes(), exponent })
    }

    /// The magnitude in millionths, at most `MAX_VALUE`, and how the exact one compares with it.
    fn millionths(&self) -> (i128, Ordering) {
        let digits = || self.whole.iter().chain(self.fraction).map(|byte| i128::from(byte - b'0'));
        let Some(first) = digits().position(|digit| digit != 0) else { return (0, Ordering::Equal) };
        // Number of digits, after the leading zeros, of the integer part in millionths.
        let kept =
            (self.whole.len() as i64 - first as i64).saturating_add(self.exponent).saturating_add(MAX_DECIMALS as i64);
        if kept > MAX_DIGITS {
            return (MAX_VALUE * SCALE, Ordering::Greater);
        }
        let Ok(kept) = usize::try_from(kept) else { return (0, Ordering::Greater) };
        let mut digits = digits().skip(first);
        let whole = (0..kept).fold(0, |value, _| value * 10 + digits.next().unwrap_or(0));
        // The first dropped digit alone decides: from five on, the rest is at least a half.
        let (next, rest) = (digits.next().unwrap_or(0), digits.any(|digit| digit != 0));
        let (rounded, written) = match next {
            5.. => (whole + 1, Ordering::Less),
            0 if !rest => (whole, Ordering::Equal),
            _ => (whole, Ordering::Greater),
        };
        if rounded > MAX_VALUE * SCALE { (MAX_VALUE * SCALE, Ordering::Greater) } else { (rounded, written) }
    }
}

/// Reads a power of ten, clamped to 64 bits.
fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse().unwrap_or(i64::MAX);
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

fn parse_fraction(numerator: &str, denominator: &str) -> Result<Rational, String> {
    let text = || format!("{numerator}/{denominator}");
    let part = |digits: &str| -> Result<i128, String> {
        let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        // Digits without end are as good as any number above the bounds.
        if is_whole { Ok(digits.parse().unwrap_or(i128::MAX)) } else { Err(not_a_number(&text())) }
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
    let start: String = text.chars().take(40).collect();
    format!("`{start}` is not a number; write a decimal such as 1.5 or a fraction such as \"3/2\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_decimal_text() {
        let cases = [
            ("1.2", (6, 5)),
            ("0.1", (1, 10)),
            ("30", (30, 1)),
            ("1.5e1", (15, 1)),
            ("1E2", (100, 1)),
            ("1e+2", (100, 1)),
            ("30000/1001", (30000, 1001)),
            ("-2.50", (-5, 2)),
            ("123456789012345678.123456", (123_456_789_012_345_678_123_456, 1_000_000)),
        ];
        for (text, (numerator, denominator)) in cases {
            assert_eq!(parse_rational(text), Ok(Rational::new(numerator, denominator)), "{text}");
        }
        let others = ["", ".", "1.", ".5", "-", "+1", "NaN", "inf", "1/0", "1/-2", "--1", "1e", "1e+", "1e1.5", "1e 5"];
        for text in others {
            assert!(parse_rational(text).is_err(), "{text}");
        }
    }

    /// Expected values from Python 3.11: `Decimal(text).quantize(Decimal("0.000001"), ROUND_HALF_UP)`.
    #[test]
    fn computed_numbers_are_rounded_to_millionths() {
        let cases = [
            ("33.333333333333336", 33_333_333),
            ("0.30000000000000004", 300_000),
            ("2.9999999999999996", 3_000_000),
            ("66.66666666666667", 66_666_667),
            ("1e-7", 0),
            ("5e-7", 1),
            ("-5e-7", -1),
            ("4.9999999999999999e-7", 0),
            ("0.0000005", 1),
            ("0.00000049999999999999999999999999", 0),
            ("0.0000015", 2),
            ("0.0000025", 3),
            ("-0.0000025", -3),
            ("0.1234565", 123_457),
            ("999999.9999995", 1_000_000_000_000),
            ("999999.9999994999", 999_999_999_999),
            ("12345678e-13", 1),
            ("0.000000000012345e6", 12),
        ];
        for (text, millionths) in cases {
            assert_eq!(parse_rational(text), Ok(Rational::new(millionths, SCALE)), "{text}");
        }
    }

    #[test]
    fn no_text_is_too_long_and_no_exponent_too_large() {
        let (zeros, nines) = ("0".repeat(1 << 20), "9".repeat(1 << 20));
        let cases = [
            ("1e400".to_owned(), MAX_VALUE),
            ("-1e400".to_owned(), -MAX_VALUE),
            (format!("1e{nines}"), MAX_VALUE),
            (format!("1e-{nines}"), 0),
            (format!("0e{nines}"), 0),
            ("0e999999".to_owned(), 0),
            ("1e18".to_owned(), MAX_VALUE),
            ("9999999999999999999".to_owned(), MAX_VALUE),
            ("999999999999999999.9999999".to_owned(), MAX_VALUE),
            (nines.clone(), MAX_VALUE),
            (format!("{zeros}12"), 12),
            (format!("7.{zeros}1"), 7),
            (format!("7{zeros}e-{}", zeros.len()), 7),
            (format!("0.{zeros}7e{}", zeros.len() + 1), 7),
            (format!("2.{nines}"), 3),
            (format!("-2.{nines}"), -3),
        ];
        for (text, whole) in cases {
            assert_eq!(parse_rational(&text), Ok(Rational::from_integer(whole)), "{text:.30}");
        }
        let fault = parse_rational(&format!("{nines}x")).unwrap_err();
        assert!(fault.len() < 200, "{fault}");
    }

    #[test]
    fn rounding_keeps_on_which_side_the_written_number_is() {
        let cases = [
            ("1.5", Ordering::Equal),
            ("1.50000000000", Ordering::Equal),
            ("1e-7", Ordering::Greater),
            ("5e-324", Ordering::Greater),
            ("-5e-324", Ordering::Less),
            ("0e-324", Ordering::Equal),
            ("0.99999999", Ordering::Less),
            ("1.00000001", Ordering::Greater),
            ("-1.00000001", Ordering::Less),
            ("0.0000005", Ordering::Less),
            ("1.00000000000000000000000000000001", Ordering::Greater),
            ("1e400", Ordering::Greater),
            ("-1e400", Ordering::Less),
            ("1/3", Ordering::Equal),
        ];
        for (text, written) in cases {
            assert_eq!(read_number(text).unwrap().written, written, "{text}");
        }
    }

    #[test]
    fn numbers_are_written_canonically() {
        let cases = [
            ((6, 5), "1.2"),
            ((30, 1), "30"),
            ((0, 1), "0"),
            ((-21, 2), "-10.5"),
            ((-1, 1_000_000), "-0.000001"),
            ((1, 3), "1/3"),
            ((30000, 1001), "30000/1001"),
            ((1, 64), "0.015625"),
            // The expansion ends, but after seven decimals, of which the reader keeps six.
            ((1, 128), "1/128"),
        ];
        for ((numerator, denominator), text) in cases {
            assert_eq!(format_rational(Rational::new(numerator, denominator)), text);
        }
    }

    proptest! {
        #[test]
        fn written_decimals_are_read_as_the_same_value(millionths in -MAX_VALUE..=MAX_VALUE) {
            let value = Rational::new(millionths, SCALE);
            prop_assert_eq!(parse_rational(&format_rational(value)), Ok(value));
        }

        #[test]
        fn written_fractions_are_read_as_the_same_value(
            numerator in 0..=MAX_FRACTION_PART, denominator in 1..=MAX_FRACTION_DENOMINATOR,
        ) {
            let value = Rational::new(numerator, denominator);
            prop_assert_eq!(parse_rational(&format_rational(value)), Ok(value));
        }

        /// Against fractions: digits over a power of ten, times a power of ten, rounded by `Ratio::round`.
        #[test]
        fn rounding_agrees_with_fractions(
            is_negative: bool, whole in "[0-9]{1,9}", fraction in "[0-9]{0,10}", exponent in -12_i32..=12, is_plain: bool,
        ) {
            let sign = if is_negative { "-" } else { "" };
            let point = if fraction.is_empty() { "" } else { "." };
            let power = if is_plain { String::new() } else { format!("e{exponent}") };
            let text = format!("{sign}{whole}{point}{fraction}{power}");
            let digits: i128 = format!("{sign}{whole}{fraction}").parse().unwrap();
            let exponent = if is_plain { 0 } else { exponent } - fraction.len() as i32;
            let ten = Rational::from_integer(10);
            let value = Rational::from_integer(digits) * ten.pow(exponent);
            // The product below has at most 19 + 12 + 6 digits.
            let expected = (value * SCALE).round() / SCALE;
            let bound = Rational::from_integer(MAX_VALUE);
            prop_assert_eq!(parse_rational(&text), Ok(expected.clamp(-bound, bound)), "{}", text);
        }

        /// Numbers of up to six decimals are exact.
        #[test]
        fn six_decimals_are_exact(millionths in -MAX_VALUE..=MAX_VALUE) {
            let sign = if millionths < 0 { "-" } else { "" };
            let (whole, rest) = (millionths.abs() / SCALE, millionths.abs() % SCALE);
            let text = format!("{sign}{whole}.{rest:06}");
            prop_assert_eq!(parse_rational(&text), Ok(Rational::new(millionths, SCALE)), "{}", text);
        }

        /// A printed floating-point number is read with an error of at most half a millionth, and that of the subtraction here.
        #[test]
        fn floats_come_close(value in -1e6_f64..1e6) {
            for text in [format!("{value}"), format!("{value:e}"), serde_json::to_string(&value).unwrap()] {
                let read = super::super::to_f64(parse_rational(&text).unwrap());
                prop_assert!((read - value).abs() <= 0.5e-6 + value.abs() * f64::EPSILON, "{} is read as {}", text, read);
            }
        }
    }
}
