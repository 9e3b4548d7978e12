//! Analysis of a file's audio without decoding it, where its container states enough.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::format::{AudioFormat, SniffedAudio, sniff_audio};
use super::placement::Placement;
use super::reader::Reader;
use super::{flac, mp3, ogg, wave};
use crate::decode::byte_patches::BytePatches;
use crate::decode::container::{ClipHealth, Container};
use crate::decode::file_format::{FileFormat, read_head};
use crate::decode::iso::{read_audio, read_movie};
use crate::decode::limits::MAX_AUDIO_SECS;
use crate::decode::matroska::MatroskaFile;
use crate::decode::probe::{file_version, read_matroska};
use crate::decode::scan::scan_start;
use crate::decode::{DecodeError, STALL_TIMEOUT, edits, pictures};
use repcast_media::FileIdentity;
use repcast_model::audio::AudioInfo;
use repcast_model::time::{NANOS_PER_SEC, Rational};

/// A file with audio, with the settings its pipeline needs.
#[derive(Clone, Debug)]
pub(super) struct AudioContainer {
    pub(super) format: AudioFormat,
    /// Whether the file states contents past its end.
    pub(super) truncated: bool,
    /// Applied to everything the demuxer reads.
    pub(super) patches: Arc<BytePatches>,
    /// The delay before the first sample of each audio track of a Matroska file, in nanoseconds.
    pub(super) delays: Arc<[u64]>,
    /// Whether another stream follows the one that is read (Ogg).
    pub(super) is_continued: bool,
    /// How pipelines of this file have behaved.
    pub(super) health: Arc<ClipHealth>,
}

/// The result of probing the audio of a file.
#[derive(Clone, Debug)]
pub(super) struct ProbedAudio {
    pub(super) container: AudioContainer,
    pub(super) placement: Placement,
    /// Seconds, if the container states them.
    duration: Option<Rational>,
}

/// A result and the version of the file that it is of.
struct CachedAudio {
    version: FileIdentity,
    probed: Option<ProbedAudio>,
    /// Seconds that were measured by decoding.
    measured: Option<Rational>,
}

/// Results by path.
static AUDIO_CACHE: Mutex<BTreeMap<PathBuf, CachedAudio>> = Mutex::new(BTreeMap::new());

/// Most entries in [`AUDIO_CACHE`]; it is cleared when it is full.
const MAX_CACHED: usize = 1000;

/// Samples read at a time when the length is measured.
const MEASURED_BLOCK: usize = 8192;

/// Finds the audio of a file and its length; `None` when the file has none. Results are cached by path and version
/// of the file.
///
/// Images and movies without audio are recognised by their headers. The length of WebM, Matroska, AAC without a container,
/// and of files whose headers are incomplete is measured by decoding them once.
///
/// # Errors
/// When the file is missing or of a format that is not read, or its length must be measured and it cannot be decoded.
pub fn probe_audio(path: &Path) -> Result<Option<AudioInfo>, DecodeError> {
    probe_audio_within(path, STALL_TIMEOUT)
}

/// The same with another limit of how long a decoder may deliver nothing.
///
/// # Errors
/// As [`probe_audio`].
pub fn probe_audio_within(path: &Path, stall_timeout: Duration) -> Result<Option<AudioInfo>, DecodeError> {
    let Some(probed) = probed_audio(path, stall_timeout)? else { return Ok(None) };
    let cached = || cache().get(path).and_then(|cached| cached.measured);
    if let Some(duration) = probed.duration.or_else(cached) {
        return Ok(Some(AudioInfo { duration }));
    }
    let duration = measure(path, &probed, stall_timeout)?;
    if let Some(cached) = cache().get_mut(path).filter(|cached| Some(cached.version) == file_version(path)) {
        cached.measured = Some(duration);
    }
    Ok(Some(AudioInfo { duration }))
}

/// What opening the audio of a file needs; `None` when it has none.
pub(super) fn probed_audio(path: &Path, stall_timeout: Duration) -> Result<Option<ProbedAudio>, DecodeError> {
    if pictures::is_numbered(path) {
        return Ok(None);
    }
    let version = file_version(path);
    if let Some(cached) = cache().get(path).filter(|cached| Some(cached.version) == version) {
        return Ok(cached.probed.clone());
    }
    let probed = probe(path, stall_timeout)?;
    if let Some(version) = version {
        let mut cache = cache();
        if cache.len() >= MAX_CACHED {
            cache.clear();
        }
        cache.insert(path.to_owned(), CachedAudio { version, probed: probed.clone(), measured: None });
    }
    Ok(probed)
}

/// A panic cannot leave the map inconsistent: nothing panics while it is locked.
fn cache() -> std::sync::MutexGuard<'static, BTreeMap<PathBuf, CachedAudio>> {
    AUDIO_CACHE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn probe(path: &Path, stall_timeout: Duration) -> Result<Option<ProbedAudio>, DecodeError> {
    let sniffed = sniff_audio(path)?;
    let Some(format) = sniffed.format else { return Ok(None) };
    match format {
        AudioFormat::IsoMedia => probe_movie(path),
        AudioFormat::Matroska => probe_matroska(path, sniffed, stall_timeout),
        _ => probe_file(path, format, sniffed.len).map(Some),
    }
}

