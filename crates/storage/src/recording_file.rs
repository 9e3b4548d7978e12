//! The file of a recording. It has a name of its own while it grows, and plays then too, whatever becomes of the process;
//! complete, it gets the name that was asked for.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::partial::{check_file, target_error};
use repcast_media::{Sample, Track};
use repcast_model::time::Rational;
use repcast_mux::MuxError;
use repcast_mux::recording::{RecordingMuxer, RecordingReader};
use repcast_mux::sink::OutputSummary;

/// What the name of a file has before its ending while it grows.
const GROWING: &str = "recording";

/// Names that are tried: a file that a killed process has left is never overwritten, and an operator who has this many of
/// them has not seen them.
const MAX_NAMES: u32 = 1000;

/// A file that grows. Without [`Self::finish`] it stays as it is, under the name that it has while it grows.
#[derive(Debug)]
pub struct RecordingFile {
    muxer: RecordingMuxer<File>,
    growing: PathBuf,
    target: PathBuf,
}

impl RecordingFile {
    /// Checks that `target` can be recorded to: it ends in `.mp4`, does not exist, and its folder does.
    ///
    /// # Errors
    /// When one of these is not so.
    pub fn check(target: &Path) -> Result<(), MuxError> {
        check_file(target)?;
        if target.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("mp4")) || target.file_stem().is_none() {
            return Err(target_error(target, "a recording is a file whose name ends in .mp4"));
        }
        if fs::symlink_metadata(target).is_ok() {
            return Err(target_error(target, "exists already, and a recording overwrites nothing"));
        }
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if folder.is_dir() { Ok(()) } else { Err(target_error(target, "its folder does not exist")) }
    }

    /// Creates the file for `target`: `NAME.recording.mp4` for `NAME.mp4`, or `NAME.recording-2.mp4` if there is one already.
    /// Space is kept for the index of `expected_secs` seconds.
    ///
    /// # Errors
    /// Those of [`Self::check`], and when storage fails.
    pub fn create(target: &Path, tracks: &[Track], expected_secs: u64) -> Result<Self, MuxError> {
        Self::check(target)?;
        let (growing, file) = create_growing(target).map_err(MuxError::storage(target, "create the recording"))?;
        let muxer = RecordingMuxer::new(file, target.to_owned(), tracks, expected_secs).inspect_err(|_| {
            // It holds nothing; the first error is returned.
            let _ = fs::remove_file(&growing);
        })?;
        Ok(Self { muxer, growing, target: target.to_owned() })
    }

    /// Continues a file that a process has left while it grew, at the end of what it holds.
    ///
    /// # Errors
    /// When the file is no recording that grows, or storage fails. It is not changed then.
    pub fn resume(growing: &Path, target: &Path) -> Result<(Self, Vec<Track>), MuxError> {
        check_file(target)?;
        let file = File::options().read(true).write(true).open(growing);
        let file = file.map_err(MuxError::storage(growing, "open the recording"))?;
        let (muxer, tracks) = RecordingMuxer::resume(file, growing.to_owned())?;
        // A shorter fragment in the place of a torn one would leave the end of the torn one behind it.
        muxer.output().set_len(muxer.len()).map_err(MuxError::storage(growing, "cut the recording"))?;
        Ok((Self { muxer, growing: growing.to_owned(), target: target.to_owned() }, tracks))
    }

    /// The file that grows.
    #[must_use]
    pub fn growing_path(&self) -> &Path {
        &self.growing
    }

    /// Appends the samples of one track that follow.
    ///
    /// # Errors
    /// When the samples do not follow, or storage fails; the file can be finished in both cases.
    pub fn push(&mut self, samples: Vec<Sample>) -> Result<(), MuxError> {
        self.muxer.push(samples)
    }

    /// Lets the last frame be shown until a time of the file, if that is later.
    ///
    /// # Errors
    /// When the time does not fit.
    pub fn hold_until(&mut self, position: Duration) -> Result<(), MuxError> {
        self.muxer.hold_until(position)
    }

    /// Makes durable what has been appended.
    ///
    /// # Errors
    /// When storage fails.
    pub fn sync(&self) -> Result<(), MuxError> {
        self.muxer.output().sync_data().map_err(MuxError::storage(&self.target, "store the recording"))
    }

    /// Bytes so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.muxer.len()
    }

    /// Frames so far.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.muxer.frames()
    }

    /// Seconds of video so far.
    #[must_use]
    pub fn secs(&self) -> Rational {
        self.muxer.secs()
    }

    /// Writes the index, and gives the file its name. A file without a frame is removed. The name is that of the target,
    /// which is returned, or of the growing file if the target has been created by another meanwhile.
    ///
    /// # Errors
    /// When there is no frame, or storage fails. The growing file is kept, and plays.
    pub fn finish(self) -> Result<(PathBuf, OutputSummary), MuxError> {
        let Self { muxer, growing, target } = self;
        if muxer.is_empty() {
            let _ = fs::remove_file(&growing);
            return Err(MuxError::Empty);
        }
        // After a write that failed in the middle, the last fragment is not whole.
        let cut = muxer.output().set_len(muxer.len());
        cut.map_err(MuxError::storage(&target, "cut the recording"))?;
        let (file, summary) = muxer.finish(|file| file.sync_data())?;
        drop(file);
        if fs::symlink_metadata(&target).is_ok() {
            return Ok((growing, summary));
        }
        fs::rename(&growing, &target).map_err(MuxError::storage(&target, "put the recording in place"))?;
        Ok((target, summary))
    }
}

