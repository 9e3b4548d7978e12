//! Validation of the host that a request names. Proxies and caches route by it; a header that they and this server parse
//! differently allows requests to be smuggled past them, so that anything ambiguous is rejected (RFC 9112, 3.2). A page
//! whose own name resolves to the address of this server (DNS rebinding) is kept out by the list of allowed names.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode, Uri, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::{Problem, ProblemKind};
use crate::public_url::PublicUrl;

/// The names and addresses by which clients may address the server. Requests without any are always allowed: browsers
/// send one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum AllowedHosts {
    /// All.
    #[default]
    Any,
    /// `localhost`, loopback addresses, and this name or address if there is one.
    Loopback(Option<String>),
    /// `localhost`, all IP addresses, and this name.
    Public(String),
}

impl AllowedHosts {
    /// The hosts of a server that listens on an address and is reached by a public URL, if there is one. Without a URL, a
    /// server that listens beyond loopback does not know its names.
    #[must_use]
    pub fn new(listen: IpAddr, public_url: Option<&PublicUrl>) -> Self {
        let public = public_url.map(|url| url.host().to_owned());
        match public {
            public if listen.to_canonical().is_loopback() => Self::Loopback(public),
            Some(public) => Self::Public(public),
            None => Self::Any,
        }
    }

    /// Whether a valid host, with or without a port, is allowed.
    fn allows(&self, host: &str) -> bool {
        let name = name_of(host);
        let address = IpAddr::from_str(name).ok();
        let is = |allowed: &str| name.eq_ignore_ascii_case(name_of(allowed));
        match self {
            Self::Any => true,
            Self::Loopback(public) => {
                is("localhost")
                    || address.is_some_and(|address| address.to_canonical().is_loopback())
                    || public.as_deref().is_some_and(is)
            }
            Self::Public(public) => is("localhost") || address.is_some() || is(public),
        }
    }
}

/// The name or address of a host: without port, brackets, and the dot of a fully qualified name.
fn name_of(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    // More than one colon occurs in an IPv6 address without brackets only.
    let name = host.split_once(':').filter(|(_, port)| !port.contains(':')).map_or(host, |(name, _)| name);
    name.strip_suffix('.').unwrap_or(name)
}

/// Middleware that rejects a request whose host is missing, repeated or invalid with 400, and one for another server with
/// 421. In HTTP/1 it also closes the connection.
pub(crate) async fn check_host(State(allowed): State<Arc<AllowedHosts>>, request: Request, next: Next) -> Response {
    let version = request.version();
    let reject = |kind, detail| Problem::new(kind, detail).closing_connection(version).into_response();
    let host = match requested_host(version, request.uri(), request.headers()) {
        Ok(host) => host,
        Err(error) => return reject(ProblemKind::Malformed, error.to_owned()),
    };
    if host.is_empty() || allowed.allows(host) {
        return next.run(request).await;
    }
    let detail = format!("This server is not {host}. Use its address, or the name that it is configured with.");
    reject(StatusCode::MISDIRECTED_REQUEST.into(), detail)
}

/// The host that a request names, or the empty string if it names none. HTTP/1.0 does not require one, and HTTP/2 has
/// `:authority` in place of the header. That of the target takes precedence (RFC 9112, 3.2.2).
fn requested_host<'a>(version: Version, uri: &'a Uri, headers: &'a HeaderMap) -> Result<&'a str, &'static str> {
    let mut hosts = headers.get_all(HOST).iter();
    let header = match (hosts.next(), hosts.next()) {
        (None, _) if version == Version::HTTP_11 => return Err("An HTTP/1.1 request needs a Host header."),
        (None, _) => None,
        (Some(_), Some(_)) => return Err("The request has more than one Host header."),
        (Some(host), None) => Some(
            host.to_str()
                .ok()
                .filter(|host| is_host(host.as_bytes()))
                .ok_or("The Host header is invalid: write a name or an address, optionally with a port.")?,
        ),
    };
    let target = uri.authority().map(|authority| authority.as_str());
    match (target, header) {
        (Some(target), _) if !is_host(target.as_bytes()) => {
            Err("The authority is invalid: write a name or an address, optionally with a port.")
        }
        (Some(target), Some(header)) if version == Version::HTTP_2 && !target.eq_ignore_ascii_case(header) => {
            Err("The Host header differs from the authority.")
        }
        (Some(target), _) => Ok(target),
        (None, header) => Ok(header.unwrap_or_default()),
    }
}

/// Whether `text` is `uri-host [ ":" port ]` (RFC 9110, 7.2; RFC 3986, 3.2.2), or empty, as for a URI without authority.
fn is_host(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    if text.is_empty() {
        return true;
    }
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(literal) = text.strip_prefix('[') {
        let Some((address, rest)) = literal.split_once(']') else { return false };
        return Ipv6Addr::from_str(address).is_ok() && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
    }
    let (name, port) = text.split_once(':').unwrap_or((text, ""));
    !name.is_empty() && is_name(name.as_bytes()) && is_port(port)
}

