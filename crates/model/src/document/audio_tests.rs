//! Sound of documents: every field, canonical text, and every fault with its path.

use super::*;
use crate::audio::{AudioRole, PitchMode, Wave};
use crate::time::Rational;

pub(super) const SOUND_WORKOUT: &str = r#"{"exercises": [
    {"id": "squat", "say": "Heels down.", "audio": {"mute": false, "gain": -3, "pitch": "follow"}}, {"id": "plank"}],
    "audio": {
    "loudness": {"target": -14, "true_peak": -2},
    "music": [{"src": "bed.mp3", "trim": {"in": 2, "out": 180}, "gain": -8, "loop": false, "crossfade": 2,
     "fade_in": 1, "fade_out": 3}, {"src": "b.ogg"}],
    "clips": {"mute": true, "gain": "-inf", "pitch": "keep"},
    "cues": {"style": "both", "countdown": 5, "start": false, "halfway": true, "end": false, "remind_every": 30,
     "gain": -2},
    "voice": {"speaker": "ff_siwis", "announce": ["rest", "exercise"], "rate": 1.2},
    "ducking": {"depth": 9, "attack": 0.1, "hold": 1, "release": 2},
    "captions": false}}"#;

pub(super) const SOUND_COMPOSITION: &str = r#"{"canvas": {"width": 640, "height": 360}, "duration": 12,
    "audio": {"loudness": {"target": -20}, "ducking": {"depth": 6}, "captions": false}, "layers": [
    {"type": "clip", "src": "a.mp4", "audio": {"mute": true, "gain": -6, "pan": 0.5, "pitch": "follow", "fade_in": 1,
     "fade_out": 2}},
    {"type": "audio", "src": "bed.mp3", "start": 1, "duration": 10, "trim": {"in": 2}, "speed": 1.5, "pitch": "follow",
     "loop": true, "crossfade": 0.5, "gain": -8, "pan": -1, "fade_in": 1, "fade_out": 2, "role": "effect"},
    {"type": "tone", "frequency": 1000, "wave": "triangle", "gain": "-inf", "pan": 1, "role": "voice"},
    {"type": "speech", "text": "Go", "language": "fr", "speaker": "ff_siwis", "gain": 2, "pan": 0.1,
     "role": "effect"}]}"#;

fn whole(value: i128) -> Rational {
    Rational::from_integer(value)
}

fn workout(json: &str) -> Workout {
    match parse(json.as_bytes()) {
        Ok(Document::Workout(workout)) => workout,
        other => panic!("{json}: {other:?}"),
    }
}

fn composition(json: &str) -> Composition {
    match parse(json.as_bytes()) {
        Ok(Document::Composition(composition)) => composition,
        other => panic!("{json}: {other:?}"),
    }
}

#[test]
fn every_field_of_a_workouts_sound_is_read() {
    let workout = workout(SOUND_WORKOUT);
    let [squat, plank] = workout.exercises.try_into().unwrap();
    assert_eq!(squat.say.as_deref(), Some("Heels down."));
    let gain = Some(Gain(Some(whole(-3))));
    assert_eq!(squat.audio, WorkoutClipAudio { mute: Some(false), gain, pitch: Some(PitchMode::Follow) });
    assert_eq!((plank.say, plank.audio), (None, WorkoutClipAudio::default()));
    let audio = workout.audio.unwrap();
    assert_eq!((audio.loudness.target, audio.loudness.true_peak), (whole(-14), whole(-2)));
    let trim = Trim { start: whole(2), end: Some(whole(180)) };
    let bed = MusicBed {
        src: "bed.mp3".to_owned(),
        trim,
        gain: Gain(Some(whole(-8))),
        looping: false,
        crossfade: whole(2),
        fade_in: whole(1),
        fade_out: whole(3),
    };
    assert_eq!(audio.music[0], bed);
    assert_eq!((audio.music[1].looping, audio.music[1].fade_out), (true, whole(2)));
    let pitch = Some(PitchMode::Keep);
    assert_eq!(audio.clips, WorkoutClipAudio { mute: Some(true), gain: Some(Gain(None)), pitch });
    let cues = CueSettings {
        style: CueStyle::Both,
        countdown: 5,
        start: false,
        halfway: true,
        end: false,
        remind_every: Some(whole(30)),
        gain: Gain(Some(whole(-2))),
    };
    assert_eq!(audio.cues, cues);
    // In the order in which they are written.
    let announce = vec![Announcement::Exercise, Announcement::Rest];
    let voice = VoiceSettings { speaker: Some("ff_siwis".to_owned()), announce, rate: Rational::new(6, 5) };
    assert_eq!(audio.voice, voice);
    assert_eq!((audio.ducking.depth, audio.ducking.attack), (whole(9), Rational::new(1, 10)));
    assert_eq!((audio.ducking.hold, audio.ducking.release), (whole(1), whole(2)));
    assert!(!audio.captions);
}