/// A part of a recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordingClip {
    /// The time of its first frame in the recording: that of the key frame at or before the time that was asked for.
    pub from: Duration,
    /// The time of its end.
    pub to: Duration,
    /// Bytes of its file.
    pub bytes: u64,
}

/// Writes the part of a complete recording between two times to a file of its own. Nothing is encoded again.
///
/// # Errors
/// When `source` is no complete recording or has no frame between them, `target` exists, or storage fails; then there is no
/// such file.
pub fn cut_recording(source: &Path, target: &Path, from: Duration, to: Duration) -> Result<RecordingClip, MuxError> {
    let input = File::open(source).map_err(MuxError::storage(source, "open the recording"))?;
    let mut reader = RecordingReader::open(BufReader::new(input), source.to_owned())?;
    let length = to.saturating_sub(from).as_secs().saturating_add(SPARE_CLIP_SECS);
    let mut file = RecordingFile::create(target, &reader.tracks(), length)?;
    let growing = file.growing.clone();
    let written = reader.clip(from, to, |samples| file.push(samples)).and_then(|times| Ok((times, file.finish()?.1)));
    let ((from, to), summary) = written.inspect_err(|_| {
        // The first error is returned.
        let _ = fs::remove_file(&growing);
    })?;
    Ok(RecordingClip { from, to, bytes: summary.bytes })
}

/// Seconds that a clip may be longer than what was asked for, by the distance of key frames.
const SPARE_CLIP_SECS: u64 = 30;

/// Creates a file with a name that none has.
fn create_growing(target: &Path) -> io::Result<(PathBuf, File)> {
    for number in 1..=MAX_NAMES {
        let path = growing_name(target, number);
        match File::options().read(true).write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (path, file)),
        }
    }
    Err(io::Error::other("there are too many unfinished recordings of this name"))
}

