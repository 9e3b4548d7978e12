//! Numbered pictures as one clip.
//!
//! ffmpeg's `image2` begins at a number from 0 to 4, or at the one given by an option, and ends at the first hole. Here a
//! sequence begins at the folder's lowest number, because compositing programs count from 1001 and editors from the time
//! of day, and what is missing inside it leaves the picture before it standing, so that the others keep their times.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::decode::DecodeError;
use repcast_model::time::FrameRate;

/// Frames per second of numbered pictures, which carry no rate of their own.
const RATE: u32 = 30;

/// Most frames in a sequence: an hour at [`RATE`].
const MAX_FRAMES: u64 = 108_000;

/// Most numbers that may be missing in one place; what stands behind more of them belongs to something else.
const MAX_GAP: u64 = 1000;

/// Most files in the folder.
const MAX_FILES: usize = 1_000_000;

/// The files of a clip made of pictures, in order; a still is a sequence of one.
#[derive(Clone, Debug)]
pub(in crate::decode) struct Sequence {
    pub(in crate::decode) files: Arc<[PathBuf]>,
    /// The frame at which each is shown first.
    starts: Arc<[u64]>,
    pub(in crate::decode) rate: FrameRate,
}

impl Sequence {
    /// One picture, shown for a second. Its length only matters where it is used as a looping clip, which shows it for
    /// ever.
    pub(super) fn still(path: &Path) -> Result<Self, DecodeError> {
        let rate = FrameRate::new(1, 1).ok_or_else(|| DecodeError::NoVideo(path.to_owned()))?;
        Ok(Self { files: [path.to_owned()].into(), starts: [0].into(), rate })
    }

    /// The files that fit a pattern. Lists the folder once.
    pub(super) fn find(pattern: &Path) -> Result<Self, DecodeError> {
        let missing = || DecodeError::Missing(pattern.to_owned());
        let name = pattern.file_name().and_then(|name| name.to_str()).and_then(Name::parse).ok_or_else(missing)?;
        let numbers = list(pattern, &name)?;
        let numbers = run_of(&numbers, pattern);
        let first = *numbers.first().ok_or_else(missing)?;
        let rate = FrameRate::new(RATE, 1).ok_or_else(missing)?;
        let files = numbers.iter().map(|number| pattern.with_file_name(name.with(*number))).collect();
        Ok(Self { files, starts: numbers.iter().map(|number| number - first).collect(), rate })
    }

    /// Frames from the first picture to the last, those included for which there is none.
    pub(super) fn frames(&self) -> u64 {
        self.starts.last().map_or(0, |last| last + 1)
    }

    /// When a picture is shown first, in nanoseconds of clip time.
    pub(in crate::decode) fn start_nanos(&self, index: usize) -> u64 {
        self.rate.nanos_at(self.starts.get(index).copied().unwrap_or(0))
    }

    /// The picture that is shown at a frame.
    pub(in crate::decode) fn index_at(&self, frame: u64) -> usize {
        self.starts.partition_point(|start| *start <= frame).saturating_sub(1)
    }
}

/// Whether a path is a pattern of numbered pictures, such as `run/%05d.png`. A file of that very name is a file.
#[must_use]
pub fn is_numbered(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| Name::parse(name).is_some()) && !path.is_file()
}

/// What stands before the number in `frame_%05d.png`, its least digits, and what stands after.
struct Name<'a> {
    before: &'a str,
    width: usize,
    after: &'a str,
}

impl<'a> Name<'a> {
    /// Finds the first `%d` or `%05d` in the name of a picture; other `%` are letters like any.
    fn parse(name: &'a str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        let at = name.match_indices('%').map(|(at, _)| (&name[..at], &name[at + 1..]));
        let mut patterns = at.filter_map(|(before, rest)| {
            let (digits, after) = rest.split_once('d')?;
            let width = match digits {
                "" => 1,
                _ => digits.strip_prefix('0')?.parse().ok().filter(|width| (1..=9).contains(width))?,
            };
            Some(Self { before, width, after })
        });
        patterns.next().filter(|_| ["png", "jpg", "jpeg", "webp"].contains(&ending.as_str()))
    }

    fn with(&self, number: u64) -> String {
        format!("{}{number:0width$}{}", self.before, self.after, width = self.width)
    }

