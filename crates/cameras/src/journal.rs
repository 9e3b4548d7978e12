//! When the last picture of a recording arrived: a few bytes in a file, which a process that is killed leaves as they are. What a
//! recording has lost is the time between the end of its file and this.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Digits of a number of microseconds.
const DIGITS: usize = 16;

/// The end of the last picture that has arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Arrived {
    /// In recorded time.
    pub(crate) elapsed: Duration,
    /// In the file.
    pub(crate) position: Duration,
    /// How much of what was before it has not been written.
    pub(crate) unwritten: Duration,
}

impl Arrived {
    /// For a file of this length of which nothing more is known.
    pub(crate) fn of_length(length: Duration) -> Self {
        Self { elapsed: length, position: length, unwritten: Duration::ZERO }
    }

    /// What a file of this length has lost. What is before a time without pictures was written before that time had passed.
    pub(crate) fn lost(&self, length: Duration) -> Duration {
        self.position.saturating_sub(length).min(self.unwritten)
    }
}

/// The journal of a recording that grows.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Where the journal of a growing file is.
    pub(crate) fn path(growing: &Path) -> PathBuf {
        growing.with_extension("arrived")
    }

    /// Opens the journal of a growing file, and returns what it says.
    pub(crate) fn open(growing: &Path) -> io::Result<(Self, Option<Arrived>)> {
        let path = Self::path(growing);
        let before = fs::read_to_string(&path).ok().and_then(|text| read(&text));
        let file = File::options().write(true).create(true).truncate(false).open(&path)?;
        Ok((Self { file, path }, before))
    }

    /// States what has arrived.
    pub(crate) fn write(&self, arrived: Arrived) -> io::Result<()> {
        let Arrived { elapsed, position, unwritten } = arrived;
        let [elapsed, position, unwritten] = [elapsed, position, unwritten].map(|time| time.as_micros());
        self.file.write_all_at(format!("{elapsed:0DIGITS$} {position:0DIGITS$} {unwritten:0DIGITS$}\n").as_bytes(), 0)
    }

    /// Removes it: the recording is complete.
    pub(crate) fn remove(self) {
        // A journal that stays is removed with its recording.
        let _ = fs::remove_file(&self.path);
    }
}

fn read(text: &str) -> Option<Arrived> {
    let mut times = text.split_whitespace().map(|text| text.parse().ok().map(Duration::from_micros));
    let mut time = || times.next().flatten();
    Some(Arrived { elapsed: time()?, position: time()?, unwritten: time()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_last_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let growing = folder.path().join("match.recording.mp4");
        let (journal, before) = Journal::open(&growing).unwrap();
        assert_eq!(before, None);
        let millis = Duration::from_millis;
        let arrived =
            |elapsed, position| Arrived { elapsed: millis(elapsed), position: millis(position), unwritten: millis(40) };
        journal.write(arrived(7_200_000, 7_000_000)).unwrap();
        journal.write(arrived(1500, 1000)).unwrap();
        drop(journal);
        let (journal, before) = Journal::open(&growing).unwrap();
        assert_eq!(before, Some(arrived(1500, 1000)));
        journal.remove();
        assert!(!Journal::path(&growing).exists());
        fs::write(Journal::path(&growing), "garbage").unwrap();
        assert_eq!(Journal::open(&growing).unwrap().1, None);
    }
    #[test]
    fn a_gap_is_no_loss() {
        let millis = Duration::from_millis;
        let arrived = Arrived { elapsed: millis(22_300), position: millis(22_300), unwritten: millis(300) };
        // Ten seconds without pictures after a file of twelve, then the fragment that was not written; or that was.
        assert_eq!([12_000, 22_300].map(|length| arrived.lost(millis(length))), [millis(300), Duration::ZERO]);
        assert_eq!(Arrived::of_length(millis(12_000)).lost(millis(12_000)), Duration::ZERO);
    }
}
