//! What players ask for: playlists, init segments, segments, parts, and the growing file.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde::Deserialize;
use tokio::time::timeout;

use super::answer::{Asked, FOREVER, MP4, NEVER, PLAYLIST, beginning, bytes, ranged};
use super::app::App;
use super::growth;
use repcast_http::{Fault, Problem};
use super::hub::Entry;
use super::sessions::find;
use repcast_mux::hls::{Decision, Edge, Reload, Report};
use repcast_engine::live::{FIRST_SEQUENCE, Lookup, Place, Rendition};

/// Target durations that a request may be held back for (the draft of RFC 8216bis, 6.2.5.2).
const HELD_TARGETS: u32 = 3;

/// Seconds for which a closed playlist may be kept: as long as its session can be found.
const CLOSED: &str = "public, max-age=30";

/// The master playlist; waits until there are segments to begin with.
#[utoipa::path(get, path = "/live/{id}/master.m3u8", tag = "stream", params(("id" = String, Path)),
    responses((status = 200, description = "The master playlist", content_type = "application/vnd.apple.mpegurl"),
        (status = 404, description = "No such session"), (status = 503, description = "There is no picture yet")))]
pub(super) async fn master(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let entry = find(&app, &id)?;
    for rendition in entry.stream.renditions() {
        wait(rendition, is_begun).await?;
    }
    let text = entry.stream.master().ok_or_else(not_yet)?;
    Ok(bytes(PLAYLIST, "public, max-age=1", text))
}

/// Whatever a rendition's playlist and those who read it ask for.
#[utoipa::path(get, path = "/live/{id}/{rendition}/{file}", tag = "stream",
    params(("id" = String, Path), ("rendition" = String, Path),
        ("file" = String, Path, description = "media.m3u8, init-N.mp4, SEGMENT.m4s or SEGMENT.PART.m4s"),
        ("_HLS_msn" = Option<u64>, Query, description = "Of media.m3u8: wait for this segment"),
        ("_HLS_part" = Option<u64>, Query, description = "Of media.m3u8: and this part of it"),
        ("Range" = Option<String>, Header, description = "Of media: one range of bytes")),
    responses((status = 200, description = "The playlist or its media"), (status = 206, description = "A range of it"),
        (status = 400, description = "It asks for what lies too far ahead"),
        (status = 404, description = "No such session, rendition or file"), (status = 410, description = "It is gone"),
        (status = 416, description = "No such range")))]
pub(super) async fn file(
    State(app): State<Arc<App>>,
    Path((id, rendition, file)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let entry = find(&app, &id)?;
    let named = entry.stream.renditions().iter().find(|known| known.name == rendition);
    let rendition = named.ok_or_else(|| Problem::new(Fault::NotFound, "The stream has no such rendition."))?;
    if file == "media.m3u8" {
        return media(&entry, rendition, query.as_deref()).await;
    }
    let window = &rendition.window;
    let look = || match parse(&file) {
        Some(Name::Init(number)) => window.init(number),
        Some(Name::Segment(sequence)) => window.segment(sequence),
        Some(Name::Part(place)) => window.part(place),
        None => Lookup::Never,
    };
    // A part that was announced is waited for: it is there within moments.
    wait(rendition, |_| look() != Lookup::NotYet).await?;
    match look() {
        Lookup::Ready(data) => Ok(ranged(MP4, FOREVER, &data, Asked::of(&method, &headers))),
        Lookup::OnDisk(spooled) => {
            let read = tokio::task::spawn_blocking(move || spooled.read()).await;
            let failed = || Problem::new(Fault::Internal, "The segment could not be read back.");
            let data = read.map_err(|_| failed())?.map_err(|_| failed())?;
            Ok(ranged(MP4, FOREVER, &data, Asked::of(&method, &headers)))
        }
        Lookup::Gone => Err(Problem::new(Fault::Gone, "The stream does not hold this any more.")),
        Lookup::NotYet | Lookup::Never => Err(Problem::new(Fault::NotFound, "The stream holds no file of this name.")),
    }
}

async fn media(entry: &Entry, rendition: &Rendition, query: Option<&str>) -> Result<Response, Problem> {
    let reload = Reload::parse(query).map_err(|fault| Problem::new(Fault::Malformed, fault.to_string()))?;
    let window = &rendition.window;
    if reload.decide(*window.edge().borrow()) == Decision::TooFar {
        return Err(Problem::new(Fault::Malformed, "_HLS_msn or _HLS_part lies too far ahead of the stream."));
    }
    entry.audience.asked(reload.sequence.is_some());
    wait(rendition, |edge| is_begun(edge) && reload.decide(edge) != Decision::Wait).await?;
    let others = entry.stream.renditions().iter().filter(|other| other.name != rendition.name);
    let report = |other: &Rendition| {
        let (last_sequence, last_part) = other.window.newest()?;
        Some(Report { uri: format!("../{}/media.m3u8", other.name), last_sequence, last_part })
    };
    let reports: Vec<Report> = others.filter_map(report).collect();
    // Looked at first: a playlist that closes in between is kept for a moment only.
    let is_ended = window.edge().borrow().is_ended;
    let text = window.playlist(&reports, reload.is_delta);
    let cache = match (is_ended, reload.sequence) {
        (true, _) => CLOSED.to_owned(),
        // The answer to a blocking request is the same for all who ask it, and soon of no use to anybody.
        (false, Some(_)) => format!("public, max-age={}", window.target_secs()),
        (false, None) => "public, max-age=1".to_owned(),
    };
    Ok(bytes(PLAYLIST, &cache, text))
}

/// Segments that there must be before players may look. Chromium's own HLS fails for good when there are two, GStreamer's
/// when there is one.
const LEAST_SEGMENTS: u64 = 3;

/// Whether there is enough to begin with.
fn is_begun(edge: Edge) -> bool {
    edge.is_ended || edge.next_sequence >= FIRST_SEQUENCE + LEAST_SEGMENTS
}

/// Waits until a rendition is as far as it must be.
async fn wait(rendition: &Rendition, mut is_there: impl FnMut(Edge) -> bool) -> Result<(), Problem> {
    let mut edge = rendition.window.edge();
    let patience = Duration::from_secs(u64::from(rendition.window.target_secs() * HELD_TARGETS));
    let there = async {
        loop {
            // The edge is copied, so that nothing is locked while somebody looks into the window.
            let now = *edge.borrow_and_update();
            if is_there(now) {
                return true;
            }
            if edge.changed().await.is_err() {
                return false;
            }
        }
    };
    // Whether the time is up or the sender is gone: the stream did not get there.
    if timeout(patience, there).await == Ok(true) { Ok(()) } else { Err(not_yet()) }
}

fn not_yet() -> Problem {
    Problem::new(Fault::Unavailable, "The stream is not that far yet.").retry_after(Duration::from_secs(1))
}

/// A file of a rendition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Name {
    Init(u64),
    Segment(u64),
    Part(Place),
}

