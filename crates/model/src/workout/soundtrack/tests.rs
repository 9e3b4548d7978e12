//! Soundtracks of workouts: their files, music, clips, signals and words.

use std::path::{Path, PathBuf};

use super::*;
use crate::audio::{AudioInfo, AudioRole, Sound, SoundSource};
use crate::clip::ClipInfo;
use crate::document::{self, Document};
use crate::time::Rational;

const CATALOGUE: &str = r#"
    [[exercise]]
    id = "squat"
    name = "Air squat"
    clip = "squat.mov"
    audio = "keep"

    [[exercise]]
    id = "plank"
    name = "Plank"
    clip = "plank.mov"

    [[exercise]]
    id = "noisy"
    name = "Noisy"
    clip = "noisy.mov"
    audio = "mute"
"#;

pub(super) fn workout(json: &str) -> Workout {
    match document::parse(json.as_bytes()) {
        Ok(Document::Workout(workout)) => workout,
        other => panic!("{json}: {other:?}"),
    }
}

pub(super) fn catalogue() -> Catalogue {
    Catalogue::parse(CATALOGUE, Path::new("")).unwrap()
}

/// Compiles a workout. All clips last 2 s and have audio, `a.mp3` lasts 10 s, `b.mp3` 6 s, `blip.mp3` half a second.
fn compiled(json: &str) -> Result<Option<Soundtrack>, Vec<String>> {
    let clips = ["squat.mov", "plank.mov", "noisy.mov"].map(PathBuf::from);
    let infos = ClipInfos::from(clips.clone().map(|path| (path, ClipInfo::of_test(false))));
    let audio = |path: &str, half_secs| (PathBuf::from(path), AudioInfo { duration: Rational::new(half_secs, 2) });
    let mut audios = AudioInfos::from([audio("a.mp3", 20), audio("b.mp3", 12), audio("blip.mp3", 1)]);
    audios.extend(clips.map(|path| (path, AudioInfo { duration: Rational::from_integer(2) })));
    let compiled = compile_workout_soundtrack(&workout(json), &catalogue(), Path::new(""), &infos, &audios);
    compiled.map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

pub(super) fn soundtrack(json: &str) -> Soundtrack {
    compiled(json).unwrap().unwrap()
}

/// What is heard of a type: its name, and where it starts and ends in hundredths of a second.
fn heard(soundtrack: &Soundtrack, name: impl Fn(&Sound) -> Option<String>) -> Vec<(String, u64, u64)> {
    let sounds = soundtrack.sounds.iter();
    sounds.filter_map(|sound| Some((name(sound)?, sound.span.start / 480, sound.span.end / 480))).collect()
}

fn cues(soundtrack: &Soundtrack) -> Vec<(String, u64)> {
    let name = |sound: &Sound| match &sound.source {
        SoundSource::Cue(cue) => Some(format!("{cue:?}")),
        _ => None,
    };
    heard(soundtrack, name).into_iter().map(|(name, start, _)| (name, start)).collect()
}

fn speech(soundtrack: &Soundtrack) -> Vec<(String, u64, u64)> {
    heard(soundtrack, |sound| match &sound.source {
        SoundSource::Speech(text) => Some(text.text.clone()),
        _ => None,
    })
}

fn files(soundtrack: &Soundtrack, role: AudioRole) -> Vec<(String, u64, u64)> {
    heard(soundtrack, |sound| match &sound.source {
        SoundSource::File(file) if sound.role == role => Some(file.path.display().to_string()),
        _ => None,
    })
}

fn named(rows: &[(&str, u64)]) -> Vec<(String, u64)> {
    rows.iter().map(|(name, start)| ((*name).to_owned(), *start)).collect()
}

fn spans(rows: &[(&str, u64, u64)]) -> Vec<(String, u64, u64)> {
    rows.iter().map(|(name, start, end)| ((*name).to_owned(), *start, *end)).collect()
}

#[test]
fn a_workout_without_audio_has_no_soundtrack_and_names_no_audio_files() {
    let json = r#"{"exercises": [{"id": "squat"}]}"#;
    assert_eq!(compiled(json), Ok(None));
    assert_eq!(workout_audio_files(&workout(json), &catalogue(), Path::new("base")), Ok(Vec::new()));
    let unknown = r#"{"audio": {}, "exercises": [{"id": "other"}]}"#;
    assert!(workout_audio_files(&workout(unknown), &catalogue(), Path::new("")).is_err());
    assert_eq!(compiled(unknown), Err(Vec::new()), "it is reported with the pictures");
}

#[test]
fn audio_files_are_the_music_and_the_clips_that_are_heard() {
    let json = r#"{"audio": {"music": [{"src": "a.mp3"}], "clips": {"gain": -3}},
        "exercises": [{"id": "squat"}, {"id": "plank"}, {"id": "noisy", "audio": {"mute": false}}]}"#;
    let files = workout_audio_files(&workout(json), &catalogue(), Path::new("base")).unwrap();
    let named: Vec<_> =
        files.iter().map(|file| (file.place.as_str(), file.path.to_str().unwrap(), file.written.as_deref())).collect();
    let expected = [
        ("audio.music[0].src", "base/a.mp3", Some("a.mp3")),
        ("exercises[0].id", "squat.mov", None),
        ("exercises[2].id", "noisy.mov", None),
    ];
    assert_eq!(named, expected);
}