    /// The number in a file's name, if it is written as the pattern would write it.
    fn number_of(&self, name: &str) -> Option<u64> {
        let digits = name.strip_prefix(self.before)?.strip_suffix(self.after)?;
        let number = digits.parse().ok()?;
        (self.with(number) == name).then_some(number)
    }
}

/// The numbers of the files that fit, in rising order.
fn list(pattern: &Path, name: &Name<'_>) -> Result<Vec<u64>, DecodeError> {
    let io = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => DecodeError::Missing(pattern.to_owned()),
        _ => DecodeError::Io { path: pattern.to_owned(), reason: error.to_string() },
    };
    let folder = pattern.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut numbers = Vec::new();
    for (count, entry) in fs::read_dir(folder).map_err(io)?.enumerate() {
        if count == MAX_FILES {
            let reason = format!("its folder holds more than {MAX_FILES} files");
            return Err(DecodeError::Io { path: pattern.to_owned(), reason });
        }
        let entry = entry.map_err(io)?;
        let number = entry.file_name().to_str().and_then(|file| name.number_of(file));
        // Links are followed where the picture is read.
        numbers.extend(number.filter(|_| entry.file_type().is_ok_and(|kind| !kind.is_dir())));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The part of the numbers that makes up the sequence: up to a gap, or a length, that is too large.
fn run_of<'a>(numbers: &'a [u64], pattern: &Path) -> &'a [u64] {
    let pattern = pattern.display();
    let Some(first) = numbers.first() else { return numbers };
    let mut gaps = numbers.windows(2).filter(|pair| pair[1] - pair[0] > 1).map(|pair| pair[0] + 1);
    let gap_end =
        numbers.windows(2).position(|pair| pair[1] - pair[0] > MAX_GAP + 1).map_or(numbers.len(), |at| at + 1);
    let end = numbers.partition_point(|number| number - first < MAX_FRAMES).min(gap_end);
    let run = &numbers[..end];
    let (last, total) = (run[run.len() - 1], run.len() as u64);
    if let Some(missing) = gaps.next().filter(|missing| *missing < last) {
        let count = last - first + 1 - total;
        tracing::warn!("{pattern}: number {missing} is missing ({count} in all); the picture before it stays");
    }
    if let Some(next) = numbers.get(end) {
        tracing::warn!("{pattern}: the sequence ends at number {last}; {next} and what follows it are not shown");
    }
    run
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_pattern_stands_where_a_number_does() {
        let parse = |name| Name::parse(name).map(|name| (name.before.to_owned(), name.width, name.after.to_owned()));
        let found = |before: &str, width, after: &str| Some((before.to_owned(), width, after.to_owned()));
        assert_eq!(parse("frame_%05d.png"), found("frame_", 5, ".png"));
        assert_eq!(parse("%d.JPG"), found("", 1, ".JPG"));
        assert_eq!(parse("100%done.png"), found("100", 1, "one.png"));
        assert_eq!(parse("50%_%03d.webp"), found("50%_", 3, ".webp"));
        assert_eq!(parse("größe%ä%04d.jpeg"), found("größe%ä", 4, ".jpeg"));
        for name in ["50%.png", "%5d.png", "%00d.png", "%012d.png", "%05d.mov", "%05d", "%s.png", "%.png"] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn only_names_that_the_pattern_writes_fit_it() {
        let name = Name::parse("a%03d.png").unwrap();
        let found = |file: &str| name.number_of(file);
        assert_eq!([found("a000.png"), found("a999.png"), found("a86400.png")], [Some(0), Some(999), Some(86400)]);
        for file in ["a1.png", "a0001.png", "a+01.png", "a.png", "b001.png", "a001.jpg", "a99999999999999999999.png"] {
            assert_eq!(found(file), None, "{file}");
        }
    }

    #[test]
    fn a_sequence_ends_at_a_large_gap_and_at_its_greatest_length() {
        let run = |numbers: &[u64]| run_of(numbers, Path::new("%d.png")).to_vec();
        assert_eq!(run(&[86400, 86401, 86405]), [86400, 86401, 86405]);
        assert_eq!(run(&[1, 1002, 2004]), [1, 1002]);
        let long: Vec<u64> = (7..7 + MAX_FRAMES + 5).collect();
        assert_eq!(run(&long).len() as u64, MAX_FRAMES);
        assert!(run(&[]).is_empty());
    }
}
