//! Arbitrary valid sound of documents for property tests.

use proptest::prelude::*;

use super::test_documents::{choice, decimal, number, path, seconds, speed, trim};
use super::*;
use crate::audio::{Ducking, Loudness};

fn gain() -> impl Strategy<Value = Gain> {
    prop_oneof![
        Just(defaults::GAIN),
        Just(Gain(None)),
        decimal(-60_000_000, 24_000_000).prop_map(|gain| Gain(Some(gain)))
    ]
}

fn pan() -> impl Strategy<Value = crate::time::Rational> {
    prop_oneof![Just(defaults::PAN), decimal(-1_000_000, 1_000_000)]
}

fn speaker() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-z]{2}_[a-z]{1,8}")
}

fn loudness() -> impl Strategy<Value = Loudness> {
    let any = (decimal(-40_000_000, -5_000_000), decimal(-20_000_000, 0))
        .prop_map(|(target, true_peak)| Loudness { target, true_peak });
    prop_oneof![Just(defaults::LOUDNESS), any]
}

fn ducking() -> impl Strategy<Value = Ducking> {
    let secs = || number(0, 10_000_000);
    let any = (decimal(0, 60_000_000), secs(), secs(), secs()).prop_map(|(depth, attack, hold, release)| Ducking {
        depth,
        attack,
        hold,
        release,
    });
    prop_oneof![Just(defaults::DUCKING), any]
}

prop_compose! {
    pub(super) fn composition_audio()(
        loudness in prop::option::of(loudness()), ducking in prop::option::of(ducking()), captions in any::<bool>(),
    ) -> CompositionAudio {
        CompositionAudio { loudness, ducking, captions }
    }
}

prop_compose! {
    pub(super) fn clip_audio()(
        mute in any::<bool>(), gain in gain(), pan in pan(), pitch in choice(),
        fade_in in prop::option::of(seconds()), fade_out in prop::option::of(seconds()),
    ) -> ClipAudio {
        ClipAudio { mute, gain, pan, pitch, fade_in, fade_out }
    }
}

prop_compose! {
    pub(super) fn workout_clip_audio()(
        mute in prop::option::of(any::<bool>()), gain in prop::option::of(gain()), pitch in prop::option::of(choice()),
    ) -> WorkoutClipAudio {
        WorkoutClipAudio { mute, gain, pitch }
    }
}

prop_compose! {
    fn music()(
        src in path(), trim in trim(), gain in gain(), looping in any::<bool>(), crossfade in number(0, 30_000_000),
        fade_in in seconds(), fade_out in prop_oneof![Just(defaults::MUSIC_FADE_OUT), seconds()],
    ) -> MusicBed {
        MusicBed { src, trim, gain, looping, crossfade, fade_in, fade_out }
    }
}

prop_compose! {
    fn cues()(
        style in choice(), countdown in 0_u32..=10, flags in any::<[bool; 3]>(),
        remind_every in prop::option::of(number(5_000_000, 43_200_000_000)), gain in gain(),
    ) -> CueSettings {
        let [start, halfway, end] = flags;
        CueSettings { style, countdown, start, halfway, end, remind_every, gain }
    }
}

prop_compose! {
    fn voice()(
        speaker in speaker(), announce in prop::sample::subsequence(defaults::announcements(), 0..=5),
        rate in prop_oneof![Just(defaults::VOICE_RATE), number(500_000, 2_000_000)],
    ) -> VoiceSettings {
        VoiceSettings { speaker, announce, rate }
    }
}

prop_compose! {
    pub(super) fn workout_audio()(
        loudness in loudness(), music in prop::collection::vec(music(), 0..4), clips in workout_clip_audio(),
        cues in prop_oneof![Just(defaults::CUES), cues()], voice in prop_oneof![Just(defaults::voice()), voice()],
        ducking in ducking(), captions in any::<bool>(),
    ) -> WorkoutAudio {
        WorkoutAudio { loudness, music, clips, cues, voice, ducking, captions }
    }
}

/// The content of a layer that is heard.
pub(super) fn sound_content() -> impl Strategy<Value = LayerContent> {
    let heard = || (gain(), pan(), choice());
    let file = (path(), trim(), speed(), choice(), any::<bool>(), number(0, 30_000_000), heard()).prop_map(
        |(src, trim, speed, pitch, looping, crossfade, (gain, pan, role))| {
            LayerContent::Audio(AudioLayer { src, trim, speed, pitch, looping, crossfade, gain, pan, role })
        },
    );
    let frequency = prop_oneof![Just(defaults::FREQUENCY), decimal(20_000_000, 20_000_000_000)];
    let tone = (frequency, choice(), heard()).prop_map(|(frequency, wave, (gain, pan, role))| {
        LayerContent::Tone(ToneLayer { frequency, wave, gain, pan, role })
    });
    let language = prop_oneof![Just("en".to_owned()), "[a-z]{2}-[A-Z]{2}"];
    let speech = ("([^\\p{Cc}]|\n){1,60}", language, speaker(), heard()).prop_map(
        |(text, language, speaker, (gain, pan, role))| {
            LayerContent::Speech(SpeechLayer { text, language, speaker, gain, pan, role })
        },
    );
    prop_oneof![file, tone, speech]
}
