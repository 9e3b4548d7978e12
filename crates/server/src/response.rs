//! Responses of several handlers: bytes, and ranges of them.

use std::ops::{Range, RangeInclusive};

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, LOCATION,
    RANGE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use repcast_http::{Problem, ProblemKind};

/// For immutable resources: a year, which caches treat as unlimited.
pub(super) const FOREVER: &str = "public, max-age=31536000, immutable";

/// Revalidated on each use: the addresses carry no version.
pub(super) const REVALIDATED: &str = "no-cache";

/// For resources that change all the time.
pub(super) const NEVER: &str = "no-store";

/// JSON documents.
pub(super) const JSON: &str = "application/json";

/// Video: segments, parts, init segments.
pub(super) const MP4: &str = "video/mp4";

/// Playlists (RFC 8216, 4).
pub(super) const PLAYLIST: &str = "application/vnd.apple.mpegurl";

/// Captions: segments and parts of WebVTT.
pub(super) const VTT: &str = "text/vtt; charset=utf-8";

/// A response that names another address: of what it has created, or of the page to go on with.
pub(super) fn located(response: impl IntoResponse, location: &str) -> Response {
    let mut response = response.into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// Bytes with a content type and a Cache-Control value.
pub(super) fn bytes(kind: &'static str, cache: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_str(cache).unwrap_or(HeaderValue::from_static(NEVER)));
    response
}

/// A response with an entity tag, or 304 for a client that has it (RFC 9110, 13.1.2).
pub(super) fn revalidated(
    headers: &HeaderMap,
    tag: &str,
    cache: &'static str,
    response: impl FnOnce() -> Response,
) -> Response {
    let known = headers.get_all(IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    // A proxy that compresses makes the tag a weak one.
    let mut entries = known.flat_map(|value| value.split(',')).map(|entry| entry.trim().trim_start_matches("W/"));
    let is_known = entries.any(|entry| entry == tag || entry == "*");
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { response() };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// The range that a request asks for: the Range header of a GET, which alone may have one (RFC 9110, 14.2). With If-Range
/// it is ignored: responses here have no validator that could match (13.1.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RequestedRange<'a>(Option<&'a str>);

impl<'a> RequestedRange<'a> {
    /// The range of a request.
    pub(super) fn of(method: &Method, headers: &'a HeaderMap) -> Self {
        let mut ranges = headers.get_all(RANGE).iter();
        Self(match (ranges.next(), ranges.next()) {
            (Some(range), None) if method == Method::GET && !headers.contains_key(IF_RANGE) => range.to_str().ok(),
            _ => None,
        })
    }

    /// First and last byte of a resource of this length; `None` for all of it, an error for a range outside.
    fn of_length(self, length: u64) -> Option<Result<(u64, u64), ()>> {
        range(self.0?, length)
    }

    /// The number of bytes requested from the first one on, of a resource of unknown length; `None` for all of it, and for
    /// ranges with another start.
    pub(super) fn of_endless(self) -> Option<u64> {
        match self.of_length(u64::MAX)? {
            Ok((0, last)) if last < u64::MAX - 1 => Some(last + 1),
            _ => None,
        }
    }
}

/// Bytes that never change under their address, or the requested range of them (RFC 9110, 14).
pub(super) fn ranged(kind: &'static str, cache: &str, data: &Bytes, requested: RequestedRange<'_>) -> Response {
    let part = |range: Range<u64>| data.slice(range.start as usize..range.end as usize).into();
    ranged_body(kind, cache, data.len() as u64, requested, part)
}

/// `length` bytes that never change under their address, or the requested range of them. `part` makes the body of a range
/// of them.
pub(super) fn ranged_body(
    kind: &'static str,
    cache: &str,
    length: u64,
    requested: RequestedRange<'_>,
    part: impl FnOnce(Range<u64>) -> Body,
) -> Response {
    let range = requested.of_length(length);
    let (status, bounds) = match range {
        // A range in another unit, or several of them, may be ignored (14.2).
        None => (StatusCode::OK, 0..length),
        Some(Ok((first, last))) => (StatusCode::PARTIAL_CONTENT, first..last + 1),
        Some(Err(())) => {
            let detail = format!("The range is outside of the {length} bytes of the resource.");
            let problem = Problem::new(ProblemKind::Other(StatusCode::RANGE_NOT_SATISFIABLE), detail);
            return with_range(problem.into_response(), &format!("*/{length}"));
        }
    };
    let size = bounds.end - bounds.start;
    let mut response = bytes(kind, cache, part(bounds));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_LENGTH, size.into());
    match range {
        Some(Ok((first, last))) => with_range(response, &format!("{first}-{last}/{length}")),
        _ => response,
    }
}

/// The first `length` bytes of a resource of unknown length; its last byte may be far ahead (RFC 8673, 2.2).
pub(super) fn beginning(kind: &'static str, length: u64, body: impl Into<Body>) -> Response {
    let mut response = bytes(kind, NEVER, body);
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    with_range(response, &format!("0-{}/*", length.saturating_sub(1)))
}

fn with_range(mut response: Response, range: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("bytes {range}")) {
        response.headers_mut().insert(CONTENT_RANGE, value);
    }
    response
}

/// First and last byte of a single range (14.1.2); `None` for one to be ignored, an error for one that cannot be satisfied.
fn range(text: &str, length: u64) -> Option<Result<(u64, u64), ()>> {
    // Several ranges may be ignored (14.2); malformed ones and other units are (14.1.1).
    let single = Some(text).filter(|text| !text.contains(','))?;
    let ranges = http_range_header::parse_range_header(single.trim()).ok()?;
    // A suffix of an empty resource is no range.
    let first = ranges.validate(length).ok().and_then(|valid| valid.first().cloned());
    Some(first.map(RangeInclusive::into_inner).ok_or(()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    #[test]
    fn ranges_are_parsed_as_specified() {
        let cases = [
            ("bytes=0-0", Some(Ok((0, 0)))),
            ("bytes=2-", Some(Ok((2, 9)))),
            ("bytes=2-99", Some(Ok((2, 9)))),
            ("Bytes=2-3", Some(Ok((2, 3)))),
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

    #[test]
    fn endless_resources_have_only_ranges_from_the_start() {
        let cases = [
            ("bytes=0-1", Some(2)),
            ("bytes=0-0", Some(1)),
            ("bytes=0-9007199254740991", Some(9_007_199_254_740_992)),
            ("bytes=0-", None),
            ("bytes=0-99999999999999999999999", None),
            ("bytes=1-2", None),
            ("bytes=5-", None),
            ("bytes=-5", None),
            ("bytes=0-1,4-5", None),
            ("items=0-1", None),
        ];
        for (text, expected) in cases {
            assert_eq!(RequestedRange(Some(text)).of_endless(), expected, "{text}");
        }
        assert_eq!(RequestedRange(None).of_endless(), None);
    }

    #[test]
    fn only_a_get_without_if_range_has_a_range() {
        let headers = |names: &[(HeaderName, &'static str)]| -> HeaderMap {
            names.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
        };
        let one = headers(&[(RANGE, "bytes=0-1")]);
        assert_eq!(RequestedRange::of(&Method::GET, &one), RequestedRange(Some("bytes=0-1")));
        assert_eq!(RequestedRange::of(&Method::HEAD, &one), RequestedRange(None));
        assert_eq!(
            RequestedRange::of(&Method::GET, &headers(&[(RANGE, "bytes=0-1"), (IF_RANGE, "\"x\"")])),
            RequestedRange(None)
        );
        let mut two = one.clone();
        two.append(RANGE, HeaderValue::from_static("bytes=4-5"));
        assert_eq!(RequestedRange::of(&Method::GET, &two), RequestedRange(None));
    }
}
