//! Exact fractions, independent of the program's implementation.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Sub};

use serde_json::Value;

/// A fraction in lowest terms; the denominator is above 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ratio {
    numer: i128,
    denom: i128,
}

impl Ratio {
    pub(crate) fn new(numer: i128, denom: i128) -> Self {
        let (mut divisor, mut rest) = (numer.abs(), denom.abs());
        while rest != 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        let divisor = divisor * denom.signum();
        Self { numer: numer / divisor, denom: denom / divisor }
    }

    /// Parses `1.2`, `30` or `30000/1001`.
    pub(crate) fn parse(text: &str) -> Self {
        if let Some((numer, denom)) = text.split_once('/') {
            return Self::new(numer.parse().unwrap(), denom.parse().unwrap());
        }
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        Self::new(format!("{whole}{decimals}").parse().unwrap(), 10_i128.pow(decimals.len() as u32))
    }

    pub(crate) fn floor(self) -> i128 {
        self.numer.div_euclid(self.denom)
    }

    pub(crate) fn to_f64(self) -> f64 {
        self.numer as f64 / self.denom as f64
    }

    /// The fraction in JSON: a decimal number if `plain` is set and six decimals suffice, or the string `n/d`.
    pub(crate) fn to_json(self, plain: bool) -> Value {
        const MICRO: i128 = 1_000_000;
        if plain && self.numer >= 0 && MICRO % self.denom == 0 {
            let micros = self.numer * (MICRO / self.denom);
            let text = format!("{}.{:06}", micros / MICRO, micros % MICRO);
            return serde_json::from_str(text.trim_end_matches('0').trim_end_matches('.')).unwrap();
        }
        Value::String(self.to_string())
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.numer, self.denom)
    }
}

impl From<i128> for Ratio {
    fn from(whole: i128) -> Self {
        Self::new(whole, 1)
    }
}

impl Add for Ratio {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.numer * other.denom + other.numer * self.denom, self.denom * other.denom)
    }
}

impl Sub for Ratio {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.numer * other.denom - other.numer * self.denom, self.denom * other.denom)
    }
}

impl Mul for Ratio {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.numer * other.numer, self.denom * other.denom)
    }
}

impl Div for Ratio {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        Self::new(self.numer * other.denom, self.denom * other.numer)
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.numer * other.denom).cmp(&(other.numer * self.denom))
    }
}
