//! Composited pictures as PNG files: single ones and numbered sequences.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::StorageError;
use super::partial::{PartialFile, PartialFolder};
use repcast_media::CompositedFrame;

/// Most digits to which numbers are padded.
const MAX_DIGITS: usize = 12;

/// Whether the name of an output is a pattern of numbered pictures, such as `out/%05d.png`.
#[must_use]
pub fn is_numbered_pattern(path: &Path) -> bool {
    NamePattern::parse(path).is_some()
}

/// A parsed pattern such as `frame_%05d.png`: prefix, minimum number of digits, suffix.
#[derive(Debug)]
struct NamePattern {
    prefix: String,
    digits: usize,
    suffix: String,
}

impl NamePattern {
    fn parse(path: &Path) -> Option<Self> {
        let (prefix, rest) = path.file_name()?.to_str()?.split_once('%')?;
        let (width, suffix) = rest.split_once('d')?;
        let digits = match width {
            "" => 1,
            _ => width.strip_prefix('0')?.parse().ok().filter(|digits| (1..=MAX_DIGITS).contains(digits))?,
        };
        Some(Self { prefix: prefix.to_owned(), digits, suffix: suffix.to_owned() })
    }

    fn file_name(&self, number: u64) -> String {
        format!("{}{number:0digits$}{}", self.prefix, self.suffix, digits = self.digits)
    }
}

/// The file of the first picture of a pattern; `None` for a name without a number.
#[must_use]
pub fn first_picture(pattern: &Path) -> Option<PathBuf> {
    NamePattern::parse(pattern).map(|names| pattern.with_file_name(names.file_name(1)))
}

/// Writes one RGBA picture as a PNG file. The file appears under its name only when it is complete.
///
/// # Errors
/// When the path cannot be a file, its folder is missing, or the disk is full. An earlier file of the name is then
/// unchanged.
pub fn write_png_file(path: &Path, picture: &CompositedFrame) -> Result<(), StorageError> {
    let (partial, file) = PartialFile::create(path)?;
    encode(&file, picture).map_err(|error| StorageError::io(path, error))?;
    Ok(partial.commit(file)?)
}

fn encode(file: &File, picture: &CompositedFrame) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    PngEncoder::new_with_quality(&mut writer, CompressionType::Fast, FilterType::Adaptive)
        .write_image(picture.data.bytes(), picture.size.width, picture.size.height, ExtendedColorType::Rgba8)
        .map_err(io::Error::other)?;
    writer.flush()
}

/// Encodes a picture of one byte per pixel, from black to white, as PNG.
///
/// # Errors
/// When the bytes are not `width` x `height`.
pub fn encode_gray_png(width: u32, height: u32, pixels: &[u8]) -> io::Result<Vec<u8>> {
    if u64::try_from(pixels.len()) != Ok(u64::from(width) * u64::from(height)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(pixels, width, height, ExtendedColorType::L8).map_err(io::Error::other)?;
    Ok(png)
}

/// Writes numbered pictures to a hidden folder and moves them to their names when all are complete. Dropping it removes
/// pictures that have not been moved.
#[derive(Debug)]
pub struct PngSequenceWriter {
    target: PathBuf,
    pattern: NamePattern,
    partial: PartialFolder,
    written: Vec<String>,
}

impl PngSequenceWriter {
    /// Creates the hidden folder next to the pictures of this pattern.
    ///
    /// # Errors
    /// When the name is not a pattern, or its folder is missing or cannot be written to.
    pub fn create(pattern: &Path) -> Result<Self, StorageError> {
        let names = NamePattern::parse(pattern);
        let names = names.ok_or_else(|| StorageError::io(pattern, io::Error::other("has no number such as %05d")))?;
        let partial = PartialFolder::create(pattern)?;
        Ok(Self { target: pattern.to_owned(), pattern: names, partial, written: Vec::new() })
    }

    /// Writes the picture of frame `number`, counted from 0; file names count from 1.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn write(&mut self, number: u64, picture: &CompositedFrame) -> Result<(), StorageError> {
        let name = self.pattern.file_name(number + 1);
        let written = File::create(self.partial.path_of(&name)).and_then(|file| encode(&file, picture));
        written.map_err(|error| StorageError::io(&self.target, error))?;
        self.written.push(name);
        Ok(())
    }

    /// Makes all pictures durable, moves them to their names, and returns their size in bytes.
    ///
    /// # Errors
    /// When a folder has the name of a picture, in which case no picture is moved, or when a file cannot be moved.
    pub fn finish(self) -> Result<u64, StorageError> {
        let mut bytes = 0;
        for name in &self.written {
            let target = self.target.with_file_name(name);
            if target.is_dir() {
                return Err(StorageError::io(&target, io::Error::other("a folder of this name exists")));
            }
            bytes += sync(&self.partial.path_of(name)).map_err(|error| StorageError::io(&target, error))?;
        }
        for name in &self.written {
            let target = self.target.with_file_name(name);
            fs::rename(self.partial.path_of(name), &target).map_err(|error| StorageError::io(&target, error))?;
        }
        Ok(bytes)
    }
}

