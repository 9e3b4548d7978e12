//! Properties of every playlist of a stream, checked over random histories: playlists are parsed and compared with them.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::*;

const TARGET_SECS: u32 = 2;
const PARTS_PER_SEGMENT: usize = 4;
/// Complete segments that a sliding playlist keeps.
const WINDOW: usize = 9;

/// One step of a history: a part of so many frames, then perhaps the end of the segment, then perhaps a discontinuity.
#[derive(Clone, Copy, Debug)]
struct Step {
    frames: i128,
    completes: bool,
    breaks: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (14..=16_i128, prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    prop::collection::vec(step.prop_map(|(frames, completes, breaks)| Step { frames, completes, breaks }), 1..120)
}

/// A stream at 30 frames a second. URIs name what they refer to: `s<number>_d<discontinuities>`, and `p<...>_<part>`.
struct Stream {
    kind: LivePlaylistKind,
    segments: VecDeque<LiveSegment>,
    open: OpenSegment,
    first_sequence: u64,
    left_discontinuities: u64,
    discontinuities: u64,
    frames: i128,
}

impl Stream {
    fn new(kind: LivePlaylistKind) -> Self {
        let open = OpenSegment {
            program_time_nanos: 0,
            is_discontinuous: false,
            init_uri: Some("init_0.mp4".into()),
            parts: Vec::new(),
        };
        Self {
            kind,
            segments: VecDeque::new(),
            open,
            first_sequence: 0,
            left_discontinuities: 0,
            discontinuities: 0,
            frames: 0,
        }
    }

    fn name(&self) -> String {
        format!("{}_d{}", self.first_sequence + self.segments.len() as u64, self.discontinuities)
    }

    fn step(&mut self, step: Step) {
        let index = self.open.parts.len();
        let uri = format!("p{}_{index}", self.name());
        let duration = Rational::new(step.frames, 30);
        self.open.parts.push(Part { uri, duration, is_independent: index == 0 });
        self.frames += step.frames;
        if !step.completes && index + 1 < PARTS_PER_SEGMENT {
            return;
        }
        let uri = format!("s{}", self.name());
        self.discontinuities += u64::from(step.breaks);
        let open = OpenSegment {
            program_time_nanos: self.frames * 1_000_000_000 / 30,
            is_discontinuous: step.breaks,
            init_uri: Some(format!("init_{}.mp4", self.discontinuities).into()),
            parts: Vec::new(),
        };
        self.segments.push_back(std::mem::replace(&mut self.open, open).complete(uri));
        if self.kind == LivePlaylistKind::Sliding && self.segments.len() > WINDOW {
            let left = self.segments.pop_front().unwrap();
            self.first_sequence += 1;
            self.left_discontinuities += u64::from(left.is_discontinuous);
        }
    }

    fn live(&self) -> LivePlaylist<'_> {
        LivePlaylist {
            kind: self.kind,
            target_secs: TARGET_SECS,
            part_target: Rational::new(16, 30),
            longest_part_target: Rational::new(16, 30),
            first_sequence: self.first_sequence,
            discontinuity_sequence: self.left_discontinuities,
            segments: &self.segments,
            open: Some(&self.open),
            hint_uri: Some("next"),
            reports: &[],
            is_ended: false,
        }
    }
}

/// One segment or part, as a player reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Listed {
    sequence: u64,
    discontinuities: u64,
    init: String,
    date: String,
    uri: String,
    micros: i128,
}

/// A parsed playlist. The parser shares no code with the writer.
#[derive(Default)]
struct Read {
    attributes: BTreeMap<String, i128>,
    skipped: u64,
    segments: Vec<Listed>,
    parts: Vec<Listed>,
}

fn micros(decimal: &str) -> i128 {
    let (whole, fraction) = decimal.split_once('.').unwrap();
    assert_eq!(fraction.len(), 6, "{decimal}");
    format!("{whole}{fraction}").parse().unwrap()
}