/// Names are numbers, written in one way only, so that caches hold each thing once.
fn parse(file: &str) -> Option<Name> {
    let number = |digits: &str| digits.parse::<u64>().ok().filter(|number| number.to_string() == digits);
    if let Some(digits) = file.strip_prefix("init-").and_then(|rest| rest.strip_suffix(".mp4")) {
        return number(digits).map(Name::Init);
    }
    let stem = file.strip_suffix(".m4s")?;
    match stem.split_once('.') {
        None => number(stem).map(Name::Segment),
        Some((sequence, part)) => Some(Name::Part(Place { sequence: number(sequence)?, part: number(part)? })),
    }
}

/// Which rendition of the growing file.
#[derive(Deserialize)]
pub(super) struct Which {
    rendition: Option<String>,
}

/// A growing MP4 that begins with the newest segment.
///
/// Each request starts a stream of its own, so that only the beginning can be asked for by range. Safari's media player asks for two bytes
/// and then, when these come as 206, for bytes from 0 to some far end; both are answered so, with an unknown length
/// (RFC 9110, 14.4; RFC 8673). All other ranges are ignored, as they may be (RFC 9110, 14.2): `0-` is the whole, which
/// ffmpeg asks for by default and takes to be empty when it comes as a 206 of unknown length; and bytes from elsewhere are
/// not those of an answer that came before. What has ended has a length, and all its ranges.
#[utoipa::path(get, path = "/live/{id}/stream.mp4", tag = "stream",
    params(("id" = String, Path), ("rendition" = Option<String>, Query, description = "Its name; the largest by default"),
        ("Range" = Option<String>, Header,
            description = "While the session plays, `bytes=0-N`: its first bytes; other ranges are ignored")),
    responses((status = 200, description = "Fragmented MP4, as it is made", content_type = "video/mp4"),
        (status = 206, description = "The first bytes of it; a range, when the session has ended",
            content_type = "video/mp4"),
        (status = 404, description = "No such session or rendition"),
        (status = 416, description = "No such range, of a session that has ended"),
        (status = 503, description = "There is no picture yet")))]
pub(super) async fn growing(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(Which { rendition }): Query<Which>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let entry = find(&app, &id)?;
    let mut renditions = entry.stream.renditions().iter();
    let found = match rendition {
        None => renditions.next(),
        Some(name) => renditions.find(|known| known.name == name),
    };
    let rendition = found.ok_or_else(|| Problem::new(Fault::NotFound, "The stream has no such rendition."))?;
    wait(rendition, |edge| edge.is_ended || edge.next_sequence > FIRST_SEQUENCE || edge.parts > 0).await?;
    let asked = Asked::of(&method, &headers);
    if let Some(whole) = growth::finished(&entry, rendition) {
        return Ok(ranged(MP4, NEVER, &whole, asked));
    }
    let (init, place) = rendition.window.join().ok_or_else(not_yet)?;
    let length = asked.of_endless();
    // Who only looks whether ranges are answered does not watch.
    if let Some(length) = length.filter(|length| *length <= init.len() as u64) {
        return Ok(beginning(MP4, length, init.slice(..length as usize)));
    }
    let pieces = growth::pieces(&entry, rendition, init, place);
    Ok(match length {
        Some(length) => beginning(MP4, length, Body::from_stream(growth::limited(pieces, length))),
        None => bytes(MP4, NEVER, Body::from_stream(pieces)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_one_name_each() {
        assert_eq!(parse("init-0.mp4"), Some(Name::Init(0)));
        assert_eq!(parse("12.m4s"), Some(Name::Segment(12)));
        assert_eq!(parse("12.3.m4s"), Some(Name::Part(Place { sequence: 12, part: 3 })));
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
            "master.m3u8",
        ];
        others.iter().for_each(|name| assert_eq!(parse(name), None, "{name}"));
    }
}
