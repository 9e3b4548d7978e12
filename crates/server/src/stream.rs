//! Requests of players: playlists, init segments, segments, parts, and the growing MP4.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde::Deserialize;
use tokio::time::timeout;

use super::response::{FOREVER, MP4, NEVER, PLAYLIST, RequestedRange, VTT, beginning, bytes, ranged, ranged_body};
use super::state::AppState;
use super::{growing_mp4, spooled_segment};
use repcast_engine::live::{FIRST_SEQUENCE, JointReader, Lookup, SegmentFormat, StreamPosition, Window};
use repcast_http::{Problem, ProblemKind};
use repcast_mux::hls::{Decision, PlaylistEdge, Reload, RenditionReport};
use repcast_service::LiveSession;

/// Target durations for which a request may be blocked (draft-pantos-hls-rfc8216bis, 6.2.5.2).
const MAX_BLOCKED_TARGETS: u32 = 3;

/// The caching of a closed playlist, whose session is available for about as long.
const CLOSED: &str = "public, max-age=30";

/// The master playlist; waits until there are enough segments to start with.
#[utoipa::path(get, path = "/live/{id}/master.m3u8", operation_id = "getMasterPlaylist", tag = "stream", params(("id" = String, Path, description = "The session's id")),
    responses((status = 200, description = "The master playlist", content_type = "application/vnd.apple.mpegurl"),
        (status = 404, description = "No such session"), (status = 503, description = "There is no frame yet")))]
pub(super) async fn master(State(state): State<Arc<AppState>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let session = state.session(&id)?;
    for (_, window) in session.stream.windows() {
        wait(window, has_enough_segments).await?;
    }
    let text = session.stream.master().ok_or_else(not_yet)?;
    Ok(bytes(PLAYLIST, "public, max-age=1", text))
}

/// The playlist of a rendition, and the media files that it names.
#[utoipa::path(get, path = "/live/{id}/{rendition}/{file}", operation_id = "getStreamFile", tag = "stream",
    params(("id" = String, Path, description = "The session's id"), ("rendition" = String, Path),
        ("file" = String, Path, description = "media.m3u8, init-N.mp4, SEGMENT.m4s or SEGMENT.PART.m4s; of captions SEGMENT.vtt or SEGMENT.PART.vtt"),
        ("_HLS_msn" = Option<u64>, Query, description = "Of media.m3u8: wait for this segment"),
        ("_HLS_part" = Option<u64>, Query, description = "Of media.m3u8: and this part of it"),
        ("Range" = Option<String>, Header, description = "Of media: one range of bytes")),
    responses((status = 200, description = "The playlist or its media",
            content((String = "application/vnd.apple.mpegurl"), (Vec<u8> = "video/mp4"), (String = "text/vtt"))),
        (status = 206, description = "A range of it", body = Vec<u8>, content_type = "video/mp4"),
        (status = 400, description = "The request is too far ahead of the stream"),
        (status = 404, description = "No such session, rendition or file"), (status = 410, description = "It is no longer available"),
        (status = 416, description = "No such range"),
        (status = 503, description = "It is not available yet")))]
