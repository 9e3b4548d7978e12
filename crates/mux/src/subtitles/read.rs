//! Reads WebVTT and SRT as players do: what is not a cue is passed over, and counted where it was meant to be one.
//!
//! Both are blocks between blank lines. A block with a line of two times around `-->` is a cue, whatever its name or number
//! says; `NOTE`, `STYLE` and `REGION` begin blocks that are none. Of a cue, settings after its times are ignored.

use repcast_model::document::SubtitleCue;

use super::markup::plain;

/// Largest file, in bytes: more than the subtitles of twelve hours.
pub const MAX_FILE_BYTES: usize = 2 << 20;

/// Most cues of a file, as of a document.
const MAX_CUES: usize = 5000;

/// Between the times of a cue.
const ARROW: &str = "-->";

/// Longest line of times with its settings, in bytes, and longest time.
const MAX_TIMES_BYTES: usize = 1000;

/// The cues of a file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReadSubtitles {
    /// The cues, in order of their starts.
    pub cues: Vec<SubtitleCue>,
    /// Blocks that were meant to be cues and are none.
    pub skipped: usize,
    /// Why the first of them is none, with its line.
    pub first_skipped: Option<String>,
}

/// Why a file has no subtitles.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SubtitleError {
    /// It is larger than [`MAX_FILE_BYTES`].
    #[error("has more than 2 MiB")]
    TooLarge,
    /// It is binary, or text in another encoding.
    #[error("is not text in UTF-8; save the subtitles in that encoding")]
    Encoding,
    /// It has no cue, and is no empty WebVTT file.
    #[error("has no subtitles: neither a WebVTT nor an SRT file")]
    NoCues,
    /// It has too many cues.
    #[error("has more than 5000 cues")]
    TooManyCues,
}

/// Reads a file.
///
/// # Errors
/// If it is too large, is not UTF-8, or has no cues or too many.
pub fn read(bytes: &[u8]) -> Result<ReadSubtitles, SubtitleError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(SubtitleError::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| SubtitleError::Encoding)?;
    if text.contains('\0') {
        return Err(SubtitleError::Encoding);
    }
    let mut reader = Reader::default();
    // Of the line ends, CR alone is as old as that of WebVTT's definition.
    for line in text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')) {
        reader.line(line)?;
    }
    reader.end_block()?;
    let Reader { mut read, .. } = reader;
    if read.cues.is_empty() && !is_webvtt(text) {
        return Err(SubtitleError::NoCues);
    }
    read.cues.sort_by_key(|cue| cue.start);
    Ok(read)
}

/// Whether a file states that it is WebVTT.
fn is_webvtt(text: &str) -> bool {
    text.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

#[derive(Default)]
struct Reader {
    read: ReadSubtitles,
    /// The number of the current line, from 1.
    line: usize,
    block: Block,
}

/// What is read of a block.
#[derive(Default)]
struct Block {
    /// Its first line, and the number of that.
    first: Option<(String, usize)>,
    /// Whether its times have been read, and what they are.
    times: Option<Option<(u64, u64)>>,
    payload: Vec<String>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), SubtitleError> {
        self.line += 1;
        if line.trim().is_empty() {
            return self.end_block();
        }
        if line.contains(ARROW) {
            // The times of the next cue end a block, as in WebVTT, unless only the name of the cue was before.
            if self.block.times.is_some() {
                self.end_block()?;
            }
            let first = self.block.first.take();
            self.block.first = Some(first.unwrap_or_else(|| (String::new(), self.line)));
            self.block.times = Some(times(line));
            self.block.payload.clear();
            return Ok(());
        }
        if self.block.first.is_none() {
            self.block.first = Some((line.to_owned(), self.line));
        }
        if self.block.times.is_some() {
            self.block.payload.push(line.to_owned());
        }
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), SubtitleError> {
        let Block { first, times, payload } = std::mem::take(&mut self.block);
        let Some((first, line)) = first else { return Ok(()) };
        let Some(times) = times else {
            // A lone number is an SRT cue that was emptied.
            if !is_other(&first) && !first.trim().bytes().all(|byte| byte.is_ascii_digit()) {
                self.skip(line, "there are no times");
            }
            return Ok(());
        };
        let lines: Vec<String> = payload.iter().map(|line| plain(line)).collect();
        let lines = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        let text = lines.collect::<Vec<_>>().join("\n");
        // A cue without text is shown by no player.
        match times {
            Some(_) if text.is_empty() => {}
            Some((start, end)) => match SubtitleCue::from_millis(start, end, &text) {
                Ok(_) if self.read.cues.len() == MAX_CUES => return Err(SubtitleError::TooManyCues),
                Ok(cue) => self.read.cues.push(cue),
                Err(reason) => self.skip(line, &reason),
            },
            None => self.skip(line, "its times cannot be read"),
        }
        Ok(())
    }

    fn skip(&mut self, line: usize, reason: &str) {
        self.read.skipped += 1;
        self.read.first_skipped.get_or_insert_with(|| format!("line {line}: {reason}"));
    }
}

/// Whether a line begins a block that is no cue.
fn is_other(line: &str) -> bool {
    let word = line.split([' ', '\t', ':']).next().unwrap_or_default();
    ["WEBVTT", "NOTE", "STYLE", "REGION"].contains(&word)
}

