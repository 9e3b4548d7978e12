//! Valid documents, and arbitrary input.

use proptest::prelude::*;

use super::*;
use crate::clip::AlphaMode;
use crate::color::Color;
use crate::geometry::{Anchor, Fit};
use crate::time::{FrameRate, Rational};
use crate::validation::BYTE_ORDER_MARK;

pub(super) const WORKOUT: &str = r##"{"title": "Morning", "intensity": "moyen", "rounds": 2, "rest_between_rounds": 20,
    "exercises": [{"id": "pushups", "duration": 30}, {"id": "air_squat", "duration": 45, "speed": 1.1, "rest": 10}],
    "show_timer": true, "show_progress_bar": true, "show_exercise_name": true, "show_description": false,
    "show_next_up": true, "language": "fr", "format": "16:9", "resolution": "1080p", "fps": 30,
    "background": {"color": "#101828"}}"##;

pub(super) const COMPOSITION: &str = r##"{
    "canvas": {"width": 1920, "height": 1080, "fps": "30000/1001", "background": "#101828"}, "duration": 12, "layers": [
    {"type": "image", "src": "gym.png", "rect": [-10.5, 0, 1920, 1080], "fit": "cover"},
    {"type": "clip", "src": "squat.mov", "start": 0, "duration": 10, "trim": {"in": 0.5, "out": 2.5}, "speed": 1.2,
     "loop": true, "alpha": "premultiplied", "rect": [0, 0, 1920, 1080], "fit": "contain", "opacity": 1.0,
     "fade_in": 0.3, "fade_out": 0.3},
    {"type": "text", "text": "Air squat", "size": 64, "weight": 700, "color": "#ffffff", "position": [60, 60],
     "anchor": "top", "box": "#00000080", "outline": "#000000", "max_width": 800, "start": 0, "duration": 10},
    {"type": "timer", "mode": "countdown", "format": "mm:ss.t", "position": [1860, 40], "anchor": "top-right",
     "size": 48},
    {"type": "progress", "rect": [20, 1040, 1880, 10], "color": "#22c55e", "track": "#ffffff40", "radius": 5,
     "start": 0, "duration": 12}]}"##;

fn whole(value: i128) -> Rational {
    Rational::from_integer(value)
}

#[test]
fn every_field_of_a_workout_is_read() {
    let Ok(Document::Workout(workout)) = parse(WORKOUT.as_bytes()) else { panic!("a workout is read") };
    assert_eq!((workout.title.as_str(), workout.rounds), ("Morning", 2));
    assert_eq!((workout.rest_between_rounds, workout.language), (whole(20), Language::Fr));
    assert_eq!(
        workout.exercises[1],
        WorkoutExercise {
            id: "air_squat".to_owned(),
            duration: Some(whole(45)),
            speed: Rational::new(11, 10),
            rest: whole(10),
            group: None,
            say: None,
            audio: WorkoutClipAudio::default(),
            look: ClipLook::default(),
        }
    );
}

