//! The address of the client: the peer of the connection, or the address that a trusted proxy forwards.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use crate::cidr::Cidr;
use crate::problem::{Problem, ProblemKind};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Host bits of an IPv6 address: one customer has at least a /64 and can use any address in it.
const V6_HOST_BITS: u32 = 64;

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

/// Addresses that count as one client: an IPv4 address, or an IPv6 /64 network.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AddressGroup(IpAddr);

impl AddressGroup {
    /// The address, or the first address of the network.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.0
    }

    /// The group that contains `address`.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> V6_HOST_BITS << V6_HOST_BITS).into(),
            v4 => v4,
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
}
