//! Verdicts by the identities of files. Contents are not hashed: reading a large file takes longer than its check.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use repcast_gstreamer::worker::Verdict;
use repcast_media::FileIdentity;

/// Most verdicts that are cached; each takes some 100 bytes. The least recently used is evicted.
const MAX_VERDICTS: usize = 10_000;

/// How long a rejection holds. The machine may have been too busy, or out of memory; a check of a bad file takes at most
/// ten seconds of CPU time, so that it costs a few percent of a core if the file is requested all the time.
const REJECTION_LIFETIME: Duration = Duration::from_secs(5 * 60);

struct CachedVerdict {
    verdict: Verdict,
    since: Instant,
    /// When it was last used, in uses of the cache.
    used: u64,
}

/// Verdicts by version, with least-recently-used eviction.
#[derive(Default)]
pub(super) struct VerdictCache {
    entries: BTreeMap<FileIdentity, CachedVerdict>,
    uses: u64,
}

impl VerdictCache {
    pub(super) fn get(&mut self, version: &FileIdentity, now: Instant) -> Option<Verdict> {
        self.uses += 1;
        let cached = self.entries.get_mut(version)?;
        // A failure may be that of a machine without memory or threads.
        if cached.verdict != Verdict::Decoded && now.duration_since(cached.since) >= REJECTION_LIFETIME {
            self.entries.remove(version);
            return None;
        }
        cached.used = self.uses;
        Some(cached.verdict)
    }

    pub(super) fn insert(&mut self, version: FileIdentity, verdict: Verdict, now: Instant) {
        self.uses += 1;
        if self.entries.len() >= MAX_VERDICTS
            && let Some(oldest) = self.entries.iter().min_by_key(|(_, cached)| cached.used).map(|(version, _)| *version)
        {
            self.entries.remove(&oldest);
        }
        self.entries.insert(version, CachedVerdict { verdict, since: now, used: self.uses });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(inode: u64) -> FileIdentity {
        FileIdentity { device: 1, inode, length: 10, modified: (0, 0), changed: (0, 0) }
    }

    #[test]
    fn rejections_expire_and_others_do_not() {
        let (mut cache, start) = (VerdictCache::default(), Instant::now());
        cache.insert(version(1), Verdict::Decoded, start);
        cache.insert(version(2), Verdict::Stalled, start);
        let later = start + REJECTION_LIFETIME;
        assert_eq!(cache.get(&version(2), start), Some(Verdict::Stalled));
        assert_eq!(cache.get(&version(2), later), None);
        assert_eq!(cache.get(&version(1), later), Some(Verdict::Decoded));
        let changed = FileIdentity { length: 11, ..version(1) };
        assert_eq!(cache.get(&changed, later), None);
    }

    #[test]
    fn the_least_recently_used_verdict_is_evicted() {
        let (mut cache, now) = (VerdictCache::default(), Instant::now());
        for inode in 0..MAX_VERDICTS as u64 {
            cache.insert(version(inode), Verdict::Decoded, now);
        }
        assert!(cache.get(&version(0), now).is_some());
        cache.insert(version(MAX_VERDICTS as u64), Verdict::Decoded, now);
        assert_eq!(cache.entries.len(), MAX_VERDICTS);
        assert!(cache.get(&version(0), now).is_some() && cache.get(&version(1), now).is_none());
    }
}
