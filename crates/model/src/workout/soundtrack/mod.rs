//! Compiles the sound of a workout: music, the audio of clips, signals and speech on the schedule of its steps.
//!
//! ```text
//! Workout, Step -> signals (frames, exact) -> voice (words where there is room) -> tones, speech --\
//!               -> music, clips ------------------------------------------------------------------> Soundtrack
//! ```

mod clips;
mod music;
mod signals;
mod tones;
mod voice;

#[cfg(test)]
mod law_tests;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::Path;

use self::music::Playlist;
use self::signals::signals;
use self::tones::tone;
use self::voice::Voice;
use super::{entries, schedule};
use crate::audio::{AudioFile, AudioInfos, Soundtrack, sample_at};
use crate::catalogue::{Catalogue, Exercise};
use crate::document::{CueStyle, ValidationFault, Workout};
use crate::timeline::ClipInfos;

/// The files of a workout that may be heard, each with the path of the field that refers to it. Music is relative to
/// `base`. Empty without `audio`.
///
/// # Errors
/// Every exercise that is not in the catalogue.
pub fn workout_audio_files(
    workout: &Workout,
    catalogue: &Catalogue,
    base: &Path,
) -> Result<Vec<AudioFile>, Vec<ValidationFault>> {
    let entries = entries(workout, catalogue)?;
    let Some(audio) = &workout.audio else { return Ok(Vec::new()) };
    let music = audio.music.iter().enumerate();
    let music = music.map(|(index, bed)| AudioFile::named(format!("audio.music[{index}].src"), base, &bed.src));
    let exercises = std::iter::zip(&workout.exercises, entries).enumerate();
    let clips = exercises.filter(|(_, (exercise, entry))| clips::clip_gain(&audio.clips, exercise, entry).is_some());
    let clips =
        clips.map(|(index, (_, entry))| AudioFile::of_clip(format!("exercises[{index}].id"), entry.clip.clone()));
    Ok(music.chain(clips).collect())
}

/// Compiles the sound of a workout whose files have been probed: its clips into `infos`, and the audio of
/// [`workout_audio_files`] into `audio`. `None` if the workout has no `audio`.
///
/// # Errors
/// All faults that depend on the files and the schedule: music whose file is missing from `audio`, because it has none or
/// has been reported already, or that is too short; a sentence that takes longer than its exercise. The list is empty if
/// [`compile_workout`](super::compile_workout) rejects the workout.
pub fn compile_workout_soundtrack(
    workout: &Workout,
    catalogue: &Catalogue,
    base: &Path,
    infos: &ClipInfos,
    audio: &AudioInfos,
) -> Result<Option<Soundtrack>, Vec<ValidationFault>> {
    let Some(settings) = &workout.audio else { return Ok(None) };
    let entries = entries(workout, catalogue).map_err(|_| Vec::new())?;
    let entries: Vec<&Exercise> = entries.iter().map(Cow::as_ref).collect();
    let steps = schedule(workout, &entries).map_err(|_| Vec::new())?;
    let samples = sample_at(steps.last().map_or(1, |step| step.span.end), workout.fps);
    let mut faults = Vec::new();
    let mut sounds = match Playlist::new(&settings.music, base, audio) {
        Ok(playlist) => playlist.sounds(samples),
        Err(music_faults) => {
            faults.extend(music_faults);
            Vec::new()
        }
    };
    sounds.extend(clips::sounds(workout, settings, &entries, &steps, infos, audio));
    let signals = signals(&settings.cues, &steps, workout.fps);
    let mut voice = Voice::new(workout, settings, &entries, &steps);
    voice.speak(&signals);
    for (index, signal) in signals.iter().enumerate() {
        if settings.cues.style != CueStyle::Voice || !voice.has_word(index) {
            let next = signals.get(index + 1).map_or(samples, |next| sample_at(next.frame, workout.fps));
            sounds.push(tone(signal, workout.fps, settings.cues.gain, next, samples));
        }
    }
    let (speech, voice_faults) = voice.finish();
    sounds.extend(speech);
    faults.extend(voice_faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let soundtrack = Soundtrack::assemble(samples, sounds, Some(settings.ducking), Some(settings.loudness));
    let fault = |message| vec![ValidationFault { place: "audio".to_owned(), message }];
    soundtrack.map(Some).map_err(fault)
}