#[test]
fn signals_follow_the_schedule() {
    let json = r#"{"audio": {"clips": {"mute": true}}, "exercises": [{"id": "squat", "duration": 10, "rest": 5}, {"id": "plank", "duration": 8},
        {"id": "squat", "duration": 6}]}"#;
    let rows = [
        ("Start", 0),
        ("Countdown", 700),
        ("Countdown", 800),
        ("Countdown", 900),
        ("Rest", 1000),
        ("RestCountdown", 1200),
        ("RestCountdown", 1300),
        ("RestCountdown", 1400),
        ("Start", 1500),
        ("Countdown", 2000),
        ("Countdown", 2100),
        ("Countdown", 2200),
        ("Start", 2300),
        ("Countdown", 2600),
        ("Countdown", 2700),
        // In the place of the last second, so that it is over with the last frame.
        ("End", 2800),
    ];
    let soundtrack = soundtrack(json);
    assert_eq!(cues(&soundtrack), named(&rows));
    assert_eq!(soundtrack.samples, 29 * 48_000);
    let end = soundtrack.sounds.last().unwrap();
    assert_eq!((end.span.end, end.fade_out), (soundtrack.samples, 4800));
    let signals = soundtrack.sounds.iter().filter(|sound| matches!(sound.source, SoundSource::Cue(_)));
    assert!(signals.clone().count() == 16 && signals.into_iter().all(|sound| sound.ducks_music));
}

