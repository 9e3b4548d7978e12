//! The file system adapter: reads documents and catalogues; writes videos, recordings, HLS folders and PNG pictures; caches
//! encoded segments.
//!
//! Outputs appear under their names only when they are complete; a recording has another name until then.

mod cached_items;
mod caption_files;
mod file_hash;
pub mod hls_folder;
mod images;
pub mod m4a_file;
pub mod mp4_file;
mod partial;
mod picture_archive;
mod pictures;
mod recording_file;
mod segments;
mod unfinished;
pub mod wave_file;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use cached_items::{CachedAudio, CachedSegment};
pub use file_hash::{FileHasher, FileVersion, HashError, MAX_BYTES_AT_ONCE, MAX_HASHED_BYTES};
pub use images::{ImageFormat, encode_image};
pub use picture_archive::{ArchiveError, is_picture_archive, write_picture_movie};
pub use pictures::{PngSequenceWriter, encode_gray_png, first_picture, is_numbered_pattern, write_png_file};
pub use recording_file::{RecordingClip, RecordingFile, cut_recording};
pub use segments::{CachedItem, SegmentKey, SegmentStore, StoreCondition, StoreUsage};

use repcast_media::io_reason;
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{MAX_DOCUMENT_BYTES, ValidationFault};
use repcast_mux::MuxError;

/// Largest `catalogue.toml` that is read, in bytes.
const MAX_CATALOGUE_BYTES: u64 = 16 << 20;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Reading or writing failed.
    #[error("{}: {}", .path.display(), io_reason(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// An output could not be created or put in place.
    #[error(transparent)]
    Output(#[from] MuxError),
    /// A catalogue is invalid.
    #[error("{}: {}", .path.display(), .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Catalogue {
        /// The file.
        path: PathBuf,
        /// All its faults; at least one.
        faults: Vec<ValidationFault>,
    },
}

impl StorageError {
    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

/// Reads the bytes of a document; path `-` is standard input. Reads at most one byte more than the largest document, so
/// that the parser can reject a larger one.
///
/// # Errors
/// When the file cannot be read.
pub fn read_document(path: &Path) -> Result<Vec<u8>, StorageError> {
    let limit = MAX_DOCUMENT_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| StorageError::io(path, error))?;
    Ok(bytes)
}

/// Loads the catalogue of a folder and checks that every clip exists.
///
/// # Errors
/// When `catalogue.toml` cannot be read or is invalid, or a clip is missing.
pub fn load_catalogue(folder: &Path) -> Result<Catalogue, StorageError> {
    let path = folder.join("catalogue.toml");
    let mut text = String::new();
    File::open(&path)
        .and_then(|file| file.take(MAX_CATALOGUE_BYTES).read_to_string(&mut text))
        .map_err(|error| StorageError::io(&path, error))?;
    let catalogue =
        Catalogue::parse(&text, folder).map_err(|faults| StorageError::Catalogue { path: path.clone(), faults })?;
    let faults: Vec<ValidationFault> = catalogue
        .exercises()
        .iter()
        .enumerate()
        .filter(|(_, exercise)| !exercise.clip.is_file() && !is_numbered_pattern(&exercise.clip))
        .map(|(index, exercise)| ValidationFault {
            place: format!("exercise[{index}].clip"),
            message: format!("there is no file {}", exercise.clip.display()),
        })
        .collect();
    if faults.is_empty() { Ok(catalogue) } else { Err(StorageError::Catalogue { path, faults }) }
}
