//! The URL under which clients reach the server.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;

use crate::host::HostName;

/// An absolute HTTP URL that starts the addresses of a server, such as `https://gym.example` or
/// `https://gym.example/video`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicUrl {
    /// Without a slash at the end.
    text: String,
    host: HostName,
}

/// A text that is not such a URL.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "it is not a public URL: write http:// or https://, a host, and a path if there is one, without user name, query or \
     fragment, such as https://gym.example"
)]
pub struct PublicUrlError;

impl PublicUrl {
    /// Its name or address, without the port.
    #[must_use]
    pub fn host(&self) -> &HostName {
        &self.host
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"?#@\"<>\\^`{|}".contains(&byte);
        if !text.bytes().all(is_allowed) {
            return Err(PublicUrlError);
        }
        let uri: Uri = text.parse().map_err(|_| PublicUrlError)?;
        let authority = uri.authority().ok_or(PublicUrlError)?;
        let has_port = authority.as_str().rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
        let is_valid =
            matches!(uri.scheme_str(), Some("http" | "https")) && (!has_port || authority.port_u16().is_some());
        let host = authority.host().parse().map_err(|_| PublicUrlError)?;
        is_valid.then(|| Self { text: text.trim_end_matches('/').to_owned(), host }).ok_or(PublicUrlError)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_http_urls_are_accepted() {
        let cases = [
            ("https://gym.example", "https://gym.example", "gym.example"),
            ("https://gym.example/", "https://gym.example", "gym.example"),
            ("http://192.168.1.7:8080", "http://192.168.1.7:8080", "192.168.1.7"),
            ("http://[::1]:8080/a/b/", "http://[::1]:8080/a/b", "::1"),
            ("http://[::1]", "http://[::1]", "::1"),
        ];
        for (text, url, host) in cases {
            let parsed: PublicUrl = text.parse().unwrap_or_else(|_| panic!("{text}"));
            assert_eq!((parsed.to_string().as_str(), parsed.host()), (url, &host.parse().unwrap()));
        }
    }

    #[test]
    fn everything_else_is_rejected() {
        let invalid = [
            "",
            "gym.example",
            "gym.example:443",
            "//gym.example",
            "javascript:alert(1)",
            "ftp://gym.example",
            "https://",
            "https:///live",
            "https:gym.example",
            "https://gym.example:99999",
            "https://gym.example:x",
            "https://user@gym.example",
            "https://user:password@gym.example",
            "https://gym.example?a=b",
            "https://gym.example/#x",
            "https://gym.example\n",
            "https://gym.example/\r\nx: y",
            "https://gym exam.ple",
            "https://gym.example/\"x",
            "https://gym.example\u{7f}",
            "https://g\u{fc}m.example",
        ];
        for text in invalid {
            assert_eq!(text.parse::<PublicUrl>(), Err(PublicUrlError), "{text:?}");
        }
    }
}
