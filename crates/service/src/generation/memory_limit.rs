//! The memory that generations may take.
//!
//! Generations are threads of one process, which share loops, tiles and the device with live sessions, so that memory
//! cannot be attributed to one of them. What is limited is the growth of the process: its memory may be that at the start
//! of the first generation of those that run, and the limit once for each of them. Beyond it, the newest ends.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How long the memory of a generation that has ended may take to be returned, before another one is ended.
const SETTLE_TIME: Duration = Duration::from_secs(5);

/// The memory of all generations.
#[derive(Debug)]
pub(super) struct MemoryLimit {
    /// Bytes for each generation.
    per_generation: u64,
    running: Mutex<Running>,
}

#[derive(Debug, Default)]
struct Running {
    /// Memory of the process when the first of them started.
    baseline: u64,
    /// Those that run, the newest last.
    shares: Vec<u64>,
    next: u64,
    /// The one that was ended last, and when.
    ended: Option<(u64, Instant)>,
}

/// The share of one generation, returned when it is dropped.
#[derive(Debug)]
pub(super) struct MemoryShare {
    limit: Arc<MemoryLimit>,
    number: u64,
}

impl MemoryLimit {
    pub(super) fn new(per_generation: u64) -> Arc<Self> {
        Arc::new(Self { per_generation, running: Mutex::default() })
    }

    /// Takes a share. The process uses this memory now.
    pub(super) fn take(self: &Arc<Self>, used: u64) -> MemoryShare {
        let mut running = self.running.lock();
        if running.shares.is_empty() {
            running.baseline = used;
        }
        let number = running.next;
        running.next += 1;
        running.shares.push(number);
        MemoryShare { limit: self.clone(), number }
    }
}

impl MemoryShare {
    /// Whether this generation has to end, because the process uses too much memory.
    pub(super) fn must_end(&self, used: u64, now: Instant) -> bool {
        let mut running = self.limit.running.lock();
        let allowed = self.limit.per_generation.saturating_mul(running.shares.len() as u64);
        if used <= running.baseline.saturating_add(allowed) || running.shares.last() != Some(&self.number) {
            return false;
        }
        let has_settled = running.ended.is_none_or(|(_, ended)| now.saturating_duration_since(ended) >= SETTLE_TIME);
        if has_settled {
            running.ended = Some((self.number, now));
        }
        has_settled
    }
}

impl Drop for MemoryShare {
    fn drop(&mut self) {
        let mut running = self.limit.running.lock();
        running.shares.retain(|number| *number != self.number);
        // Its memory is returned from now on.
        if running.ended.is_some_and(|(number, _)| number == self.number) {
            running.ended = Some((self.number, Instant::now()));
        }
    }
}

/// Bytes of the process that the kernel cannot reclaim: anonymous and shared memory, without the pages of files. `None` where
/// the system does not report them.
pub(super) fn used_bytes() -> Option<u64> {
    parse(&fs::read_to_string("/proc/self/status").ok()?)
}

fn parse(status: &str) -> Option<u64> {
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    };
    Some((kib("RssAnon:")? + kib("RssShmem:")?) * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_ends_when_all_together_exceed_their_shares() {
        let limit = MemoryLimit::new(100);
        let now = Instant::now();
        let first = limit.take(1000);
        assert!(!first.must_end(1100, now));
        assert!(first.must_end(1101, now));
        // Without time for the memory to be returned, it is not counted twice.
        assert!(!first.must_end(1101, now + SETTLE_TIME / 2));
        drop(first);
        let now = Instant::now() + SETTLE_TIME;
        let [first, second] = [limit.take(1000), limit.take(1150)];
        assert!(!second.must_end(1200, now));
        assert!(!first.must_end(1300, now));
        assert!(second.must_end(1300, now));
        drop(second);
        // Its memory is not returned yet.
        assert!(!first.must_end(1300, Instant::now()));
        assert!(first.must_end(1300, Instant::now() + SETTLE_TIME));
        drop(first);
        // The memory that a process keeps is no growth.
        assert!(!limit.take(5000).must_end(5100, now + SETTLE_TIME * 9));
    }

    #[test]
    fn memory_is_what_cannot_be_reclaimed() {
        let status =
            "Name:\tx\nVmRSS:\t  900 kB\nRssAnon:\t     300 kB\nRssFile:\t     500 kB\nRssShmem:\t     100 kB\n";
        assert_eq!(parse(status), Some(400 * 1024));
        assert_eq!(parse("Name:\tx\n"), None);
    }
}
