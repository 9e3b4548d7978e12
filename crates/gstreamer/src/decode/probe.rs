//! Analysis of a file before anything is rendered: format, size, timing, color, and whether its first frame decodes.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gstreamer_video as gst_video;

use super::color::{ColorSources, VideoColor, resolve};
use super::container::{Container, FrameShape, StartPolicy};
use super::file_format::{FileFormat, Sniffed, sniff};
use super::iso::{Display, read_movie};
use super::limits::MAX_CLIP_SIDE;
use super::matroska::{self, MatroskaFile};
use super::pictures::{PictureSource, ProbedPictures};
use super::scan::scan;
use super::stream::{STALL_TIMEOUT, Stream, StreamOutput, TimedSample, next_clip_number};
use super::timing::Timing;
use super::unsupported::{ALPHA_LAYER, UnsupportedFormat};
use super::{DecodeError, edits, pictures};
use repcast_media::FileIdentity;
use repcast_model::clip::ClipInfo;
use repcast_model::geometry::Size;
use repcast_model::time::Rational;

/// The result of probing a clip, with everything needed to open it without another analysis.
#[derive(Clone, Debug)]
pub struct ProbedClip {
    /// Size, duration and rate, for the timeline.
    pub info: ClipInfo,
    /// The clip number in the identities of its frames.
    pub(super) number: u64,
    /// The color of its samples.
    pub(super) color: VideoColor,
    pub(super) source: ClipSource,
}

/// What the frames of a clip are read from.
#[derive(Clone, Debug)]
pub(super) enum ClipSource {
    Stream(Container, Timing),
    Pictures(pictures::Sequence),
    Animation(pictures::Animation),
}

impl From<ProbedPictures> for ProbedClip {
    fn from(ProbedPictures { info, number, source }: ProbedPictures) -> Self {
        let source = match source {
            PictureSource::Sequence(sequence) => ClipSource::Pictures(sequence),
            PictureSource::Animation(animation) => ClipSource::Animation(animation),
        };
        Self { info, number, color: VideoColor::default(), source }
    }
}

impl ProbedClip {
    /// Identifies this version of the file within the process. Probing the unchanged file again yields the same number,
    /// until it is evicted from the probe cache.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Heap memory that grows with the length of the file: key frame times and patches.
    fn memory_bytes(&self) -> usize {
        match &self.source {
            ClipSource::Stream(container, timing) => container.patches.memory_bytes() + size_of_val(&*timing.keys),
            ClipSource::Pictures(_) | ClipSource::Animation(_) => 0,
        }
    }

    /// The files the clip is read from: the file at `path`, or each picture of a numbered sequence.
    #[must_use]
    pub fn files<'a>(&'a self, path: &'a Path) -> Vec<&'a Path> {
        match &self.source {
            ClipSource::Stream(..) | ClipSource::Animation(_) => vec![path],
            ClipSource::Pictures(pictures) => pictures.files.iter().map(PathBuf::as_path).collect(),
        }
    }
}

/// Results by path. Servers open the same clips repeatedly, and frames with equal clip numbers share cached tiles.
static PROBE_CACHE: Mutex<BTreeMap<PathBuf, (FileIdentity, ProbedClip)>> = Mutex::new(BTreeMap::new());

/// Most entries in [`PROBE_CACHE`]; it is cleared when it is full.
const MAX_CACHED_PROBES: usize = 1000;

/// Most bytes in [`PROBE_CACHE`], by [`ProbedClip::memory_bytes`]; it is cleared when it is full.
const MAX_CACHED_PROBE_BYTES: usize = 64 << 20;

/// Most key frames after the first that are tried for a first good frame.
const MAX_FIRST_KEYS: usize = 4;

/// Opens the file, reads its time stamps and decodes its first frame. Results are cached by path and
/// version of the file.
///
/// # Errors
/// When the file is missing, is of a format that repcast does not read, or contains no frame that can be decoded. Later
/// damage is reported by [`Clip::frame_at`](super::Clip::frame_at).
pub fn probe(path: &Path) -> Result<ProbedClip, DecodeError> {
    probe_within(path, STALL_TIMEOUT)
}

