//! Sound of workouts.

use schemars::JsonSchema;
use serde_json::Value;

use super::audio::Gain;
use super::composition::Trim;
use crate::audio::{Ducking, Loudness, PitchMode};
use crate::document::rules;
use crate::time::Rational;
use crate::validation::choice::choices;
use crate::validation::schema::rule;

/// The sound of a workout.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WorkoutAudio {
    /// The loudness that the mix is brought to.
    #[schemars(extend("default" = {"target": -16, "true_peak": -1}))]
    pub loudness: Loudness,
    /// The music, played one after the other from the start of the workout to its end; then those that loop play again.
    #[schemars(length(max = 100), extend("default" = []))]
    pub music: Vec<MusicBed>,
    /// The audio of the exercises' clips.
    #[schemars(extend("default" = {}))]
    pub clips: WorkoutClipAudio,
    /// The signals of exercises and rests.
    #[schemars(extend("default" = {"style": "beeps"}))]
    pub cues: CueSettings,
    /// The voice of the signals.
    #[schemars(extend("default" = {"rate": 1}))]
    pub voice: VoiceSettings,
    /// How music becomes quieter under signals and voices.
    #[schemars(extend("default" = {"depth": 12, "attack": 0.2, "hold": 0.5, "release": 0.6}))]
    pub ducking: Ducking,
    /// Whether what the voice says is captioned.
    #[schemars(extend("default" = true))]
    pub captions: bool,
}

/// A piece of music.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MusicBed {
    /// The file's path, relative to the document.
    #[schemars(with = "Value", transform = rule(rules::SRC))]
    pub src: String,
    /// The part of the file that is heard, of at least a second.
    #[schemars(extend("default" = {"in": 0}))]
    pub trim: Trim,
    /// Decibels from -60 to 24, or "-inf" for silence.
    #[schemars(with = "Value", transform = rule(rules::GAIN), extend("default" = 0))]
    pub gain: Gain,
    /// Whether it plays again when all music has been played.
    #[schemars(rename = "loop", extend("default" = true))]
    pub looping: bool,
    /// Seconds for which its end and the beginning of what follows, the next piece or itself, are heard together: at most
    /// half of either.
    #[schemars(with = "Value", transform = rule(rules::CROSSFADE), extend("default" = 0))]
    pub crossfade: Rational,
    /// Seconds in which it fades in.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub fade_in: Rational,
    /// Seconds in which it fades out, up to its end or that of the workout.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 2))]
    pub fade_out: Rational,
}

/// The audio of clips in a workout.
#[derive(Clone, PartialEq, Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WorkoutClipAudio {
    /// Whether the clip is silent. Without it, an exercise follows `clips` of the workout, that follows the catalogue,
    /// and without `audio` there the clip is silent.
    #[schemars(with = "bool", default, skip_serializing_if = "Option::is_none")]
    pub mute: Option<bool>,
    /// Decibels from -60 to 24, or "-inf" for silence. Without it, an exercise follows `clips` of the workout, and that
    /// is 0.
    #[schemars(with = "Value", transform = rule(rules::GAIN), default)]
    pub gain: Option<Gain>,
    /// Whether a speed other than 1 keeps the pitch, or the pitch follows the speed. Without it, an exercise follows
    /// `clips` of the workout, and that is keep.
    #[schemars(with = "Value", transform = choices::<PitchMode>, default)]
    pub pitch: Option<PitchMode>,
}

/// The signals of a workout.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CueSettings {
    /// Whether signals are tones, words, both, or nothing.
    #[schemars(with = "Value", transform = choices::<CueStyle>, extend("default" = "beeps"))]
    pub style: CueStyle,
    /// Seconds that are counted before an exercise starts or ends with a signal.
    #[schemars(with = "Value", transform = rule(rules::COUNTDOWN), extend("default" = 3))]
    pub countdown: u32,
    /// Whether the start of an exercise has a signal.
    #[schemars(extend("default" = true))]
    pub start: bool,
    /// Whether half of an exercise has a signal, if it is long enough.
    #[schemars(extend("default" = false))]
    pub halfway: bool,
    /// Whether the end of an exercise has a signal.
    #[schemars(extend("default" = true))]
    pub end: bool,
    /// Seconds of an exercise after which a signal recurs. Without it, none does.
    #[schemars(with = "Value", transform = rule(rules::REMIND_EVERY), default)]
    pub remind_every: Option<Rational>,
    /// Decibels from -60 to 24, or "-inf" for silence; of words too.
    #[schemars(with = "Value", transform = rule(rules::GAIN), extend("default" = 0))]
    pub gain: Gain,
}

/// What signals are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum CueStyle {
    /// Tones.
    #[default]
    Beeps,
    /// Words, and tones where there is no word.
    Voice,
    /// Tones and words.
    Both,
    /// Nothing.
    Off,
}

/// The voice of a workout.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct VoiceSettings {
    /// The name of the voice. Without it, one of the workout's language.
    #[schemars(with = "Value", transform = rule(rules::SPEAKER), default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// What is said, besides the numbers of countdowns.
    #[schemars(
        with = "Value",
        transform = rules::announcements,
        extend("default" = ["exercise", "next", "rest", "halfway", "done"])
    )]
    pub announce: Vec<Announcement>,
    /// The speed of the voice; 1 is its own.
    #[schemars(with = "Value", transform = rule(rules::VOICE_RATE), extend("default" = 1))]
    pub rate: Rational,
}

/// Something that the voice of a workout says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Announcement {
    /// The name of an exercise when it starts.
    Exercise,
    /// The name of the next exercise.
    Next,
    /// That a rest starts.
    Rest,
    /// That half of an exercise is over.
    Halfway,
    /// That the workout is over.
    Done,
}
