//! Where a live session is pushed to: the URL of a receiver, which is a secret.

use core::net::{IpAddr, Ipv6Addr};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Longest URL in bytes: those of the large services have about a hundred.
const MAX_URL_BYTES: usize = 2048;

/// Queries of SRT URLs that are passed on. Others would change who connects to whom, or need files.
const SRT_QUERIES: [&str; 4] = ["streamid", "passphrase", "pbkeylen", "latency"];

/// Characters of a passphrase that libsrt takes (`SRTO_PASSPHRASE`).
const PASSPHRASE_CHARACTERS: RangeInclusive<usize> = 10..=79;

/// How a receiver is spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PushProtocol {
    /// RTMP, Adobe's Real-Time Messaging Protocol 1.0: FLV with H.264 and AAC.
    Rtmp,
    /// RTMP over TLS.
    Rtmps,
    /// SRT (draft-sharabayko-srt), as the caller: an MPEG transport stream.
    Srt,
}

/// The address of a receiver. Its text is a secret, as it holds the stream key: `Display` and `Debug` show protocol, host and
/// port alone.
#[derive(Clone, PartialEq, Eq)]
pub struct PushTarget {
    protocol: PushProtocol,
    /// User information with its `@`.
    user: String,
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    host: String,
    port: u16,
    /// Path and query.
    rest: String,
    /// The only address that is connected to.
    address: Option<IpAddr>,
}

/// Why a text is not the address of a receiver. The text is not repeated, as it may hold a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PushTargetError {
    /// The text is too long, or not of printable ASCII.
    #[error("it has more than {MAX_URL_BYTES} bytes, or spaces or characters that a URL does not have")]
    Text,
    /// The scheme is another.
    #[error("it does not begin with rtmp://, rtmps:// or srt://")]
    Scheme,
    /// The host is missing or not one.
    #[error("it has no valid host")]
    Host,
    /// The port is missing or not one.
    #[error("it has no valid port; SRT has none by default")]
    Port,
    /// The path has not two parts.
    #[error("an RTMP URL has an application and a stream key after the host, such as rtmp://HOST/live/KEY")]
    Path,
    /// The passphrase of an SRT URL is none.
    #[error("a passphrase of SRT has 10 to 79 characters")]
    Passphrase,
    /// The query of an SRT URL has something else.
    #[error("an SRT URL may have streamid, passphrase, pbkeylen and latency after its `?`, and no path")]
    Query,
}

impl PushProtocol {
    /// The scheme of its URLs.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Rtmp => "rtmp",
            Self::Rtmps => "rtmps",
            Self::Srt => "srt",
        }
    }

    const fn default_port(self) -> Option<u16> {
        match self {
            Self::Rtmp => Some(1935),
            Self::Rtmps => Some(443),
            Self::Srt => None,
        }
    }
}

impl PushTarget {
    /// How it is spoken to.
    #[must_use]
    pub const fn protocol(&self) -> PushProtocol {
        self.protocol
    }

    /// Its host: a name, or an address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The same receiver at one of the addresses of its host, so that a name that changes its meaning leads nowhere else.
    #[must_use]
    pub fn pinned_to(self, address: IpAddr) -> Self {
        Self { address: Some(address), ..self }
    }

    /// The only address that is to be connected to.
    #[must_use]
    pub const fn pinned_address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The whole URL with this host. It holds the secrets and is for the connection alone.
    #[must_use]
    pub fn secret_url(&self, host: &str) -> String {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        format!("{}://{}{host}:{}{}", self.protocol.scheme(), self.user, self.port, self.rest)
    }
}

impl fmt::Display for PushTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, host, port, .. } = self;
        if host.contains(':') {
            write!(formatter, "{}://[{host}]:{port}", protocol.scheme())
        } else {
            write!(formatter, "{}://{host}:{port}", protocol.scheme())
        }
    }
}

impl fmt::Debug for PushTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PushTarget({self})")
    }
}

impl FromStr for PushTarget {
    type Err = PushTargetError;

    /// Reads a URL (RFC 3986) of one of the protocols.
    fn from_str(text: &str) -> Result<Self, PushTargetError> {
        let is_url_byte = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte);
        if text.len() > MAX_URL_BYTES || !text.bytes().all(is_url_byte) {
            return Err(PushTargetError::Text);
        }
        let (scheme, after) = text.split_once("://").ok_or(PushTargetError::Scheme)?;
        let all = [PushProtocol::Rtmp, PushProtocol::Rtmps, PushProtocol::Srt];
        let protocol = all.into_iter().find(|protocol| protocol.scheme().eq_ignore_ascii_case(scheme));
        let protocol = protocol.ok_or(PushTargetError::Scheme)?;
        let end = after.find(['/', '?']).unwrap_or(after.len());
        let (authority, rest) = after.split_at(end);
        let user_end = authority.rfind('@').map_or(0, |at| at + 1);
        let (user, host_port) = authority.split_at(user_end);
        let (host, port) = split_port(host_port)?;
        let port = port.or(protocol.default_port()).filter(|port| *port > 0).ok_or(PushTargetError::Port)?;
        match protocol {
            PushProtocol::Rtmp | PushProtocol::Rtmps => check_rtmp(rest)?,
            PushProtocol::Srt => check_srt(user, rest)?,
        }
        let (user, host, rest) = (user.to_owned(), host.to_owned(), rest.to_owned());
        Ok(Self { protocol, user, host, port, rest, address: None })
    }
}

