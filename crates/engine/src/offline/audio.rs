//! The audio of a render: one pass on one thread, at the pace of the packager, or into a file of its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};
use repcast_gstreamer::encode::AacSettings;
use repcast_media::Sample;
use repcast_mixer::SoundFailure;
use repcast_model::audio::SAMPLE_RATE;
use repcast_model::time::Rational;
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
    let (settings, is_over) = (AacSettings::default(), || context.is_over());
    let mut cache = context.store.and_then(|store| AudioCache::open(store, audio, settings, &is_over));
    if let Some(mut cached) = cache.as_ref().and_then(AudioCache::get) {
        // The packager ends when the render does.
        while cached.next().is_some_and(|unit| units.send(unit).is_ok()) {}
        return Ok(());
    }
    let Some(mix) = audio.open_mix(&is_over) else { return Err(RenderError::Interrupted) };
    let mut track = AudioTrack::start(mix, settings)?;
    while let Some(samples) = track.next()? {
        if is_over() {
            return Err(RenderError::Interrupted);
        }
        for sample in samples {
            cache.iter_mut().for_each(|cache| cache.add(&sample));
            if units.send(sample).is_err() {
                // The packager has ended: it reports why.
                return Ok(());
            }
        }
    }
    failures.extend(track.take_failures().into_iter().map(Arc::new));
    // A sound that is silent may be heard the next time.
    cache.iter().filter(|_| failures.is_empty()).for_each(AudioCache::store);
    Ok(())
}

/// Writes the sound of a document alone. `progress` is called with the number of frames that are heard so far.
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
        let heard = Rational::new(mix.position().into(), SAMPLE_RATE.into());
        progress(project.timeline.rate.boundary_at(heard).min(project.timeline.frames), None);
    }
    Ok(RenderReport {
        frames: project.timeline.frames,
        reused_frames: 0,
        bytes: file.finish()?,
        wall: started.elapsed(),
        lanes: 1,
        encoder: None,
        stages: Vec::new(),
        damaged_tiles_mean: 0.0,
        broken: Vec::new(),
        silent: mix.take_failures().into_iter().map(Arc::new).collect(),
    })
}
