//! The limit on open files, which connections and clips share.

/// Part of the limit that is kept for everything but connections, and its minimum: a session opens a few files for each of
/// its clips, and the segment store, the listeners and the graphics driver have some. When none is left, clips cannot be
/// opened and are replaced by slates.
const RESERVED_SHARE: u64 = 4;
const MIN_RESERVED: u64 = 256;

/// Connections unless configured otherwise: more than a machine can send video to.
const DEFAULT_CONNECTIONS: usize = 4096;

/// Raises the limit of this process as far as it may, and returns it; `None` if there is none or it is unknown.
pub(super) fn raise_limit() -> Option<u64> {
    #[cfg(unix)]
    {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: it writes to the structure, which outlives the call.
        #[expect(unsafe_code, reason = "the standard library has no interface for limits")]
        if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 {
            return None;
        }
        let raised = libc::rlimit { rlim_cur: limit.rlim_max, ..limit };
        // SAFETY: it reads the structure, which outlives the call.
        #[expect(unsafe_code, reason = "the standard library has no interface for limits")]
        if limit.rlim_cur < limit.rlim_max && unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const raised) } == 0 {
            limit = raised;
        }
        (limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur)
    }
    #[cfg(not(unix))]
    None
}

/// The maximum number of connections: as `configured`, but no more than a limit on open files leaves room for.
pub(super) fn max_connections(limit: Option<u64>, configured: Option<usize>) -> usize {
    let wanted = configured.unwrap_or(DEFAULT_CONNECTIONS);
    let Some(limit) = limit else { return wanted };
    let reserved = (limit / RESERVED_SHARE).max(MIN_RESERVED).min(limit / 2);
    let available = usize::try_from(limit - reserved).unwrap_or(usize::MAX);
    if configured.is_some_and(|configured| configured > available) {
        tracing::warn!(
            "--max-connections {wanted} is lowered to {available}: the process may open {limit} files, of which \
             {reserved} are kept for clips; raise the limit (`ulimit -n`, LimitNOFILE)"
        );
    }
    wanted.min(available)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_other_files() {
        let cases = [
            (None, None, 4096),
            (Some(1 << 20), None, 4096),
            (Some(4096), None, 3072),
            (Some(1024), None, 768),
            (Some(600), None, 344),
            (Some(256), None, 128),
            (Some(0), None, 0),
            (Some(1024), Some(100), 100),
            (Some(1024), Some(1000), 768),
            (Some(1 << 20), Some(100_000), 100_000),
            (None, Some(100_000), 100_000),
        ];
        for (limit, configured, expected) in cases {
            assert_eq!(max_connections(limit, configured), expected, "{limit:?} {configured:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_limit_is_raised_once() {
        let raised = raise_limit();
        assert_eq!(raise_limit(), raised);
        assert!(raised.is_none_or(|limit| limit > 0));
    }
}