pub(super) async fn file(
    State(state): State<Arc<AppState>>,
    Path((id, rendition, file)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = state.session(&id)?;
    let window = session.stream.window(&rendition);
    let window = window.ok_or_else(|| Problem::new(ProblemKind::NotFound, "The stream has no such rendition."))?;
    if file == "media.m3u8" {
        return media(&session, &rendition, window, query.as_deref()).await;
    }
    let format = window.format();
    let find = || match parse(&file, format) {
        Some(Name::Init(number)) => window.init(number),
        Some(Name::Segment(sequence)) => window.segment(sequence),
        Some(Name::Part(place)) => window.part(place),
        None => Lookup::Never,
    };
    let content_type = if format == SegmentFormat::WebVtt { VTT } else { MP4 };
    // A part that was announced is available shortly.
    wait(window, |_| find() != Lookup::NotYet).await?;
    match find() {
        Lookup::Ready(data) => Ok(ranged(content_type, FOREVER, &data, RequestedRange::of(&method, &headers))),
        Lookup::OnDisk(spooled) => {
            let length = spooled.length();
            let part = |range| Body::from_stream(spooled_segment::pieces(range, move |piece| spooled.read(piece)));
            Ok(ranged_body(content_type, FOREVER, length, RequestedRange::of(&method, &headers), part))
        }
        Lookup::Gone => Err(Problem::new(ProblemKind::Gone, "This part of the stream is no longer available.")),
        Lookup::NotYet | Lookup::Never => {
            Err(Problem::new(ProblemKind::NotFound, "The stream has no file with this name."))
        }
    }
}

async fn media(session: &LiveSession, name: &str, window: &Window, query: Option<&str>) -> Result<Response, Problem> {
    let reload = Reload::parse(query).map_err(|fault| Problem::new(ProblemKind::Malformed, fault.to_string()))?;
    if reload.decide(*window.edge().borrow()) == Decision::TooFar {
        return Err(Problem::new(ProblemKind::Malformed, "_HLS_msn or _HLS_part is too far ahead of the stream."));
    }
    // A player requests audio and captions together with a rendition of the video, and is one viewer.
    if session.stream.renditions().iter().any(|rendition| rendition.name == name) {
        session.viewers.record_request(reload.sequence.is_some());
    }
    wait(window, |edge| has_enough_segments(edge) && reload.decide(edge) != Decision::Wait).await?;
    let others = session.stream.windows().filter(|(other, _)| *other != name);
    let report = |(other, window): (&str, &Arc<Window>)| {
        let (last_sequence, last_part) = window.newest()?;
        Some(RenditionReport { uri: format!("../{other}/media.m3u8"), last_sequence, last_part })
    };
    let reports: Vec<RenditionReport> = others.filter_map(report).collect();
    // Read first: a playlist that closes in between is cached for a short time only.
    let is_ended = window.edge().borrow().is_ended;
    let text = window.shared_playlist(&reports, reload.is_delta);
    let cache = match (is_ended, reload.sequence) {
        (true, _) => CLOSED.to_owned(),
        // The response to a blocking request is the same for all clients, and outdated soon.
        (false, Some(_)) => format!("public, max-age={}", window.target_secs()),
        (false, None) => "public, max-age=1".to_owned(),
    };
    Ok(bytes(PLAYLIST, &cache, text))
}

/// Segments that must exist before players may read. Chromium's own HLS player fails with two, GStreamer's with one.
const MIN_SEGMENTS: u64 = 3;

/// Whether there are enough segments to start with.
fn has_enough_segments(edge: PlaylistEdge) -> bool {
    edge.is_ended || edge.next_sequence >= FIRST_SEQUENCE + MIN_SEGMENTS
}

/// Waits until a window satisfies a condition.
async fn wait(window: &Window, mut is_reached: impl FnMut(PlaylistEdge) -> bool) -> Result<(), Problem> {
    let mut edge = window.edge();
    let limit = Duration::from_secs(u64::from(window.target_secs() * MAX_BLOCKED_TARGETS));
    let reached = async {
        loop {
            // The edge is copied, so that it is not locked while the window is read.
            let now = *edge.borrow_and_update();
            if is_reached(now) {
                return true;
            }
            if edge.changed().await.is_err() {
                return false;
            }
        }
    };
    // After the timeout, and when the stream has ended before.
    if timeout(limit, reached).await == Ok(true) { Ok(()) } else { Err(not_yet()) }
}

fn not_yet() -> Problem {
    Problem::new(ProblemKind::Unavailable, "The stream has not reached this position yet.")
        .retry_after(Duration::from_secs(1))
}

/// A file of a rendition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Name {
    Init(u64),
    Segment(u64),
    Part(StreamPosition),
}

/// Each file has one name, so that caches hold it once: numbers without leading zeros.
fn parse(file: &str, format: SegmentFormat) -> Option<Name> {
    let number = |digits: &str| digits.parse::<u64>().ok().filter(|number| number.to_string() == digits);
    if let Some(digits) = file.strip_prefix("init-").and_then(|rest| rest.strip_suffix(".mp4")) {
        return number(digits).map(Name::Init);
    }
    let stem = file.strip_suffix(format.extension())?.strip_suffix('.')?;
    match stem.split_once('.') {
        None => number(stem).map(Name::Segment),
        Some((sequence, part)) => Some(Name::Part(StreamPosition { sequence: number(sequence)?, part: number(part)? })),
    }
}

