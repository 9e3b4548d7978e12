//! Which addresses cameras may have. People name a host, and this machine connects to it: without rules they would reach what
//! only this machine should reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use repcast_media::{Cidr, is_local_network, is_public};

use super::address::CameraUrl;
use super::error::CameraError;

/// Addresses at which clouds tell machines their secrets, in ranges that are otherwise those of local networks.
const METADATA: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)), IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254))];

/// Addresses of the public internet and of local networks, apart from this machine's own; and those that the operator allows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AddressRules {
    allowed: Vec<Cidr>,
}

impl AddressRules {
    /// Also allows these ranges.
    #[must_use]
    pub const fn new(allowed: Vec<Cidr>) -> Self {
        Self { allowed }
    }

    fn allows(&self, address: IpAddr) -> bool {
        if self.allowed.iter().any(|range| range.contains(address)) {
            return true;
        }
        let address = address.to_canonical();
        (is_public(address) || is_local_network(address)) && !METADATA.contains(&address) && !is_own(address)
    }

    /// Checks a host, and finds the address to connect to, so that its name cannot lead elsewhere in between.
    ///
    /// # Errors
    /// When the host has no address, or none that is allowed.
    pub(crate) async fn pin(&self, url: &CameraUrl) -> Result<IpAddr, CameraError> {
        let host = url.host();
        let found = tokio::net::lookup_host((host, url.port())).await.map_err(|_| CameraError::NoAddress)?;
        let addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        match addresses.iter().find(|address| self.allows(**address)) {
            Some(address) => Ok(*address),
            None if addresses.is_empty() => Err(CameraError::NoAddress),
            None => Err(CameraError::NotAllowed),
        }
    }
}

/// Whether this machine has an address: only its own can be bound.
fn is_own(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pin(rules: &AddressRules, host: &str) -> Result<IpAddr, CameraError> {
        rules.pin(&format!("rtsp://{host}/live").parse().unwrap()).await
    }

    #[tokio::test]
    async fn hosts_that_only_this_machine_should_reach_are_refused_in_every_spelling() {
        let rules = AddressRules::default();
        let own = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
            socket.connect("192.0.2.1:9")?;
            socket.local_addr()
        });
        let own = own.map_or("127.0.0.1".to_owned(), |address| address.ip().to_string());
        let hosts = [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "017700000001",
            "127.255.255.254",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "0",
            "0.0.0.0",
            "0.1.2.3",
            "[::]",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::ffff:a9fe:a9fe]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b::a9fe:a9fe]",
            "[64:ff9b:1::7f00:1]",
            "[2002:7f00:1::]",
            "[2002:a9fe:a9fe::1]",
            "[2001:0:7f00:1::]",
            "[2001:db8::1]",
            "[fe80::1]",
            "[febf::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[ff0e::1]",
            "[fd00:ec2::254]",
            "[100::1]",
            "169.254.169.254",
            "169.254.0.1",
            "0xa9fea9fe",
            "2852039166",
            "0251.0376.0251.0376",
            "100.100.100.200",
            "192.0.0.192",
            "192.0.0.8",
            "192.0.2.1",
            "198.51.100.1",
            "203.0.113.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "100.64.0.1",
            own.as_str(),
        ];
        for host in hosts {
            let found = pin(&rules, host).await;
            assert!(matches!(found, Err(CameraError::NotAllowed | CameraError::NoAddress)), "{host}: {found:?}");
        }
        for host in ["nowhere.invalid", "a..b", "%31%32%37.0.0.1"] {
            assert!(pin(&rules, host).await.is_err(), "{host}");
        }
    }

    #[tokio::test]
    async fn local_networks_and_the_internet_are_reached_and_what_the_operator_allows() {
        let rules = AddressRules::default();
        for host in ["10.1.2.3", "192.168.77.20", "172.20.0.9", "8.8.8.8", "[2606:4700::1111]", "[fd12:3456::7]"] {
            assert!(pin(&rules, host).await.is_ok(), "{host}");
        }
        let rules = AddressRules::new(vec!["127.0.0.1".parse().unwrap(), "169.254.0.0/16".parse().unwrap()]);
        for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "169.254.7.7"] {
            assert!(pin(&rules, host).await.is_ok(), "{host}");
        }
        assert!(pin(&rules, "127.0.0.2").await.is_err());
    }
}
