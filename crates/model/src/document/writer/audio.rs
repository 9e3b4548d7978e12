//! Writes the sound of compositions: layers that are heard, and the audio of clips.

use crate::audio::{AudioRole, Ducking, Loudness, PitchMode, Wave};
use crate::canonical::{CanonicalValue, FieldWriter, ToCanonical};
use crate::document::choices::LayerType;
use crate::document::defaults;
use crate::document::model::{AudioLayer, ClipAudio, CompositionAudio, Gain, SpeechLayer, ToneLayer};
use crate::document::rules::SILENCE;

impl ToCanonical for Gain {
    fn to_canonical(&self) -> CanonicalValue {
        self.0.map_or_else(|| SILENCE.to_canonical(), |decibels| decibels.to_canonical())
    }
}

impl ToCanonical for CompositionAudio {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { loudness, ducking, captions } = self;
        let mut fields = FieldWriter::default();
        fields.optional("loudness", loudness.as_ref());
        fields.optional("ducking", ducking.as_ref());
        fields.or("captions", &true, captions);
        fields.into_value()
    }
}

impl ToCanonical for Loudness {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { target, true_peak } = self;
        let mut fields = FieldWriter::default();
        fields.or("target", &defaults::LOUDNESS.target, target);
        fields.or("true_peak", &defaults::LOUDNESS.true_peak, true_peak);
        fields.into_value()
    }
}

impl ToCanonical for Ducking {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { depth, attack, hold, release } = self;
        let mut fields = FieldWriter::default();
        fields.or("depth", &defaults::DUCKING.depth, depth);
        fields.or("attack", &defaults::DUCKING.attack, attack);
        fields.or("hold", &defaults::DUCKING.hold, hold);
        fields.or("release", &defaults::DUCKING.release, release);
        fields.into_value()
    }
}

impl ToCanonical for ClipAudio {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { mute, gain, pan, pitch, fade_in, fade_out } = self;
        let mut fields = FieldWriter::default();
        fields.or("mute", &false, mute);
        fields.or("gain", &defaults::GAIN, gain);
        fields.or("pan", &defaults::PAN, pan);
        fields.or("pitch", &PitchMode::default(), pitch);
        fields.optional("fade_in", fade_in.as_ref());
        fields.optional("fade_out", fade_out.as_ref());
        fields.into_value()
    }
}

pub(super) fn audio_layer(fields: &mut FieldWriter, layer: &AudioLayer) {
    let AudioLayer { src, trim, speed, pitch, looping, crossfade, gain, pan, role } = layer;
    fields.required("type", &LayerType::Audio);
    fields.required("src", src);
    fields.or("trim", &defaults::TRIM, trim);
    fields.or("speed", &defaults::SPEED, speed);
    fields.or("pitch", &PitchMode::default(), pitch);
    fields.or("loop", &false, looping);
    fields.or("crossfade", &defaults::NO_SECONDS, crossfade);
    fields.or("gain", &defaults::GAIN, gain);
    fields.or("pan", &defaults::PAN, pan);
    fields.or("role", &AudioRole::Music, role);
}

pub(super) fn tone(fields: &mut FieldWriter, layer: &ToneLayer) {
    let ToneLayer { frequency, wave, gain, pan, role } = layer;
    fields.required("type", &LayerType::Tone);
    fields.or("frequency", &defaults::FREQUENCY, frequency);
    fields.or("wave", &Wave::default(), wave);
    fields.or("gain", &defaults::TONE_GAIN, gain);
    fields.or("pan", &defaults::PAN, pan);
    fields.or("role", &AudioRole::Effect, role);
}

pub(super) fn speech(fields: &mut FieldWriter, layer: &SpeechLayer) {
    let SpeechLayer { text, language, speaker, gain, pan, role } = layer;
    fields.required("type", &LayerType::Speech);
    fields.required("text", text);
    fields.or("language", &defaults::LANGUAGE.to_owned(), language);
    fields.optional("speaker", speaker.as_ref());
    fields.or("gain", &defaults::GAIN, gain);
    fields.or("pan", &defaults::PAN, pan);
    fields.or("role", &AudioRole::Voice, role);
}
