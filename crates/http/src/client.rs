//! Whose request it is: the peer's address, or what a trusted proxy says of it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::HeaderName;
use axum::http::request::Parts;

use super::cidr::Cidr;
use super::problem::{Fault, Problem};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Bits of an IPv6 address that a single customer chooses freely: their number is no number of clients.
const V6_HOST_BITS: u32 = 64;

/// The other end of the connection, put into each request by the listener.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PeerAddr(pub(super) SocketAddr);

/// The address of the client, behind any trusted proxies. Handlers take it as an argument.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ClientAddr(pub IpAddr);

impl ClientAddr {
    /// What stands for the client wherever something is counted per client.
    #[must_use]
    pub fn group(self) -> AddressGroup {
        AddressGroup::of(self.0)
    }

    /// The right-most address that no trusted proxy has: entries further left are only what that address claims. The
    /// peer itself where it is no trusted proxy.
    pub(super) fn find(peer: IpAddr, headers: &HeaderMap, trusted: &[Cidr]) -> Self {
        let mut client = peer.to_canonical();
        let is_trusted = |address| trusted.iter().any(|range| range.contains(address));
        let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
        for entry in lines.flat_map(|line| line.to_str().unwrap_or("").rsplit(',')) {
            if !is_trusted(client) {
                break;
            }
            let Some(before) = address(entry.trim()) else { break };
            client = before;
        }
        Self(client)
    }
}

/// An entry of X-Forwarded-For; some proxies add the port.
fn address(entry: &str) -> Option<IpAddr> {
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    entry.parse().ok().or_else(bracketed).or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

impl<S: Sync> FromRequestParts<S> for ClientAddr {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get().copied();
        found.ok_or_else(|| Problem::new(Fault::Internal, "The address of the client is not known."))
    }
}

/// Addresses counted as one client: an IPv4 address, or an IPv6 network of 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AddressGroup(IpAddr);

impl AddressGroup {
    /// The group of an address.
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

    fn found(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "::1"].map(|range| range.parse().unwrap());
        let line = |text: &&str| (FORWARDED_FOR, HeaderValue::from_bytes(text.as_bytes()).unwrap());
        let headers: HeaderMap = {
            let mut headers = HeaderMap::new();
            forwarded.iter().map(line).for_each(|(name, value)| _ = headers.append(name, value));
            headers
        };
        ClientAddr::find(peer.parse().unwrap(), &headers, &trusted).0.to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(found("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(found("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.7"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["1.1.1.1", "198.51.100.1", "10.0.0.7"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn entries_are_read_in_every_usual_form_and_nonsense_is_not() {
        assert_eq!(found("10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(found("10.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(found("10.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &["198.51.100.1, é"]), "10.0.0.1");
    }

    #[test]
    fn a_network_of_64_bits_is_one_client() {
        let group = |address: &str| AddressGroup::of(address.parse().unwrap());
        assert_eq!(group("2001:db8::1"), group("2001:db8::ffff:1"));
        assert_ne!(group("2001:db8::1"), group("2001:db8:0:1::1"));
        assert_ne!(group("192.0.2.1"), group("192.0.2.2"));
        assert_eq!(group("::ffff:192.0.2.1"), group("192.0.2.1"));
    }
}
