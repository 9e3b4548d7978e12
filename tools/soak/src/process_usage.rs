//! Resource usage of a process, from `/proc`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::Result;

/// Unit of CPU times in `/proc` (`USER_HZ`), the same on all architectures.
const TICKS_PER_SEC: f64 = 100.0;

/// The usage of a process at one moment.
#[derive(Clone, Default, Debug)]
pub(crate) struct ProcessUsage {
    /// User and system time of all threads.
    pub(crate) cpu_secs: f64,
    pub(crate) rss_bytes: u64,
    pub(crate) peak_rss_bytes: u64,
    pub(crate) threads: u64,
    pub(crate) files: u64,
}

impl ProcessUsage {
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let read = |name: &str| {
            let path = format!("/proc/{pid}/{name}");
            fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
        };
        let status = read("status")?;
        let field = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        Ok(Self {
            cpu_secs: cpu_secs(&read("stat")?).ok_or("/proc/PID/stat: not as expected")?,
            rss_bytes: field("VmRSS") * 1024,
            peak_rss_bytes: field("VmHWM") * 1024,
            threads: field("Threads"),
            files: fs::read_dir(format!("/proc/{pid}/fd"))?.count() as u64,
        })
    }

    /// The maximum of each value.
    pub(crate) fn max(&self, other: &Self) -> Self {
        Self {
            cpu_secs: self.cpu_secs.max(other.cpu_secs),
            rss_bytes: self.rss_bytes.max(other.rss_bytes),
            peak_rss_bytes: self.peak_rss_bytes.max(other.peak_rss_bytes),
            threads: self.threads.max(other.threads),
            files: self.files.max(other.files),
        }
    }

    /// For the table.
    pub(crate) fn to_text(&self) -> String {
        let megabytes = self.rss_bytes as f64 / 1e6;
        format!("{} threads, {} files, {megabytes:.0} MB resident", self.threads, self.files)
    }
}

/// User and system time. The program's name comes first and may contain any character, so fields are counted from its last bracket.
fn cpu_secs(stat: &str) -> Option<f64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks as f64 / TICKS_PER_SEC)
}

/// The ids of a process' threads.
pub(crate) fn threads(pid: u32) -> Result<BTreeSet<u32>> {
    let entries = fs::read_dir(format!("/proc/{pid}/task"))?;
    Ok(entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect())
}

/// Names of threads with counts; threads that have exited meanwhile are skipped.
pub(crate) fn thread_names(pid: u32, threads: &BTreeSet<u32>) -> String {
    let mut names = BTreeMap::<String, u32>::new();
    for thread in threads {
        if let Ok(name) = fs::read_to_string(format!("/proc/{pid}/task/{thread}/comm")) {
            *names.entry(name.trim().to_owned()).or_default() += 1;
        }
    }
    let names: Vec<String> = names.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Fails when this process may not open this many files.
pub(crate) fn check_file_limit(needed: u64) -> Result<()> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let limit = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(u64::MAX);
    if limit >= needed {
        return Ok(());
    }
    Err(format!("needs {needed} open files, but the limit is {limit}: raise it with ulimit -n {needed}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "7 (a) b (c)) S 1 1 1 0 -1 0 0 0 0 0 250 50 0 0 20 0 3 0";
        assert_eq!(cpu_secs(stat), Some(3.0));
        assert_eq!(cpu_secs("7 (a"), None);
    }

    #[test]
    fn the_usage_of_this_process_is_read() {
        let usage = ProcessUsage::of(std::process::id()).unwrap();
        assert!(usage.threads > 0 && usage.files > 0 && usage.peak_rss_bytes >= usage.rss_bytes, "{usage:?}");
    }
}