/// Makes a file durable and returns its length in bytes.
fn sync(path: &Path) -> io::Result<u64> {
    let file = File::open(path)?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use repcast_media::FrameFormat;
    use repcast_model::geometry::Size;

    fn picture() -> CompositedFrame {
        let size = Size { width: 2, height: 2 };
        CompositedFrame { format: FrameFormat::Rgba, size, stride: 8, data: Arc::new(vec![255; 16]) }
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn patterns_have_one_placeholder_for_the_number() {
        let name = |pattern: &str| NamePattern::parse(Path::new(pattern)).map(|pattern| pattern.file_name(7));
        assert_eq!(name("out/%05d.png").as_deref(), Some("00007.png"));
        assert_eq!(name("frame_%d.png").as_deref(), Some("frame_7.png"));
        for pattern in ["out.png", "%5d.png", "%013d.png", "%05.png", "%00d.png"] {
            assert_eq!(name(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn pictures_appear_together_and_nothing_else_remains() {
        let folder = tempfile::tempdir().unwrap();
        let pattern = folder.path().join("%03d.png");
        for count in [2, 3] {
            let mut pictures = PngSequenceWriter::create(&pattern).unwrap();
            (0..count).for_each(|number| pictures.write(number, &picture()).unwrap());
            if count == 2 {
                assert_eq!(names_in(folder.path()).len(), 1);
            }
            let bytes = pictures.finish().unwrap();
            assert_eq!(bytes, count * fs::metadata(folder.path().join("001.png")).unwrap().len());
        }
        assert_eq!(names_in(folder.path()), ["001.png", "002.png", "003.png"]);
        let mut unfinished = PngSequenceWriter::create(&pattern).unwrap();
        unfinished.write(7, &picture()).unwrap();
        drop(unfinished);
        assert_eq!(names_in(folder.path()).len(), 3);
    }

    #[test]
    fn no_picture_is_moved_when_a_folder_has_its_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("2.png")).unwrap();
        let mut pictures = PngSequenceWriter::create(&folder.path().join("%d.png")).unwrap();
        (0..2).for_each(|number| pictures.write(number, &picture()).unwrap());
        assert!(pictures.finish().is_err());
        assert_eq!(names_in(folder.path()), ["2.png"]);
    }

    #[test]
    fn a_picture_replaces_an_earlier_file_and_leaves_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("still.png");
        fs::write(&path, "earlier").unwrap();
        write_png_file(&path, &picture()).unwrap();
        assert!(fs::read(&path).unwrap().starts_with(b"\x89PNG"));
        assert_eq!(names_in(folder.path()), ["still.png"]);
        assert!(write_png_file(&folder.path().join("missing/still.png"), &picture()).is_err());
    }
}