/// The same with another limit of how long a decoder may deliver nothing.
///
/// # Errors
/// As [`probe`].
pub fn probe_within(path: &Path, stall_timeout: Duration) -> Result<ProbedClip, DecodeError> {
    if pictures::is_numbered(path) {
        return pictures::probe_sequence(path).map(ProbedClip::from);
    }
    let version = file_version(path);
    // A panic cannot leave the map inconsistent: nothing panics while it is locked.
    let cache = || PROBE_CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, probed)) = cache().get(path).filter(|(cached, _)| Some(*cached) == version) {
        return Ok(probed.clone());
    }
    let probed = probe_uncached(path, stall_timeout)?;
    if let Some(version) = version {
        let mut cache = cache();
        let bytes = cache.values().map(|(_, probed)| probed.memory_bytes()).sum::<usize>() + probed.memory_bytes();
        if cache.len() >= MAX_CACHED_PROBES || bytes > MAX_CACHED_PROBE_BYTES {
            cache.clear();
        }
        cache.insert(path.to_owned(), (version, probed.clone()));
    }
    Ok(probed)
}

/// The version of a regular file at this time.
pub(super) fn file_version(path: &Path) -> Option<FileIdentity> {
    let metadata = std::fs::metadata(path).ok().filter(Metadata::is_file)?;
    Some(FileIdentity::of(&metadata))
}

fn probe_uncached(path: &Path, stall_timeout: Duration) -> Result<ProbedClip, DecodeError> {
    let sniffed = sniff(path)?;
    if sniffed.format == FileFormat::Picture {
        return pictures::probe_picture(path).map(ProbedClip::from);
    }
    let (mut container, timing, display) = open_container(path, &sniffed, stall_timeout)?;
    let (stream, first) = match first_frame(path, &container, &timing, stall_timeout) {
        // Some cameras never send an intra-coded frame.
        Err(error @ (DecodeError::NoVideo(_) | DecodeError::Broken { .. })) => {
            container.start_policy = StartPolicy::IncompleteFrames;
            frame_from(path, &container, None, stall_timeout).map_err(|_| error)?
        }
        result => result?,
    };
    let info = video_info(path, &first.sample)?;
    let color = video_color(path, &container, &stream, &first.sample)?;
    let par = info.par();
    let pixel_aspect = match (par.numer(), par.denom()) {
        (numer, denom) if numer > 0 && denom > 0 => Rational::new(i128::from(numer), i128::from(denom)),
        _ => Rational::from_integer(1),
    };
    let size = Size { width: info.width(), height: info.height() };
    container.shape = Some(FrameShape { size, pixel_aspect: par });
    let info = ClipInfo {
        size,
        pixel_aspect: display.map_or(pixel_aspect, |display| pixel_aspect * display.stretch),
        orientation: display.map_or_else(|| stream.orientation(), |display| display.orientation),
        duration: timing.duration,
        rate: timing.rate,
        is_still: false,
        is_picture: false,
    };
    Ok(ProbedClip { info, number: next_clip_number(), color, source: ClipSource::Stream(container, timing) })
}

/// Decodes the first frame, or the frame at one of the next key frames if the file starts with damage.
fn first_frame(
    path: &Path,
    container: &Container,
    timing: &Timing,
    stall_timeout: Duration,
) -> Result<(Stream, TimedSample), DecodeError> {
    let error = match frame_from(path, container, None, stall_timeout) {
        Err(error @ DecodeError::Broken { .. }) => error,
        result => return result,
    };
    for key in timing.keys.iter().skip(1).take(MAX_FIRST_KEYS) {
        match frame_from(path, container, Some(timing.seek_target(*key)), stall_timeout) {
            Err(DecodeError::Broken { .. } | DecodeError::NoVideo(_)) => {}
            // A decoder that stalls does so at other key frames too, and each costs the timeout.
            result => return result,
        }
    }
    Err(error)
}

