//! Numbers and names as playlists write them.

use crate::time::{Rational, round};

/// A value of at least zero in decimal, rounded to this many places.
pub(super) fn decimal(value: Rational, places: u32) -> String {
    let scale = 10_i128.pow(places);
    let scaled = round(value * scale);
    format!("{}.{:0width$}", scaled / scale, scaled % scale, width = places as usize)
}

/// The bytes of a file name as one segment of a URI's path: whatever is not unreserved is percent-encoded (RFC 3986,
/// 2.1 and 2.3).
#[must_use]
pub fn escape(name: &[u8]) -> String {
    let encode = |&byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    name.iter().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_to_nearest() {
        assert_eq!(decimal(Rational::new(30000, 1001), 3), "29.970");
        assert_eq!(decimal(Rational::new(5, 3), 6), "1.666667");
        assert_eq!(decimal(Rational::new(1_999_999, 1_000_000), 3), "2.000");
        assert_eq!(decimal(Rational::new(1, 16), 6), "0.062500");
    }

    #[test]
    fn names_survive_as_uris() {
        assert_eq!(escape("Day 1 #2, 50%.é".as_bytes()), "Day%201%20%232%2C%2050%25.%C3%A9");
        assert_eq!(escape(b"out_5-a~b.x"), "out_5-a~b.x");
    }
}