#[test]
fn options_of_signals_are_obeyed() {
    let cues_of = |settings: &str| {
        let exercises = r#"[{"id": "squat", "duration": 24, "rest": 4}, {"id": "plank", "duration": 4, "rest": 3}]"#;
        cues(&soundtrack(&format!(r#"{{"audio": {{"cues": {settings}}}, "exercises": {exercises}}}"#)))
    };
    let rows = [
        ("Start", 0),
        ("Reminder", 500),
        ("Reminder", 1000),
        ("Halfway", 1200),
        ("Reminder", 1500),
        ("Reminder", 2000),
        ("Countdown", 2300),
        ("Rest", 2400),
        ("RestCountdown", 2700),
        ("Start", 2800),
        ("Halfway", 3000),
        ("Countdown", 3100),
        // A rest follows, in which it is heard.
        ("End", 3200),
    ];
    let all = r#"{"countdown": 1, "halfway": true, "remind_every": 5}"#;
    // Half of the second exercise is too near to its countdown.
    let rows: Vec<_> = rows.into_iter().filter(|row| *row != ("Halfway", 3000)).collect();
    assert_eq!(cues_of(all), named(&rows));
    assert_eq!(cues_of(r#"{"style": "off"}"#), []);
    // Nothing is counted that has no signal.
    assert_eq!(cues_of(r#"{"start": false, "end": false}"#), []);
    let only_ends = [("Countdown", 2300), ("Rest", 2400), ("Countdown", 3100), ("End", 3200)];
    assert_eq!(cues_of(r#"{"start": false, "countdown": 1}"#), named(&only_ends));
    let only_starts = [("Start", 0), ("RestCountdown", 2700), ("Start", 2800)];
    assert_eq!(cues_of(r#"{"end": false, "countdown": 1}"#), named(&only_starts));
}

#[test]
fn the_voice_says_numbers_names_rests_and_the_next_exercise() {
    let json = r#"{"audio": {"clips": {"mute": true}, "cues": {"style": "voice", "countdown": 2, "halfway": true}},
        "exercises": [{"id": "squat", "duration": 20, "rest": 8, "say": "Heels down."}, {"id": "plank", "duration": 12}]}"#;
    let rows = [
        ("Air squat. Heels down.", 0, 236),
        ("Halfway", 1000, 1116),
        ("Two", 1800, 1884),
        ("One", 1900, 1984),
        ("Rest", 2000, 2092),
        ("Next: Plank", 2122, 2270),
        ("Two", 2600, 2684),
        ("One", 2700, 2784),
        ("Plank", 2800, 2900),
        ("Halfway", 3400, 3516),
        ("Two", 3800, 3884),
        ("Done", 3900, 3992),
    ];
    let soundtrack = soundtrack(json);
    assert_eq!(speech(&soundtrack), spans(&rows));
    assert_eq!(cues(&soundtrack), [], "every signal has a word");
    let SoundSource::Speech(text) = &soundtrack.sounds[0].source else { panic!("{:?}", soundtrack.sounds[0]) };
    assert_eq!((text.language.as_str(), &text.speaker, text.rate), ("en", &None, Rational::from_integer(1)));
}

#[test]
fn words_follow_their_tones_and_signals_without_words_are_tones() {
    let json = r#"{"language": "fr", "audio": {"cues": {"style": "both", "countdown": 1},
        "voice": {"announce": ["rest"], "speaker": "ff_siwis", "rate": 2}},
        "exercises": [{"id": "squat", "duration": 20, "rest": 8}, {"id": "plank", "duration": 12}]}"#;
    let both = soundtrack(json);
    assert_eq!(speech(&both), spans(&[("Un", 1915, 1953), ("Repos", 2080, 2130), ("Un", 2715, 2753)]));
    let rows =
        [("Start", 0), ("Countdown", 1900), ("Rest", 2000), ("RestCountdown", 2700), ("Start", 2800), ("End", 3900)];
    assert_eq!(cues(&both), named(&rows));
    let voice = soundtrack(&json.replace("both", "voice"));
    assert_eq!(cues(&voice), named(&[("Start", 0), ("Start", 2800), ("End", 3900)]));
    let texts: Vec<String> = voice.speech_texts().iter().map(|text| text.text.clone()).collect();
    assert_eq!(texts, ["Repos", "Un"]);
}

#[test]
fn sentences_are_said_in_every_style_and_have_to_fit() {
    let say = |style: &str, duration: u32| {
        compiled(&format!(
            r#"{{"audio": {{"cues": {{"style": "{style}"}}}}, "rounds": 2,
                "exercises": [{{"id": "squat", "duration": {duration}, "say": "Chest up, heels down, and breathe."}}]}}"#
        ))
    };
    for (style, start) in [("beeps", 60), ("off", 0)] {
        let expected = ("Chest up, heels down, and breathe.".to_owned(), start, start + 332);
        assert_eq!(speech(&say(style, 8).unwrap().unwrap())[0], expected, "{style}");
    }
    let takes = "exercises[0].say: takes about 3.3 s to say, and the exercise leaves";
    assert_eq!(say("beeps", 3), Err(vec![format!("{takes} 2.4 s for it")]));
    // The numbers have their time first.
    assert_eq!(say("both", 6), Err(vec![format!("{takes} 2.5 s for it")]));
    // The sentence stays, the name does not.
    let texts = speech(&say("voice", 7).unwrap().unwrap());
    assert_eq!(texts[0].0, "Chest up, heels down, and breathe.");
}

#[test]
fn music_plays_one_after_the_other_and_then_what_loops() {
    let music = |music: &str, secs: u32| {
        let json = format!(
            r#"{{"audio": {{"music": [{music}], "cues": {{"style": "off"}}}}, "exercises": [{{"id": "plank", "duration": {secs}}}]}}"#
        );
        soundtrack(&json)
    };
    let one = music(r#"{"src": "a.mp3", "crossfade": 2, "fade_in": 1, "gain": -8}"#, 35);
    assert_eq!(files(&one, AudioRole::Music), spans(&[("a.mp3", 0, 3500)]));
    let sound = &one.sounds[0];
    assert_eq!((sound.fade_in, sound.fade_out, sound.gain), (48_000, 96_000, Some(Rational::from_integer(-8))));
    let SoundSource::File(file) = &sound.source else { panic!("{sound:?}") };
    assert_eq!((file.clock.looping, file.crossfade), (true, Rational::from_integer(2)));
    assert!(!sound.ducks_music);

    let once = music(r#"{"src": "a.mp3", "loop": false}"#, 35);
    assert_eq!(files(&once, AudioRole::Music), spans(&[("a.mp3", 0, 1000)]));
    let list = r#"{"src": "a.mp3", "crossfade": 2}, {"src": "b.mp3", "crossfade": 9, "fade_out": 0}"#;
    // b is 6 s long: no crossfade exceeds 3 s.
    let rows =
        [("a.mp3", 0, 1000), ("b.mp3", 800, 1400), ("a.mp3", 1100, 2100), ("b.mp3", 1900, 2300), ("a.mp3", 2200, 2300)];
    let both = music(list, 23);
    assert_eq!(files(&both, AudioRole::Music), spans(&rows));
    let fades: Vec<(u64, u64)> = both.sounds.iter().map(|sound| (sound.fade_in, sound.fade_out)).collect();
    assert_eq!(&fades[..3], [(0, 96_000), (96_000, 144_000), (144_000, 96_000)]);

    let intro = music(r#"{"src": "a.mp3", "loop": false}, {"src": "b.mp3"}"#, 60);
    assert_eq!(files(&intro, AudioRole::Music), spans(&[("a.mp3", 0, 1000), ("b.mp3", 1000, 6000)]));
    let silent = music(r#"{"src": "a.mp3", "gain": "-inf", "loop": false}, {"src": "b.mp3", "loop": false}"#, 60);
    assert_eq!(files(&silent, AudioRole::Music), spans(&[("b.mp3", 1000, 1600)]));
}

#[test]
fn music_that_cannot_be_heard_is_a_fault() {
    let fault = |music: &str| {
        let json =
            format!(r#"{{"audio": {{"music": [{{"src": "a.mp3"}}, {music}]}}, "exercises": [{{"id": "plank"}}]}}"#);
        compiled(&json).unwrap_err().remove(0)
    };
    assert_eq!(fault(r#"{"src": "none.mp4"}"#), "audio.music[1].src: none.mp4 has no audio");
    assert_eq!(fault(r#"{"src": "blip.mp3"}"#), "audio.music[1].trim: leaves less than 1 s of the audio");
    let late = r#"{"src": "b.mp3", "trim": {"out": 6.06}}"#;
    assert_eq!(fault(late), "audio.music[1].trim.out: is behind the audio's end at 6.000 s");
    let nothing = r#"{"src": "b.mp3", "trim": {"in": 6}}"#;
    assert_eq!(fault(nothing), "audio.music[1].trim.in: leaves nothing of the audio, which ends at 6.000 s");
}

#[test]
fn clips_are_heard_where_the_exercise_the_workout_or_the_catalogue_says_so() {
    let clips = |settings: &str, of_plank: &str| {
        let json = format!(
            r#"{{"audio": {{"clips": {settings}, "cues": {{"style": "off"}}}}, "exercises": [
                {{"id": "squat", "duration": 5, "speed": 1.2, "rest": 2}},
                {{"id": "plank", "duration": 5, "audio": {of_plank}}}, {{"id": "noisy", "duration": 5}}]}}"#
        );
        soundtrack(&json)
    };
    let heard = |settings: &str, of_plank: &str| files(&clips(settings, of_plank), AudioRole::Effect);
    let (squat, plank) = (("squat.mov", 0, 500), ("plank.mov", 700, 1200));
    assert_eq!(heard("{}", "{}"), spans(&[squat]), "the catalogue keeps it");
    assert_eq!(heard(r#"{"mute": true}"#, "{}"), []);
    assert_eq!(heard(r#"{"mute": false}"#, "{}"), spans(&[squat, plank]), "the catalogue mutes the third");
    assert_eq!(heard(r#"{"mute": true}"#, r#"{"mute": false}"#), spans(&[plank]));
    assert_eq!(heard(r#"{"mute": false}"#, r#"{"gain": "-inf"}"#), spans(&[squat]));
    let gains: Vec<_> =
        clips(r#"{"mute": false, "gain": -6}"#, r#"{"gain": 3}"#).sounds.iter().map(|sound| sound.gain).collect();
    assert_eq!(gains, [Some(Rational::from_integer(-6)), Some(Rational::from_integer(3))]);
    // The clock is that of the frames, and the end is cut.
    let soundtrack = clips("{}", "{}");
    let sound = &soundtrack.sounds[0];
    let SoundSource::File(file) = &sound.source else { panic!("{sound:?}") };
    assert_eq!((file.clock.speed, file.clock.looping), (Rational::new(6, 5), true));
    assert_eq!((file.clock.trim_out, sound.fade_in, sound.fade_out), (Rational::from_integer(2), 0, 480));
}