#[test]
fn a_workout_needs_only_exercises() {
    let Ok(Document::Workout(workout)) = parse(br#"{"exercises": [{"id": "a"}]}"#) else { panic!("a workout is read") };
    let expected = Workout {
        title: String::new(),
        intensity: Intensity::Medium,
        rounds: 1,
        rest_between_rounds: whole(0),
        exercises: vec![WorkoutExercise {
            id: "a".to_owned(),
            duration: None,
            speed: whole(1),
            rest: whole(0),
            group: None,
            say: None,
            audio: WorkoutClipAudio::default(),
            look: ClipLook::default(),
        }],
        groups: Vec::new(),
        show_timer: true,
        show_progress_bar: true,
        show_exercise_name: true,
        show_description: false,
        show_next_up: true,
        language: Language::En,
        format: Format::Landscape,
        resolution: Resolution::P1080,
        fps: FrameRate::new(30, 1).unwrap(),
        intro: None,
        get_ready: None,
        outro: None,
        theme: WorkoutTheme::default(),
        sequence: None,
        background: None,
        audio: None,
    };
    assert_eq!(workout, expected);
}

#[test]
fn every_field_of_a_composition_is_read() {
    let Ok(Document::Composition(composition)) = parse(COMPOSITION.as_bytes()) else { panic!("a composition is read") };
    assert_eq!(composition.canvas.fps, FrameRate::new(30000, 1001).unwrap());
    let [image, clip, text, timer, progress] = composition.layers.try_into().unwrap();
    let LayerContent::Image(image) = image.content else { panic!("{image:?}") };
    assert_eq!((image.fit, image.rect.unwrap()[0]), (Fit::Cover, Rational::new(-21, 2)));
    assert_eq!((clip.duration, clip.fade_in), (Some(whole(10)), Rational::new(3, 10)));
    let LayerContent::Clip(clip) = clip.content else { panic!("{clip:?}") };
    assert_eq!(clip.trim, Trim { start: Rational::new(1, 2), end: Some(Rational::new(5, 2)) });
    assert_eq!((clip.speed, clip.looping, clip.alpha), (Rational::new(6, 5), true, AlphaMode::Premultiplied));
    let LayerContent::Text(text) = text.content else { panic!("{text:?}") };
    assert_eq!((text.style.weight, text.style.box_color), (700, Some(Color::rgb(0, 0, 0).with_alpha(128))));
    let LayerContent::Timer(timer) = timer.content else { panic!("{timer:?}") };
    assert_eq!(
        (timer.mode, timer.format, timer.style.anchor),
        (TimerMode::Countdown, TimerFormat::Tenths, Anchor::TopRight)
    );
    let LayerContent::Progress(progress) = progress.content else { panic!("{progress:?}") };
    assert_eq!(progress.radius, whole(5));
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert!(parse(&[BYTE_ORDER_MARK, WORKOUT.as_bytes()].concat()).is_ok());
}

#[test]
fn names_in_both_languages_mean_the_same() {
    for (name, intensity) in [("facile", Intensity::Easy), ("easy", Intensity::Easy), ("medium", Intensity::Medium)] {
        let Ok(Document::Workout(workout)) = parse(WORKOUT.replace("moyen", name).as_bytes()) else { panic!("{name}") };
        assert_eq!(workout.intensity, intensity);
    }
}

#[test]
fn computed_numbers_are_rounded() {
    let workout = |duration: &str| {
        let parsed = parse(WORKOUT.replace("\"duration\": 30", &format!("\"duration\": {duration}")).as_bytes());
        let Ok(Document::Workout(workout)) = parsed else { panic!("{duration}: {parsed:?}") };
        workout.exercises[0].duration.unwrap()
    };
    // 100 / 3, 0.1 + 0.2 and other results as programs print them.
    let cases = [
        ("33.333333333333336", (33_333_333, 1_000_000)),
        ("0.30000000000000004", (3, 10)),
        ("29.999999999999996", (30, 1)),
        ("1E2", (100, 1)),
        ("15e-7", (2, 1_000_000)),
        ("43199.9999999", (43_200, 1)),
    ];
    for (text, (numerator, denominator)) in cases {
        assert_eq!(workout(text), Rational::new(numerator, denominator), "{text}");
    }
    let computed = COMPOSITION.replace("\"30000/1001\"", "29.97002997002997").replace("-10.5", "-10.500000000000002");
    let Ok(Document::Composition(composition)) = parse(computed.as_bytes()) else { panic!("{computed}") };
    assert_eq!(composition.canvas.fps, FrameRate::new(2_997_003, 100_000).unwrap());
    let LayerContent::Image(image) = &composition.layers[0].content else { panic!("{:?}", composition.layers[0]) };
    assert_eq!(image.rect.unwrap()[0], Rational::new(-21, 2));
}

/// Any JSON value; field names include those of documents.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let name = prop::sample::select(vec![
        "exercises",
        "layers",
        "id",
        "duration",
        "rest",
        "rounds",
        "canvas",
        "width",
        "height",
        "type",
        "src",
        "rect",
        "text",
        "trim",
        "in",
        "out",
        "background",
        "color",
        "fps",
        "audio",
        "music",
        "cues",
        "gain",
        "",
        "é",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,8}".prop_map(Into::into),
        prop::sample::select(vec![
            "clip", "text", "timer", "progress", "image", "audio", "tone", "speech", "-inf", "1/2", "a"
        ])
        .prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_panics(value in any_json()) {
        let parsed = parse(value.to_string().as_bytes());
        prop_assert!(!matches!(&parsed, Err(faults) if faults.is_empty()));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn numbers_are_read_as_decimal_text(millionths in 1_i128..=43_200_000_000) {
        let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
        let document = format!(r#"{{"exercises": [{{"id": "a", "duration": {text}}}]}}"#);
        let Ok(Document::Workout(workout)) = parse(document.as_bytes()) else { panic!("{document}") };
        prop_assert_eq!(workout.exercises[0].duration, Some(Rational::new(millionths, 1_000_000)));
    }

    #[test]
    fn fractions_are_read_exactly(numerator in 1_i128..=1_000_000, denominator in 24_i128..=1_001_000) {
        let document = format!(r#"{{"exercises": [{{"id": "a", "duration": "{numerator}/{denominator}"}}]}}"#);
        let Ok(Document::Workout(workout)) = parse(document.as_bytes()) else { panic!("{document}") };
        prop_assert_eq!(workout.exercises[0].duration, Some(Rational::new(numerator, denominator)));
    }
}
