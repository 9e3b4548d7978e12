//! Composited pictures as PNG files.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::StorageError;
use repcast_media::Picture;

/// Whether an output's name is a pattern of numbered pictures, such as `out/%05d.png`.
#[must_use]
pub fn is_numbered_target(path: &Path) -> bool {
    pattern(path).is_some()
}

/// What stands before the number, its least digits, and what stands after.
fn pattern(path: &Path) -> Option<(&str, usize, &str)> {
    let (before, rest) = path.file_name()?.to_str()?.split_once('%')?;
    let (digits, after) = rest.split_once('d')?;
    let width =
        if digits.is_empty() { Some(1) } else { digits.strip_prefix('0').and_then(|digits| digits.parse().ok()) };
    width.filter(|width| (1..=12).contains(width)).map(|width| (before, width, after))
}

/// Writes one RGBA picture, beside its place first and then into it.
///
/// # Errors
/// When the folder is missing or the disk is full; nothing new stands under the name then.
pub fn write_picture(path: &Path, picture: &Picture) -> Result<(), StorageError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = path.with_file_name(format!(".{name}.{}.partial", std::process::id()));
    let written = encode(&partial, picture).and_then(|()| fs::rename(&partial, path));
    written.map_err(|error| {
        // What is left of a failed attempt is of no use to anybody.
        let _ = fs::remove_file(&partial);
        StorageError::io(path, &error)
    })
}

fn encode(path: &Path, picture: &Picture) -> std::io::Result<()> {
    let mut writer = BufWriter::new(File::create(path)?);
    PngEncoder::new_with_quality(&mut writer, CompressionType::Fast, FilterType::Adaptive)
        .write_image(picture.data.bytes(), picture.size.width, picture.size.height, ExtendedColorType::Rgba8)
        .map_err(std::io::Error::other)?;
    writer.flush()
}

/// Numbered pictures under construction, in a hidden folder beside their place until all are there.
pub struct PictureFolder {
    pattern: PathBuf,
    partial: PathBuf,
    written: Vec<PathBuf>,
}

impl PictureFolder {
    /// Begins a sequence under a pattern.
    ///
    /// # Errors
    /// When the folder is missing or cannot be written to.
    pub fn create(pattern: &Path) -> Result<Self, StorageError> {
        let partial = pattern.with_file_name(format!(".pictures.{}.partial", std::process::id()));
        fs::create_dir(&partial).map_err(|error| StorageError::io(pattern, &error))?;
        Ok(Self { pattern: pattern.to_owned(), partial, written: Vec::new() })
    }

    /// Writes the picture of frame `number`; the first file has number 1.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn write(&mut self, number: u64, picture: &Picture) -> Result<(), StorageError> {
        let (before, width, after) = pattern(&self.pattern).unwrap_or(("", 5, ".png"));
        let name = PathBuf::from(format!("{before}{:0width$}{after}", number + 1));
        encode(&self.partial.join(&name), picture).map_err(|error| StorageError::io(&self.pattern, &error))?;
        self.written.push(name);
        Ok(())
    }

    /// Moves all pictures into their place and returns how many bytes they have.
    ///
    /// # Errors
    /// When a file cannot be moved.
    pub fn finish(self) -> Result<u64, StorageError> {
        for name in &self.written {
            let to = self.pattern.with_file_name(name);
            if to.is_dir() {
                return Err(StorageError::io(&to, &"a folder is in the way"));
            }
        }
        let mut bytes = 0;
        for name in &self.written {
            let (from, to) = (self.partial.join(name), self.pattern.with_file_name(name));
            let moved = fs::metadata(&from).and_then(|metadata| fs::rename(&from, &to).map(|()| metadata.len()));
            bytes += moved.map_err(|error| StorageError::io(&to, &error))?;
        }
        Ok(bytes)
    }
}

impl Drop for PictureFolder {
    fn drop(&mut self) {
        // Empty after a finished sequence, and of no use after a failed one.
        let _ = fs::remove_dir_all(&self.partial);
    }
}
