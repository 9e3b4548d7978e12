//! Values of options that people write in several forms.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use repcast_model::time::{Rational, parse_rational, to_f64};

/// Parses an address to listen on: `ADDRESS:PORT`; `PORT` or `localhost:PORT`, which only this machine reaches; `:PORT`,
/// which every machine reaches.
///
/// # Errors
/// When it is none of these.
pub(super) fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let with = |host: Ipv4Addr, port: &str| port.parse().ok().map(|port| SocketAddr::from((host, port)));
    let of_port = with(Ipv4Addr::LOCALHOST, text);
    let of_localhost = || with(Ipv4Addr::LOCALHOST, text.strip_prefix("localhost:")?);
    let of_all = || with(Ipv4Addr::UNSPECIFIED, text.strip_prefix(':')?);
    let of_address = || text.parse().ok();
    of_port
        .or_else(of_localhost)
        .or_else(of_all)
        .or_else(of_address)
        .ok_or_else(|| "write a port such as 8080, or an address such as 0.0.0.0:8080 or [::1]:8080".to_owned())
}

/// Parses a time in seconds: `12.5`, `0:12`, `1:02:03.5`.
///
/// # Errors
/// When it is not a time, or minutes or seconds after a colon are not below 60.
pub(super) fn seconds(text: &str) -> Result<Rational, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (last, whole) = parts.split_last().unwrap_or((&text, &[]));
    if whole.is_empty() {
        return parse_rational(last).map_err(|reason| reason.to_string());
    }
    let invalid = || format!("`{text}` is not a time; write seconds such as 12.5, or 0:12, or 1:02:03");
    let is_clock = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = parse_rational(last).map_err(|_| invalid())?;
    if whole.len() > 2 || !whole.iter().all(is_clock) || !last.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(invalid());
    }
    let sixty = Rational::from_integer(60);
    let mut total = Rational::from_integer(0);
    for (index, part) in whole.iter().enumerate() {
        let part = parse_rational(part).map_err(|_| invalid())?;
        if index > 0 && part >= sixty {
            return Err(invalid());
        }
        total = (total + part) * sixty;
    }
    if seconds >= sixty { Err(invalid()) } else { Ok(total + seconds) }
}

/// Players buffer three parts: shorter ones are mostly overhead, longer ones are not low latency.
///
/// # Errors
/// When it is no length of a part.
pub(super) fn part_secs(text: &str) -> Result<Rational, String> {
    let secs = seconds(text)?;
    let fits = secs >= Rational::new(1, 5) && secs <= Rational::from_integer(2);
    fits.then_some(secs).ok_or_else(|| "a part lasts 0.2 to 2 seconds".to_owned())
}

/// A server without connections could not be reached; more than a million exceed the memory of any machine.
///
/// # Errors
/// When it is no such number.
pub(super) fn max_connections(text: &str) -> Result<usize, String> {
    let fits = |count: &usize| (1..=1_000_000).contains(count);
    text.parse().ok().filter(fits).ok_or_else(|| "write a number from 1 to 1000000".to_owned())
}

/// Players without low latency are some twenty seconds behind; an hour is more than any of them needs.
///
/// # Errors
/// When it is no such time.
pub(super) fn drain_timeout(text: &str) -> Result<Duration, String> {
    let secs = seconds(text)?;
    let fits = secs >= Rational::from_integer(0) && secs <= Rational::from_integer(3600);
    fits.then(|| Duration::from_secs_f64(to_f64(secs)))
        .ok_or_else(|| "the drain timeout is 0 to 3600 seconds".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_people_write_them() {
        for (text, expected) in [
            ("8080", "127.0.0.1:8080"),
            ("localhost:80", "127.0.0.1:80"),
            (":8080", "0.0.0.0:8080"),
            ("192.168.1.7:0", "192.168.1.7:0"),
            ("[::1]:8080", "[::1]:8080"),
        ] {
            assert_eq!(listen_address(text).unwrap().to_string(), expected, "{text}");
        }
        for text in ["", ":", "localhost", "localhost:", "65536", "-1", "gym.example:80", "::1", "1.2.3.4"] {
            assert!(listen_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_seconds_or_those_of_a_clock() {
        let secs = |text: &str| seconds(text).map(repcast_model::time::to_f64);
        for (text, expected) in [("12.5", 12.5), ("0:12", 12.0), ("90:00", 5400.0), ("1:02:03.5", 3723.5), ("-1", -1.0)]
        {
            assert_eq!(secs(text), Ok(expected), "{text}");
        }
        for text in ["", ":", "1:", ":12", "0:60", "1:60:00", "1:2:3:4", "0:-1", "-1:00", "0:x", "1.5:00", "1/2:00"] {
            assert!(secs(text).is_err(), "{text}");
        }
    }
}