/// The query of the growing MP4.
#[derive(Deserialize)]
pub(super) struct GrowingQuery {
    rendition: Option<String>,
}

/// A growing MP4 that starts with the newest segment.
///
/// Each request starts a stream of its own, so that only its first bytes can be requested as a range. Safari's media player
/// requests two bytes and then, if the response is 206, bytes from 0 to a distant end; both responses are 206 with an
/// unknown length (RFC 9110, 14.4; RFC 8673). Other ranges are ignored (RFC 9110, 14.2): `0-` is the whole stream, which
/// ffmpeg requests by default and takes as empty when the response is a 206 of unknown length; and bytes from another
/// offset would not continue an earlier response. A stream that has ended has a length, and all its ranges.
#[utoipa::path(get, path = "/live/{id}/stream.mp4", operation_id = "getStream", tag = "stream",
    params(("id" = String, Path, description = "The session's id"), ("rendition" = Option<String>, Query, description = "Its name; the largest by default"),
        ("Range" = Option<String>, Header,
            description = "While the session plays, `bytes=0-N`: its first bytes; other ranges are ignored")),
    responses((status = 200, description = "Fragmented MP4, while it is rendered", content_type = "video/mp4"),
        (status = 206, description = "The first bytes of it; a range, when the session has ended",
            content_type = "video/mp4"),
        (status = 404, description = "No such session or rendition"),
        (status = 416, description = "No such range, of a session that has ended"),
        (status = 503, description = "There is no frame yet")))]
pub(super) async fn growing(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    Query(GrowingQuery { rendition }): Query<GrowingQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let session = state.session(&id)?;
    let mut renditions = session.stream.renditions().iter();
    let found = match rendition {
        None => renditions.next(),
        Some(name) => renditions.find(|other| other.name == name),
    };
    let rendition = found.ok_or_else(|| Problem::new(ProblemKind::NotFound, "The stream has no such rendition."))?;
    let has_part = |edge: PlaylistEdge| edge.is_ended || edge.next_sequence > FIRST_SEQUENCE || edge.parts > 0;
    for window in [&rendition.window].into_iter().chain(session.stream.audio()) {
        wait(window, has_part).await?;
    }
    let reader = || JointReader::new(&rendition.window, session.stream.audio()).ok_or_else(not_yet);
    let requested = RequestedRange::of(&method, &headers);
    if let Some(pieces) = growing_mp4::finished(&session, reader()?) {
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        let part = |range| Body::from_stream(growing_mp4::part(pieces, range));
        return Ok(ranged_body(MP4, NEVER, length, requested, part));
    }
    let reader = reader()?;
    let init = reader.init().clone();
    let length = requested.of_endless();
    // A client that only tests whether ranges are supported is not a viewer.
    if let Some(length) = length.filter(|length| *length <= init.len() as u64) {
        return Ok(beginning(MP4, length, init.slice(..length as usize)));
    }
    let pieces = growing_mp4::pieces(&session, reader);
    Ok(match length {
        Some(length) => beginning(MP4, length, Body::from_stream(growing_mp4::limited(pieces, length))),
        None => bytes(MP4, NEVER, Body::from_stream(pieces)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_one_name() {
        let parse = |name: &str| parse(name, SegmentFormat::Mp4);
        assert_eq!(parse("init-0.mp4"), Some(Name::Init(0)));
        assert_eq!(parse("12.m4s"), Some(Name::Segment(12)));
        assert_eq!(parse("12.3.m4s"), Some(Name::Part(StreamPosition { sequence: 12, part: 3 })));
        assert_eq!(super::parse("12.3.vtt", SegmentFormat::WebVtt), parse("12.3.m4s"));
        assert_eq!(super::parse("12.m4s", SegmentFormat::WebVtt), None);
        let others = [
            "",
            "012.m4s",
            "+1.m4s",
            "1.2.3.m4s",
            "-1.m4s",
            "1..m4s",
            ".m4s",
            "init-.mp4",
            "init-01.mp4",
            "init-0.m4s",
            "99999999999999999999.m4s",
            "../media.m3u8",
            "1.mp4",
            "1.vtt",
            "1m4s",
            "master.m3u8",
        ];
        others.iter().for_each(|name| assert_eq!(parse(name), None, "{name}"));
    }
}
