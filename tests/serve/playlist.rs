//! Media playlists as a player reads them. Each one is validated by `media-doctor`.

use std::collections::HashMap;

use media_doctor::{Report, check_hls_playlist};

/// A part of a segment.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Part {
    pub(crate) uri: String,
    pub(crate) secs: f64,
    pub(crate) is_independent: bool,
}

/// A segment; the last one may have only parts.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Segment {
    /// `None` while the segment is open.
    pub(crate) uri: Option<String>,
    pub(crate) secs: f64,
    pub(crate) program_time: String,
    pub(crate) parts: Vec<Part>,
}

/// A media playlist.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Playlist {
    pub(crate) text: String,
    pub(crate) first_sequence: u64,
    pub(crate) skipped: u64,
    pub(crate) init: String,
    pub(crate) segments: Vec<Segment>,
    pub(crate) hint: Option<String>,
    /// URI, segment and part of the rendition reports.
    pub(crate) reports: Vec<(String, u64, u64)>,
    pub(crate) is_ended: bool,
}

impl Playlist {
    /// Parses a playlist, which must be valid.
    pub(crate) fn read(text: &str) -> Self {
        check(text);
        let mut playlist = Self { text: text.to_owned(), ..Self::default() };
        let mut next = Segment::default();
        for line in text.lines().skip(1) {
            let (tag, value) = line.split_once(':').unwrap_or((line, ""));
            let attribute = |name: &str| attributes(value).remove(name).unwrap_or_default();
            match tag {
                "#EXT-X-MEDIA-SEQUENCE" => playlist.first_sequence = value.parse().unwrap(),
                "#EXT-X-SKIP" => playlist.skipped = attribute("SKIPPED-SEGMENTS").parse().unwrap(),
                "#EXT-X-MAP" => playlist.init = attribute("URI"),
                "#EXT-X-PROGRAM-DATE-TIME" => next.program_time = value.to_owned(),
                "#EXT-X-PART" => next.parts.push(Part {
                    uri: attribute("URI"),
                    secs: attribute("DURATION").parse().unwrap(),
                    is_independent: attribute("INDEPENDENT") == "YES",
                }),
                "#EXTINF" => next.secs = value.trim_end_matches(',').parse().unwrap(),
                "#EXT-X-PRELOAD-HINT" => playlist.hint = Some(attribute("URI")),
                "#EXT-X-RENDITION-REPORT" => {
                    let number = |name: &str| attribute(name).parse().unwrap();
                    playlist.reports.push((attribute("URI"), number("LAST-MSN"), number("LAST-PART")));
                }
                "#EXT-X-ENDLIST" => playlist.is_ended = true,
                _ if line.starts_with('#') || line.is_empty() => {}
                uri => {
                    let uri = Some(uri.to_owned());
                    playlist.segments.push(Segment { uri, ..std::mem::take(&mut next) });
                }
            }
        }
        if !next.parts.is_empty() {
            playlist.segments.push(next);
        }
        playlist
    }

    /// The media sequence number of the open or next segment, and the number of its parts.
    pub(crate) fn edge(&self) -> (u64, u64) {
        let complete = self.segments.iter().filter(|segment| segment.uri.is_some()).count() as u64;
        let open = self.segments.last().filter(|segment| segment.uri.is_none());
        (self.first_sequence + self.skipped + complete, open.map_or(0, |segment| segment.parts.len() as u64))
    }

    /// All parts that the playlist lists.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.segments.iter().flat_map(|segment| &segment.parts)
    }

    /// Duration of all complete segments.
    pub(crate) fn secs(&self) -> f64 {
        self.segments.iter().map(|segment| segment.secs).sum()
    }
}

/// Asserts that a master or media playlist is valid.
pub(crate) fn check(text: &str) {
    let mut report = Report::new();
    check_hls_playlist(text, &mut report);
    assert!(report.findings().is_empty(), "{:?}\n{text}", report.findings());
}

fn attributes(list: &str) -> HashMap<String, String> {
    // No value in these tests has a comma within its quotes.
    let pairs = list.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}
