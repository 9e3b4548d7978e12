//! Which receivers clients may have sessions pushed to. A push is a connection from this machine to a host that a client
//! names: without rules it would reach what only this machine should reach.

use std::net::{IpAddr, ToSocketAddrs};
use std::str::FromStr;

use repcast_media::{PushTarget, is_public};

/// A host that clients may push to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PushRule {
    /// Every host, at addresses of the public internet.
    Public,
    /// This host, wherever it is, at this port or at every one.
    Host {
        /// A name or an address.
        host: String,
        /// The port.
        port: Option<u16>,
    },
}

/// A text that is no rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("write HOST, HOST:PORT, or `*` for every public host")]
pub struct PushRuleError;

impl FromStr for PushRule {
    type Err = PushRuleError;

    fn from_str(text: &str) -> Result<Self, PushRuleError> {
        if text == "*" {
            return Ok(Self::Public);
        }
        // The address of a receiver has the same hosts, ports and brackets.
        let target = |text: &str| format!("rtmp://{text}/live/key").parse::<PushTarget>().map_err(|_| PushRuleError);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        if !text.bytes().all(is_plain) {
            return Err(PushRuleError);
        }
        let has_port = text.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
        let target = target(text)?;
        Ok(Self::Host { host: target.host().to_owned(), port: has_port.then_some(target.port()) })
    }
}

/// Why a target is not pushed to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PushRejection {
    NotAllowed,
    NoAddress,
}

/// Checks a target, and pins it to one of the addresses that its host has now, so that the name cannot lead elsewhere later.
/// May block for as long as finding the addresses takes.
pub(crate) fn allowed(rules: &[PushRule], target: PushTarget) -> Result<PushTarget, PushRejection> {
    let is_public_only = match rules.iter().any(|rule| names(rule, &target)) {
        true => false,
        false if rules.contains(&PushRule::Public) => true,
        false => return Err(PushRejection::NotAllowed),
    };
    let found = (target.host(), target.port()).to_socket_addrs().map_err(|_| PushRejection::NoAddress)?;
    let addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    if addresses.is_empty() {
        return Err(PushRejection::NoAddress);
    }
    let address = addresses.into_iter().find(|address| !is_public_only || is_public(*address));
    address.map(|address| target.pinned_to(address)).ok_or(PushRejection::NotAllowed)
}

fn names(rule: &PushRule, target: &PushTarget) -> bool {
    match rule {
        PushRule::Public => false,
        PushRule::Host { host, port } => {
            host.eq_ignore_ascii_case(target.host()) && port.is_none_or(|port| port == target.port())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> PushTarget {
        url.parse().unwrap()
    }

    fn rules(texts: &[&str]) -> Vec<PushRule> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn hosts_are_allowed_with_and_without_a_port_and_pinned_to_an_address() {
        let rules = rules(&["127.0.0.1:1935", "LOCALHOST", "[::1]:9000"]);
        for url in ["rtmp://127.0.0.1/live/key", "srt://localhost:9000", "srt://[::1]:9000"] {
            let pinned = allowed(&rules, target(url)).unwrap().pinned_address();
            assert!(pinned.is_some_and(|address| address.is_loopback()), "{url}");
        }
        for url in ["rtmp://127.0.0.1:1936/live/key", "srt://[::1]:9001", "rtmp://127.0.0.2/live/key"] {
            assert_eq!(allowed(&rules, target(url)), Err(PushRejection::NotAllowed), "{url}");
        }
        assert_eq!(allowed(&[], target("rtmp://127.0.0.1/live/key")), Err(PushRejection::NotAllowed));
    }

    #[test]
    fn every_host_means_the_hosts_of_the_public_internet() {
        let rules = rules(&["*"]);
        let public = ["8.8.8.8", "100.63.0.1", "[2606:4700::1111]"];
        let special = [
            "127.0.0.1",
            "localhost",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "192.0.0.8",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:10.0.0.1]",
            "[2002:a00:1::]",
            "[2001:0:1::]",
            "[2001:db8::1]",
            "[64:ff9b::a00:1]",
            "[ff02::1]",
        ];
        for host in public {
            assert!(allowed(&rules, target(&format!("srt://{host}:9000"))).is_ok(), "{host}");
        }
        for host in special {
            let found = allowed(&rules, target(&format!("srt://{host}:9000")));
            assert_eq!(found, Err(PushRejection::NotAllowed), "{host}");
        }
        assert_eq!(allowed(&rules, target("srt://nowhere.invalid:9000")), Err(PushRejection::NoAddress));
    }

    #[test]
    fn texts_that_are_no_rules_are_errors() {
        for text in
            ["", "**", "*.example", "host:0", "host:99999", "host/path", "user@host", "rtmp://host", "a b", "::1"]
        {
            assert_eq!(text.parse::<PushRule>(), Err(PushRuleError), "{text}");
        }
    }
}
