//! Two hundred files, each with a random codec, container, cut, edit list and matrix. The seed follows from the date, unless
//! `REPCAST_SEED` is set.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use repcast_media::ColorModel;
use repcast_model::geometry::Orientation;
use repcast_model::time::Rational;

use super::boxes::{Entry, ONE, set_edits, set_matrix};
use super::clips::{Base, FRAMES, H264, H264_B, H264_FULL, H265, PRORES, QTRLE, VP8, VP9};
use super::clips::{number_at, open, presented_by_ffmpeg, remux};

const FILES: u64 = 200;

const FRAME: Rational = Rational::new_raw(1, 30);

/// Precision of edit lists, in seconds; shorter frames are not checked.
const TICK: Rational = Rational::new_raw(1, 1000);

/// Ticks of a track in a frame.
const FRAME_TICKS: i32 = 512;

/// A generator whose sequence for a seed never changes (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    pub(crate) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// The seed of this run, which is printed.
pub(crate) fn seed() -> u64 {
    let days = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() / 86_400;
    let seed = std::env::var("REPCAST_SEED").map_or(days, |seed| seed.parse().expect("REPCAST_SEED is a number"));
    println!("REPCAST_SEED={seed}");
    seed
}

/// Clip time zero in ffmpeg's times.
#[derive(Clone, Copy, Debug)]
enum Zero {
    /// The first frame if it is at most two frames late, as after reordering and cuts.
    NearFirst,
    /// The first frame, however late.
    First,
    /// Zero, after this many milliseconds without a frame.
    After(u32),
}

#[derive(Debug)]
struct File {
    base: Base,
    ending: &'static str,
    before: String,
    after: String,
    /// Fragments that are removed at the start.
    dropped: usize,
    edits: Vec<Entry>,
    matrix: Option<usize>,
    zero: Zero,
}

/// The eight rotations and reflections, as matrices and in the terms of repcast.
const ORIENTATIONS: [([i32; 4], bool, u8); 8] = [
    ([1, 0, 0, 1], false, 0),
    ([0, 1, -1, 0], false, 1),
    ([-1, 0, 0, -1], false, 2),
    ([0, -1, 1, 0], false, 3),
    ([-1, 0, 0, 1], true, 0),
    ([1, 0, 0, -1], true, 2),
    ([0, 1, 1, 0], true, 3),
    ([0, -1, -1, 0], true, 1),
];

fn random_file(random: &mut Random) -> File {
    let base = random.of(&[H264_B, H264_B, H264_B, H264, H264, H264_FULL, H265, PRORES, QTRLE, VP9, VP8]);
    let is_h26x = [H264_B, H264, H264_FULL, H265].contains(&base);
    let ending = match base {
        PRORES | QTRLE => "mov",
        VP9 | VP8 => random.of(&["webm", "mkv"]),
        _ => random.of(&["mp4", "mp4", "mov", "mkv"]),
    };
    let is_movie = ["mp4", "mov"].contains(&ending);
    let mut file = File {
        base,
        ending,
        before: String::new(),
        after: String::new(),
        dropped: 0,
        edits: Vec::new(),
        matrix: None,
        zero: Zero::NearFirst,
    };
    if is_movie {
        file.after.push_str("-video_track_timescale 15360 ");
    }
    match random.below(if is_movie { 6 } else { 3 }) {
        0 => {}
        1 => {
            let start = random.below(1100);
            write!(file.before, "-ss {}ms ", start).unwrap();
            write!(file.after, "-t {}ms ", 150 + random.below(900)).unwrap();
            if random.below(2) == 0 {
                // The delay of reordering becomes an empty edit.
                file.after.push_str("-avoid_negative_ts make_zero ");
                if is_movie {
                    file.zero = Zero::After(0);
                }
            }
        }
        2 => {
            let delay = 100 + random.below(900) as u32;
            write!(file.after, "-output_ts_offset {delay}ms ").unwrap();
            // Matroska has no start delay: a file starts with its first cluster.
            file.zero = if is_movie { Zero::After(0) } else { Zero::First };
        }
        3 if is_h26x => {
            file.after.push_str(random.of(&[
                "-movflags frag_keyframe ",
                "-movflags frag_keyframe+empty_moov ",
                "-movflags frag_keyframe+empty_moov+default_base_moof ",
                "-movflags frag_keyframe+delay_moov ",
                "-movflags frag_keyframe+delay_moov+negative_cts_offsets+default_base_moof ",
                "-movflags empty_moov+default_base_moof -frag_duration 250000 ",
                "-movflags dash+frag_keyframe+delay_moov ",
            ]));
            if file.after.contains("keyframe") && file.after.contains("default_base_moof") && random.below(2) == 0 {
                file.dropped = 1 + random.below(2) as usize;
                file.zero = Zero::First;
            }
        }
        4 if is_h26x => {
            file.after.push_str(random.of(&[
                "-use_editlist 0 ",
                "-movflags negative_cts_offsets ",
                "-movflags faststart ",
            ]));
        }
        _ => file.edits = random_edits(random, base, &mut file.zero),
    }
    if is_movie && !file.after.contains("movflags") && random.below(3) == 0 {
        file.matrix = Some(random.below(8) as usize);
    }
    file
}

