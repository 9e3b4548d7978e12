//! Answers that several handlers give.

use axum::body::Body;
use axum::http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::http::{Fault, Problem};

/// For what never changes: a year, the longest that means anything (RFC 9111, 1.2.2 counts in seconds).
pub(super) const FOREVER: &str = "public, max-age=31536000, immutable";

/// For what changes all the time.
pub(super) const NEVER: &str = "no-store";

/// Video: segments, parts, init segments.
pub(super) const MP4: &str = "video/mp4";

/// Playlists (RFC 8216, 4).
pub(super) const PLAYLIST: &str = "application/vnd.apple.mpegurl";

/// Bytes of a kind, and how long caches may keep them.
pub(super) fn bytes(kind: &'static str, cache: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_str(cache).unwrap_or(HeaderValue::from_static(NEVER)));
    response
}

/// Immutable bytes, or the range of them that is asked for (RFC 9110, 14).
pub(super) fn ranged(kind: &'static str, data: &Bytes, request: &HeaderMap) -> Response {
    let length = data.len() as u64;
    let range = request.get(RANGE).and_then(|value| value.to_str().ok()).and_then(|text| range(text, length));
    let (status, part) = match range {
        // A range in another unit, or several of them, may be ignored (14.2).
        None => (StatusCode::OK, data.clone()),
        Some(Ok((first, last))) => (StatusCode::PARTIAL_CONTENT, data.slice(first as usize..=last as usize)),
        Some(Err(())) => {
            let detail = format!("The range lies outside of the {length} bytes there are.");
            let problem = Problem::new(Fault::Other(StatusCode::RANGE_NOT_SATISFIABLE), detail);
            let mut response = problem.into_response();
            if let Ok(value) = HeaderValue::from_str(&format!("bytes */{length}")) {
                response.headers_mut().insert(CONTENT_RANGE, value);
            }
            return response;
        }
    };
    let size = part.len();
    let mut response = bytes(kind, FOREVER, part);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_LENGTH, size.into());
    if let Some(Ok((first, last))) = range
        && let Ok(value) = HeaderValue::from_str(&format!("bytes {first}-{last}/{length}"))
    {
        headers.insert(CONTENT_RANGE, value);
    }
    response
}

/// First and last byte of a single range (14.1.2); nothing for what is to be ignored, an error for what cannot be met.
fn range(text: &str, length: u64) -> Option<Result<(u64, u64), ()>> {
    let spec = text.trim().strip_prefix("bytes=")?;
    let (first, last) = spec.split_once('-')?;
    let number =
        |digits: &str| digits.trim().bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.trim().parse::<u64>());
    Some(match (first.trim(), last.trim()) {
        ("", "") => return None,
        ("", suffix) => match number(suffix)?.unwrap_or(u64::MAX) {
            0 => Err(()),
            _ if length == 0 => Err(()),
            count => Ok((length.saturating_sub(count), length - 1)),
        },
        (first, last) => {
            let from = number(first)?.unwrap_or(u64::MAX);
            let to = if last.is_empty() { u64::MAX } else { number(last)?.unwrap_or(u64::MAX) };
            if to < from {
                return None;
            }
            if from < length { Ok((from, to.min(length - 1))) } else { Err(()) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let cases = [
            ("bytes=0-0", Some(Ok((0, 0)))),
            ("bytes=2-", Some(Ok((2, 9)))),
            ("bytes=2-99", Some(Ok((2, 9)))),
            ("bytes=-3", Some(Ok((7, 9)))),
            ("bytes=-99", Some(Ok((0, 9)))),
            ("bytes=10-", Some(Err(()))),
            ("bytes=-0", Some(Err(()))),
            ("bytes=99999999999999999999-", Some(Err(()))),
            ("bytes=5-2", None),
            ("bytes=0-1,4-5", None),
            ("bytes=a-b", None),
            ("bytes=-", None),
            ("items=0-1", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(range(text, 10), expected, "{text}");
        }
    }
}
