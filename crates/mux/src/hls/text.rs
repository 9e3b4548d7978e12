//! Numbers, dates and file names in playlists.

use repcast_model::time::{Rational, round};

/// A value of at least zero in decimal, rounded to `places` digits after the point.
pub(super) fn decimal(value: Rational, places: u32) -> String {
    let scale = 10_i128.pow(places);
    let scaled = round(value * scale);
    format!("{}.{:0width$}", scaled / scale, scaled % scale, width = places as usize)
}

/// A time in nanoseconds since 1970-01-01 UTC, as an ISO 8601 date in UTC, rounded down to milliseconds. Years before 1970
/// or after 9999 come from a wrong clock, and become the nearest time between.
#[must_use]
pub fn date_time(nanos: i128) -> String {
    const LAST: u64 = 253_402_300_799_999;
    let millis = u64::try_from(nanos.max(0) / 1_000_000).unwrap_or(LAST).min(LAST);
    let (secs, minutes, hours, days) = (millis / 1000, millis / 60_000, millis / 3_600_000, millis / 86_400_000);
    let (year, month, day) = date(days);
    let (hour, minute, second, millis) = (hours % 24, minutes % 60, secs % 60, millis % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// Year, month and day of the Gregorian calendar, that many days after 1970-01-01: the method of Howard Hinnant's
/// "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`. A year begins with March, so that the leap day is
/// its last.
fn date(days: u64) -> (u64, u64, u64) {
    const FOUR_YEARS: u64 = 4 * 365;
    const CENTURY: u64 = 100 * 365 + 24;
    const FOUR_CENTURIES: u64 = 4 * CENTURY + 1;
    const FROM_0000_03_01_TO_1970_01_01: u64 = 719_468;
    let days = days + FROM_0000_03_01_TO_1970_01_01;
    let (era, day_of_era) = (days / FOUR_CENTURIES, days % FOUR_CENTURIES);
    // Without the leap days that have passed, each year has 365 days.
    let leap_days = day_of_era / FOUR_YEARS + day_of_era / (FOUR_CENTURIES - 1) - day_of_era / CENTURY;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // From March on, any five months have 153 days.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, years) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (400 * era + year_of_era + years, month, day)
}

/// The bytes of a file name as one segment of a URI's path: bytes that are not unreserved characters are percent-encoded
/// (RFC 3986, 2.1 and 2.3).
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
    fn times_are_written_in_utc() {
        let cases: [(i128, &str); 12] = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999_999_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000_000_000, "2000-03-01T00:00:00.000Z"),
            (1_000_000_000_000_000_000, "2001-09-09T01:46:40.000Z"),
            (1_709_210_096_789_999_999, "2024-02-29T12:34:56.789Z"),
            (1_735_689_599_000_000_000, "2024-12-31T23:59:59.000Z"),
            (1_740_787_200_001_000_000, "2025-03-01T00:00:00.001Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999_999_999, "9999-12-31T23:59:59.999Z"),
            (-1_000_000_000, "1970-01-01T00:00:00.000Z"),
            (i128::MAX, "9999-12-31T23:59:59.999Z"),
        ];
        for (nanos, expected) in cases {
            assert_eq!(date_time(nanos), expected, "{nanos}");
        }
    }

    #[test]
    fn every_day_of_eight_centuries_follows_the_one_before_it() {
        let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..2 * 146_097 {
            assert_eq!(date(days), (year, month, day), "{days} days");
            let last = match month {
                2 if is_leap(year) => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            (year, month, day) = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                _ if day == last => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
        }
    }

    #[test]
    fn file_names_become_uris() {
        assert_eq!(escape("Day 1 #2, 50%.é".as_bytes()), "Day%201%20%232%2C%2050%25.%C3%A9");
        assert_eq!(escape(b"out_5-a~b.x"), "out_5-a~b.x");
    }
}