fn probe_movie(path: &Path) -> Result<Option<ProbedAudio>, DecodeError> {
    let audio = read_audio(path)?;
    let Some(track) = audio.track else { return Ok(None) };
    let video = read_movie(path)?.video;
    let clip_start = video.map_or_else(|| Rational::from_integer(0), |video| edits::clip_start(&video));
    let placement = Placement::of_track(&track, clip_start);
    let container = AudioContainer {
        format: AudioFormat::IsoMedia,
        truncated: audio.truncated,
        patches: Arc::new(audio.patches),
        delays: Arc::default(),
        is_continued: false,
        health: Arc::new(ClipHealth::new()),
    };
    let duration = placement.duration();
    // All of it comes before the first frame.
    let is_heard = duration.is_some_and(|duration| duration > Rational::from_integer(0));
    Ok(is_heard.then_some(ProbedAudio { container, placement, duration }))
}

fn probe_matroska(
    path: &Path,
    sniffed: SniffedAudio,
    stall_timeout: Duration,
) -> Result<Option<ProbedAudio>, DecodeError> {
    let MatroskaFile { patches, audio_delays } = read_matroska(path)?;
    if audio_delays.is_empty() {
        return Ok(None);
    }
    let video = Container::unread(FileFormat::Matroska, sniffed.len, sniffed.truncated);
    let video = Container { patches: Arc::new(patches), ..video };
    let placement = match scan_start(path, &video, stall_timeout)? {
        Some(nanos) => Placement::from(Rational::new(i128::from(nanos), NANOS_PER_SEC), None),
        None => Placement::whole(None),
    };
    let container = AudioContainer {
        format: AudioFormat::Matroska,
        truncated: sniffed.truncated,
        patches: video.patches,
        delays: audio_delays.into(),
        is_continued: false,
        health: video.health,
    };
    Ok(Some(ProbedAudio { container, placement, duration: None }))
}

/// Probes a file that contains audio alone.
fn probe_file(path: &Path, format: AudioFormat, len: u64) -> Result<ProbedAudio, DecodeError> {
    let io = |error| DecodeError::io(path, &error);
    // What is longer is no length of audio, and is measured.
    let believed = |duration: &Rational| *duration <= Rational::from_integer(MAX_AUDIO_SECS.into());
    let whole = |duration: Option<Rational>| {
        let duration = duration.filter(believed);
        (Placement::whole(duration), duration)
    };
    let mut is_continued = false;
    let (placement, duration) = match format {
        AudioFormat::Mpeg => match mp3::read_length(path).map_err(io)? {
            Some(mpeg) => {
                let secs = |samples: u64| Rational::new(i128::from(samples), i128::from(mpeg.rate));
                let duration = Some(secs(mpeg.samples)).filter(believed);
                (Placement::from(secs(mpeg.delay), duration), duration)
            }
            None => whole(None),
        },
        AudioFormat::Wave => whole(wave::stated_duration(path, len).map_err(io)?),
        AudioFormat::Flac => whole(flac::stated_duration(&read_head(path)?.0)),
        AudioFormat::Ogg => {
            // The end of the stream is applied by the decoder, and a stream that was cut begins later than at 0.
            let ends = ogg::read_ends(path, &read_head(path)?.0, len).map_err(io)?;
            is_continued = ends.is_continued;
            (Placement::whole(None), ends.duration.filter(believed))
        }
        AudioFormat::IsoMedia | AudioFormat::Matroska | AudioFormat::Adts => whole(None),
    };
    let container = AudioContainer {
        format,
        truncated: false,
        patches: Arc::default(),
        delays: Arc::default(),
        is_continued,
        health: Arc::new(ClipHealth::new()),
    };
    Ok(ProbedAudio { container, placement, duration })
}

/// Reads the headers of a file of audio alone, and the placement of the audio of a movie: what is parsed here, without a
/// decoder.
///
/// # Errors
/// When the file cannot be read.
pub(in crate::decode) fn read_audio_headers(path: &Path) -> Result<(), DecodeError> {
    match sniff_audio(path) {
        Ok(SniffedAudio { format: Some(AudioFormat::IsoMedia), .. }) => probe_movie(path).map(drop),
        Ok(SniffedAudio { format: Some(AudioFormat::Matroska), .. }) => Ok(()),
        Ok(SniffedAudio { format: Some(format), len, .. }) => probe_file(path, format, len).map(drop),
        Ok(SniffedAudio { format: None, .. }) | Err(_) => Ok(()),
    }
}

/// Seconds of a file, by decoding it. Damage ends it, one sample late: what is read to its end then meets the damage, and
/// reports it.
fn measure(path: &Path, probed: &ProbedAudio, stall_timeout: Duration) -> Result<Rational, DecodeError> {
    let mut reader = Reader::open(path, probed, stall_timeout)?;
    let mut block = vec![[0.0; 2]; MEASURED_BLOCK];
    let is_damaged = loop {
        reader.skip_gap();
        match reader.read(&mut block) {
            Ok(0) => break false,
            Err(DecodeError::Broken { .. } | DecodeError::Truncated { .. }) => break true,
            Ok(_) => {}
            Err(error) => return Err(error),
        }
    };
    Ok(Rational::new(i128::from(reader.position()) + i128::from(is_damaged), i128::from(reader.rate())))
}
