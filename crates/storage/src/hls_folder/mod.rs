//! HLS on disk, for any file server: a master playlist, and a folder of the same name that holds the media.
//!
//! ```text
//! NAME.m3u8             master playlist, put in place last
//! NAME/media.m3u8
//!      init.mp4
//!      segment_00001.m4s    styp, then moof and mdat per half second
//!      segment_00002.m4s
//!      audio.m3u8           the audio rendition, where there is audio
//!      audio_init.mp4
//!      audio_00001.m4s      the access units that begin while segment_00001 is shown
//!      captions-en.m3u8     the captions in a language, where there are any
//!      captions-en_00001.vtt   those that are shown while segment_00001 is
//! ```

mod captions;
mod rendition;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::partial::{PartialFile, PartialFolder, check_file, target_error};
use captions::{is_caption_file, write_captions};
use rendition::{AUDIO_NAMES, RenditionFiles, VIDEO_NAMES};
use repcast_media::{CodecConfig, Sample, Track, min_segment_frames};
use repcast_model::captions::CaptionTrack;
use repcast_mux::MuxError;
use repcast_mux::codec::track_codec_string;
use repcast_mux::hls::{self, AudioRendition, Bandwidth, SubtitlesRendition, VariantStream, target_duration};
use repcast_mux::interleaver::{GroupBoundary, Interleaver, SampleGroup};
use repcast_mux::sink::{OutputSummary, Phase, Sink};
use repcast_mux::tracks::OutputTracks;

/// A [`Sink`] that writes a complete (VOD) HLS stream.
#[derive(Debug)]
pub struct HlsFolder {
    phase: Phase<OutputPaths, OpenFolder>,
}

/// Where the output goes.
#[derive(Debug)]
struct OutputPaths {
    master: PathBuf,
    media_folder: PathBuf,
    partial: PartialFolder,
    captions: Arc<[CaptionTrack]>,
}

/// An output whose tracks are known.
#[derive(Debug)]
struct OpenFolder {
    paths: OutputPaths,
    tracks: OutputTracks,
    interleaver: Interleaver,
    video: RenditionFiles,
    audio: Option<RenditionFiles>,
    /// Ticks of video after which the next key frame begins a segment.
    min_segment_ticks: u64,
}

impl HlsFolder {
    /// Creates a temporary folder next to `path`, which names the master playlist: `dir/NAME.m3u8`.
    ///
    /// # Errors
    /// When `path` has no such form, `dir/NAME` exists and is not an earlier output, or `dir` cannot be written to.
    pub fn create(path: &Path) -> Result<Self, MuxError> {
        let media_folder = path.with_extension("");
        if path.file_name().is_none() || media_folder == path {
            return Err(target_error(path, "does not name a playlist; write NAME.m3u8"));
        }
        check_file(path)?;
        check_replaceable(&media_folder)?;
        let partial = PartialFolder::create(&media_folder)?;
        let captions = Arc::default();
        Ok(Self { phase: Phase::Waiting(OutputPaths { master: path.to_owned(), media_folder, partial, captions }) })
    }

    /// Adds captions, one rendition for each track.
    #[must_use]
    pub fn with_captions(mut self, captions: &Arc<[CaptionTrack]>) -> Self {
        if let Phase::Waiting(paths) = &mut self.phase {
            paths.captions = captions.clone();
        }
        self
    }
}

/// Rejects a folder that holds anything but an earlier output, since finishing removes it.
fn check_replaceable(folder: &Path) -> Result<(), MuxError> {
    let Ok(existing) = fs::symlink_metadata(folder) else { return Ok(()) };
    let foreign =
        || target_error(folder, "already exists and is not an earlier output; choose another name, or remove it");
    if !existing.is_dir() {
        return Err(foreign());
    }
    let read = |error| MuxError::storage(folder, "read the folder")(error);
    let (mut has_media, mut has_init) = (false, false);
    for entry in fs::read_dir(folder).map_err(read)? {
        match entry.map_err(read)?.file_name().to_str() {
            Some(name) if VIDEO_NAMES.has(name) || AUDIO_NAMES.has(name) || is_caption_file(name) => {
                has_media |= name == VIDEO_NAMES.playlist;
                has_init |= name == VIDEO_NAMES.init;
            }
            _ => return Err(foreign()),
        }
    }
    if has_media && has_init { Ok(()) } else { Err(foreign()) }
}

