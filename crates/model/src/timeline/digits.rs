//! The text of a running time.

use crate::document::TimerFormat;
use crate::time::Rational;

/// The text of an exact time, rounded down to whole seconds or tenths.
pub(crate) fn format_time(secs: Rational, format: TimerFormat) -> String {
    let tenths = (secs * 10).floor().to_integer().max(0);
    let whole = tenths / 10;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60, whole % 60);
    match format {
        TimerFormat::Seconds => whole.to_string(),
        TimerFormat::Shortest if hours > 0 => format!("{hours}:{:02}:{seconds:02}", minutes % 60),
        TimerFormat::Shortest => format!("{minutes}:{seconds:02}"),
        TimerFormat::MinutesSeconds => format!("{minutes:02}:{seconds:02}"),
        TimerFormat::HoursMinutesSeconds => format!("{hours:02}:{:02}:{seconds:02}", minutes % 60),
        TimerFormat::Tenths => format!("{minutes:02}:{seconds:02}.{}", tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_follow_their_format() {
        let at = |secs: (i128, i128), format| format_time(Rational::new(secs.0, secs.1), format);
        assert_eq!(at((65, 1), TimerFormat::MinutesSeconds), "01:05");
        assert_eq!(at((599, 10), TimerFormat::MinutesSeconds), "00:59");
        assert_eq!(at((7384, 1), TimerFormat::MinutesSeconds), "123:04");
        assert_eq!(at((7384, 1), TimerFormat::HoursMinutesSeconds), "02:03:04");
        assert_eq!(at((6125, 100), TimerFormat::Tenths), "01:01.2");
        assert_eq!(at((9, 1), TimerFormat::Seconds), "9");
        let shortest = [(9, "0:09"), (599, "9:59"), (3599, "59:59"), (3600, "1:00:00"), (36_061, "10:01:01")];
        assert!(shortest.iter().all(|(secs, text)| at((*secs, 1), TimerFormat::Shortest) == *text));
    }
}
