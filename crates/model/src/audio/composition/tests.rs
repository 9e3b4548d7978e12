//! Soundtracks of compositions.

use super::super::{AudioInfo, FileSound, Wave};
use super::*;
use crate::clip::ClipInfo;
use crate::document::{self, Document};
use crate::timeline::{ItemContent, compile_composition};

fn composition(fps: &str, audio: &str, layers: &str) -> Composition {
    let json = format!(
        r#"{{"canvas": {{"width": 64, "height": 64, "fps": {fps}}}, "duration": 10, "audio": {audio}, "layers": [{layers}]}}"#
    );
    match document::parse(json.as_bytes()) {
        Ok(Document::Composition(composition)) => composition,
        other => panic!("{json}: {other:?}"),
    }
}

/// `clip.mov` lasts 2 s and has audio of 3 s, `mute.mov` has none, `still.png` is an image; `bed.mp3` lasts 4 s.
fn files() -> (ClipInfos, AudioInfos) {
    let clips = [("clip.mov", false), ("mute.mov", false), ("still.png", true)];
    let audio = [("clip.mov", 3), ("bed.mp3", 4)];
    let audio = audio.map(|(name, secs)| (PathBuf::from(name), AudioInfo { duration: Rational::from_integer(secs) }));
    (
        ClipInfos::from(clips.map(|(name, still)| (PathBuf::from(name), ClipInfo::of_test(still)))),
        AudioInfos::from(audio),
    )
}