impl OpenFolder {
    fn begin(paths: OutputPaths, tracks: &[Track]) -> Result<Self, MuxError> {
        let tracks = OutputTracks::new(tracks)?;
        let create = |names, track| RenditionFiles::create(names, track, &paths.partial, &paths.master);
        let video = create(VIDEO_NAMES, tracks.video())?;
        let audio = tracks.audio().map(|track| create(AUDIO_NAMES, track)).transpose()?;
        let min_segment_ticks = tracks.timebase().at(min_segment_frames(tracks.stream_config().rate));
        let interleaver = Interleaver::new(&tracks, GroupBoundary::KeyFrame);
        Ok(Self { paths, tracks, interleaver, video, audio, min_segment_ticks })
    }

    fn push(&mut self, sample: Sample) -> Result<(), MuxError> {
        self.interleaver.push(sample)?;
        self.write_groups()
    }

    /// Appends the complete groups to the open segments, or begins the next segments with them.
    fn write_groups(&mut self) -> Result<(), MuxError> {
        let folder = &self.paths.partial;
        while let Some(SampleGroup { video, audio }) = self.interleaver.pop() {
            let begins_with_key = video.first().is_some_and(|sample| sample.is_sync);
            let is_long_enough = self.video.open_ticks().is_some_and(|ticks| ticks >= self.min_segment_ticks);
            if begins_with_key && is_long_enough {
                self.video.end_segment();
                self.audio.iter_mut().for_each(RenditionFiles::end_segment);
            }
            self.video.write(&video, folder)?;
            self.audio.iter_mut().try_for_each(|files| files.write(&audio, folder))?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<OutputSummary, MuxError> {
        let frames = self.interleaver.finish()?;
        self.write_groups()?;
        self.video.end_segment();
        self.audio.iter_mut().for_each(RenditionFiles::end_segment);
        let Self { paths: OutputPaths { master, media_folder, partial, captions }, tracks, video, audio, .. } = self;

        let audio_segments = audio.iter().flat_map(RenditionFiles::segments);
        let target_secs = target_duration(video.segments().iter().chain(audio_segments));
        let mut bytes = video.finish(target_secs, &partial)?;
        if let Some(audio) = &audio {
            bytes += audio.finish(target_secs, &partial)?;
        }
        let mut subtitles = Vec::with_capacity(captions.len());
        for track in &*captions {
            let (rendition, written) = write_captions(track, video.segments(), target_secs, &partial, &master)?;
            subtitles.push(rendition);
            bytes += written;
        }
        let folder_name = media_folder.file_name().unwrap_or_default();
        let master_text = master_playlist(folder_name.as_encoded_bytes(), &tracks, &video, audio.as_ref(), subtitles)?;
        // The master playlist is written before the folder is put in place, so that only a rename can fail after that.
        let (partial_master, mut file) = PartialFile::create(&master)?;
        file.write_all(master_text.as_bytes()).map_err(MuxError::storage(&master, "write a playlist"))?;
        check_replaceable(&media_folder)?;
        partial.commit()?;
        partial_master.commit(file)?;
        Ok(OutputSummary { frames, bytes: bytes + master_text.len() as u64 })
    }
}

/// The master playlist for a media folder of this name.
fn master_playlist(
    folder_name: &[u8],
    tracks: &OutputTracks,
    video: &RenditionFiles,
    audio: Option<&RenditionFiles>,
    mut subtitles: Vec<SubtitlesRendition>,
) -> Result<String, MuxError> {
    let folder_uri = hls::escape(folder_name);
    let config = tracks.stream_config();
    let rendition = VariantStream {
        uri: format!("{folder_uri}/{}", VIDEO_NAMES.playlist),
        codecs: track_codec_string(tracks.video())?,
        size: config.size,
        rate: config.rate,
        bandwidth: Bandwidth::of(video.segments()),
    };
    let audio = match (audio, tracks.audio()) {
        (Some(files), Some(track)) => Some(AudioRendition {
            uri: format!("{folder_uri}/{}", AUDIO_NAMES.playlist),
            codec: track_codec_string(track)?,
            channels: if let CodecConfig::Aac(aac) = &track.codec { aac.channels } else { 0 },
            bandwidth: Bandwidth::of(files.segments()),
        }),
        _ => None,
    };
    subtitles.iter_mut().for_each(|subtitles| subtitles.uri = format!("{folder_uri}/{}", subtitles.uri));
    Ok(hls::master_with_renditions(&[rendition], audio.as_ref(), &subtitles))
}

impl Sink for HlsFolder {
    fn begin(&mut self, tracks: &[Track]) -> Result<(), MuxError> {
        self.phase.open(|paths| OpenFolder::begin(paths, tracks))
    }

    fn push(&mut self, sample: Sample) -> Result<(), MuxError> {
        self.phase.run(|folder| folder.push(sample))
    }

    fn finish(self: Box<Self>) -> Result<OutputSummary, MuxError> {
        self.phase.close()?.finish()
    }
}
