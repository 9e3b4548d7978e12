//! The time of a machine since its start: it runs on while this process does not, and no one sets it.

use std::fs;
use std::time::Duration;

/// Which start of this machine it is, and the time since then. Linux tells both; elsewhere there is only the time of day.
pub(super) fn machine_clock() -> Option<(String, Duration)> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let secs: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    Some((boot.trim().to_owned(), Duration::try_from_secs_f64(secs).ok()?))
}