fn compiled_at(fps: &str, audio: &str, layers: &str) -> Result<Option<Soundtrack>, Vec<String>> {
    let (infos, audios) = files();
    let compiled = compile_composition_soundtrack(&composition(fps, audio, layers), Path::new(""), &infos, &audios);
    compiled.map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

fn compiled(layers: &str) -> Soundtrack {
    compiled_at("10", "{}", layers).unwrap().unwrap()
}

fn file(sound: &Sound) -> &FileSound {
    match &sound.source {
        SoundSource::File(file) => file,
        other => panic!("{other:?}"),
    }
}

fn span(sound: &Sound) -> (u64, u64) {
    (sound.span.start, sound.span.end)
}

#[test]
fn a_composition_without_sound_has_no_soundtrack() {
    for layers in [
        r#"{"type": "timer"}"#,
        r#"{"type": "clip", "src": "mute.mov"}"#,
        r#"{"type": "clip", "src": "clip.mov", "audio": {"mute": true}}"#,
        r#"{"type": "clip", "src": "clip.mov", "audio": {"gain": "-inf"}}"#,
    ] {
        assert_eq!(compiled_at("10", r#"{"loudness": {}}"#, layers), Ok(None), "{layers}");
    }
    let silent = compiled(r#"{"type": "tone", "gain": "-inf"}"#);
    assert_eq!((silent.samples, silent.sounds.len()), (480_000, 0));
    assert_eq!((silent.ducking, silent.loudness), (None, None));
}

#[test]
fn files_are_the_layers_of_audio_and_the_clips_that_are_heard() {
    let layers = r#"{"type": "clip", "src": "clip.mov"}, {"type": "clip", "src": "b.mov", "audio": {"mute": true}},
        {"type": "audio", "src": "bed.mp3", "gain": "-inf"}, {"type": "image", "src": "still.png"}"#;
    let files = composition_audio_files(&composition("10", "{}", layers), Path::new("base"));
    let named: Vec<_> =
        files.iter().map(|file| (file.place.as_str(), file.path.to_str().unwrap(), file.written.as_deref())).collect();
    assert_eq!(named, [("layers[0].src", "base/clip.mov", None), ("layers[2].src", "base/bed.mp3", Some("bed.mp3"))]);
}

/// Each layer of a clip has one sound, with the clock of its frames and from its first frame to its last.
#[test]
fn a_clip_is_heard_by_the_clock_of_its_frames() {
    let layers = r#"{"type": "clip", "src": "clip.mov", "start": 0.77, "speed": 1.3},
        {"type": "clip", "src": "clip.mov", "start": 1.01, "duration": 7.3, "loop": true, "trim": {"in": 0.5}},
        {"type": "clip", "src": "clip.mov", "start": 3, "trim": {"in": 0.2, "out": 2.04}, "speed": 0.7}"#;
    for fps in ["10", "30", "\"30000/1001\"", "60", "24"] {
        let composition = composition(fps, "{}", layers);
        let (infos, audios) = files();
        let timeline = compile_composition(&composition, Path::new(""), &infos).unwrap();
        let soundtrack = compile_composition_soundtrack(&composition, Path::new(""), &infos, &audios).unwrap().unwrap();
        let rate = composition.canvas.fps;
        assert_eq!(soundtrack.samples, sample_at(timeline.frames, rate));
        assert_eq!((timeline.items().len(), soundtrack.sounds.len()), (3, 3));
        for (item, sound) in timeline.items().iter().zip(&soundtrack.sounds) {
            let ItemContent::Clip(clip) = &item.content else { panic!("{item:?}") };
            assert_eq!((&file(sound).path, &file(sound).clock), (&clip.path, &clip.clock));
            assert_eq!(sound.span, samples_of(item.span, rate));
        }
    }
}

#[test]
fn clips_fade_with_their_frames_or_by_themselves() {
    let fades = |layer: &str| {
        let sound = compiled(&format!(r#"{{"type": "clip", "src": "clip.mov"{layer}}}"#)).sounds.remove(0);
        (sound.fade_in, sound.fade_out)
    };
    assert_eq!(fades(""), (0, 0));
    assert_eq!(fades(r#", "fade_in": 0.5, "fade_out": 0.25"#), (24_000, 12_000));
    assert_eq!(fades(r#", "fade_in": 0.5, "audio": {"fade_in": 0, "fade_out": 1}"#), (0, 48_000));
    assert_eq!(fades(r#", "duration": 1"#), (0, 480), "it is cut");
    let clip = compiled(r#"{"type": "clip", "src": "clip.mov", "audio": {"gain": -6, "pan": 0.5, "pitch": "follow"}}"#);
    let [sound] = clip.sounds.try_into().unwrap();
    assert_eq!((sound.gain, sound.pan), (Some(Rational::from_integer(-6)), Rational::new(1, 2)));
    assert_eq!((file(&sound).pitch, sound.role, sound.ducks_music), (PitchMode::Follow, AudioRole::Effect, false));
}

#[test]
fn audio_layers_end_with_their_file_or_loop() {
    let bed = |fields: &str| compiled(&format!(r#"{{"type": "audio", "src": "bed.mp3"{fields}}}"#)).sounds.remove(0);
    assert_eq!(span(&bed("")), (0, 192_000));
    assert_eq!(span(&bed(r#", "start": 0.52, "speed": 1.5"#)), (24_000, 24_000 + 128_000));
    assert_eq!(span(&bed(r#", "start": 8"#)), (384_000, 480_000));
    assert_eq!(span(&bed(r#", "loop": true, "start": 1, "duration": 6"#)), (48_000, 336_000));
    assert_eq!(file(&bed(r#", "loop": true"#)).crossfade, Rational::new(1, 100));
    assert_eq!(file(&bed(r#", "loop": true, "crossfade": 3"#)).crossfade, Rational::new(4, 3));
    assert_eq!(file(&bed("")).crossfade, Rational::from_integer(0));
    // Up to 0.05 s behind the end is the end.
    let trimmed = bed(r#", "trim": {"in": 1, "out": 4.05}, "fade_out": 0.1, "role": "voice""#);
    assert_eq!((span(&trimmed), trimmed.fade_in, trimmed.fade_out), ((0, 144_000), 480, 4_800));
    assert_eq!((trimmed.role, trimmed.ducks_music), (AudioRole::Voice, true));
}

#[test]
fn tones_and_speech_are_heard_where_their_layers_are() {
    let layers = r#"{"type": "speech", "text": "Go", "start": 2, "duration": 1, "language": "fr"},
        {"type": "tone", "frequency": 1000, "wave": "square", "start": 1, "duration": 0.5, "fade_in": 1, "pan": -1}"#;
    let [tone, speech] = compiled(layers).sounds.try_into().unwrap();
    let frequency = Rational::from_integer(1000);
    assert_eq!(tone.source, SoundSource::Tone { frequency, wave: Wave::Square });
    assert_eq!((span(&tone), tone.fade_in, tone.gain), ((48_000, 72_000), 24_000, Some(Rational::from_integer(-18))));
    let SoundSource::Speech(text) = &speech.source else { panic!("{speech:?}") };
    assert_eq!((text.text.as_str(), text.language.as_str(), &text.speaker), ("Go", "fr", &None));
    assert_eq!((span(&speech), speech.role, speech.ducks_music), ((96_000, 144_000), AudioRole::Voice, true));
}

#[test]
fn faults_that_depend_on_files_name_their_path() {
    let cases = [
        (r#"{"type": "audio", "src": "mute.mov"}"#, "layers[0].src: mute.mov has no audio"),
        (
            r#"{"type": "audio", "src": "bed.mp3", "trim": {"in": 4}}"#,
            "layers[0].trim.in: leaves nothing of the audio, which ends at 4.000 s",
        ),
        (
            r#"{"type": "audio", "src": "bed.mp3", "trim": {"out": 4.06}}"#,
            "layers[0].trim.out: is behind the audio's end at 4.000 s",
        ),
    ];
    for (layer, fault) in cases {
        assert_eq!(compiled_at("10", "{}", layer), Err(vec![fault.to_owned()]));
    }
    let many = vec![r#"{"type": "tone"}"#; 33].join(",");
    let fault = "layers: at 0.00 s, 33 sounds are heard at once; at most 32 can be";
    assert_eq!(compiled_at("10", "{}", &many), Err(vec![fault.to_owned()]));
    let silent = vec![r#"{"type": "tone", "gain": "-inf"}"#; 33].join(",");
    assert!(compiled_at("10", "{}", &silent).is_ok());
    // Faults of pictures are not repeated.
    let clip = r#"{"type": "clip", "src": "clip.mov", "trim": {"in": 2}}, {"type": "clip", "src": "missing.mov"}"#;
    assert_eq!(compiled_at("10", "{}", clip), Ok(None));
}
