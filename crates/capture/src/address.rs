//! Addresses of cameras, as people enter them.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// Most characters of an address.
const MAX_LENGTH: usize = 2048;

/// How a camera is spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Protocol {
    Rtsp,
    Http,
}

/// The address of a camera, without a user name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct CameraUrl(Url);

/// What a camera asks for. The `Debug` form does not show the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
}

/// A text that is no address of a camera.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CameraUrlError {
    /// It is too long.
    #[error("an address has at most {MAX_LENGTH} characters")]
    TooLong,
    /// It has a space, or a character that addresses write as `%XX`.
    #[error("an address has no spaces and no special characters: write them as %XX")]
    Character,
    /// It is no URL.
    #[error("this is no address: write rtsp://HOST/PATH or http://HOST/PATH")]
    NotAUrl,
    /// It is of another kind.
    #[error("cameras are reached by rtsp, rtsps, http or https")]
    Scheme,
    /// It names no host.
    #[error("the address has no host")]
    NoHost,
    /// Its port is 0.
    #[error("the address has no port that can be reached")]
    Port,
}

impl CameraUrl {
    /// Reads an address, and the user name and password in it, which are not part of the result.
    ///
    /// # Errors
    /// When it is no address of a camera.
    pub fn parse(text: &str) -> Result<(Self, Option<Credentials>), CameraUrlError> {
        let text = text.trim();
        if text.len() > MAX_LENGTH {
            return Err(CameraUrlError::TooLong);
        }
        // The URL parser removes tabs and line ends, and reads `\` as `/`: others that see the same text would not.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\<>\"^`{|}".contains(&byte)) {
            return Err(CameraUrlError::Character);
        }
        let mut url = Url::parse(text).map_err(|_| CameraUrlError::NotAUrl)?;
        if !["rtsp", "rtsps", "http", "https"].contains(&url.scheme()) {
            return Err(CameraUrlError::Scheme);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(CameraUrlError::NoHost);
        }
        if url.port() == Some(0) {
            return Err(CameraUrlError::Port);
        }
        let decode = |text: &str| percent_decode(text).ok_or(CameraUrlError::Character);
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (username, password) => {
                Some(Credentials { username: decode(username)?, password: decode(password.unwrap_or_default())? })
            }
        };
        // A URL with a host has both.
        let (Ok(()), Ok(())) = (url.set_username(""), url.set_password(None)) else {
            return Err(CameraUrlError::NoHost);
        };
        url.set_fragment(None);
        Ok((Self(url), credentials))
    }

    /// The name or address of the host; that of IPv6 without brackets.
    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default().trim_matches(['[', ']'])
    }

    /// The port, that of the scheme by default.
    #[must_use]
    pub fn port(&self) -> u16 {
        let default = match self.0.scheme() {
            "rtsps" => 322,
            "http" => 80,
            "https" => 443,
            _ => 554,
        };
        self.0.port().unwrap_or(default)
    }

    pub(crate) fn protocol(&self) -> Protocol {
        if self.0.scheme().starts_with("rtsp") { Protocol::Rtsp } else { Protocol::Http }
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.scheme().ends_with('s')
    }

    /// The same, at an address of its host.
    pub(crate) fn at(&self, address: std::net::IpAddr) -> Option<Url> {
        let mut url = self.0.clone();
        url.set_ip_host(address).or_else(|()| url.set_host(Some(&bracketed(address))).map_err(drop)).ok()?;
        url.set_port(Some(self.port())).ok()?;
        Some(url)
    }
}

fn bracketed(address: std::net::IpAddr) -> String {
    match address {
        std::net::IpAddr::V4(address) => address.to_string(),
        std::net::IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Bytes written as `%XX`, if the result is text without control characters.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |byte: u8| char::from(byte).to_digit(16);
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                bytes.push((hex(*high)? * 16 + hex(*low)?) as u8);
                rest = after;
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

impl FromStr for CameraUrl {
    type Err = CameraUrlError;

    fn from_str(text: &str) -> Result<Self, CameraUrlError> {
        Self::parse(text).map(|(url, _)| url)
    }
}

impl fmt::Display for CameraUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for CameraUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Credentials({})", self.username)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_part_of_an_address() {
        let (url, credentials) = CameraUrl::parse(" rtsp://coach:p%40ss%3A@camera.lan/live?channel=1#top ").unwrap();
        assert_eq!(url.to_string(), "rtsp://camera.lan/live?channel=1");
        assert_eq!((url.host(), url.port(), url.is_secure()), ("camera.lan", 554, false));
        let credentials = credentials.unwrap();
        assert_eq!((&*credentials.username, &*credentials.password), ("coach", "p@ss:"));
        assert_eq!(format!("{credentials:?} {url:?}"), "Credentials(coach) rtsp://camera.lan/live?channel=1");
    }

    #[test]
    fn schemes_have_ports_and_addresses_are_pinned() {
        let cases = [
            ("rtsps://camera/live", 322, "rtsps://192.0.2.7:322/live"),
            ("http://camera/video.mjpg", 80, "http://192.0.2.7/video.mjpg"),
            ("https://camera/", 443, "https://192.0.2.7/"),
            ("rtsp://camera:8554/a?b=c", 8554, "rtsp://192.0.2.7:8554/a?b=c"),
            ("rtsp://[2001:db8::5]/a", 554, "rtsp://192.0.2.7:554/a"),
        ];
        for (text, port, pinned) in cases {
            let url: CameraUrl = text.parse().unwrap();
            assert_eq!((url.port(), url.at("192.0.2.7".parse().unwrap()).unwrap().as_str()), (port, pinned));
            assert!(url.at("2001:db8::9".parse().unwrap()).unwrap().as_str().contains("[2001:db8::9]"), "{text}");
        }
    }

    #[test]
    fn other_texts_are_rejected() {
        let cases = [
            ("", CameraUrlError::NotAUrl),
            ("camera", CameraUrlError::NotAUrl),
            ("file:///etc/passwd", CameraUrlError::Scheme),
            ("gopher://camera/", CameraUrlError::Scheme),
            ("javascript:alert(1)", CameraUrlError::Scheme),
            ("rtsp:camera", CameraUrlError::NoHost),
            ("rtsp:///live", CameraUrlError::NoHost),
            ("rtsp://camera:0/", CameraUrlError::Port),
            ("rtsp://camera:99999/", CameraUrlError::NotAUrl),
            ("rtsp://camera/a b", CameraUrlError::Character),
            ("http://camera\\@evil/", CameraUrlError::Character),
            ("rtsp://camera/\r\nDESCRIBE", CameraUrlError::Character),
            ("rtsp://us%0aer:x@camera/", CameraUrlError::Character),
            ("rtsp://us%ffer:x@camera/", CameraUrlError::Character),
        ];
        for (text, error) in cases {
            assert_eq!(CameraUrl::parse(text).unwrap_err(), error, "{text}");
        }
        assert_eq!(CameraUrl::parse(&format!("rtsp://{}", "a".repeat(3000))).unwrap_err(), CameraUrlError::TooLong);
    }
}
