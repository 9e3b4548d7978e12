//! The model itself, where its folder is there: `script/voices DIR`, and `REPCAST_VOICES=DIR`.

use std::fs;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Instant;

use repcast_model::time::Rational;

use super::*;

/// The voices, if there are any.
fn kokoro() -> Option<&'static Kokoro> {
    static KOKORO: LazyLock<Option<Kokoro>> =
        LazyLock::new(|| std::env::var_os("REPCAST_VOICES").map(|folder| Kokoro::open(Path::new(&folder)).unwrap()));
    if KOKORO.is_none() {
        eprintln!("SKIPPED: the neural voices are not tested. Run `script/voices DIR`, and set REPCAST_VOICES to DIR.");
    }
    KOKORO.as_ref()
}

fn text(words: &str, language: &str, speaker: Option<&str>) -> SpeechText {
    let (text, language, speaker) = (words.to_owned(), language.to_owned(), speaker.map(str::to_owned));
    SpeechText { text, language, speaker, rate: Rational::from_integer(1) }
}

/// A word of the program, as ffmpeg decodes it: mono at 24 kHz.
fn committed(word: &str) -> Vec<f32> {
    let path = format!("{}/../../assets/sounds/voice/{word}.flac", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-i", &path, "-f", "f32le", "-"])
        .output()
        .unwrap();
    assert!(output.status.success());
    output.stdout.as_chunks::<4>().0.iter().map(|sample| f32::from_le_bytes(*sample)).collect()
}

/// The level of each 20 ms, in dB.
fn levels(samples: &[f32]) -> Vec<f64> {
    let level = |part: &[f32]| part.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / part.len() as f64;
    samples.as_chunks::<480>().0.iter().map(|part| 10.0 * (level(part) + 1e-9).log10()).collect()
}

/// How alike the courses of two levels are, whatever their means: 1 for the same, 0 for others.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let centered = |levels: &[f64]| -> Vec<f64> {
        let mean = levels.iter().sum::<f64>() / levels.len() as f64;
        levels.iter().map(|level| level - mean).collect()
    };
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let len = a.len().min(b.len());
    let (a, b) = (centered(&a[..len]), centered(&b[..len]));
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

/// How bright a sound is: the power of its differences relative to its own, in dB.
fn brightness(samples: &[f32]) -> f64 {
    let power = |values: &mut dyn Iterator<Item = f32>| values.map(|value| f64::from(value).powi(2)).sum::<f64>();
    let differences = power(&mut samples.windows(2).map(|pair| pair[1] - pair[0]));
    10.0 * (differences / power(&mut samples.iter().copied())).log10()
}

#[test]
fn the_words_of_the_program_are_spoken_as_they_were_recorded() {
    let Some(kokoro) = kokoro() else { return };
    let words = [
        ("en/three", "Three.", "en"),
        ("en/halfway", "Halfway.", "en"),
        ("fr/ten", "Dix", "fr"),
        ("fr/rest", "Repos", "fr"),
    ];
    for (file, words, language) in words {
        let spoken = kokoro.speak(&text(words, language, None), &|| false).unwrap();
        let committed = committed(file);
        assert_eq!(spoken.rate, RATE);
        // The phase of the voice is that of noise in the model, which another release of ONNX Runtime may have differently:
        // the words have the same length, course and sound, not the same samples.
        assert!(spoken.samples.len().abs_diff(committed.len()) < 480, "{file}: {}", spoken.samples.len());
        let alike = correlation(&levels(&spoken.samples), &levels(&committed));
        assert!(alike > 0.97, "{file}: {alike}");
        let brighter = brightness(&spoken.samples) - brightness(&committed);
        assert!(brighter.abs() < 1.5, "{file}: {brighter} dB");
    }
}

#[test]
fn sentences_are_the_same_each_time_and_follow_the_voice_and_the_rate() {
    let Some(kokoro) = kokoro() else { return };
    let sentence = "Next: air squat, keep your heels on the floor.";
    let started = Instant::now();
    let spoken = kokoro.speak(&text(sentence, "en", None), &|| false).unwrap();
    eprintln!("{:.2} s for {:.2} s of speech", started.elapsed().as_secs_f64(), spoken.samples.len() as f64 / 24e3);
    assert_eq!(kokoro.speak(&text(sentence, "en", None), &|| false).unwrap(), spoken);
    assert_ne!(kokoro.speak(&text(sentence, "en", Some("am_adam")), &|| false).unwrap(), spoken);
    let fast = SpeechText { rate: Rational::new(3, 2), ..text(sentence, "en", None) };
    let fast = kokoro.speak(&fast, &|| false).unwrap().samples.len() as f64 / spoken.samples.len() as f64;
    assert!((0.55..0.85).contains(&fast), "{fast}");
    let secs = spoken.samples.len() as f64 / 24e3;
    assert!((1.5..5.0).contains(&secs), "{secs}");
    // Faded at both ends, not cut.
    let peak = |part: &[f32]| part.iter().fold(0_f32, |peak, value| peak.max(value.abs()));
    let (first, last) = (spoken.samples[0], spoken.samples[spoken.samples.len() - 1]);
    assert!(first.abs() < 1e-3 && last.abs() < 1e-3, "{first}, {last}");
    assert!(peak(&spoken.samples) > 0.05 && peak(&spoken.samples) < 1.0);
}

#[test]
fn long_texts_are_spoken_in_pieces_and_a_call_that_is_over_ends() {
    let Some(kokoro) = kokoro() else { return };
    let long = "Step back, bend both knees, and come up again with a straight back. ".repeat(14);
    let started = Instant::now();
    let is_over = || started.elapsed() > Duration::from_millis(1_500);
    assert_eq!(kokoro.speak(&text(&long, "en", None), &is_over), Err(SpeechError::Interrupted));
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    // It speaks on after that.
    assert!(kokoro.speak(&text("Go!", "en", None), &|| false).is_ok());
    assert!(kokoro.speak(&text("!?", "en", None), &|| false).is_err());
    assert_eq!(kokoro.speak(&text("Los!", "de", None), &|| false), Err(SpeechError::Language("de".to_owned())));
}

#[test]
fn folders_that_lack_a_file_say_which_and_damaged_ones_do_not_speak() {
    let folder = tempfile::tempdir().unwrap();
    let error = || Kokoro::open(folder.path()).err().unwrap().to_string();
    assert!(error().contains(LIBRARY), "{}", error());
    fs::write(folder.path().join(LIBRARY), "no library").unwrap();
    assert!(error().contains(MODEL), "{}", error());
    fs::write(folder.path().join(MODEL), "no model").unwrap();
    fs::create_dir(folder.path().join(VOICES)).unwrap();
    assert!(error().contains("there is no voice"), "{}", error());
    fs::write(folder.path().join(VOICES).join("af_heart.bin"), vec![0; 510 * 256 * 4]).unwrap();
    fs::write(folder.path().join(VOCABULARY), r#"{"vocab": {"ab": 3}}"#).unwrap();
    assert!(error().contains(VOCABULARY), "{}", error());
    fs::write(folder.path().join(VOCABULARY), r#"{"vocab": {"a": 43, ".": 4, "ɡ": 92, "O": 31}}"#).unwrap();
    let kokoro = Kokoro::open(folder.path()).unwrap();
    let error = kokoro.speak(&text("Go", "en", None), &|| false);
    assert!(matches!(error, Err(SpeechError::Missing(_))), "{error:?}");
}