/// One edit that may start between frames, sometimes after an empty edit; or several edits that start at frames, for clips
/// without reordering. ffmpeg does not implement other lists according to the standard; they are tested in `edits`.
fn random_edits(random: &mut Random, base: Base, zero: &mut Zero) -> Vec<Entry> {
    let is_reordered = [H264_B, H264_FULL, H265].contains(&base);
    // Composition time of the first frame, which reordering delays.
    let lead = if is_reordered { 2 * FRAME_TICKS } else { 0 };
    let mut edits = Vec::new();
    let parts = if is_reordered { 1 } else { 1 + random.below(3) };
    if parts == 1 && random.below(3) == 0 {
        let millis = 100 + random.below(400) as u32;
        *zero = Zero::After(millis);
        edits.push(Entry { millis, media_time: -1, rate: ONE });
    }
    for _ in 0..parts {
        let frame = random.below(u64::from(FRAMES) - 12) as i32;
        let between = if parts > 1 || random.below(2) == 0 { 0 } else { 60 + random.below(390) as i32 };
        let frames = 4 + random.below(u64::from(FRAMES) - 8 - frame as u64) as u32;
        edits.push(Entry { millis: frames * 1000 / 30, media_time: lead + frame * FRAME_TICKS + between, rate: ONE });
    }
    edits
}

impl File {
    fn write(&self, path: &Path) {
        let source = self.base.write(match self.base {
            VP9 | VP8 => "webm",
            PRORES | QTRLE => "mov",
            _ => "mp4",
        });
        remux(&source, &self.before, &self.after, path);
        if !self.edits.is_empty() {
            set_edits(path, &self.edits);
        }
        if let Some(turn) = self.matrix {
            set_matrix(path, ORIENTATIONS[turn].0.map(|number| number << 16));
        }
        if self.dropped > 0 {
            drop_fragments(path, self.dropped);
        }
    }

    fn check(&self, path: &Path) {
        let presented = presented_by_ffmpeg(path);
        let (probed, mut clip) = open(path);
        let first = presented[0].0;
        let zero = match self.zero {
            Zero::First => first,
            Zero::NearFirst => {
                if first <= FRAME * 2 + TICK {
                    first
                } else {
                    Rational::from_integer(0)
                }
            }
            Zero::After(delay) => {
                let lag = first - Rational::new(i128::from(delay), 1000);
                if delay > 0 && lag <= FRAME * 2 + TICK { lag } else { Rational::from_integer(0) }
            }
        };
        let is_exact =
            matches!(self.zero, Zero::NearFirst) && self.edits.is_empty() && !["mkv", "webm"].contains(&self.ending);
        for (index, (start, number)) in presented.iter().enumerate() {
            let end = presented.get(index + 1).map_or(*start + FRAME, |(next, _)| *next);
            let mut times = vec![*start + TICK * 2, (*start + end) / 2, end - TICK * 2];
            if end - *start < TICK * 5 {
                times.clear();
            } else if is_exact {
                times.push(*start);
            }
            for time in times {
                let time = time - zero;
                let around = &presented[index.saturating_sub(2)..(index + 3).min(presented.len())];
                let around: Vec<_> = around.iter().map(|(start, number)| format!("{start}: {number:?}")).collect();
                let found = number_at(&mut clip, time);
                assert!(found == *number, "{found:?} at {time} s, zero at {zero}, ffmpeg has {}", around.join(", "));
            }
        }
        let last = presented[presented.len() - 1].0 - zero;
        let duration = probed.info.duration;
        assert!(
            duration > last && duration < last + FRAME + TICK * 3,
            "duration is {duration} s, the last frame starts at {last}"
        );
        let (_, mirrored, quarter_turns) = ORIENTATIONS[self.matrix.unwrap_or(0)];
        assert_eq!(probed.info.orientation, Orientation { mirrored, quarter_turns });
        let frame = clip.frame_at(repcast_model::time::SourceTime(Rational::from_integer(0))).unwrap();
        if let ColorModel::Yuv(_, range) = frame.layout.model {
            let is_full = range == repcast_model::color::Range::Full;
            assert_eq!(is_full, is_full_range_for_ffprobe(path), "range in {}", path.display());
        }
    }
}

fn is_full_range_for_ffprobe(path: &Path) -> bool {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-select_streams", "v", "-show_entries", "stream=color_range", "-of", "csv=p=0"]);
    let output = command.arg(path).output().expect("ffprobe must be installed");
    String::from_utf8(output.stdout).unwrap().lines().any(|line| line.trim_end_matches(',') == "pc")
}

/// Removes the first fragments, each a `moof` and an `mdat`, as when a viewer joins late.
fn drop_fragments(path: &Path, count: usize) {
    let bytes = std::fs::read(path).unwrap();
    let (mut rest, mut kept, mut seen) = (&bytes[..], Vec::new(), 0);
    while rest.len() >= 8 {
        let (whole, after) = rest.split_at(u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize);
        seen += usize::from(&whole[4..8] == b"moof");
        let belongs_to_fragment = [b"moof", b"mdat"].iter().any(|kind| &whole[4..8] == *kind);
        if (!belongs_to_fragment || seen > count) && ![b"mfra", b"sidx"].iter().any(|kind| &whole[4..8] == *kind) {
            kept.extend_from_slice(whole);
        }
        rest = after;
    }
    std::fs::write(path, kept).unwrap();
}

#[test]
fn random_files_are_shown_as_ffmpeg_presents_them() {
    let seed = seed();
    let folder = tempfile::tempdir().unwrap();
    let checked = |number: u64| {
        let file = random_file(&mut Random(seed.wrapping_mul(1_000_003).wrapping_add(number)));
        let path = folder.path().join(format!("{number}.{}", file.ending));
        let result = std::panic::catch_unwind(|| {
            file.write(&path);
            file.check(&path);
        });
        result.err().map(|error| {
            let message = error.downcast_ref::<String>().cloned().unwrap_or_default();
            format!("file {number}: {file:?}\n  {message}")
        })
    };
    let failures: Vec<String> = (0..FILES).filter_map(checked).collect();
    assert!(failures.is_empty(), "seed {seed}, {} of {FILES}:\n{}", failures.len(), failures.join("\n"));
}