fn growing_name(target: &Path, number: u32) -> PathBuf {
    let mut name: OsString = target.file_stem().unwrap_or_default().to_owned();
    name.push(if number == 1 { format!(".{GROWING}.mp4") } else { format!(".{GROWING}-{number}.mp4") });
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unfinished::tests::names;
    use repcast_media::{EncodedFrame, StreamConfig, VideoSampler};
    use repcast_model::geometry::Size;
    use repcast_model::time::FrameRate;

    fn sampler() -> VideoSampler {
        let avcc = vec![1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x28, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2];
        let rate = FrameRate::new(30, 1).unwrap();
        VideoSampler::new(StreamConfig { size: Size { width: 64, height: 64 }, rate, avcc }).unwrap()
    }

    fn second(sampler: &mut VideoSampler) -> Vec<Sample> {
        let frame = |frame| EncodedFrame { frame, is_key: frame == 0, data: vec![0, 0, 0, 1, 0x65] };
        (0..30).map(|number| sampler.sample(frame(number))).collect()
    }

    #[test]
    fn a_recording_has_its_name_when_it_is_complete_and_keeps_what_others_left() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("class.mp4");
        fs::write(folder.path().join("class.recording.mp4"), "left by a killed process").unwrap();
        let mut sampler = sampler();
        let mut file = RecordingFile::create(&target, &[sampler.track().clone()], 60).unwrap();
        file.push(second(&mut sampler)).unwrap();
        file.sync().unwrap();
        assert_eq!(names(folder.path()), ["class.recording-2.mp4", "class.recording.mp4"]);
        let (path, summary) = file.finish().unwrap();
        assert_eq!((path.as_path(), summary.frames), (target.as_path(), 30));
        assert_eq!(names(folder.path()), ["class.mp4", "class.recording.mp4"]);
        let again = RecordingFile::create(&target, &[sampler.track().clone()], 60);
        assert!(matches!(again, Err(MuxError::Target { .. })));
    }

    #[test]
    fn a_recording_without_a_frame_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let sampler = sampler();
        let tracks = [sampler.track().clone()];
        let file = RecordingFile::create(&folder.path().join("class.mp4"), &tracks, 60).unwrap();
        assert!(matches!(file.finish(), Err(MuxError::Empty)));
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_file_that_a_killed_process_left_is_continued() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("match.mp4");
        let mut sampler = sampler();
        let mut file = RecordingFile::create(&target, &[sampler.track().clone()], 60).unwrap();
        file.push(second(&mut sampler)).unwrap();
        let (growing, bytes) = (file.growing_path().to_owned(), file.bytes());
        drop(file);
        let mut torn = fs::read(&growing).unwrap();
        torn.extend_from_slice(&[0, 0, 4, 0, b'm', b'o', b'o', b'f', 7, 7]);
        fs::write(&growing, torn).unwrap();
        let (mut file, tracks) = RecordingFile::resume(&growing, &target).unwrap();
        assert_eq!((file.bytes(), file.frames(), &tracks[..]), (bytes, 30, &[sampler.track().clone()][..]));
        file.push(second(&mut sampler)).unwrap();
        let (path, summary) = file.finish().unwrap();
        assert_eq!((path.as_path(), summary.frames), (target.as_path(), 60));
        assert!(RecordingFile::resume(&target, &target).is_err(), "it is complete");
        assert_eq!(names(folder.path()), ["match.mp4"]);
    }

    #[test]
    fn a_fragment_that_was_cut_off_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("class.mp4");
        let mut sampler = sampler();
        let mut file = RecordingFile::create(&target, &[sampler.track().clone()], 60).unwrap();
        file.push(second(&mut sampler)).unwrap();
        let bytes = file.bytes();
        file.muxer.output().set_len(bytes + 100).unwrap();
        file.finish().unwrap();
        assert_eq!(fs::metadata(&target).unwrap().len(), bytes);
    }

    #[test]
    fn targets_that_cannot_be_recorded_to_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let exists = folder.path().join("exists.mp4");
        fs::write(&exists, "").unwrap();
        let paths = [&exists, &folder.path().join("none/class.mp4"), &folder.path().join("class.mkv"), folder.path()];
        for path in paths {
            assert!(matches!(RecordingFile::check(path), Err(MuxError::Target { .. })), "{}", path.display());
        }
        RecordingFile::check(Path::new("class.MP4")).unwrap();
    }
}
