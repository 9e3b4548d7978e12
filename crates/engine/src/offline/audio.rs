//! The audio of a render: one pass on one thread, at the pace of the packager, or into a file of its own.
//!
//! A track that has a loudness is measured first. The lanes render meanwhile: the packager holds their frames.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};
use repcast_gstreamer::encode::{AacEncoder, AacSettings};
use repcast_media::Sample;
use repcast_mixer::SoundFailure;
use repcast_model::audio::SAMPLE_RATE;
use repcast_model::time::Rational;
use repcast_model::timeline::Timeline;
use repcast_storage::SegmentStore;
use repcast_storage::m4a_file::M4aFile;
use repcast_storage::wave_file::WaveFile;

use super::audio_cache::AudioCache;
use super::lane::RenderContext;
use super::{RenderError, RenderReport, spawn};
use crate::audio::{AudioTrack, DocumentAudio};
use crate::open::OpenDocument;

/// Access units that wait for the packager: five seconds, more than a group of pictures, whose frames may all come at once.
const QUEUED_UNITS: usize = 240;

/// The thread "audio", which returns the sounds that are silent.
pub(super) type AudioThread<'scope> = ScopedJoinHandle<'scope, Vec<Arc<SoundFailure>>>;

/// Starts the thread "audio". Its failure is reported to the chunks. Returns the thread, unless it could not be started,
/// and its access units.
pub(super) fn spawn_audio<'scope>(
    context: &'scope RenderContext<'_>,
    scope: &'scope Scope<'scope, '_>,
    audio: &DocumentAudio,
) -> (Option<AudioThread<'scope>>, Receiver<Sample>) {
    let (send, units) = bounded(QUEUED_UNITS);
    let audio = audio.clone();
    let work = move || {
        let _guard = context.chunks.guard("audio");
        let mut failures = Vec::new();
        if let Err(error) = encode(context, &audio, &send, &mut failures) {
            context.chunks.fail(error);
        }
        failures
    };
    let thread = spawn(scope, "audio", work).map_err(|error| context.chunks.fail(error));
    (thread.ok(), units)
}

fn encode(
    context: &RenderContext<'_>,
    audio: &DocumentAudio,
    units: &Sender<Sample>,
    failures: &mut Vec<Arc<SoundFailure>>,
) -> Result<(), RenderError> {
    // The packager ends when the render does, and reports why.
    encode_track(context.store, audio, &|| context.is_over(), failures, &mut |unit| Ok(units.send(unit).is_ok()))
}

/// Passes the access units of a document's track on until `send` returns false: those in the store, or else the encoded
/// mix, which is stored. The sounds that are silent are added to `failures`.
fn encode_track(
    store: Option<&SegmentStore>,
    audio: &DocumentAudio,
    is_over: &dyn Fn() -> bool,
    failures: &mut Vec<Arc<SoundFailure>>,
    send: &mut dyn FnMut(Sample) -> Result<bool, RenderError>,
) -> Result<(), RenderError> {
    let settings = AacSettings::default();
    let mut cache = store.and_then(|store| AudioCache::open(store, audio, settings, is_over));
    if let Some(cached) = cache.as_ref().and_then(AudioCache::get) {
        for unit in cached {
            if is_over() {
                return Err(RenderError::Interrupted);
            }
            if !send(unit)? {
                break;
            }
        }
        return Ok(());
    }
    let mix = audio.open_mix(is_over).ok_or(RenderError::Interrupted)?;
    let mut track = AudioTrack::start(mix, settings)?;
    while let Some(samples) = track.next()? {
        if is_over() {
            return Err(RenderError::Interrupted);
        }
        for sample in samples {
            cache.iter_mut().for_each(|cache| cache.add(&sample));
            if !send(sample)? {
                return Ok(());
            }
        }
    }
    failures.extend(track.take_failures().into_iter().map(Arc::new));
    // A sound that is silent may be heard the next time.
    cache.iter().filter(|_| failures.is_empty()).for_each(AudioCache::store);
    Ok(())
}

/// Writes the sound of a document alone as PCM. `progress` is called with the number of frames that are heard so far.
pub(super) fn render_wave(
    project: &OpenDocument,
    path: &Path,
    stop: &AtomicBool,
    mut progress: impl FnMut(u64, Option<&'static str>),
) -> Result<RenderReport, RenderError> {
    let started = Instant::now();
    let audio = project.audio.as_ref().ok_or(RenderError::NoSound)?;
    let is_over = || stop.load(Ordering::Relaxed);
    let mut file = WaveFile::create(path, SAMPLE_RATE, audio.soundtrack.samples)?;
    let mut mix = audio.open_mix(&is_over).ok_or(RenderError::Interrupted)?;
    while let Some(samples) = mix.read() {
        if is_over() {
            return Err(RenderError::Interrupted);
        }
        file.write(samples)?;
        progress(frames_until(&project.timeline, mix.position()), None);
    }
    let silent = mix.take_failures().into_iter().map(Arc::new).collect();
    Ok(report(&project.timeline, started, file.finish()?, silent))
}

/// Writes the sound of a document alone as AAC: the track of its video, to the byte. `progress` is called with the number
/// of frames that are heard so far.
pub(super) fn render_m4a(
    project: &OpenDocument,
    path: &Path,
    store: Option<&SegmentStore>,
    stop: &AtomicBool,
    mut progress: impl FnMut(u64, Option<&'static str>),
) -> Result<RenderReport, RenderError> {
    let started = Instant::now();
    let audio = project.audio.as_ref().ok_or(RenderError::NoSound)?;
    let timeline = &project.timeline;
    let mut file = M4aFile::create(path, &AacEncoder::track(), audio.soundtrack.samples, &timeline.title)?;
    let mut silent = Vec::new();
    let is_over = || stop.load(Ordering::Relaxed);
    encode_track(store, audio, &is_over, &mut silent, &mut |unit| {
        let end = u64::try_from(unit.pts + i64::from(unit.duration)).unwrap_or(0);
        file.push(unit)?;
        progress(frames_until(timeline, end), None);
        Ok(true)
    })?;
    Ok(report(timeline, started, file.finish()?, silent))
}

/// Frames that are shown before a sample is heard.
fn frames_until(timeline: &Timeline, sample: u64) -> u64 {
    let heard = Rational::new(sample.into(), SAMPLE_RATE.into());
    timeline.rate.boundary_at(heard).min(timeline.frames)
}

/// The report of a file of sound.
fn report(timeline: &Timeline, started: Instant, bytes: u64, silent: Vec<Arc<SoundFailure>>) -> RenderReport {
    RenderReport {
        frames: timeline.frames,
        reused_frames: 0,
        bytes,
        wall: started.elapsed(),
        lanes: 1,
        encoder: None,
        stages: Vec::new(),
        damaged_tiles_mean: 0.0,
        broken: Vec::new(),
        silent,
    }
}
