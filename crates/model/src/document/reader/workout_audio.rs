//! Reads the sound of workouts.

use super::audio::{ducking, loudness};
use super::composition::trim;
use crate::document::defaults;
use crate::document::model::{CueSettings, CueStyle, MusicBed, VoiceSettings, WorkoutAudio, WorkoutClipAudio};
use crate::document::rules::{
    COUNTDOWN, CROSSFADE, MAX_MUSIC, REMIND_EVERY, SECONDS, SPEAKER, SRC, VOICE_RATE, announcement_list, gain,
};
use crate::validation::choice::choice;
use crate::validation::node::Node;
use crate::validation::number::{integer, number};
use crate::validation::scalar::boolean;
use crate::validation::text::text;

pub(super) fn workout_audio(node: &Node<'_>) -> Option<WorkoutAudio> {
    let mut fields = node.fields()?;
    let audio = WorkoutAudio {
        loudness: fields.or("loudness", defaults::LOUDNESS, loudness),
        music: fields.or("music", Vec::new(), |node| node.list(0..=MAX_MUSIC, music)),
        clips: fields.or("clips", WorkoutClipAudio::default(), clip_audio),
        cues: fields.or("cues", defaults::CUES, cues),
        voice: fields.optional("voice", voice).unwrap_or_else(defaults::voice),
        ducking: fields.or("ducking", defaults::DUCKING, ducking),
        captions: fields.or("captions", true, boolean),
    };
    fields.reject_unknown();
    Some(audio)
}

fn music(node: &Node<'_>) -> Option<MusicBed> {
    let mut fields = node.fields()?;
    let src = fields.required("src", text(SRC));
    let trim = fields.or("trim", defaults::TRIM, trim);
    let gain = fields.or("gain", defaults::GAIN, gain);
    let looping = fields.or("loop", true, boolean);
    let crossfade = fields.or("crossfade", defaults::NO_SECONDS, number(CROSSFADE));
    let fade_in = fields.or("fade_in", defaults::NO_SECONDS, number(SECONDS));
    let fade_out = fields.or("fade_out", defaults::MUSIC_FADE_OUT, number(SECONDS));
    fields.reject_unknown();
    Some(MusicBed { src: src?, trim, gain, looping, crossfade, fade_in, fade_out })
}

pub(super) fn clip_audio(node: &Node<'_>) -> Option<WorkoutClipAudio> {
    let mut fields = node.fields()?;
    let mute = fields.optional("mute", boolean);
    let gain = fields.optional("gain", gain);
    let pitch = fields.optional("pitch", choice);
    fields.reject_unknown();
    Some(WorkoutClipAudio { mute, gain, pitch })
}

fn cues(node: &Node<'_>) -> Option<CueSettings> {
    let mut fields = node.fields()?;
    let cues = CueSettings {
        style: fields.or("style", CueStyle::default(), choice),
        countdown: fields.or("countdown", defaults::CUES.countdown, integer(COUNTDOWN)),
        start: fields.or("start", defaults::CUES.start, boolean),
        halfway: fields.or("halfway", defaults::CUES.halfway, boolean),
        end: fields.or("end", defaults::CUES.end, boolean),
        remind_every: fields.optional("remind_every", number(REMIND_EVERY)),
        gain: fields.or("gain", defaults::CUES.gain, gain),
    };
    fields.reject_unknown();
    Some(cues)
}

fn voice(node: &Node<'_>) -> Option<VoiceSettings> {
    let mut fields = node.fields()?;
    let speaker = fields.optional("speaker", text(SPEAKER));
    let announce = fields.optional("announce", announcement_list).unwrap_or_else(defaults::announcements);
    let rate = fields.or("rate", defaults::VOICE_RATE, number(VOICE_RATE));
    fields.reject_unknown();
    Some(VoiceSettings { speaker, announce, rate })
}
