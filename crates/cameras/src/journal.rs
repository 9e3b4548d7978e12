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
        let (elapsed, position) = (arrived.elapsed.as_micros(), arrived.position.as_micros());
        self.file.write_all_at(format!("{elapsed:0DIGITS$} {position:0DIGITS$}\n").as_bytes(), 0)
    }

    /// Removes it: the recording is complete.
    pub(crate) fn remove(self) {
        // A journal that stays is removed with its recording.
        let _ = fs::remove_file(&self.path);
    }
}

fn read(text: &str) -> Option<Arrived> {
    let (elapsed, position) = text.trim().split_once(' ')?;
    let time = |text: &str| text.parse().ok().map(Duration::from_micros);
    Some(Arrived { elapsed: time(elapsed)?, position: time(position)? })
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
        let arrived = |elapsed, position| Arrived {
            elapsed: Duration::from_millis(elapsed),
            position: Duration::from_millis(position),
        };
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
}
