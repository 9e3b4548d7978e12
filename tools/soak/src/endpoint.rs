//! Address and path of a request, on this machine only.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hyper::Uri;

use crate::Result;

/// A resource of a server on this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    /// Path and query.
    pub(crate) path: String,
}

impl Endpoint {
    /// Parses a URL or an address. Hosts other than loopback are rejected, so that no other machine is put under load.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let uri: Uri = with_scheme.parse().map_err(|error| format!("{text}: {error}"))?;
        if uri.scheme_str() != Some("http") {
            return Err(format!("{text}: only http:// is supported").into());
        }
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let ip = if host == "localhost" { Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)) } else { host.parse::<IpAddr>() };
        let ip = ip.ok().filter(IpAddr::is_loopback).ok_or(format!("{text}: not a loopback address"))?;
        let address = SocketAddr::new(ip, uri.port_u16().unwrap_or(80));
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self { address, path: path.to_owned() })
    }

    /// Resolves a reference in a response. It must not refer to another server.
    pub(crate) fn join(&self, reference: &str) -> Result<Self> {
        if reference.contains("://") {
            let endpoint = Self::parse(reference)?;
            let same = endpoint.address == self.address;
            return if same { Ok(endpoint) } else { Err(format!("{reference}: refers to another server").into()) };
        }
        if reference.starts_with("//") {
            return Err(format!("{reference}: refers to another server").into());
        }
        if reference.starts_with('/') {
            return Ok(self.at(reference));
        }
        let own_path = self.path.split('?').next().unwrap_or_default();
        let mut steps: Vec<&str> = own_path.split('/').collect();
        steps.pop();
        let (path, query) = reference.split_once('?').map_or((reference, None), |(path, query)| (path, Some(query)));
        for step in path.split('/') {
            match step {
                "." => {}
                // The first step is the empty string before the first slash, which is kept.
                ".." if steps.len() > 1 => drop(steps.pop()),
                ".." => {}
                step => steps.push(step),
            }
        }
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Ok(self.at(&(steps.join("/") + &query)))
    }

    /// Another path of the same server.
    pub(crate) fn at(&self, path: &str) -> Self {
        Self { address: self.address, path: path.to_owned() }
    }

    /// The same resource with an additional query parameter.
    pub(crate) fn with_query(&self, query: &str) -> Self {
        let mark = if self.path.contains('?') { '&' } else { '?' };
        self.at(&format!("{}{mark}{query}", self.path))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "http://{}{}", self.address, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_accepted() {
        for good in ["http://127.0.0.1:8080/a", "localhost:1", "http://[::1]:80/", "127.9.9.9:1"] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["http://example.com/", "http://192.168.1.1:80", "https://127.0.0.1/", "http://0.0.0.0:80", "ftp://x"]
        {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
        let base = Endpoint::parse("127.0.0.1:8080/live/a/master.m3u8").unwrap();
        for bad in ["http://127.0.0.1:8081/x", "//example.com/x", "http://example.com/"] {
            assert!(base.join(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn references_are_resolved_against_the_folder() {
        let base = Endpoint::parse("http://127.0.0.1:8080/live/a/master.m3u8?x=1/2").unwrap();
        let path = |reference| base.join(reference).unwrap().path;
        assert_eq!(path("b.m3u8"), "/live/a/b.m3u8");
        assert_eq!(path("./c/b.m3u8?d=../e"), "/live/a/c/b.m3u8?d=../e");
        assert_eq!(path("../../../../b"), "/b");
        assert_eq!(path("/b?c"), "/b?c");
        assert_eq!(path("http://127.0.0.1:8080/d"), "/d");
        assert_eq!(base.with_query("y=2").path, "/live/a/master.m3u8?x=1/2&y=2");
    }
}
