//! Points in time in responses.

use jiff::Timestamp as Instant;
use repcast_service::Timestamp;

/// A point in time in UTC (RFC 3339), to the millisecond.
pub(super) fn rfc3339(time: Timestamp) -> String {
    Instant::from_millisecond(time.millis()).map(|time| format!("{time:.3}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc() {
        assert_eq!(rfc3339(Timestamp::from_millis(1_795_000_000_120)), "2026-11-18T11:06:40.120Z");
        assert_eq!(rfc3339(Timestamp::from_millis(i64::MAX)), "");
    }
}
