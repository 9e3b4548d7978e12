//! A look at a file before anything is drawn.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use gstreamer_video as gst_video;

use super::color::{ContainerColor, Known, VideoColor, resolve};
use super::iso::{Display, read_movie};
use super::scan::scan;
use super::sniff::{Kind, Sniffed, sniff};
use super::stream::{Container, Output, STALL, Shape, Stream, Timed, next_clip_number};
use super::timing::Timing;
use super::{DecodeError, MAX_CLIP_SIDE, edits, matroska, pictures};
use repcast_model::geometry::Size;
use repcast_model::clip::ClipInfo;
use repcast_model::time::Rational;

/// What a clip is, with what is needed to open it again quickly.
#[derive(Clone, Debug)]
pub struct Probed {
    /// What the timeline needs to know.
    pub info: ClipInfo,
    /// Names the file in the frames that are read from it.
    pub(super) number: u64,
    /// What its samples mean.
    pub(super) color: VideoColor,
    pub(super) body: Body,
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    Stream(Container, Timing),
    Pictures(pictures::Sequence),
    Animation(pictures::Animation),
}

impl Probed {
    /// Names the file as it was found: the same for as long as it does not change and is remembered.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What is kept of a long file: times of key frames, and what the demuxer is shown.
    fn bytes(&self) -> usize {
        match &self.body {
            Body::Stream(container, timing) => container.patches.bytes() + size_of_val(&*timing.keys),
            Body::Pictures(_) | Body::Animation(_) => 0,
        }
    }

    /// The files that it is read from: one, or all of numbered pictures.
    #[must_use]
    pub fn files<'a>(&'a self, path: &'a Path) -> Vec<&'a Path> {
        match &self.body {
            Body::Stream(..) | Body::Animation(_) => vec![path],
            Body::Pictures(pictures) => pictures.files.iter().map(PathBuf::as_path).collect(),
        }
    }
}

/// A file's length and time of change.
type Stamp = (u64, Option<SystemTime>);

/// Files that were looked at: services are asked for the same clips again and again, and frames of a file that is known
/// to be the same need be decoded and drawn only once for all of them.
static KNOWN: Mutex<BTreeMap<PathBuf, (Stamp, Probed)>> = Mutex::new(BTreeMap::new());

/// Files that are remembered. When there are more, all are looked at again.
const MAX_KNOWN: usize = 1000;

/// Bytes that they may take together.
const MAX_KNOWN_BYTES: usize = 64 << 20;

/// Key frames that are tried for a first clean frame.
const MAX_FIRST_KEYS: usize = 4;

/// Opens the file, reads its time stamps and decodes its first frame, so that what is accepted here can be shown. A file
/// that was looked at before and has not changed since is known already.
///
/// # Errors
/// When the file is missing, is nothing that repcast reads, or cannot be decoded at all. A file that breaks later
/// passes, and its break is reported by [`Clip::frame_at`](super::Clip::frame_at).
pub fn probe(path: &Path) -> Result<Probed, DecodeError> {
    if pictures::is_numbered(path) {
        return pictures::probe_sequence(path);
    }
    let about = std::fs::metadata(path).ok();
    let stamp: Option<Stamp> = about.filter(Metadata::is_file).map(|about| (about.len(), about.modified().ok()));
    // Whoever panicked has left the map as it was.
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, probed)) = known().get(path).filter(|(then, _)| Some(*then) == stamp) {
        return Ok(probed.clone());
    }
    let probed = look_into(path)?;
    if let Some(stamp) = stamp {
        let mut known = known();
        let bytes = known.values().map(|(_, probed)| probed.bytes()).sum::<usize>() + probed.bytes();
        if known.len() >= MAX_KNOWN || bytes > MAX_KNOWN_BYTES {
            known.clear();
        }
        known.insert(path.to_owned(), (stamp, probed.clone()));
    }
    Ok(probed)
}

