//! Files that are embedded in the program.

use std::borrow::Cow;

use ::bytes::Bytes;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use rust_embed::EmbeddedFile;

use super::compressed_files::compressed;
use super::response::{REVALIDATED, bytes, revalidated};

/// A file as a response, or 304 for a client that has it.
pub(super) fn embedded(name: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let EmbeddedFile { data, metadata } = file;
    let hash = metadata.sha256_hash();
    let tag: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    revalidated(headers, &format!("\"{tag}\""), REVALIDATED, || {
        // Not copied: a copy per response could be requested many times.
        let data = match data {
            Cow::Borrowed(data) => Bytes::from_static(data),
            Cow::Owned(data) => data.into(),
        };
        let (kind, is_text) = kind(name);
        if !is_text {
            return bytes(kind, REVALIDATED, data);
        }
        let smaller = if accepts_brotli(headers) { compressed(hash, &data) } else { None };
        let coding = smaller.as_ref().map(|_| HeaderValue::from_static("br"));
        let mut response = bytes(kind, REVALIDATED, smaller.unwrap_or(data));
        response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(coding) = coding {
            response.headers_mut().insert(CONTENT_ENCODING, coding);
        }
        response
    })
}

/// Whether a client takes Brotli (RFC 9110, 12.5.3): what it names with a weight of zero, it does not.
fn accepts_brotli(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|entry| {
        let (coding, weight) = entry.split_once(';').unwrap_or((entry, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        coding.trim().eq_ignore_ascii_case("br") && weight.parse().is_ok_and(|weight: f32| weight > 0.0)
    })
}

/// The media type of a file, and whether it is text, which compresses.
fn kind(name: &str) -> (&'static str, bool) {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => ("text/html; charset=utf-8", true),
        Some("js" | "mjs") => ("text/javascript; charset=utf-8", true),
        Some("css") => ("text/css; charset=utf-8", true),
        Some("svg") => ("image/svg+xml", true),
        Some("png") => ("image/png", false),
        Some("webmanifest") => ("application/manifest+json", true),
        Some("woff2") => ("font/woff2", false),
        _ => ("text/plain; charset=utf-8", true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_sent_to_those_who_accept_it() {
        let cases = [
            ("gzip, deflate, br, zstd", true),
            ("br", true),
            ("gzip;q=0.5, BR;q=0.1", true),
            ("br;q=0", false),
            ("br;q=0.000, gzip", false),
            ("gzip, brotli", false),
            ("", false),
        ];
        for (value, expected) in cases {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(accepts_brotli(&headers), expected, "{value}");
        }
        assert!(!accepts_brotli(&HeaderMap::new()));
    }
}
