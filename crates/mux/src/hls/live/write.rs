//! The text of a live playlist, from its header to its last line.

use super::super::text::{date_time, decimal};
use super::super::{head, line};
use super::{LivePlaylist, LivePlaylistKind, LiveSegment, Part, RenditionReport, SKIP_TARGETS};
use repcast_model::time::Rational;

/// EXT-X-SKIP needs 9 (the draft, section 8).
const VERSION: u32 = 9;

/// Players without low latency stay this many target durations before the end (4.4.3.8 allows no fewer).
const HOLD_BACK_TARGETS: u32 = 3;
/// Players with low latency stay this many part targets before the end (4.4.3.8).
pub const PART_HOLD_BACK_PARTS: i128 = 3;

impl LivePlaylist<'_> {
    /// The playlist without its `skipped` oldest segments, whose number a delta update states.
    pub(super) fn text_from(&self, skipped: usize) -> String {
        let mut text = head(VERSION);
        self.write_header(&mut text);
        if skipped > 0 {
            line(&mut text, format_args!("#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}"));
        }
        let first_with_parts = self.segments.len() - self.with_parts();
        // After a skip the init segment is named again, although the player has had it: not all of them keep it.
        let mut init = None;
        for (index, segment) in self.segments.iter().enumerate().skip(skipped) {
            let LiveSegment { uri, program_time_nanos, is_discontinuous, init_uri, parts, .. } = segment;
            write_start(&mut text, &mut init, *is_discontinuous, init_uri.as_deref(), *program_time_nanos);
            if index >= first_with_parts {
                write_parts(&mut text, parts);
            }
            line(&mut text, format_args!("#EXTINF:{},", decimal(segment.duration.min(self.longest()), 6)));
            line(&mut text, format_args!("{uri}"));
        }
        if self.is_ended {
            line(&mut text, format_args!("#EXT-X-ENDLIST"));
        } else {
            self.write_edge(&mut text, init);
        }
        text
    }

    fn write_header(&self, text: &mut String) {
        line(text, format_args!("#EXT-X-TARGETDURATION:{}", self.target_secs));
        if !self.is_ended {
            line(
                text,
                format_args!(
                    "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={},HOLD-BACK={},CAN-SKIP-UNTIL={}",
                    decimal(in_micros(self.longest_part_target) * PART_HOLD_BACK_PARTS, 6),
                    decimal(self.targets(HOLD_BACK_TARGETS), 6),
                    decimal(self.targets(SKIP_TARGETS), 6),
                ),
            );
            line(text, format_args!("#EXT-X-PART-INF:PART-TARGET={}", decimal(in_micros(self.part_target), 6)));
        }
        line(text, format_args!("#EXT-X-MEDIA-SEQUENCE:{}", self.first_sequence));
        // A playlist that can lose a discontinuity has to count from the start (6.2.2).
        let has_discontinuity = self.segments.iter().any(|segment| segment.is_discontinuous);
        if self.discontinuity_sequence > 0 || has_discontinuity {
            line(text, format_args!("#EXT-X-DISCONTINUITY-SEQUENCE:{}", self.discontinuity_sequence));
        }
        if self.kind == LivePlaylistKind::Event {
            line(text, format_args!("#EXT-X-PLAYLIST-TYPE:EVENT"));
        }
    }

    /// What follows the complete segments: the open one, the hint, the reports.
    fn write_edge<'a>(&'a self, text: &mut String, mut init: Option<&'a str>) {
        // Without a part its tags would apply to nothing.
        if let Some(open) = self.open.filter(|open| !open.parts.is_empty()) {
            write_start(text, &mut init, open.is_discontinuous, open.init_uri.as_deref(), open.program_time_nanos);
            write_parts(text, &open.parts);
        }
        if let Some(uri) = self.hint_uri {
            line(text, format_args!("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{uri}\""));
        }
        for RenditionReport { uri, last_sequence, last_part } in self.reports {
            line(
                text,
                format_args!("#EXT-X-RENDITION-REPORT:URI=\"{uri}\",LAST-MSN={last_sequence},LAST-PART={last_part}"),
            );
        }
    }

    /// The longest duration that, written with six places, still rounds to the target duration.
    fn longest(&self) -> Rational {
        self.targets(1) + Rational::new(499_999, 1_000_000)
    }
}

/// A part target as playlists state it, rounded up: rounded down, the media of a full part would be longer.
fn in_micros(part_target: Rational) -> Rational {
    let micros = Rational::from_integer(1_000_000);
    (part_target * micros).ceil() / micros
}

/// The tags before a segment's first part (4.4.4.9). `init` is the init segment that is in force there.
fn write_start<'a>(
    text: &mut String,
    init: &mut Option<&'a str>,
    is_discontinuous: bool,
    init_uri: Option<&'a str>,
    program_time_nanos: i128,
) {
    if is_discontinuous {
        line(text, format_args!("#EXT-X-DISCONTINUITY"));
    }
    if let Some(init_uri) = init_uri
        && init.replace(init_uri) != Some(init_uri)
    {
        line(text, format_args!("#EXT-X-MAP:URI=\"{init_uri}\""));
    }
    line(text, format_args!("#EXT-X-PROGRAM-DATE-TIME:{}", date_time(program_time_nanos)));
}

fn write_parts(text: &mut String, parts: &[Part]) {
    for Part { uri, duration, is_independent } in parts {
        let independent = if *is_independent { ",INDEPENDENT=YES" } else { "" };
        line(text, format_args!("#EXT-X-PART:DURATION={},URI=\"{uri}\"{independent}", decimal(*duration, 6)));
    }
}