fn look_into(path: &Path) -> Result<Probed, DecodeError> {
    let sniffed = sniff(path)?;
    if sniffed.kind == Kind::Picture {
        return pictures::probe_picture(path);
    }
    let (mut container, timing, display) = open_container(path, &sniffed)?;
    let (stream, first) = match first_frame(path, &container, &timing) {
        // Some cameras never send a frame that needs no other.
        Err(error @ (DecodeError::NoVideo(_) | DecodeError::Broken { .. })) => {
            container.shows_unclean = true;
            container.waits_for_key = false;
            frame_from(path, &container, None).map_err(|_| error)?
        }
        found_or_error => found_or_error?,
    };
    let info = video_info(path, &first.sample)?;
    let color = video_color(path, &container, &stream, &first.sample)?;
    let par = info.par();
    let pixel_aspect = match (par.numer(), par.denom()) {
        (numer, denom) if numer > 0 && denom > 0 => Rational::new(i128::from(numer), i128::from(denom)),
        _ => Rational::from_integer(1),
    };
    let size = Size { width: info.width(), height: info.height() };
    container.shape = Some(Shape { size, pixel_aspect: par });
    let info = ClipInfo {
        size,
        pixel_aspect: display.map_or(pixel_aspect, |display| pixel_aspect * display.stretch),
        orientation: display.map_or_else(|| stream.orientation(), |display| display.orientation),
        duration: timing.duration,
        rate: timing.rate,
        is_still: false,
        is_picture: false,
    };
    Ok(Probed { info, number: next_clip_number(), color, body: Body::Stream(container, timing) })
}

/// The first frame that can be decoded: where the file begins with damage, that of a later key frame.
fn first_frame(path: &Path, container: &Container, timing: &Timing) -> Result<(Stream, Timed), DecodeError> {
    let first = frame_from(path, container, None);
    let later = || timing.keys.iter().skip(1).take(MAX_FIRST_KEYS);
    let found = |error: DecodeError| match error {
        DecodeError::Broken { .. } => {
            let at = |key: &u64| frame_from(path, container, Some(timing.seek_target(*key))).ok();
            later().find_map(at).ok_or(error)
        }
        other => Err(other),
    };
    first.or_else(found)
}

/// Starts decoding, at a key frame where its time is given, and waits for a frame.
fn frame_from(path: &Path, container: &Container, key: Option<u64>) -> Result<(Stream, Timed), DecodeError> {
    let stream = Stream::start(path, container, Output::Frames, STALL)?;
    if key.is_some_and(|key| !stream.seek(key)) {
        return Err(DecodeError::NoVideo(path.to_owned()));
    }
    let first = stream.next()?.ok_or_else(|| DecodeError::NoVideo(path.to_owned()))?;
    Ok((stream, first))
}

/// What a file's container says, by its boxes where they can be read and else by its packets.
fn open_container(path: &Path, sniffed: &Sniffed) -> Result<(Container, Timing, Option<Display>), DecodeError> {
    let &Sniffed { kind, truncated, len } = sniffed;
    let patches = Arc::default();
    let plain = Container {
        kind,
        len,
        truncated,
        color: ContainerColor::default(),
        waits_for_key: false,
        shape: None,
        shows_unclean: false,
        patches,
    };
    let (container, timing, display) = if kind == Kind::IsoMedia {
        let movie = read_movie(path)?;
        let container = Container { truncated: movie.truncated, patches: Arc::new(movie.patches), ..plain };
        match movie.video {
            Some(video) => {
                (Container { color: video.color, ..container }, edits::timing(path, &video), Some(video.display))
            }
            None => {
                let timing = scan(path, &container)?;
                (container, timing, None)
            }
        }
    } else {
        let patches = matroska::patches(path)
            .map_err(|error| DecodeError::Io { path: path.to_owned(), reason: error.to_string() })?;
        let container = Container { patches: Arc::new(patches), ..plain };
        let timing = scan(path, &container)?;
        (container, timing, None)
    };
    Ok((Container { waits_for_key: !timing.keys.is_empty(), ..container }, timing, display))
}

/// What the samples mean of a stream whose first frame is decoded.
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
    let known = Known {
        container: container.color,
        packet: packet.as_ref().and_then(|packet| Some((packet.caps()?, data.as_deref()?))),
        frame: caps,
        height: video_info(path, frame)?.height(),
        is_iso_media: container.kind == Kind::IsoMedia,
    };
    resolve(&known).map_err(broken)
}

/// The format of a decoded frame, its sides checked.
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