#[test]
fn a_workout_with_empty_audio_has_signals_and_no_music() {
    assert_eq!(workout(r#"{"exercises": [{"id": "a"}]}"#).audio, None);
    let audio = workout(r#"{"exercises": [{"id": "a"}], "audio": {}}"#).audio.unwrap();
    assert!(audio.music.is_empty() && audio.clips == WorkoutClipAudio::default());
    assert_eq!((audio.cues.style, audio.cues.countdown, audio.cues.remind_every), (CueStyle::Beeps, 3, None));
    assert_eq!((audio.cues.start, audio.cues.halfway, audio.cues.end), (true, false, true));
    assert_eq!((audio.loudness.target, audio.loudness.true_peak), (whole(-16), whole(-1)));
    let seconds = (audio.ducking.attack, audio.ducking.hold, audio.ducking.release);
    assert_eq!(audio.ducking.depth, whole(12));
    assert_eq!(seconds, (Rational::new(1, 5), Rational::new(1, 2), Rational::new(3, 5)));
    assert_eq!((audio.voice.announce.len(), audio.voice.rate), (5, whole(1)));
    assert!(audio.captions);
}

#[test]
fn every_field_of_a_compositions_sound_is_read() {
    let composition = composition(SOUND_COMPOSITION);
    let CompositionAudio { loudness: Some(loudness), ducking: Some(ducking), captions: false } = composition.audio
    else {
        panic!("{:?}", composition.audio)
    };
    assert_eq!((loudness.target, loudness.true_peak), (whole(-20), whole(-1)));
    assert_eq!((ducking.depth, ducking.hold), (whole(6), Rational::new(1, 2)));
    let [clip, file, tone, speech] = composition.layers.try_into().unwrap();
    let LayerContent::Clip(clip) = clip.content else { panic!("{clip:?}") };
    let audio = ClipAudio {
        mute: true,
        gain: Gain(Some(whole(-6))),
        pan: Rational::new(1, 2),
        pitch: PitchMode::Follow,
        fade_in: Some(whole(1)),
        fade_out: Some(whole(2)),
    };
    assert_eq!(clip.audio, audio);
    assert_eq!((file.start, file.duration), (whole(1), Some(whole(10))));
    assert_eq!((file.fade_in, file.fade_out), (whole(1), whole(2)));
    let layer = AudioLayer {
        src: "bed.mp3".to_owned(),
        trim: Trim { start: whole(2), end: None },
        speed: Rational::new(3, 2),
        pitch: PitchMode::Follow,
        looping: true,
        crossfade: Rational::new(1, 2),
        gain: Gain(Some(whole(-8))),
        pan: whole(-1),
        role: AudioRole::Effect,
    };
    assert_eq!(file.content, LayerContent::Audio(layer));
    let (gain, role) = (Gain(None), AudioRole::Voice);
    let layer = ToneLayer { frequency: whole(1000), wave: Wave::Triangle, gain, pan: whole(1), role };
    assert_eq!(tone.content, LayerContent::Tone(layer));
    let layer = SpeechLayer {
        text: "Go".to_owned(),
        language: "fr".to_owned(),
        speaker: Some("ff_siwis".to_owned()),
        gain: Gain(Some(whole(2))),
        pan: Rational::new(1, 10),
        role: AudioRole::Effect,
    };
    assert_eq!(speech.content, LayerContent::Speech(layer));
}

#[test]
fn sound_has_this_text() {
    let text = r#"{
  "exercises": [
    {"id": "squat", "say": "Heels down.", "audio": {"mute": false, "gain": -3, "pitch": "follow"}},
    {"id": "plank"}
  ],
  "audio": {
    "loudness": {"target": -14, "true_peak": -2},
    "music": [
      {
        "src": "bed.mp3",
        "trim": {"in": 2, "out": 180},
        "gain": -8,
        "loop": false,
        "crossfade": 2,
        "fade_in": 1,
        "fade_out": 3
      },
      {"src": "b.ogg"}
    ],
    "clips": {"mute": true, "gain": "-inf", "pitch": "keep"},
    "cues": {
      "style": "both",
      "countdown": 5,
      "start": false,
      "halfway": true,
      "end": false,
      "remind_every": 30,
      "gain": -2
    },
    "voice": {"speaker": "ff_siwis", "announce": ["exercise", "rest"], "rate": 1.2},
    "ducking": {"depth": 9, "attack": 0.1, "hold": 1, "release": 2},
    "captions": false
  }
}
"#;
    assert_eq!(write(&parse(SOUND_WORKOUT.as_bytes()).unwrap()), text);
    let text = write(&parse(SOUND_COMPOSITION.as_bytes()).unwrap());
    for line in [
        r#"  "audio": {"loudness": {"target": -20}, "ducking": {"depth": 6}, "captions": false},"#,
        r#"      "gain": "-inf","#,
        r#"      "frequency": 1000,"#,
        r#"      "text": "Go","#,
        r#"      "crossfade": 0.5,"#,
    ] {
        assert!(text.lines().any(|written| written == line), "{line} in {text}");
    }
    let empty = r#"{"exercises": [{"id": "a", "audio": {}}], "audio": {}}"#;
    assert!(write(&parse(empty.as_bytes()).unwrap()).ends_with("{\"id\": \"a\"}\n  ],\n  \"audio\": {}\n}\n"));
}

/// A part of [`SOUND_WORKOUT`] or [`SOUND_COMPOSITION`], its replacement, and the path and message of the one fault that
/// results.
#[test]
fn each_fault_of_sound_is_reported_with_its_path() {
    let gain = "must be a number of decibels, or \"-inf\" for silence";
    let long = format!("\"{}\"", "x".repeat(201));
    let many = format!("[{}]", vec![r#"{"src": "a"}"#; 101].join(","));
    let music =
        &SOUND_WORKOUT[SOUND_WORKOUT.find("[{\"src\"").unwrap()..=SOUND_WORKOUT.find("\"b.ogg\"}]").unwrap() + 8];
    let rows: &[(&str, &str, &str, &str)] = &[
        ("\"target\": -14", "\"target\": -41", "audio.loudness.target", "must be at least -40"),
        ("\"true_peak\": -2", "\"true_peak\": 1", "audio.loudness.true_peak", "must be at most 0"),
        ("\"true_peak\": -2", "\"peak\": 1", "audio.loudness.peak", "unknown field"),
        (music, &many, "audio.music", "must have 0 to 100 entries, has 101"),
        ("\"src\": \"b.ogg\"", "", "audio.music[1].src", "is missing"),
        ("\"b.ogg\"", "\"https://host/b.ogg\"", "audio.music[1].src", "must be the path of a file, not a URL"),
        ("\"out\": 180", "\"out\": 1", "audio.music[0].trim.out", "must be above `in`, which is 2"),
        ("\"crossfade\": 2", "\"crossfade\": 31", "audio.music[0].crossfade", "must be at most 30"),
        ("\"gain\": -8, \"loop\"", "\"gain\": -60.1, \"loop\"", "audio.music[0].gain", "must be at least -60"),
        ("\"gain\": -8, \"loop\"", "\"gain\": 25, \"loop\"", "audio.music[0].gain", "must be at most 24"),
        ("\"gain\": -8, \"loop\"", "\"gain\": \"-8\", \"loop\"", "audio.music[0].gain", gain),
        ("\"gain\": -8, \"loop\"", "\"gain\": null, \"loop\"", "audio.music[0].gain", gain),
        ("\"loop\": false", "\"lop\": false", "audio.music[0].lop", "unknown field; did you mean loop?"),
        (
            "\"mute\": true, \"gain\": \"-inf\"",
            "\"mute\": 1",
            "audio.clips.mute",
            "must be true or false, found a number",
        ),
        ("\"keep\"", "\"kept\"", "audio.clips.pitch", "must be one of keep, follow"),
        ("\"both\"", "\"loud\"", "audio.cues.style", "must be one of beeps, voice, both, off"),
        ("\"countdown\": 5", "\"countdown\": 11", "audio.cues.countdown", "must be at most 10"),
        ("\"countdown\": 5", "\"countdown\": 2.5", "audio.cues.countdown", "must be a whole number"),
        ("\"remind_every\": 30", "\"remind_every\": 4", "audio.cues.remind_every", "must be at least 5"),
        (
            "\"ff_siwis\", \"announce\"",
            "\"a b\", \"announce\"",
            "audio.voice.speaker",
            "may have only the characters A-Z, a-z, 0-9, _ and -",
        ),
        ("\"exercise\"]", "\"name\"]", "audio.voice.announce[1]", "must be one of exercise, next, rest, halfway, done"),
        ("\"rate\": 1.2", "\"rate\": 0.4", "audio.voice.rate", "must be at least 0.5"),
        ("\"depth\": 9", "\"depth\": 61", "audio.ducking.depth", "must be at most 60"),
        ("\"attack\": 0.1", "\"attack\": 11", "audio.ducking.attack", "must be at most 10"),
        ("\"Heels down.\"", &long, "exercises[0].say", "must have at most 200 characters, has 201"),
        ("\"Heels down.\"", "\"\"", "exercises[0].say", "must not be empty"),
        ("\"gain\": -3", "\"pan\": -3", "exercises[0].audio.pan", "unknown field"),
        ("\"depth\": 6", "\"hold\": -1", "audio.ducking.hold", "must be at least 0"),
        ("\"loudness\": {\"target\": -20}", "\"loudness\": -20", "audio.loudness", "must be an object, found a number"),
        ("\"ducking\": {\"depth\": 6}", "\"music\": []", "audio.music", "unknown field"),
        ("\"pan\": 0.5", "\"pan\": 1.1", "layers[0].audio.pan", "must be at most 1"),
        ("\"mute\": true, \"gain\": -6", "\"role\": \"voice\"", "layers[0].audio.role", "unknown field"),
        ("\"speed\": 1.5", "\"speed\": 0", "layers[1].speed", "must be at least 0.1"),
        ("\"speed\": 1.5", "\"opacity\": 1", "layers[1].opacity", "unknown field"),
        ("\"start\": 1,", "\"start\": 12,", "layers[1].start", "must be before the composition's end at 12 s"),
        ("\"frequency\": 1000", "\"frequency\": 20001", "layers[2].frequency", "must be at most 20000"),
        ("\"triangle\"", "\"saw\"", "layers[2].wave", "must be one of sine, triangle, square"),
        ("\"role\": \"voice\"", "\"role\": \"noise\"", "layers[2].role", "must be one of music, voice, effect"),
        ("\"Go\"", "\"\"", "layers[3].text", "must not be empty"),
        ("\"text\": \"Go\", ", "", "layers[3].text", "is missing"),
        ("\"fr\"", "\"\"", "layers[3].language", "must not be empty"),
    ];
    for (from, to, place, message) in rows {
        let document = if SOUND_WORKOUT.contains(from) { SOUND_WORKOUT } else { SOUND_COMPOSITION };
        assert!(document.contains(from), "{from} is in an example");
        let fault = ValidationFault { place: (*place).to_owned(), message: (*message).to_owned() };
        assert_eq!(parse(document.replacen(from, to, 1).as_bytes()), Err(vec![fault]), "{to}");
    }
}

#[test]
fn sound_of_exercises_needs_the_sound_of_the_workout() {
    let exercises = r#"{"exercises": [{"id": "a", "say": "Up"}, {"id": "b", "audio": {"mute": false}}]"#;
    let faults = parse(format!("{exercises}}}").as_bytes()).unwrap_err();
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "exercises[0].say: needs `audio` of the workout, which may be {}",
            "exercises[1].audio: needs `audio` of the workout, which may be {}",
        ]
    );
    assert!(parse(format!("{exercises}, \"audio\": {{}}}}").as_bytes()).is_ok());
}

/// The examples of the guide are documents, as they are printed there.
#[test]
fn the_documents_of_the_guide_are_valid() {
    let guide = include_str!("../../../../docs/guide.md");
    let examples: Vec<&str> = guide.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let documents =
        examples.iter().filter(|example| example.contains("\"exercises\"") || example.contains("\"layers\""));
    let parsed: Vec<_> = documents.map(|example| parse(example.as_bytes())).collect();
    assert!(parsed.len() >= 4 && parsed.iter().all(Result::is_ok), "{parsed:?}");
    let has_sound = |document: &Document| match document {
        Document::Workout(workout) => workout.audio.is_some(),
        Document::Composition(composition) => composition.audio != CompositionAudio::default(),
    };
    assert_eq!(parsed.into_iter().flatten().filter(has_sound).count(), 2);
}
