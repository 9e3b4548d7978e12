//! The address of the client: the peer of the connection, or the address that a trusted proxy forwards.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::problem::{Problem, ProblemKind};
use repcast_media::Cidr;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Prefix lengths of groups, from a client to the largest networks. One customer has at least an IPv6 /64 and can use any
/// address in it; many have a /48, which is 65,536 of them. The last groups are few: at most 256 and 65,536.
const V4_PREFIXES: [u8; AddressGroup::LEVELS] = [32, 24, 16, 8];
const V6_PREFIXES: [u8; AddressGroup::LEVELS] = [64, 48, 32, 16];

/// The remote address of the connection; the connection adds it to the extensions of each request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PeerAddr(pub(crate) SocketAddr);

/// The address of the client, which is not the peer if the peer is a trusted proxy. An extractor.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ClientAddr(pub IpAddr);

impl ClientAddr {
    /// The unit in which connections and requests are counted per client.
    #[must_use]
    pub fn group(self) -> AddressGroup {
        AddressGroup::of(self.0)
    }

    /// The right-most address that is not a trusted proxy: entries further left are claims of that address. The peer
    /// itself if it is not a trusted proxy.
    fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[Cidr]) -> Self {
        let mut client = peer.to_canonical();
        let is_trusted = |address| trusted.iter().any(|range| range.contains(address));
        let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
        for entry in lines.flat_map(|line| line.to_str().unwrap_or("").rsplit(',')) {
            if !is_trusted(client) {
                break;
            }
            let Some(previous_hop) = parse_entry(entry.trim()) else { break };
            client = previous_hop;
        }
        Self(client)
    }
}

/// Parses an entry of X-Forwarded-For; some proxies add the port.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    entry.parse().ok().or_else(bracketed).or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

/// Middleware that adds the [`ClientAddr`] to the extensions of a request.
pub(crate) async fn resolve_client(State(trusted): State<Arc<[Cidr]>>, mut request: Request, next: Next) -> Response {
    if let Some(&PeerAddr(peer)) = request.extensions().get() {
        let client = ClientAddr::resolve(peer.ip(), request.headers(), &trusted);
        request.extensions_mut().insert(client);
    }
    next.run(request).await
}

impl<S: Sync> FromRequestParts<S> for ClientAddr {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let client = parts.extensions.get().copied();
        client.ok_or_else(|| Problem::new(ProblemKind::Internal, "The address of the client is unknown."))
    }
}

/// Addresses that count as one client: an IPv4 address or an IPv6 /64 network, or a larger network around it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AddressGroup(IpNet);

impl AddressGroup {
    /// The address, or the first address of the network.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.0.addr()
    }

    /// Number of groups that contain an address.
    pub(crate) const LEVELS: usize = 4;

    /// The smallest group that contains `address`.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self::at_level(address.to_canonical(), 0)
    }

    /// This group and the larger ones around it, smallest first, if this group is the smallest of its addresses.
    pub(crate) fn levels(self) -> [Self; Self::LEVELS] {
        std::array::from_fn(|level| Self::at_level(self.0.addr(), level))
    }

    pub(crate) fn is_ipv6(self) -> bool {
        matches!(self.0, IpNet::V6(_))
    }

    fn at_level(address: IpAddr, level: usize) -> Self {
        Self(match address {
            IpAddr::V4(address) => Ipv4Net::new_assert(address, V4_PREFIXES[level]).trunc().into(),
            IpAddr::V6(address) => Ipv6Net::new_assert(address, V6_PREFIXES[level]).trunc().into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn resolved(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "::1"].map(|range| range.parse().unwrap());
        let line = |text: &&str| (FORWARDED_FOR, HeaderValue::from_bytes(text.as_bytes()).unwrap());
        let headers: HeaderMap = {
            let mut headers = HeaderMap::new();
            forwarded.iter().map(line).for_each(|(name, value)| _ = headers.append(name, value));
            headers
        };
        ClientAddr::resolve(peer.parse().unwrap(), &headers, &trusted).0.to_string()
    }

    #[test]
    fn only_trusted_proxies_may_forward_an_address() {
        assert_eq!(resolved("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(resolved("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(resolved("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(resolved("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(resolved("10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.7"]), "198.51.100.1");
        assert_eq!(resolved("10.0.0.1", &["1.1.1.1", "198.51.100.1", "10.0.0.7"]), "198.51.100.1");
        assert_eq!(resolved("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn entries_are_parsed_in_all_common_forms_and_invalid_ones_end_the_walk() {
        assert_eq!(resolved("10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(resolved("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(resolved("10.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(resolved("10.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
        assert_eq!(resolved("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(resolved("10.0.0.1", &["198.51.100.1, é"]), "10.0.0.1");
    }

    #[test]
    fn an_ipv6_64_network_is_one_client() {
        let group = |address: &str| AddressGroup::of(address.parse().unwrap());
        assert_eq!(group("2001:db8::1"), group("2001:db8::ffff:1"));
        assert_ne!(group("2001:db8::1"), group("2001:db8:0:1::1"));
        assert_ne!(group("192.0.2.1"), group("192.0.2.2"));
        assert_eq!(group("::ffff:192.0.2.1"), group("192.0.2.1"));
    }

    #[test]
    fn larger_groups_contain_the_smaller_ones() {
        let levels =
            |address: &str| AddressGroup::of(address.parse().unwrap()).levels().map(|group| group.0.to_string());
        assert_eq!(levels("198.51.100.7"), ["198.51.100.7/32", "198.51.100.0/24", "198.51.0.0/16", "198.0.0.0/8"]);
        assert_eq!(levels("2001:db8:1:2::3"), ["2001:db8:1:2::/64", "2001:db8:1::/48", "2001:db8::/32", "2001::/16"]);
    }
}
