//! Numbered pictures as one clip.
//!
//! ffmpeg's `image2` starts at a number from 0 to 4, or at one given by an option, and ends at the first gap. Here a
//! sequence starts at the lowest number in the folder, because compositing programs count from 1001 and editors from
//! the time of day, and a missing number holds the previous picture, so that later pictures keep their times.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::decode::DecodeError;
use repcast_model::time::FrameRate;

/// Frames per second of numbered pictures, which carry no rate of their own.
const RATE: u32 = 30;

/// Most frames in a sequence: an hour at [`RATE`].
const MAX_FRAMES: u64 = 108_000;

/// Most consecutive missing numbers. Files after a larger gap belong to another sequence.
const MAX_GAP: u64 = 1000;

/// Most files in the folder of a sequence.
const MAX_FILES: usize = 1_000_000;

/// The files of a picture sequence, in order. A still is a sequence of one.
#[derive(Clone, Debug)]
pub(in crate::decode) struct Sequence {
    pub(in crate::decode) files: Arc<[PathBuf]>,
    /// The first frame of each file.
    starts: Arc<[u64]>,
    pub(in crate::decode) rate: FrameRate,
}

impl Sequence {
    /// One picture that lasts a second. The duration has no effect in a looping clip, which shows the picture forever.
    pub(super) fn still(path: &Path) -> Result<Self, DecodeError> {
        let rate = FrameRate::new(1, 1).ok_or_else(|| DecodeError::NoVideo(path.to_owned()))?;
        Ok(Self { files: [path.to_owned()].into(), starts: [0].into(), rate })
    }

    /// The files that match a pattern. Lists the folder once.
    ///
    /// # Errors
    /// When no file matches, or the folder cannot be read.
    pub(super) fn find(pattern: &Path) -> Result<Self, DecodeError> {
        let missing = || DecodeError::Missing(pattern.to_owned());
        let name =
            pattern.file_name().and_then(|name| name.to_str()).and_then(NumberPattern::parse).ok_or_else(missing)?;
        let numbers = list(pattern, &name)?;
        let numbers = sequence_of(&numbers, pattern);
        let first = *numbers.first().ok_or_else(missing)?;
        let rate = FrameRate::new(RATE, 1).ok_or_else(missing)?;
        let files = numbers.iter().map(|number| pattern.with_file_name(name.file_name(*number))).collect();
        Ok(Self { files, starts: numbers.iter().map(|number| number - first).collect(), rate })
    }

    /// Frames from the first picture to the last, including those of missing numbers.
    pub(super) fn frames(&self) -> u64 {
        self.starts.last().map_or(0, |last| last + 1)
    }

    /// Start of a picture in nanoseconds of clip time.
    pub(in crate::decode) fn start_nanos(&self, index: usize) -> u64 {
        self.rate.nanos_at(self.starts.get(index).copied().unwrap_or(0))
    }

    /// Index of the picture shown at a frame.
    pub(in crate::decode) fn index_at(&self, frame: u64) -> usize {
        self.starts.partition_point(|start| *start <= frame).saturating_sub(1)
    }
}

/// Whether a path is a pattern of numbered pictures, such as `run/%05d.png`. If a file of exactly this name exists, it
/// is a file.
pub(in crate::decode) fn is_numbered(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| NumberPattern::parse(name).is_some()) && !path.is_file()
}

/// A parsed pattern such as `frame_%05d.png`: prefix, minimum number of digits, suffix.
struct NumberPattern<'a> {
    prefix: &'a str,
    digits: usize,
    suffix: &'a str,
}

impl<'a> NumberPattern<'a> {
    /// Finds the first `%d` or `%05d` in a file name; any other `%` is literal. `None` without one, or if the extension
    /// is not that of a picture.
    fn parse(name: &'a str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        let at = name.match_indices('%').map(|(at, _)| (&name[..at], &name[at + 1..]));
        let mut patterns = at.filter_map(|(prefix, rest)| {
            let (width, suffix) = rest.split_once('d')?;
            let digits = match width {
                "" => 1,
                _ => width.strip_prefix('0')?.parse().ok().filter(|digits| (1..=9).contains(digits))?,
            };
            Some(Self { prefix, digits, suffix })
        });
        patterns.next().filter(|_| ["png", "jpg", "jpeg", "webp"].contains(&ending.as_str()))
    }

    /// The file name with this number.
    fn file_name(&self, number: u64) -> String {
        format!("{}{number:0digits$}{}", self.prefix, self.suffix, digits = self.digits)
    }

    /// The number in a file name, if the pattern formats it to exactly this name.
    fn number_of(&self, name: &str) -> Option<u64> {
        let digits = name.strip_prefix(self.prefix)?.strip_suffix(self.suffix)?;
        let number = digits.parse().ok()?;
        (self.file_name(number) == name).then_some(number)
    }
}

/// The numbers of the matching files, rising.
fn list(pattern: &Path, name: &NumberPattern<'_>) -> Result<Vec<u64>, DecodeError> {
    let io = |error| DecodeError::io(pattern, &error);
    let folder = pattern.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut numbers = Vec::new();
    for (count, entry) in fs::read_dir(folder).map_err(io)?.enumerate() {
        if count == MAX_FILES {
            let reason = format!("its folder holds more than {MAX_FILES} files");
            return Err(DecodeError::Io { path: pattern.to_owned(), reason });
        }
        let entry = entry.map_err(io)?;
        let number = entry.file_name().to_str().and_then(|file| name.number_of(file));
        // Symbolic links are followed when the picture is read.
        numbers.extend(number.filter(|_| entry.file_type().is_ok_and(|kind| !kind.is_dir())));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The numbers up to the first gap longer than [`MAX_GAP`] or the first number past [`MAX_FRAMES`].
fn sequence_of<'a>(numbers: &'a [u64], pattern: &Path) -> &'a [u64] {
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
        tracing::warn!("{pattern}: number {missing} is missing ({count} in all); the previous picture is held");
    }
    if let Some(next) = numbers.get(end) {
        tracing::warn!(
            "{pattern}: the sequence ends at number {last}; {next} and later numbers are ignored, because they follow a gap \
             of more than {MAX_GAP} or exceed {MAX_FRAMES} frames"
        );
    }
    run
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_first_valid_placeholder_is_the_pattern() {
        let parse =
            |name| NumberPattern::parse(name).map(|name| (name.prefix.to_owned(), name.digits, name.suffix.to_owned()));
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
    fn only_names_that_the_pattern_formats_match() {
        let name = NumberPattern::parse("a%03d.png").unwrap();
        let found = |file: &str| name.number_of(file);
        assert_eq!([found("a000.png"), found("a999.png"), found("a86400.png")], [Some(0), Some(999), Some(86400)]);
        for file in ["a1.png", "a0001.png", "a+01.png", "a.png", "b001.png", "a001.jpg", "a99999999999999999999.png"] {
            assert_eq!(found(file), None, "{file}");
        }
    }

    #[test]
    fn a_sequence_ends_at_a_long_gap_and_at_its_maximum_length() {
        let run = |numbers: &[u64]| sequence_of(numbers, Path::new("%d.png")).to_vec();
        assert_eq!(run(&[86400, 86401, 86405]), [86400, 86401, 86405]);
        assert_eq!(run(&[1, 1002, 2004]), [1, 1002]);
        let long: Vec<u64> = (7..7 + MAX_FRAMES + 5).collect();
        assert_eq!(run(&long).len() as u64, MAX_FRAMES);
        assert!(run(&[]).is_empty());
    }
}