/// A host and its port, if there is one.
fn split_port(text: &str) -> Result<(&str, Option<u16>), PushTargetError> {
    let port_of = |text: &str| text.parse().map_err(|_| PushTargetError::Port);
    if let Some(text) = text.strip_prefix('[') {
        let (host, after) = text.split_once(']').ok_or(PushTargetError::Host)?;
        let is_address = host.parse::<Ipv6Addr>().is_ok();
        let port = after.strip_prefix(':');
        if !is_address || port.is_none() && !after.is_empty() {
            return Err(PushTargetError::Host);
        }
        return Ok((host, port.map(port_of).transpose()?));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port_of(port)?)),
        None => (text, None),
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    // The limit of names is that of the domain name system (RFC 1035, 2.3.4).
    if host.is_empty() || host.len() > 253 || !host.bytes().all(is_name) {
        return Err(PushTargetError::Host);
    }
    Ok((host, port))
}

/// An application and a stream, both with at least one character.
fn check_rtmp(rest: &str) -> Result<(), PushTargetError> {
    let path = rest.split('?').next().unwrap_or_default().trim_start_matches('/');
    let (application, stream) = path.rsplit_once('/').ok_or(PushTargetError::Path)?;
    if application.is_empty() || stream.is_empty() { Err(PushTargetError::Path) } else { Ok(()) }
}

fn check_srt(user: &str, rest: &str) -> Result<(), PushTargetError> {
    let query = rest.strip_prefix('/').unwrap_or(rest);
    let query = if query.is_empty() { "" } else { query.strip_prefix('?').ok_or(PushTargetError::Query)? };
    if !user.is_empty() {
        return Err(PushTargetError::Query);
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(PushTargetError::Query)?;
        if !SRT_QUERIES.contains(&name) {
            return Err(PushTargetError::Query);
        }
        // A character that is escaped takes two bytes more.
        let length = value.len() - 2 * value.matches('%').count().min(value.len() / 3);
        if name == "passphrase" && !PASSPHRASE_CHARACTERS.contains(&length) {
            return Err(PushTargetError::Passphrase);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_services_are_read_and_their_secrets_not_shown() {
        let cases = [
            ("rtmp://a.rtmp.youtube.com/live2/ab12-key", "rtmp://a.rtmp.youtube.com:1935", 1935),
            ("rtmps://live-api-s.facebook.com:443/rtmp/FB-1-key?s_bl=1", "rtmps://live-api-s.facebook.com:443", 443),
            ("rtmp://user:key@10.0.0.1:19350/app/instance/key", "rtmp://10.0.0.1:19350", 19350),
            ("srt://ingest.example:9000?streamid=publish:key&passphrase=key4567890", "srt://ingest.example:9000", 9000),
            ("RTMP://[::1]:2000/live/key", "rtmp://[::1]:2000", 2000),
            ("srt://192.0.2.1:9000/", "srt://192.0.2.1:9000", 9000),
        ];
        for (url, shown, port) in cases {
            let target: PushTarget = url.parse().unwrap();
            assert_eq!((target.to_string(), target.port()), (shown.to_owned(), port));
            assert!(!format!("{target:?}").contains("key"));
        }
        let target: PushTarget = "rtmp://user:key@host/app/key?token=1".parse().unwrap();
        assert_eq!(target.secret_url(target.host()), "rtmp://user:key@host:1935/app/key?token=1");
        assert_eq!(target.secret_url("2001:db8::1"), "rtmp://user:key@[2001:db8::1]:1935/app/key?token=1");
    }

    #[test]
    fn texts_that_are_no_address_of_a_receiver_are_errors_that_do_not_repeat_them() {
        let cases = [
            ("", PushTargetError::Scheme),
            ("http://host/live/key", PushTargetError::Scheme),
            ("file:///live/key", PushTargetError::Scheme),
            ("rtmp://host/live/ke y", PushTargetError::Text),
            ("rtmp://host/live/key\n", PushTargetError::Text),
            ("rtmp://host/live/key\"", PushTargetError::Text),
            ("rtmp:///live/key", PushTargetError::Host),
            ("rtmp://ho%73t/live/key", PushTargetError::Host),
            ("rtmp://[host]/live/key", PushTargetError::Host),
            ("rtmp://[::1]x/live/key", PushTargetError::Host),
            ("rtmp://host:99999/live/key", PushTargetError::Port),
            ("rtmp://host:0/live/key", PushTargetError::Port),
            ("srt://host", PushTargetError::Port),
            ("rtmp://host/live", PushTargetError::Path),
            ("rtmp://host/live/", PushTargetError::Path),
            ("rtmp://host//key", PushTargetError::Path),
            ("srt://host:1/path", PushTargetError::Query),
            ("srt://host:1?mode=listener", PushTargetError::Query),
            ("srt://user@host:1", PushTargetError::Query),
            ("srt://host:1?passphrase=short", PushTargetError::Passphrase),
            ("srt://host:1?passphrase=%61%62%63%64", PushTargetError::Passphrase),
        ];
        for (url, expected) in cases {
            let error = url.parse::<PushTarget>().unwrap_err();
            assert_eq!(error, expected, "{url:?}");
            assert!(!error.to_string().contains("ke y") && !error.to_string().contains("ho%73t"));
        }
        assert_eq!(format!("rtmp://host/live/{}", "k".repeat(3000)).parse::<PushTarget>(), Err(PushTargetError::Text));
    }
}