/// The times of a cue in milliseconds.
fn times(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.get(..line.len().min(MAX_TIMES_BYTES))?.split_once(ARROW)?;
    Some((time(start.trim())?, time(rest.split_whitespace().next()?)?))
}

/// A time such as `01:02:03.500` in milliseconds: hours may be missing, the point may be a comma, and after it may be one to
/// three digits or none.
fn time(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let number = |digits: &str, most_digits: usize| {
        let is_number = (1..=most_digits).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u64>().ok()).flatten()
    };
    let mut parts = whole.rsplit(':');
    let (secs, minutes) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let hours = parts.next().map_or(Some(0), |hours| number(hours, 4))?;
    if parts.next().is_some() || secs > 59 || minutes > 59 {
        return None;
    }
    let millis = number(fraction, 3)? * 10_u64.pow(3 - fraction.len() as u32);
    Some(((hours * 60 + minutes) * 60 + secs) * 1000 + millis)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use repcast_model::time::Rational;

    use super::*;

    /// Cues as starts and ends in milliseconds with their texts.
    fn cues(text: &str) -> Vec<(i128, i128, String)> {
        let millis = |secs: Rational| (secs * 1000).to_integer();
        let read = read(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
        read.cues.into_iter().map(|cue| (millis(cue.start), millis(cue.end), cue.text)).collect()
    }

    fn cue(start: i128, end: i128, text: &str) -> (i128, i128, String) {
        (start, end, text.to_owned())
    }

    #[test]
    fn webvtt_is_read_as_players_read_it() {
        let text = "\u{feff}WEBVTT Kind: captions; Language: en\r\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\r\n\r\n\
            NOTE a remark\r\non two lines\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\nREGION\r\nid:fred\r\n\r\n\
            intro\r\n00:01.000 --> 00:02.500 line:80% align:start\r\n<v Anna>Hello</v>\r\n  there \r\n\r\n\
            01:00:00.000-->01:00:01.000\r\nNo name\r\n00:00:03.000 --> 00:00:04.000\r\nNo blank line before\r\n";
        let expected = [
            cue(1000, 2500, "Hello\nthere"),
            cue(3000, 4000, "No blank line before"),
            cue(3_600_000, 3_601_000, "No name"),
        ];
        assert_eq!(cues(text), expected);
    }

    #[test]
    fn srt_is_read_with_comma_and_numbers() {
        let text =
            "1\n00:00:01,5 --> 00:00:02,50\n{\\an8}<i>Hi</i> &amp; bye\n\n2\n00:00:03 --> 00:00:04\nSecond\n\n\n3\n\n";
        assert_eq!(cues(text), [cue(1500, 2500, "Hi & bye"), cue(3000, 4000, "Second")]);
        assert_eq!(cues("1\r00:01,000 --> 00:02,000\rMac\r\r2\r00:03,000 --> 00:04,000\rOld\r").len(), 2);
    }

    #[test]
    fn bad_cues_are_counted_and_do_not_end_the_file() {
        let text = "WEBVTT\n\n00:05.000 --> 00:04.000\nBackwards\n\n00:61.000 --> 00:62.000\nSeconds\n\nno times\n\n\
            00:01.000 --> \nOne time\n\n00:01.000 --> 00:02.000\n\n00:01.000 --> 00:02.000\nGood\n\n\
            99:00:00.000 --> 99:00:01.000\nLate";
        let found = read(text.as_bytes()).unwrap();
        assert_eq!((found.cues.len(), found.skipped), (1, 5));
        assert_eq!(found.first_skipped.as_deref(), Some("line 3: it ends before it starts"));
    }

    #[test]
    fn files_that_are_no_subtitles_are_refused() {
        let cases: [(&[u8], SubtitleError); 6] = [
            (b"", SubtitleError::NoCues),
            (b"<html>", SubtitleError::NoCues),
            (b"WEBVTTX\n", SubtitleError::NoCues),
            (b"\xff\xfe1\0", SubtitleError::Encoding),
            (b"1\n00:01,000 --> 00:02,000\n\xe9t\xe9", SubtitleError::Encoding),
            (b"1\n00:01,000 --> 00:02,000\na\0", SubtitleError::Encoding),
        ];
        for (bytes, error) in cases {
            assert_eq!(read(bytes), Err(error), "{bytes:?}");
        }
        assert_eq!(read(&vec![b' '; MAX_FILE_BYTES + 1]), Err(SubtitleError::TooLarge));
        assert_eq!(read(b"WEBVTT"), Ok(ReadSubtitles::default()));
        let many = "00:00.000 --> 00:01.000\na\n\n".repeat(5001);
        assert_eq!(read(many.as_bytes()), Err(SubtitleError::TooManyCues));
        assert_eq!(read(&many.as_bytes()[..many.len() - 28]).map(|read| read.cues.len()), Ok(5000));
    }

    proptest! {
        #[test]
        fn every_file_is_read_or_refused(bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "(WEBVTT|NOTE|1|[0-9]{1,2}:[0-9]{2}[.,][0-9]{1,3}|-->|<b>|&amp;|[ \t\r\n]){0,60}".prop_map(String::into_bytes),
        ]) {
            if let Ok(read) = read(&bytes) {
                for cue in &read.cues {
                    prop_assert!(cue.end > cue.start && !cue.text.trim().is_empty());
                }
                prop_assert!(read.cues.is_sorted_by_key(|cue| cue.start));
                prop_assert_eq!(read.skipped > 0, read.first_skipped.is_some());
            }
        }
    }
}
