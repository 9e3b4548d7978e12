//! Sound of compositions: the layers that are heard, and the audio of clips.

use schemars::JsonSchema;
use serde_json::Value;

use super::composition::Trim;
use crate::audio::{AudioRole, Ducking, Loudness, PitchMode, Wave};
use crate::document::rules;
use crate::time::Rational;
use crate::validation::choice::choices;
use crate::validation::schema::rule;

/// A gain in decibels; `None` is silence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gain(pub Option<Rational>);

/// The sound of a composition as a whole.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CompositionAudio {
    /// The loudness that the mix is brought to. Without it, nothing but the gains changes the level.
    #[schemars(with = "Loudness", default)]
    pub loudness: Option<Loudness>,
    /// How music becomes quieter while a voice is heard. Without it, it does not.
    #[schemars(with = "Ducking", default)]
    pub ducking: Option<Ducking>,
    /// Whether what speech layers say is captioned.
    #[schemars(extend("default" = true))]
    pub captions: bool,
}

impl Default for CompositionAudio {
    fn default() -> Self {
        Self { loudness: None, ducking: None, captions: true }
    }
}

/// The audio of a clip.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClipAudio {
    /// Whether the clip is silent.
    #[schemars(extend("default" = false))]
    pub mute: bool,
    /// Decibels from -60 to 24, or "-inf" for silence.
    #[schemars(with = "Value", transform = rule(rules::GAIN), extend("default" = 0))]
    pub gain: Gain,
    /// From -1, left, to 1, right.
    #[schemars(with = "Value", transform = rule(rules::PAN), extend("default" = 0))]
    pub pan: Rational,
    /// Whether a speed other than 1 keeps the pitch, or the pitch follows the speed.
    #[schemars(with = "Value", transform = choices::<PitchMode>, extend("default" = "keep"))]
    pub pitch: PitchMode,
    /// Seconds in which the audio fades in. Without it, those of the layer.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), default)]
    pub fade_in: Option<Rational>,
    /// Seconds in which the audio fades out. Without it, those of the layer.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), default)]
    pub fade_out: Option<Rational>,
}

/// An audio file, or the audio of a video that is not shown.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AudioLayer {
    /// The file's path, relative to the document.
    #[schemars(with = "Value", transform = rule(rules::SRC))]
    pub src: String,
    /// The part of the file that is heard.
    #[schemars(extend("default" = {"in": 0}))]
    pub trim: Trim,
    /// The playback speed; 1 is the file's own.
    #[schemars(with = "Value", transform = rule(rules::SPEED), extend("default" = 1))]
    pub speed: Rational,
    /// Whether a speed other than 1 keeps the pitch, or the pitch follows the speed.
    #[schemars(with = "Value", transform = choices::<PitchMode>, extend("default" = "keep"))]
    pub pitch: PitchMode,
    /// Whether the file starts again at its end.
    #[schemars(rename = "loop", extend("default" = false))]
    pub looping: bool,
    /// Seconds of the file for which the end of a loop and its beginning are heard together: at least 0.01, and at most
    /// half of the loop.
    #[schemars(with = "Value", transform = rule(rules::CROSSFADE), extend("default" = 0))]
    pub crossfade: Rational,
    /// Decibels from -60 to 24, or "-inf" for silence.
    #[schemars(with = "Value", transform = rule(rules::GAIN), extend("default" = 0))]
    pub gain: Gain,
    /// From -1, left, to 1, right.
    #[schemars(with = "Value", transform = rule(rules::PAN), extend("default" = 0))]
    pub pan: Rational,
    /// What it is for: music becomes quieter while a voice is heard, if the composition has `ducking`.
    #[schemars(with = "Value", transform = choices::<AudioRole>, extend("default" = "music"))]
    pub role: AudioRole,
}

/// A tone.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ToneLayer {
    /// Its frequency in hertz.
    #[schemars(with = "Value", transform = rule(rules::FREQUENCY), extend("default" = 440))]
    pub frequency: Rational,
    /// The shape of its wave.
    #[schemars(with = "Value", transform = choices::<Wave>, extend("default" = "sine"))]
    pub wave: Wave,
    /// Decibels from -60 to 24, or "-inf" for silence; 0 is full scale.
    #[schemars(with = "Value", transform = rule(rules::GAIN), extend("default" = -18))]
    pub gain: Gain,
    /// From -1, left, to 1, right.
    #[schemars(with = "Value", transform = rule(rules::PAN), extend("default" = 0))]
    pub pan: Rational,
    /// What it is for: music becomes quieter while a voice is heard, if the composition has `ducking`.
    #[schemars(with = "Value", transform = choices::<AudioRole>, extend("default" = "effect"))]
    pub role: AudioRole,
}

/// A text that is spoken.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SpeechLayer {
    /// The text.
    #[schemars(with = "Value", transform = rule(rules::SPEECH))]
    pub text: String,
    /// Its language as BCP 47 writes it, such as en or fr.
    #[schemars(with = "Value", transform = rule(rules::LANGUAGE), extend("default" = "en"))]
    pub language: String,
    /// The name of the voice. Without it, one of the language.
    #[schemars(with = "Value", transform = rule(rules::SPEAKER), default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// Decibels from -60 to 24, or "-inf" for silence.
    #[schemars(with = "Value", transform = rule(rules::GAIN), extend("default" = 0))]
    pub gain: Gain,
    /// From -1, left, to 1, right.
    #[schemars(with = "Value", transform = rule(rules::PAN), extend("default" = 0))]
    pub pan: Rational,
    /// What it is for: music becomes quieter while a voice is heard, if the composition has `ducking`.
    #[schemars(with = "Value", transform = choices::<AudioRole>, extend("default" = "voice"))]
    pub role: AudioRole,
}
