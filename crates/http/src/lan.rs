//! The address under which other devices of the local network reach this machine.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::Path;

use if_addrs::{IfAddr, Interface, get_if_addrs};

use crate::host::HostName;

/// An address of the Internet (RFC 5737, for documentation) that shows where the default route leads; nothing is sent to it.
const REMOTE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// Exists while Avahi answers for the machine's name in `.local` (RFC 6762).
const MDNS_RESPONDER: &str = "/run/avahi-daemon/pid";

/// Names of interfaces of containers and virtual machines, which other devices do not reach.
const VIRTUAL: [&str; 7] = ["br-", "cni", "docker", "lxc", "veth", "virbr", "vmnet"];

/// The best IPv4 address of an interface that is up: that of the default route, or else a private one (RFC 1918), or else
/// any. `None` without a network.
#[must_use]
pub fn lan_address() -> Option<IpAddr> {
    // Connecting a datagram socket selects its own address by the routes, and sends nothing.
    let routed = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect(REMOTE)?;
        socket.local_addr()
    });
    let interfaces: Vec<(String, Ipv4Addr)> =
        get_if_addrs().unwrap_or_default().into_iter().filter_map(candidate).collect();
    best(&interfaces, routed.ok().map(|address| address.ip())).map(IpAddr::V4)
}

/// The name of this machine in the local network, such as `studio.local`, if something answers for it.
#[must_use]
pub fn lan_name() -> Option<HostName> {
    let is_answered = Path::new(MDNS_RESPONDER).exists();
    let name = is_answered.then(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok()).flatten()?;
    let label = name.trim().split('.').next().unwrap_or_default();
    format!("{label}.local").parse().ok()
}

/// Name and address of an interface that other devices may reach.
fn candidate(interface: Interface) -> Option<(String, Ipv4Addr)> {
    let IfAddr::V4(address) = &interface.addr else { return None };
    interface.is_oper_up().then(|| (interface.name.clone(), address.ip))
}

fn best(interfaces: &[(String, Ipv4Addr)], routed: Option<IpAddr>) -> Option<Ipv4Addr> {
    let rank = |(name, address): &&(String, Ipv4Addr)| {
        let is_virtual = VIRTUAL.iter().any(|start| name.starts_with(start));
        (routed != Some(IpAddr::V4(*address)), is_virtual, !address.is_private())
    };
    let reachable = interfaces
        .iter()
        .filter(|(_, address)| !(address.is_loopback() || address.is_link_local() || address.is_unspecified()));
    reachable.min_by_key(rank).map(|(_, address)| *address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best_of(interfaces: &[(&str, [u8; 4])], routed: Option<[u8; 4]>) -> Option<[u8; 4]> {
        let interfaces: Vec<(String, Ipv4Addr)> =
            interfaces.iter().map(|(name, address)| ((*name).to_owned(), (*address).into())).collect();
        best(&interfaces, routed.map(IpAddr::from)).map(|address| address.octets())
    }

    #[test]
    fn the_address_of_the_default_route_is_preferred() {
        let [loopback, bridge, wire, wireless] = [
            ("lo", [127, 0, 0, 1]),
            ("docker0", [172, 17, 0, 1]),
            ("eth0", [10, 0, 0, 7]),
            ("wlan0", [192, 168, 1, 20]),
        ];
        let all = [loopback, bridge, wire, wireless];
        assert_eq!(best_of(&all, Some(wireless.1)), Some(wireless.1));
        // Without a default route: neither loopback nor an address of containers.
        assert_eq!(best_of(&all, None), Some(wire.1));
        assert_eq!(best_of(&[loopback, bridge], None), Some(bridge.1));
        // A public address is better than none, a link-local one (RFC 3927) is not.
        assert_eq!(best_of(&[("eth0", [203, 0, 113, 9]), wireless], None), Some(wireless.1));
        assert_eq!(best_of(&[("eth0", [203, 0, 113, 9])], None), Some([203, 0, 113, 9]));
        assert_eq!(best_of(&[loopback, ("eth0", [169, 254, 3, 4])], None), None);
    }

    #[test]
    fn the_address_found_is_one_of_this_machine() {
        let found = lan_address();
        let own: Vec<IpAddr> = get_if_addrs().unwrap().iter().map(Interface::ip).collect();
        assert!(found.is_none_or(|address| own.contains(&address) && !address.is_loopback()), "{found:?} {own:?}");
    }
}
