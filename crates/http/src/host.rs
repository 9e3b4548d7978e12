//! Validation of the Host header (RFC 9112, 3.2). Proxies and caches route by it; a header that they and this server parse
//! differently allows requests to be smuggled past them, so that anything ambiguous is rejected.

use std::net::Ipv6Addr;
use std::str::FromStr;

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::{HeaderMap, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::{Problem, ProblemKind};

/// Middleware that rejects a request whose Host header is missing, repeated or invalid with 400, and closes its
/// connection.
pub(crate) async fn check_host(request: Request, next: Next) -> Response {
    let version = request.version();
    match host_error(version, request.headers()) {
        None => next.run(request).await,
        Some(error) => Problem::new(ProblemKind::Malformed, error).closing_connection(version).into_response(),
    }
}

/// The error in the header, if any. HTTP/1.0 does not require it, and HTTP/2 has `:authority` in its place.
fn host_error(version: Version, headers: &HeaderMap) -> Option<&'static str> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version == Version::HTTP_11 => Some("An HTTP/1.1 request needs a Host header."),
        (None, _) => None,
        (Some(_), Some(_)) => Some("The request has more than one Host header."),
        (Some(host), None) if is_host(host.as_bytes()) => None,
        (Some(_), None) => Some("The Host header is invalid: write a name or an address, optionally with a port."),
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
}