/// Whether `rest` is a `reg-name`: unreserved characters, percent-encoded bytes and sub-delimiters.
fn is_name(mut rest: &[u8]) -> bool {
    loop {
        rest = match rest {
            [] => return true,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest,
            [byte, rest @ ..] if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(byte) => rest,
            _ => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_validated_as_the_standard_requires() {
        for host in
            ["", "x", "gym.example", "gym.example:8080", "a_b", "127.0.0.1:1", "[::1]", "[::1]:80", "x:", "%C3%A9"]
        {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        let invalid = [
            ":80",
            "a b",
            "a:b",
            "a:1:2",
            "user@host",
            "http://host",
            "host/",
            "host?",
            "a#b",
            "[::1",
            "::1",
            "[x]",
            "[::1]x",
            "[::1]:x",
            "a\"b",
            "a\tb",
            "%C3%",
            "%zz",
            "é",
            "a\\b",
            "a,b:c",
            "x:+1",
        ];
        for host in invalid {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
        assert!(!is_host(b"\xff"));
    }

    #[test]
    fn a_name_has_no_port_brackets_or_final_dot() {
        for (host, name) in [
            ("gym.example", "gym.example"),
            ("gym.example.:80", "gym.example"),
            ("127.0.0.1:8080", "127.0.0.1"),
            ("[::1]:8080", "::1"),
            ("[::1]", "::1"),
            ("::1", "::1"),
        ] {
            assert_eq!(name_of(host), name);
        }
    }

    #[test]
    fn allowed_hosts_follow_from_address_and_url() {
        let hosts = |listen: &str, url: Option<&str>| {
            let url = url.map(|url| url.parse().unwrap());
            AllowedHosts::new(listen.parse().unwrap(), url.as_ref())
        };
        let gym = || "gym.example".to_owned();
        assert_eq!(hosts("127.0.0.1", None), AllowedHosts::Loopback(None));
        assert_eq!(hosts("::1", Some("https://gym.example/x")), AllowedHosts::Loopback(Some(gym())));
        assert_eq!(hosts("0.0.0.0", Some("https://gym.example:8443")), AllowedHosts::Public(gym()));
        assert_eq!(hosts("::", None), AllowedHosts::Any);
    }

    #[test]
    fn a_server_on_loopback_has_loopback_names_and_its_public_one() {
        let hosts = AllowedHosts::Loopback(Some("gym.example".to_owned()));
        for own in
            ["localhost", "LOCALHOST:1", "localhost.", "127.0.0.1:8080", "127.9.9.9", "[::1]:80", "Gym.Example:443"]
        {
            assert!(hosts.allows(own), "{own}");
        }
        assert!(hosts.allows("[::ffff:127.0.0.1]"));
        for other in
            ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.1.7", "0.0.0.0", "[::]"]
        {
            assert!(!hosts.allows(other), "{other}");
        }
        assert!(!AllowedHosts::Loopback(None).allows("gym.example"));
    }

    #[test]
    fn a_server_with_a_public_name_has_that_and_its_addresses() {
        let hosts = AllowedHosts::Public("gym.example".to_owned());
        for own in ["gym.example", "GYM.example.:8443", "192.168.1.7:8080", "[2001:db8::1]", "localhost"] {
            assert!(hosts.allows(own), "{own}");
        }
        for other in ["evil.example", "gym.example.evil", "a.gym.example", "1.2.3.4.5"] {
            assert!(!hosts.allows(other), "{other}");
        }
        assert!(AllowedHosts::Any.allows("evil.example"));
    }

    #[test]
    fn the_authority_takes_precedence_and_must_agree_in_http2() {
        let headers = |host: &'static str| HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
        let uri = |text: &str| text.parse::<Uri>().unwrap();
        let (absolute, path) = (uri("http://a.example:80/x"), uri("/x"));
        assert_eq!(requested_host(Version::HTTP_11, &absolute, &headers("b")), Ok("a.example:80"));
        assert_eq!(requested_host(Version::HTTP_11, &path, &headers("b")), Ok("b"));
        assert_eq!(requested_host(Version::HTTP_2, &absolute, &HeaderMap::new()), Ok("a.example:80"));
        assert_eq!(requested_host(Version::HTTP_2, &absolute, &headers("A.example:80")), Ok("a.example:80"));
        assert!(requested_host(Version::HTTP_2, &absolute, &headers("b")).is_err());
        assert!(requested_host(Version::HTTP_2, &uri("http://user@a/x"), &HeaderMap::new()).is_err());
        assert_eq!(requested_host(Version::HTTP_10, &path, &HeaderMap::new()), Ok(""));
        assert!(requested_host(Version::HTTP_11, &path, &HeaderMap::new()).is_err());
    }
}
