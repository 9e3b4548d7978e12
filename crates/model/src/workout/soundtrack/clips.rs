//! The audio of the exercises' clips.

use crate::audio::{AudioInfos, AudioRole, Sound, SoundSource, fades, file_sound, samples_of};
use crate::catalogue::{CatalogueAudio, Exercise};
use crate::document::StepKind;
use crate::document::{Gain, Workout, WorkoutAudio, WorkoutClipAudio, WorkoutExercise};
use crate::time::Rational;
use crate::timeline::ClipInfos;
use crate::workout::clips::clip_clock;
use crate::workout::schedule::Step;

/// Decibels of the audio of an exercise's clip; `None` if it is silent.
///
/// Of the exercise, a mute workout, the catalogue and the workout, the first that says something decides: what is wrong
/// with a clip holds for every workout that plays clips, and one that is to be silent is.
pub(super) fn clip_gain(clips: &WorkoutClipAudio, exercise: &WorkoutExercise, entry: &Exercise) -> Option<Rational> {
    let muted_workout = clips.mute.filter(|mute| *mute);
    let in_catalogue = entry.audio.map(|audio| audio == CatalogueAudio::Mute);
    let is_mute = exercise.audio.mute.or(muted_workout).or(in_catalogue).or(clips.mute).unwrap_or(true);
    let Gain(gain) = exercise.audio.gain.or(clips.gain).unwrap_or(Gain(Some(Rational::from_integer(0))));
    gain.filter(|_| !is_mute)
}

/// The audio of the clips of all exercises, by the clocks of their frames.
pub(super) fn sounds(
    workout: &Workout,
    settings: &WorkoutAudio,
    entries: &[&Exercise],
    steps: &[Step],
    infos: &ClipInfos,
    audio: &AudioInfos,
) -> Vec<Sound> {
    let exercises = steps.iter().filter(|step| step.kind == StepKind::Exercise);
    let sounds = exercises.filter_map(|step| {
        let (exercise, entry) = (&workout.exercises[step.exercise], entries[step.exercise]);
        let gain = clip_gain(&settings.clips, exercise, entry)?;
        let info = infos.get(&entry.clip).filter(|info| !info.is_still && audio.contains_key(&entry.clip))?;
        let zero = Rational::from_integer(0);
        let clock = clip_clock(entry, info, step.speed);
        let span = samples_of(step.span, workout.fps);
        let [fade_in, fade_out] = fades(&clock, info.duration, span, [zero; 2]);
        let pitch = exercise.audio.pitch.or(settings.clips.pitch).unwrap_or_default();
        let source = SoundSource::File(file_sound(entry.clip.as_path().into(), clock, pitch, zero));
        let role = AudioRole::Effect;
        Some(Sound { role, span, source, gain: Some(gain), pan: zero, fade_in, fade_out, ducks_music: false })
    });
    sounds.collect()
}
