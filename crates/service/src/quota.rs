//! How much one client may run at the same time, so that the others find room.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::ServiceError;

/// Who asks for something. Not `Debug`, because it holds a secret.
#[derive(Clone)]
pub struct Client {
    /// Its address, or the network that counts as one client.
    pub address: IpAddr,
    /// The token that it presents.
    pub token: Option<String>,
}

/// The most that one client may run at the same time. The operator has no such limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClientQuota {
    /// Live sessions.
    pub sessions: u32,
    /// Lengths of its live sessions together.
    pub session_time: Duration,
    /// Videos being generated.
    pub videos: u32,
}

impl Default for ClientQuota {
    /// Enough for a studio behind one address; a class is rarely longer than an hour and a half.
    fn default() -> Self {
        Self { sessions: 16, session_time: Duration::from_secs(24 * 3600), videos: 8 }
    }
}

/// What clients run now.
#[derive(Debug)]
pub(crate) struct Quotas {
    limit: ClientQuota,
    /// The most of the capacity that several sessions of one client may take, in pixels per second.
    work_limit: u64,
    /// Without entries of zero.
    used: Mutex<HashMap<IpAddr, Share>>,
}

/// A part of a quota.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Share {
    sessions: u32,
    session_time: Duration,
    /// Price of the sessions, in pixels per second.
    work: u64,
    videos: u32,
}

/// A part of a client's quota that is in use until it is dropped.
#[derive(Debug)]
pub(crate) struct QuotaLease {
    quotas: Arc<Quotas>,
    client: IpAddr,
    share: Share,
}

impl Share {
    /// One live session of this length and price.
    pub(crate) fn session(length: Duration, work: u64) -> Self {
        Self { sessions: 1, session_time: length, work, videos: 0 }
    }

    /// One video.
    pub(crate) fn video() -> Self {
        Self { videos: 1, ..Self::default() }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            sessions: self.sessions + other.sessions,
            session_time: self.session_time.saturating_add(other.session_time),
            work: self.work.saturating_add(other.work),
            videos: self.videos + other.videos,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            sessions: self.sessions - other.sessions,
            session_time: self.session_time.saturating_sub(other.session_time),
            work: self.work.saturating_sub(other.work),
            videos: self.videos - other.videos,
        }
    }
}

impl Quotas {
    /// The quotas on a machine of this capacity, in pixels per second. Several sessions of one client take at most half of
    /// it, so that there is room for others.
    pub(crate) fn new(limit: ClientQuota, capacity: u64) -> Arc<Self> {
        Arc::new(Self { limit, work_limit: capacity / 2, used: Mutex::default() })
    }

    /// Takes a share of a client's quota. The first session of a client may have any length and price, and
    /// the machine's own user may take all of the capacity.
    ///
    /// # Errors
    /// When the client would exceed its quota.
    pub(crate) fn take(self: &Arc<Self>, client: IpAddr, share: Share) -> Result<QuotaLease, ServiceError> {
        let mut used = self.lock();
        let entry = used.get(&client).copied().unwrap_or_default();
        let sum = entry.plus(share);
        let is_further_session = share.sessions > 0 && entry.sessions > 0;
        if sum.sessions > self.limit.sessions
            || sum.videos > self.limit.videos
            || (is_further_session && sum.session_time > self.limit.session_time)
        {
            return Err(ServiceError::OverQuota(self.limit));
        }
        if is_further_session && sum.work > self.work_limit && !is_own_user(client) {
            return Err(ServiceError::OverShare);
        }
        used.insert(client, sum);
        Ok(QuotaLease { quotas: self.clone(), client, share })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Share>> {
        // Entries are replaced as a whole, so that a panic leaves nothing inconsistent.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a client is on this machine, at the address that programs use for it: 127.0.0.1, or the network of `::1`.
fn is_own_user(client: IpAddr) -> bool {
    client == Ipv4Addr::LOCALHOST || client == Ipv6Addr::UNSPECIFIED
}

impl Drop for QuotaLease {
    fn drop(&mut self) {
        let mut used = self.quotas.lock();
        match used.get(&self.client).map(|entry| entry.minus(self.share)) {
            Some(rest) if rest != Share::default() => _ = used.insert(self.client, rest),
            _ => _ = used.remove(&self.client),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn hours(hours: u64) -> Share {
        Share::session(Duration::from_secs(hours * 3600), 10)
    }

    #[test]
    fn each_client_has_its_own_quota_and_returns_what_ends() {
        let quotas = Quotas::new(ClientQuota { sessions: 2, session_time: Duration::MAX, videos: 1 }, 1000);
        let sessions: Vec<_> = (0..2).map(|_| quotas.take(client(1), hours(1)).unwrap()).collect();
        assert!(matches!(quotas.take(client(1), hours(1)), Err(ServiceError::OverQuota(_))));
        let video = quotas.take(client(1), Share::video()).unwrap();
        assert!(quotas.take(client(1), Share::video()).is_err());
        let other = quotas.take(client(2), hours(1)).unwrap();
        drop((sessions, video, other));
        assert!(quotas.lock().is_empty());
    }

    #[test]
    fn the_lengths_of_sessions_add_up() {
        let quotas =
            Quotas::new(ClientQuota { session_time: Duration::from_secs(24 * 3600), ..ClientQuota::default() }, 1000);
        let first = quotas.take(client(1), hours(12)).unwrap();
        let second = quotas.take(client(1), hours(12)).unwrap();
        assert!(quotas.take(client(1), hours(1)).is_err());
        let _video = quotas.take(client(1), Share::video()).unwrap();
        drop((first, second));
        // A single session may be longer.
        let _long = quotas.take(client(1), hours(100)).unwrap();
        assert!(quotas.take(client(1), hours(0)).is_err());
    }

    #[test]
    fn several_sessions_of_a_client_leave_room_for_others() {
        let quotas = Quotas::new(ClientQuota::default(), 100);
        let take = |client, work| quotas.take(client, Share::session(Duration::ZERO, work));
        let _first = take(client(1), 20).unwrap();
        let _second = take(client(1), 30).unwrap();
        assert!(matches!(take(client(1), 1), Err(ServiceError::OverShare)));
        // A single session may take more, and so may the machine's own user.
        let _other = take(client(2), 90).unwrap();
        let own = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let _own: Vec<_> = (0..10).map(|_| take(own, 30).unwrap()).collect();
    }
}
