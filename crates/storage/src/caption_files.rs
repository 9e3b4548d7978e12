//! The captions of an MP4 file: WebVTT files of its name, which players find there.
//!
//! ```text
//! NAME.mp4
//! NAME.vtt      the captions in the first language
//! NAME.fr.vtt   those in another
//! ```
//!
//! A file that is no earlier output of this program is never replaced: it may be the source of these captions.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use repcast_model::captions::CaptionTrack;
use repcast_mux::MuxError;
use repcast_mux::subtitles::{FILE_HEADER, write_file};

use crate::partial::{PartialFile, check_file, target_error};

/// The captions of an output, which appear together with it.
#[derive(Debug)]
pub(crate) struct CaptionFiles {
    files: Vec<(PathBuf, String)>,
    /// The file of the first language, which an earlier output may have left.
    first: PathBuf,
}

/// Files that are written and not yet in place.
#[derive(Debug)]
pub(crate) struct WrittenCaptions {
    files: Vec<(PartialFile, File)>,
    /// An earlier output's file that this one does not have.
    outdated: Option<PathBuf>,
    pub(crate) bytes: u64,
}

impl CaptionFiles {
    /// The captions of `output`.
    ///
    /// # Errors
    /// When another file has the name of one of them.
    pub(crate) fn new(output: &Path, tracks: &[CaptionTrack]) -> Result<Self, MuxError> {
        let first = output.with_extension("vtt");
        let path = |index: usize, track: &CaptionTrack| match index {
            0 => first.clone(),
            _ => output.with_extension(format!("{}.vtt", track.language)),
        };
        let file =
            |(index, track): (usize, &CaptionTrack)| (path(index, track), write_file(&track.cues, track.placement));
        let files: Vec<_> = tracks.iter().enumerate().map(file).collect();
        files.iter().try_for_each(|(path, _)| check_replaceable(path))?;
        Ok(Self { files, first })
    }

    /// Writes the files under temporary names.
    ///
    /// # Errors
    /// When storage fails, or another file has the name of one of them.
    pub(crate) fn write(&self) -> Result<WrittenCaptions, MuxError> {
        let mut written = WrittenCaptions { files: Vec::new(), outdated: None, bytes: 0 };
        for (path, text) in &self.files {
            check_replaceable(path)?;
            let (partial, mut file) = PartialFile::create(path)?;
            file.write_all(text.as_bytes()).map_err(MuxError::storage(path, "write the captions"))?;
            written.bytes += text.len() as u64;
            written.files.push((partial, file));
        }
        written.outdated = (self.files.is_empty() && is_own(&self.first)).then(|| self.first.clone());
        Ok(written)
    }
}

impl WrittenCaptions {
    /// Puts the files in place.
    ///
    /// # Errors
    /// When storage fails.
    pub(crate) fn commit(self) -> Result<(), MuxError> {
        self.files.into_iter().try_for_each(|(partial, file)| partial.commit(file))?;
        if let Some(path) = self.outdated {
            fs::remove_file(&path).map_err(MuxError::storage(&path, "remove captions of an earlier output"))?;
        }
        Ok(())
    }
}

/// Rejects a file that is not an earlier output.
fn check_replaceable(path: &Path) -> Result<(), MuxError> {
    check_file(path)?;
    match fs::symlink_metadata(path) {
        Ok(_) if !is_own(path) => {
            Err(target_error(path, "already exists and is not an earlier output; choose another name, or remove it"))
        }
        _ => Ok(()),
    }
}

/// Whether a file begins as those of this program do.
fn is_own(path: &Path) -> bool {
    let mut start = vec![0; FILE_HEADER.len() + 1];
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    is_file
        && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && start.strip_suffix(b"\n") == Some(FILE_HEADER.as_bytes())
}
