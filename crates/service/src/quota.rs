//! How much one client may run at the same time, so that the others find room.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::ServiceError;
use super::access::Caller;

/// Where a request comes from, and who asks. Not `Debug`, because it holds a secret.
#[derive(Clone)]
pub struct Client {
    /// Its address, or the network that counts as one client.
    pub address: IpAddr,
    /// Who asks.
    pub caller: Caller,
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

/// How many times the quota of a client all clients of one site may use, as with connections: a customer with an IPv6 /48
/// has 65,536 networks that count as clients.
const SITE_FACTOR: u32 = 4;

/// What clients run now.
#[derive(Debug)]
pub(crate) struct Quotas {
    limit: Mutex<ClientQuota>,
    /// The most of the capacity that one client or site may take with several sessions and videos, in pixels per second.
    work_limit: u64,
    /// Without entries of zero.
    used: Mutex<HashMap<Holder, Share>>,
}

/// What has a quota.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Holder {
    /// A client, by its address or the first one of its network.
    Client(IpAddr),
    /// An IPv6 /48, by its first address.
    Site(Ipv6Addr),
}

/// A part of a quota.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Share {
    sessions: u32,
    session_time: Duration,
    /// Price of the sessions and videos, in pixels per second.
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

impl Holder {
    /// Those whose quotas a client uses.
    fn all_of(client: IpAddr) -> impl Iterator<Item = Self> {
        let site = match client {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(Self::Site(Ipv6Addr::from_bits(address.to_bits() >> 80 << 80))),
        };
        std::iter::once(Self::Client(client)).chain(site)
    }

    /// How many times the quota of a client it has.
    fn factor(self) -> u32 {
        match self {
            Self::Client(_) => 1,
            Self::Site(_) => SITE_FACTOR,
        }
    }
}

impl Share {
    /// One live session of this length and price.
    pub(crate) fn session(length: Duration, work: u64) -> Self {
        Self { sessions: 1, session_time: length, work, videos: 0 }
    }

    /// One video, whose price is not known yet.
    pub(crate) fn video() -> Self {
        Self { videos: 1, ..Self::default() }
    }

    /// More time and work for a session that runs.
    pub(crate) fn more(session_time: Duration, work: u64) -> Self {
        Self { session_time, work, ..Self::default() }
    }

    /// The price of a video.
    pub(crate) fn work(work: u64) -> Self {
        Self { work, ..Self::default() }
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
    /// The quotas on a machine of this capacity, in pixels per second. Several sessions and videos of one client take at
    /// most half of it, so that there is room for others.
    pub(crate) fn new(limit: ClientQuota, capacity: u64) -> Arc<Self> {
        Arc::new(Self { limit: Mutex::new(limit), work_limit: capacity / 2, used: Mutex::default() })
    }

    /// Changes the quota of each client. What runs continues, and counts towards it.
    pub(crate) fn set_limit(&self, limit: ClientQuota) {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner) = limit;
    }

    /// Takes a share of a client's quota. The first session or video of a client may have any length and price, and
    /// the machine's own user may take all of the capacity.
    ///
    /// # Errors
    /// When the client would exceed its quota.
    pub(crate) fn take(self: &Arc<Self>, client: IpAddr, share: Share) -> Result<QuotaLease, ServiceError> {
        self.add(client, share, Share::default())
    }

    /// Adds a share to that which a session or video, the client's `own`, has already.
    fn add(self: &Arc<Self>, client: IpAddr, share: Share, own: Share) -> Result<QuotaLease, ServiceError> {
        let mut used = self.lock();
        for holder in Holder::all_of(client) {
            let entry = used.get(&holder).copied().unwrap_or_default();
            self.check(holder.factor(), entry, share, (own, is_own_user(client)))?;
        }
        for holder in Holder::all_of(client) {
            let entry = used.entry(holder).or_default();
            *entry = entry.plus(share);
        }
        Ok(QuotaLease { quotas: self.clone(), client, share })
    }

