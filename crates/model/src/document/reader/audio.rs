//! Reads the sound of compositions: layers that are heard, and the audio of clips.

use super::composition::trim;
use crate::audio::{AudioRole, Ducking, Loudness, PitchMode, Wave};
use crate::document::defaults;
use crate::document::model::{AudioLayer, ClipAudio, CompositionAudio, SpeechLayer, ToneLayer};
use crate::document::rules::{
    CROSSFADE, DUCKING_DEPTH, DUCKING_SECONDS, FREQUENCY, LANGUAGE, LOUDNESS_TARGET, PAN, SECONDS, SPEAKER, SPEECH,
    SPEED, SRC, TRUE_PEAK, gain,
};
use crate::validation::choice::choice;
use crate::validation::node::{Fields, Node};
use crate::validation::number::number;
use crate::validation::scalar::boolean;
use crate::validation::text::text;

pub(super) fn composition_audio(node: &Node<'_>) -> Option<CompositionAudio> {
    let mut fields = node.fields()?;
    let loudness = fields.optional("loudness", loudness);
    let ducking = fields.optional("ducking", ducking);
    let captions = fields.or("captions", true, boolean);
    fields.reject_unknown();
    Some(CompositionAudio { loudness, ducking, captions })
}

pub(super) fn loudness(node: &Node<'_>) -> Option<Loudness> {
    let mut fields = node.fields()?;
    let target = fields.or("target", defaults::LOUDNESS.target, number(LOUDNESS_TARGET));
    let true_peak = fields.or("true_peak", defaults::LOUDNESS.true_peak, number(TRUE_PEAK));
    fields.reject_unknown();
    Some(Loudness { target, true_peak })
}

pub(super) fn ducking(node: &Node<'_>) -> Option<Ducking> {
    let mut fields = node.fields()?;
    let depth = fields.or("depth", defaults::DUCKING.depth, number(DUCKING_DEPTH));
    let attack = fields.or("attack", defaults::DUCKING.attack, number(DUCKING_SECONDS));
    let hold = fields.or("hold", defaults::DUCKING.hold, number(DUCKING_SECONDS));
    let release = fields.or("release", defaults::DUCKING.release, number(DUCKING_SECONDS));
    fields.reject_unknown();
    Some(Ducking { depth, attack, hold, release })
}

pub(super) fn clip_audio(node: &Node<'_>) -> Option<ClipAudio> {
    let mut fields = node.fields()?;
    let audio = ClipAudio {
        mute: fields.or("mute", false, boolean),
        gain: fields.or("gain", defaults::GAIN, gain),
        pan: fields.or("pan", defaults::PAN, number(PAN)),
        pitch: fields.or("pitch", PitchMode::default(), choice),
        fade_in: fields.optional("fade_in", number(SECONDS)),
        fade_out: fields.optional("fade_out", number(SECONDS)),
    };
    fields.reject_unknown();
    Some(audio)
}

pub(super) fn audio_layer(fields: &mut Fields<'_>) -> Option<AudioLayer> {
    let src = fields.required("src", text(SRC));
    let trim = fields.or("trim", defaults::TRIM, trim);
    let speed = fields.or("speed", defaults::SPEED, number(SPEED));
    let pitch = fields.or("pitch", PitchMode::default(), choice);
    let looping = fields.or("loop", false, boolean);
    let crossfade = fields.or("crossfade", defaults::NO_SECONDS, number(CROSSFADE));
    let gain = fields.or("gain", defaults::GAIN, gain);
    let pan = fields.or("pan", defaults::PAN, number(PAN));
    let role = fields.or("role", AudioRole::Music, choice);
    Some(AudioLayer { src: src?, trim, speed, pitch, looping, crossfade, gain, pan, role })
}

pub(super) fn tone(fields: &mut Fields<'_>) -> ToneLayer {
    ToneLayer {
        frequency: fields.or("frequency", defaults::FREQUENCY, number(FREQUENCY)),
        wave: fields.or("wave", Wave::default(), choice),
        gain: fields.or("gain", defaults::TONE_GAIN, gain),
        pan: fields.or("pan", defaults::PAN, number(PAN)),
        role: fields.or("role", AudioRole::Effect, choice),
    }
}

pub(super) fn speech(fields: &mut Fields<'_>) -> Option<SpeechLayer> {
    let spoken = fields.required("text", text(SPEECH));
    let language = fields.or("language", defaults::LANGUAGE.to_owned(), text(LANGUAGE));
    let speaker = fields.optional("speaker", text(SPEAKER));
    let gain = fields.or("gain", defaults::GAIN, gain);
    let pan = fields.or("pan", defaults::PAN, number(PAN));
    let role = fields.or("role", AudioRole::Voice, choice);
    Some(SpeechLayer { text: spoken?, language, speaker, gain, pan, role })
}
