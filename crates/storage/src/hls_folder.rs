//! HLS on disk, for any file server: a master playlist, and a folder of the same name that holds the media.
//!
//! ```text
//! NAME.m3u8             master playlist, put in place last
//! NAME/media.m3u8
//!      init.mp4
//!      segment_00001.m4s    styp, then moof and mdat per half second
//!      segment_00002.m4s
//! ```

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use repcast_mux::PackageError;
use repcast_mux::codec::codec_string;
use repcast_mux::fragment::Fragmenter;
use repcast_mux::grouper::Grouper;
use super::partial::{PartialFile, PartialFolder, check_file, refuse};
use repcast_mux::sink::{Phase, Sink, Summary};
use repcast_mux::hls::{self, Bandwidth, Rendition, Segment};
use repcast_media::{EncodedFrame, StreamConfig};
use repcast_model::time::Rational;

/// Seconds that a segment is meant to last: the distance that key frames should have. A key frame begins a segment when
/// the one before it has this length, or one frame less, so that rounding at fractional rates never doubles a segment.
pub const SEGMENT_SECS: u32 = 2;

const MEDIA_NAME: &str = "media.m3u8";
const INIT_NAME: &str = "init.mp4";

/// A [`Sink`] that writes a complete (VOD) HLS stream.
#[derive(Debug)]
pub struct HlsFolder {
    phase: Phase<Place, Running>,
}

/// Where the output goes.
#[derive(Debug)]
struct Place {
    master: PathBuf,
    media_folder: PathBuf,
    partial: PartialFolder,
}

#[derive(Debug)]
struct Running {
    place: Place,
    config: StreamConfig,
    fragmenter: Fragmenter,
    grouper: Grouper,
    /// Frames after which the next key frame begins a segment.
    segment_frames: u64,
    init_bytes: u64,
    /// The complete segments.
    segments: Vec<Segment>,
    /// The one behind them.
    open: Option<OpenSegment>,
}

/// A segment that grows.
#[derive(Debug)]
struct OpenSegment {
    file: File,
    name: String,
    frames: u64,
    bytes: u64,
}

impl HlsFolder {
    /// Creates a temporary folder beside `path`, which names the master playlist: `dir/NAME.m3u8`.
    ///
    /// # Errors
    /// When `path` has no such form, `dir/NAME` exists and is not an earlier output, or `dir` cannot be written to.
    pub fn create(path: &Path) -> Result<Self, PackageError> {
        let media_folder = path.with_extension("");
        if path.file_name().is_none() || media_folder == path {
            return Err(refuse(path, "does not name a playlist; write NAME.m3u8"));
        }
        check_file(path)?;
        check_replaceable(&media_folder)?;
        let partial = PartialFolder::create(&media_folder)?;
        Ok(Self { phase: Phase::Waiting(Place { master: path.to_owned(), media_folder, partial }) })
    }
}

/// Refuses a folder that holds anything but an earlier output, since finishing removes it.
fn check_replaceable(folder: &Path) -> Result<(), PackageError> {
    let Ok(existing) = fs::symlink_metadata(folder) else { return Ok(()) };
    let foreign = || refuse(folder, "is in the way: the media would go there, and it is not an earlier output");
    if !existing.is_dir() {
        return Err(foreign());
    }
    let read = |error| PackageError::storage(folder, "look into it")(error);
    let (mut has_media, mut has_init) = (false, false);
    for entry in fs::read_dir(folder).map_err(read)? {
        match entry.map_err(read)?.file_name().to_str() {
            Some(MEDIA_NAME) => has_media = true,
            Some(INIT_NAME) => has_init = true,
            Some(name) if name.starts_with("segment_") && name.ends_with(".m4s") => {}
            _ => return Err(foreign()),
        }
    }
    if has_media && has_init { Ok(()) } else { Err(foreign()) }
}