fn read(text: &str) -> Read {
    let mut read = Read::default();
    let (mut sequence, mut discontinuities, mut duration) = (0, 0, None);
    let (mut init, mut date) = (String::new(), String::new());
    for line in text.lines() {
        let (tag, value) = line.split_once(':').unwrap_or((line, ""));
        let listed = |uri: &str, micros| {
            let (init, date, uri) = (init.clone(), date.clone(), uri.to_owned());
            Listed { sequence, discontinuities, init, date, uri, micros }
        };
        match tag {
            "#EXT-X-MEDIA-SEQUENCE" => sequence = value.parse().unwrap(),
            "#EXT-X-DISCONTINUITY-SEQUENCE" => discontinuities = value.parse().unwrap(),
            "#EXT-X-DISCONTINUITY" => discontinuities += 1,
            "#EXT-X-SKIP" => {
                read.skipped = value.strip_prefix("SKIPPED-SEGMENTS=").unwrap().parse().unwrap();
                sequence += read.skipped;
            }
            "#EXT-X-SERVER-CONTROL" | "#EXT-X-PART-INF" => {
                for (name, value) in value.split(',').map(|attribute| attribute.split_once('=').unwrap()) {
                    read.attributes.insert(name.to_owned(), if value == "YES" { 1 } else { micros(value) });
                }
            }
            "#EXT-X-MAP" => init = value.to_owned(),
            "#EXT-X-PROGRAM-DATE-TIME" => date = value.to_owned(),
            "#EXT-X-PART" => {
                let (duration, rest) = value.strip_prefix("DURATION=").unwrap().split_once(",URI=\"").unwrap();
                read.parts.push(listed(rest.split_once('"').unwrap().0, micros(duration)));
            }
            "#EXTINF" => duration = Some(micros(value.trim_end_matches(','))),
            _ if !line.starts_with('#') => {
                read.segments.push(listed(line, duration.take().unwrap()));
                sequence += 1;
                date.clear();
            }
            _ => (),
        }
    }
    read
}

fn check(stream: &Stream) {
    let live = stream.live();
    let text = live.text();
    let whole = read(&text);
    let second = 1_000_000_i128;

    // Segments and parts keep the numbers that they were published with.
    assert_eq!(whole.segments.len(), stream.segments.len());
    for listed in whole.segments.iter().chain(&whole.parts) {
        let name = format!("{}_d{}", listed.sequence, listed.discontinuities);
        assert!(listed.uri == format!("s{name}") || listed.uri.starts_with(&format!("p{name}_")), "{listed:?}\n{text}");
        assert_eq!(listed.init, format!("URI=\"init_{}.mp4\"", listed.discontinuities), "{text}");
        assert!(!listed.date.is_empty(), "{listed:?} has no time\n{text}");
    }

    // Durations stay within the limits of the header, and those of parts add up.
    let part_target = whole.attributes["PART-TARGET"];
    assert!(whole.parts.iter().all(|part| part.micros <= part_target), "{text}");
    assert!(whole.segments.iter().all(|it| (it.micros + second / 2) / second <= i128::from(TARGET_SECS)), "{text}");
    for segment in &whole.segments {
        let parts = whole.parts.iter().filter(|part| part.sequence == segment.sequence);
        let (count, sum) = parts.fold((0, 0), |(count, sum), part| (count + 1, sum + part.micros));
        assert!(count == 0 || (sum - segment.micros).abs() <= count, "{segment:?}\n{text}");
    }

    // Parts are listed near the end only, and every segment near the end has them.
    let newest: i128 =
        whole.parts.iter().filter(|it| it.sequence == live.edge().next_sequence).map(|it| it.micros).sum();
    let mut age = newest;
    for segment in whole.segments.iter().rev() {
        age += segment.micros;
        let has_parts = whole.parts.iter().any(|part| part.sequence == segment.sequence);
        let limit = i128::from(TARGET_SECS) * 3 * second;
        // Rounded durations do not decide within some microseconds of the limit.
        assert!(has_parts == (age < limit) || (age - limit).abs() < 99, "{segment:?}\n{text}");
    }

    // A delta update is the end of the same playlist; the segments it leaves out are before the skip boundary.
    let delta = read(&live.text_skipping());
    let (skipped, kept) = whole.segments.split_at(delta.skipped as usize);
    let boundary = whole.attributes["CAN-SKIP-UNTIL"];
    assert!(boundary >= i128::from(TARGET_SECS) * 6 * second);
    let kept_micros: i128 = kept.iter().map(|segment| segment.micros).sum();
    assert!(skipped.is_empty() || kept_micros + 99 >= boundary, "{text}");
    assert!(kept_micros - kept.first().map_or(0, |segment| segment.micros) < boundary, "too little is skipped\n{text}");
    let renumbered = |listed: &Listed| Listed { discontinuities: 0, ..listed.clone() };
    assert!(delta.segments.iter().map(renumbered).eq(kept.iter().map(renumbered)), "{text}");
    assert!(delta.parts.iter().map(renumbered).eq(whole.parts.iter().map(renumbered)), "{text}");
    assert_eq!(delta.attributes, whole.attributes);
    assert_eq!(delta.skipped == 0, live.text_skipping() == text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn playlists_agree_with_the_history_of_their_stream(
        steps in steps(),
        kind in prop_oneof![Just(LivePlaylistKind::Sliding), Just(LivePlaylistKind::Event)],
    ) {
        let mut stream = Stream::new(kind);
        for step in steps {
            stream.step(step);
            check(&stream);
        }
    }
}