/// Decodes one frame: the first, or the one at a key frame whose seek target is given in nanoseconds.
fn frame_from(
    path: &Path,
    container: &Container,
    key: Option<u64>,
    stall_timeout: Duration,
) -> Result<(Stream, TimedSample), DecodeError> {
    let stream = match key {
        Some(key) => Stream::start_at(path, container, key, stall_timeout)?,
        None => Some(Stream::start(path, container, StreamOutput::Frames, stall_timeout)?),
    };
    let stream = stream.ok_or_else(|| DecodeError::NoVideo(path.to_owned()))?;
    let first = stream.next()?.ok_or_else(|| DecodeError::NoVideo(path.to_owned()))?;
    Ok((stream, first))
}

/// Reads container and timing, from the boxes of a movie or else from the packets of the demuxer.
fn open_container(
    path: &Path,
    sniffed: &Sniffed,
    stall_timeout: Duration,
) -> Result<(Container, Timing, Option<Display>), DecodeError> {
    let &Sniffed { format, truncated, len } = sniffed;
    let unread = Container::unread(format, len, truncated);
    let (container, timing, display) = if format == FileFormat::IsoMedia {
        let movie = read_movie(path)?;
        let container = Container { truncated: movie.truncated, patches: Arc::new(movie.patches), ..unread };
        match movie.video {
            Some(video) if video.has_alpha_layer => {
                let UnsupportedFormat { name, advice } = ALPHA_LAYER;
                return Err(DecodeError::Unsupported { path: path.to_owned(), name, advice });
            }
            Some(video) => {
                (Container { color: video.color, ..container }, edits::timing(path, &video), Some(video.display))
            }
            None => {
                let timing = scan(path, &container, stall_timeout)?;
                (container, timing, None)
            }
        }
    } else {
        let MatroskaFile { patches, .. } = read_matroska(path)?;
        let container = Container { patches: Arc::new(patches), ..unread };
        let timing = scan(path, &container, stall_timeout)?;
        (container, timing, None)
    };
    let start_policy = if timing.keys.is_empty() { StartPolicy::AnyPacket } else { StartPolicy::KeyFrame };
    Ok((Container { start_policy, ..container }, timing, display))
}

/// Reads the elements of a Matroska file.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn read_matroska(path: &Path) -> Result<MatroskaFile, DecodeError> {
    matroska::read(path).map_err(|error| DecodeError::io(path, &error))
}

/// The color of a stream, from its container, its first packet and its first decoded frame.
fn video_color(
    path: &Path,
    container: &Container,
    stream: &Stream,
    frame: &gstreamer::Sample,
) -> Result<VideoColor, DecodeError> {
    let broken = |reason: String| DecodeError::Broken { path: path.to_owned(), reason };
    let caps = frame.caps().ok_or_else(|| broken("a frame without a format".to_owned()))?;
    let packet = stream.first_packet();
    let data = packet.as_ref().and_then(|packet| packet.buffer()?.map_readable().ok());
    let sources = ColorSources {
        container: container.color,
        packet: packet.as_ref().and_then(|packet| Some((packet.caps()?, data.as_deref()?))),
        frame: caps,
        height: video_info(path, frame)?.height(),
        is_iso_media: container.format == FileFormat::IsoMedia,
    };
    resolve(&sources).map_err(|error| broken(error.to_string()))
}

/// The format of a decoded frame.
///
/// # Errors
/// When a side is 0 or longer than [`MAX_CLIP_SIDE`].
pub(super) fn video_info(path: &Path, sample: &gstreamer::Sample) -> Result<gst_video::VideoInfo, DecodeError> {
    let broken = |reason: &str| DecodeError::Broken { path: path.to_owned(), reason: reason.to_owned() };
    let caps = sample.caps().ok_or_else(|| broken("a frame without a format"))?;
    let info = gst_video::VideoInfo::from_caps(caps).map_err(|error| broken(&error.to_string()))?;
    let (width, height) = (info.width(), info.height());
    if [width, height].iter().any(|side| !(1..=MAX_CLIP_SIDE).contains(side)) {
        return Err(DecodeError::Dimensions { path: path.to_owned(), width, height });
    }
    Ok(info)
}