impl Running {
    fn begin(place: Place, config: &StreamConfig) -> Result<Self, PackageError> {
        let fragmenter = Fragmenter::new(config)?;
        let init = fragmenter.init_segment()?;
        fs::write(place.partial.path_of(INIT_NAME), &init)
            .map_err(PackageError::storage(&place.master, "write the init segment"))?;
        let whole = config.rate.border_at(Rational::from_integer(i128::from(SEGMENT_SECS)));
        Ok(Self {
            place,
            config: config.clone(),
            fragmenter,
            grouper: Grouper::new(config.rate),
            segment_frames: whole.saturating_sub(1),
            init_bytes: init.len() as u64,
            segments: Vec::new(),
            open: None,
        })
    }

    fn push(&mut self, frame: EncodedFrame) -> Result<(), PackageError> {
        match self.grouper.push(frame)? {
            Some(group) => self.write(&group),
            None => Ok(()),
        }
    }

    /// Appends a group to the open segment, or begins the next with it.
    fn write(&mut self, group: &[EncodedFrame]) -> Result<(), PackageError> {
        let begins_with_key = group.first().is_some_and(|frame| frame.is_key);
        let goes_on = |open: &OpenSegment| !begins_with_key || open.frames < self.segment_frames;
        let (mut open, mut bytes) = match self.open.take() {
            Some(open) if goes_on(&open) => (open, Vec::new()),
            complete => {
                self.close(complete);
                (self.create_segment()?, Fragmenter::segment_type()?)
            }
        };
        bytes.extend(self.fragmenter.fragment(group)?);
        open.file.write_all(&bytes).map_err(PackageError::storage(&self.place.master, "write a segment"))?;
        open.frames += group.len() as u64;
        open.bytes += bytes.len() as u64;
        self.open = Some(open);
        Ok(())
    }

    fn create_segment(&self) -> Result<OpenSegment, PackageError> {
        let name = format!("segment_{:05}.m4s", self.segments.len() + 1);
        let file = File::create(self.place.partial.path_of(&name))
            .map_err(PackageError::storage(&self.place.master, "create a segment"))?;
        Ok(OpenSegment { file, name, frames: 0, bytes: 0 })
    }

    fn close(&mut self, complete: Option<OpenSegment>) {
        let rate = self.config.rate;
        let listed = |OpenSegment { name, frames, bytes, .. }: OpenSegment| Segment {
            uri: name,
            duration: rate.secs_at(frames),
            bytes,
        };
        self.segments.extend(complete.map(listed));
    }

    fn finish(mut self) -> Result<Summary, PackageError> {
        let (last, frames) = self.grouper.finish()?;
        self.write(&last)?;
        let complete = self.open.take();
        self.close(complete);
        let Self { place: Place { master, media_folder, partial }, config, segments, init_bytes, .. } = self;
        let playlist = |error| PackageError::storage(&master, "write a playlist")(error);

        let media_text = hls::media(INIT_NAME, &segments);
        fs::write(partial.path_of(MEDIA_NAME), &media_text).map_err(playlist)?;
        let folder_name = media_folder.file_name().unwrap_or_default();
        let rendition = Rendition {
            uri: format!("{}/{MEDIA_NAME}", hls::escape(folder_name.as_encoded_bytes())),
            codecs: codec_string(&config.avcc)?,
            size: config.size,
            rate: config.rate,
            bandwidth: Bandwidth::of(&segments),
        };
        let master_text = hls::master(&[rendition]);
        // The master playlist is written before the folder takes its place, so that only a rename can fail after that.
        let (partial_master, mut file) = PartialFile::create(&master)?;
        file.write_all(master_text.as_bytes()).map_err(playlist)?;
        check_replaceable(&media_folder)?;
        partial.commit()?;
        partial_master.commit(file)?;

        let media_bytes: u64 = segments.iter().map(|segment| segment.bytes).sum();
        let text_bytes = (media_text.len() + master_text.len()) as u64;
        Ok(Summary { frames, bytes: init_bytes + media_bytes + text_bytes })
    }
}

impl Sink for HlsFolder {
    fn begin(&mut self, config: &StreamConfig) -> Result<(), PackageError> {
        self.phase.open(|place| Running::begin(place, config))
    }

    fn push(&mut self, frame: EncodedFrame) -> Result<(), PackageError> {
        self.phase.run(|running| running.push(frame))
    }

    fn finish(self: Box<Self>) -> Result<Summary, PackageError> {
        self.phase.close()?.finish()
    }
}
