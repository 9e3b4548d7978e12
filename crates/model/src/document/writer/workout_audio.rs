//! Writes the sound of workouts.

use crate::canonical::{CanonicalValue, FieldWriter, ToCanonical};
use crate::document::defaults;
use crate::document::model::{CueSettings, CueStyle, MusicBed, VoiceSettings, WorkoutAudio, WorkoutClipAudio};

impl ToCanonical for WorkoutAudio {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { loudness, music, clips, cues, voice, ducking, captions } = self;
        let mut fields = FieldWriter::default();
        fields.or("loudness", &defaults::LOUDNESS, loudness);
        fields.or("music", &Vec::new(), music);
        fields.or("clips", &WorkoutClipAudio::default(), clips);
        fields.or("cues", &defaults::CUES, cues);
        fields.or("voice", &defaults::voice(), voice);
        fields.or("ducking", &defaults::DUCKING, ducking);
        fields.or("captions", &true, captions);
        fields.into_value()
    }
}

impl ToCanonical for MusicBed {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { src, trim, gain, looping, crossfade, fade_in, fade_out } = self;
        let mut fields = FieldWriter::default();
        fields.required("src", src);
        fields.or("trim", &defaults::TRIM, trim);
        fields.or("gain", &defaults::GAIN, gain);
        fields.or("loop", &true, looping);
        fields.or("crossfade", &defaults::NO_SECONDS, crossfade);
        fields.or("fade_in", &defaults::NO_SECONDS, fade_in);
        fields.or("fade_out", &defaults::MUSIC_FADE_OUT, fade_out);
        fields.into_value()
    }
}

impl ToCanonical for WorkoutClipAudio {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { mute, gain, pitch } = self;
        let mut fields = FieldWriter::default();
        fields.optional("mute", mute.as_ref());
        fields.optional("gain", gain.as_ref());
        fields.optional("pitch", pitch.as_ref());
        fields.into_value()
    }
}

impl ToCanonical for CueSettings {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { style, countdown, start, halfway, end, remind_every, gain } = self;
        let mut fields = FieldWriter::default();
        fields.or("style", &CueStyle::default(), style);
        fields.or("countdown", &defaults::CUES.countdown, countdown);
        fields.or("start", &defaults::CUES.start, start);
        fields.or("halfway", &defaults::CUES.halfway, halfway);
        fields.or("end", &defaults::CUES.end, end);
        fields.optional("remind_every", remind_every.as_ref());
        fields.or("gain", &defaults::CUES.gain, gain);
        fields.into_value()
    }
}

impl ToCanonical for VoiceSettings {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { speaker, announce, rate } = self;
        let mut fields = FieldWriter::default();
        fields.optional("speaker", speaker.as_ref());
        fields.or("announce", &defaults::announcements(), announce);
        fields.or("rate", &defaults::VOICE_RATE, rate);
        fields.into_value()
    }
}
