//! The segment files of one rendition, and its media playlist.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::partial::PartialFolder;
use repcast_media::{Sample, Track};
use repcast_mux::MuxError;
use repcast_mux::fragment::Fragmenter;
use repcast_mux::hls::{self, Segment};

/// The file names of a rendition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    pub(super) playlist: &'static str,
    pub(super) init: &'static str,
    /// What the names of its segments begin with; a number and `.m4s` follow.
    pub(super) segment_prefix: &'static str,
}

pub(super) const VIDEO_NAMES: Names = Names { playlist: "media.m3u8", init: "init.mp4", segment_prefix: "segment_" };
pub(super) const AUDIO_NAMES: Names =
    Names { playlist: "audio.m3u8", init: "audio_init.mp4", segment_prefix: "audio_" };

impl Names {
    /// Whether a file of this name belongs to the rendition.
    pub(super) fn has(self, name: &str) -> bool {
        let is_segment = name.starts_with(self.segment_prefix) && name.ends_with(".m4s");
        name == self.playlist || name == self.init || is_segment
    }
}

/// One track in segments.
#[derive(Debug)]
pub(super) struct RenditionFiles {
    names: Names,
    track: Track,
    fragmenter: Fragmenter,
    /// Named in errors.
    output: PathBuf,
    init_bytes: u64,
    /// The complete segments.
    segments: Vec<Segment>,
    /// The segment that grows.
    open: Option<OpenSegment>,
}

#[derive(Debug)]
struct OpenSegment {
    file: File,
    name: String,
    ticks: u64,
    bytes: u64,
}

impl RenditionFiles {
    /// Writes the init segment into `folder`. Errors name the path `output`.
    pub(super) fn create(names: Names, track: &Track, folder: &PartialFolder, output: &Path) -> Result<Self, MuxError> {
        let fragmenter = Fragmenter::new([track])?;
        let init = fragmenter.init_segment()?;
        fs::write(folder.path_of(names.init), &init).map_err(MuxError::storage(output, "write the init segment"))?;
        Ok(Self {
            names,
            track: track.clone(),
            fragmenter,
            output: output.to_owned(),
            init_bytes: init.len() as u64,
            segments: Vec::new(),
            open: None,
        })
    }

    /// Ticks of the open segment; nothing before the first sample.
    pub(super) fn open_ticks(&self) -> Option<u64> {
        self.open.as_ref().map(|open| open.ticks)
    }

    /// Ends the open segment, so that the next samples begin another.
    pub(super) fn end_segment(&mut self) {
        let track = &self.track;
        let listed = |OpenSegment { name, ticks, bytes, .. }: OpenSegment| Segment {
            uri: name,
            duration: track.secs(ticks),
            bytes,
        };
        self.segments.extend(self.open.take().map(listed));
    }

    /// Appends samples to the open segment, or begins one with them.
    pub(super) fn write(&mut self, samples: &[Sample], folder: &PartialFolder) -> Result<(), MuxError> {
        let fragment = self.fragmenter.fragment(&[samples])?;
        if fragment.is_empty() {
            return Ok(());
        }
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let name = format!("{}{:05}.m4s", self.names.segment_prefix, self.segments.len() + 1);
                let file =
                    File::create(folder.path_of(&name)).map_err(MuxError::storage(&self.output, "create a segment"))?;
                let open = self.open.insert(OpenSegment { file, name, ticks: 0, bytes: 0 });
                open.append(&Fragmenter::segment_type()?, &self.output)?;
                open
            }
        };
        open.append(&fragment, &self.output)?;
        // Samples of an encoder's delay are in no fragment.
        let is_presented = |sample: &&Sample| sample.pts + i64::from(sample.duration) > 0;
        open.ticks += samples.iter().filter(is_presented).map(|sample| u64::from(sample.duration)).sum::<u64>();
        Ok(())
    }

    /// The complete segments.
    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Writes the media playlist. Returns the bytes of all files.
    pub(super) fn finish(&self, target_secs: u64, folder: &PartialFolder) -> Result<u64, MuxError> {
        let text = hls::media(Some(self.names.init), &self.segments, target_secs);
        fs::write(folder.path_of(self.names.playlist), &text)
            .map_err(MuxError::storage(&self.output, "write a playlist"))?;
        let media: u64 = self.segments.iter().map(|segment| segment.bytes).sum();
        Ok(self.init_bytes + media + text.len() as u64)
    }
}

impl OpenSegment {
    fn append(&mut self, bytes: &[u8], output: &Path) -> Result<(), MuxError> {
        self.file.write_all(bytes).map_err(MuxError::storage(output, "write a segment"))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}