    /// Whether a share may be added to what a holder has. A single session or video may have any length and price.
    fn check(
        &self,
        factor: u32,
        has: Share,
        share: Share,
        (own, is_own_user): (Share, bool),
    ) -> Result<(), ServiceError> {
        let others = has.minus(own);
        let sum = has.plus(share);
        let limit = *self.limit.lock().unwrap_or_else(PoisonError::into_inner);
        let exceeds_time = others.session_time > Duration::ZERO
            && share.session_time > Duration::ZERO
            && sum.session_time > limit.session_time.saturating_mul(factor);
        if sum.sessions > limit.sessions.saturating_mul(factor)
            || sum.videos > limit.videos.saturating_mul(factor)
            || exceeds_time
        {
            return Err(ServiceError::OverQuota(limit));
        }
        if others.work > 0 && share.work > 0 && sum.work > self.work_limit && !is_own_user {
            return Err(ServiceError::OverShare);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Holder, Share>> {
        // Entries are replaced as a whole, so that a panic leaves nothing inconsistent.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a client is on this machine, at the address that programs use for it: 127.0.0.1, or the network of `::1`.
fn is_own_user(client: IpAddr) -> bool {
    client == Ipv4Addr::LOCALHOST || client == Ipv6Addr::UNSPECIFIED
}

impl QuotaLease {
    /// More of the client's quota for the same session or video, until [`Self::absorb`] keeps it.
    ///
    /// # Errors
    /// When the client would exceed it.
    pub(crate) fn more(&self, share: Share) -> Result<Self, ServiceError> {
        self.quotas.add(self.client, share, self.share)
    }

    /// Keeps more of the quota.
    pub(crate) fn absorb(&mut self, mut more: Self) {
        self.share = self.share.plus(std::mem::take(&mut more.share));
    }

    /// Takes more of the client's quota.
    ///
    /// # Errors
    /// When the client would exceed it.
    pub(crate) fn extend(&mut self, share: Share) -> Result<(), ServiceError> {
        let more = self.more(share)?;
        self.absorb(more);
        Ok(())
    }
}

impl Drop for QuotaLease {
    fn drop(&mut self) {
        let mut used = self.quotas.lock();
        for holder in Holder::all_of(self.client) {
            let rest = used.get(&holder).map(|entry| entry.minus(self.share));
            match rest.filter(|rest| *rest != Share::default()) {
                Some(rest) => _ = used.insert(holder, rest),
                None => _ = used.remove(&holder),
            }
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
    fn another_quota_counts_what_runs() {
        let quotas = Quotas::new(ClientQuota { sessions: 1, ..ClientQuota::default() }, 1000);
        let first = quotas.take(client(1), hours(1)).unwrap();
        assert!(quotas.take(client(1), hours(1)).is_err());
        quotas.set_limit(ClientQuota { sessions: 2, ..ClientQuota::default() });
        let second = quotas.take(client(1), hours(1)).unwrap();
        quotas.set_limit(ClientQuota { sessions: 1, ..ClientQuota::default() });
        drop(first);
        assert!(quotas.take(client(1), hours(1)).is_err());
        drop(second);
        assert!(quotas.take(client(1), hours(1)).is_ok());
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
        assert!(quotas.take(client(1), hours(1)).is_err());
    }

    #[test]
    fn a_session_that_becomes_longer_counts_its_new_length() {
        let limit = ClientQuota { session_time: Duration::from_secs(3 * 3600), ..ClientQuota::default() };
        let quotas = Quotas::new(limit, 1000);
        let hour = Share::more(Duration::from_secs(3600), 0);
        let mut first = quotas.take(client(1), hours(1)).unwrap();
        let second = quotas.take(client(1), hours(1)).unwrap();
        // What is not kept is returned.
        drop(first.more(hour).unwrap());
        first.extend(hour).unwrap();
        assert!(first.more(hour).is_err() && quotas.take(client(1), hours(1)).is_err());
        drop(second);
        // A single session may be longer.
        (0..9).for_each(|_| first.extend(hour).unwrap());
        drop(first);
        assert!(quotas.lock().is_empty());
    }

    #[test]
    fn networks_of_one_site_share_four_quotas() {
        let quotas = Quotas::new(ClientQuota { sessions: 2, ..ClientQuota::default() }, 1000);
        let network = |site: u16, network| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, site, network, 0, 0, 0, 0));
        // The first network of the site has its address.
        let sessions: Vec<_> = (0..8).map(|number| quotas.take(network(1, number / 2), hours(1)).unwrap()).collect();
        assert!(quotas.take(network(1, 9), hours(1)).is_err());
        let other_site = quotas.take(network(2, 0), hours(1)).unwrap();
        drop((sessions, other_site));
        assert!(quotas.lock().is_empty());
    }

    #[test]
    fn a_video_uses_its_price_once_it_is_known() {
        let quotas = Quotas::new(ClientQuota::default(), 100);
        let mut videos: Vec<_> = (0..3).map(|_| quotas.take(client(1), Share::video()).unwrap()).collect();
        videos[0].extend(Share::work(100)).unwrap();
        assert!(matches!(videos[1].extend(Share::work(1)), Err(ServiceError::OverShare)));
        drop(videos.swap_remove(0));
        videos[0].extend(Share::work(20)).unwrap();
        videos[1].extend(Share::work(30)).unwrap();
        assert!(matches!(quotas.take(client(1), hours(1)), Err(ServiceError::OverShare)));
        drop(videos);
        assert!(quotas.lock().is_empty());
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
