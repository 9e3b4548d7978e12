//! How clips are shown: reading, writing and the faults of its fields.

use proptest::prelude::*;

use super::test_documents::{choice, decimal, trim};
use super::*;
use crate::chroma_key::ChromaKey;
use crate::color::Color;
use crate::time::Rational;

pub(super) const LOOK_WORKOUT: &str = r##"{"exercises": [
    {"id": "a", "layout": "full", "fit": "cover", "trim": {"in": 1, "out": 2.5}, "crop": [0, 0.25, 1, 0.5],
     "focus": [0.5, 0.3], "corner_radius": 36,
     "chroma_key": {"color": "#00b140", "similarity": 0.3, "smoothness": 0.1, "spill": 1}},
    {"id": "b", "layout": "figure", "trim": {}, "chroma_key": {"color": "#0047bb"}}]}"##;

pub(super) const LOOK_COMPOSITION: &str = r##"{"canvas": {"width": 64, "height": 64}, "duration": 1, "layers": [
    {"type": "image", "src": "a.png", "crop": [0.1, 0.2, 0.3, 0.4], "focus": [0, 1], "radius": 8.5},
    {"type": "clip", "src": "a.mov", "crop": [0, 0, 0.5, 1], "focus": [0.25, 0.5], "radius": 4,
     "chroma_key": {"color": "#00b140", "similarity": 0.3, "smoothness": 0, "spill": 0}}]}"##;

type Framed = (Option<[Rational; 4]>, Option<[Rational; 2]>, Rational);

/// A part of a picture, a focus and a corner radius.
pub(super) fn framed() -> impl Strategy<Value = Framed> {
    let share = || decimal(0, 1_000_000);
    let corner = (1_i128..=1_000_000, 1_i128..=1_000_000, share(), share());
    let crop = corner.prop_map(|(width, height, x, y)| {
        let [width, height] = [width, height].map(|millionths| Rational::new(millionths, 1_000_000));
        let one = Rational::from_integer(1);
        [x.min(one - width), y.min(one - height), width, height]
    });
    let radius = prop_oneof![Just(Rational::from_integer(0)), decimal(0, 100_000_000_000)];
    (prop::option::of(crop), prop::option::of([share(), share()]), radius)
}

pub(super) fn chroma_key() -> impl Strategy<Value = ChromaKey> {
    let color = prop::sample::select(vec!["#00b140", "#0047bb", "#ff00ff"]);
    let share = |usual| prop_oneof![Just(usual), decimal(0, 1_000_000)];
    let shares = (share(defaults::KEY_SIMILARITY), share(defaults::KEY_SMOOTHNESS), share(defaults::KEY_SPILL));
    (color, shares).prop_map(|(color, (similarity, smoothness, spill))| {
        let color = color.parse().unwrap_or(Color::BLACK);
        ChromaKey { color, similarity, smoothness, spill }
    })
}

pub(super) fn clip_look() -> impl Strategy<Value = ClipLook> {
    let given = (prop::option::of(choice()), prop::option::of(choice()), prop::option::of(trim()));
    (given, framed(), any::<bool>(), prop::option::of(chroma_key())).prop_map(
        |((layout, fit, trim), (crop, focus, radius), has_radius, chroma_key)| {
            let corner_radius = has_radius.then_some(radius);
            ClipLook { layout, fit, trim, crop, focus, corner_radius, chroma_key }
        },
    )
}

#[test]
fn what_a_workout_says_wins_over_what_the_catalogue_says() {
    let Ok(Document::Workout(workout)) = parse(LOOK_WORKOUT.as_bytes()) else { panic!("a workout") };
    let [full, figure] = [&workout.exercises[0].look, &workout.exercises[1].look];
    let both = figure.or(full);
    assert_eq!((both.layout, both.fit, both.trim.clone()), (Some(ClipLayout::Figure), full.fit, Some(defaults::TRIM)));
    assert_eq!((both.crop, both.focus, both.chroma_key), (full.crop, full.focus, figure.chroma_key));
    assert_eq!(ClipLook::default().or(full), *full);
}

#[test]
fn faults_of_looks_name_their_field() {
    for (from, to, place, message) in [
        ("[0, 0.25, 1, 0.5]", "[0.5, 0.25, 0.6, 0.5]", "exercises[0].crop", "must be inside the picture"),
        ("[0, 0.25, 1, 0.5]", "[0, 0, 0, 1]", "exercises[0].crop[2]", "must be above 0"),
        ("[0.5, 0.3]", "[0.5, 1.1]", "exercises[0].focus[1]", "must be at most 1"),
        ("\"out\": 2.5", "\"out\": 1", "exercises[0].trim.out", "must be above `in`"),
        ("\"full\"", "\"half\"", "exercises[0].layout", "must be one of figure, full"),
        ("#00b140", "#808080", "exercises[0].chroma_key.color", "must be an opaque color with a hue"),
        ("#00b140", "#00b14080", "exercises[0].chroma_key.color", "must be an opaque color with a hue"),
        ("\"spill\": 1", "\"spil\": 1", "exercises[0].chroma_key.spil", "unknown field; did you mean spill?"),
        ("\"color\": \"#0047bb\"", "", "exercises[1].chroma_key.color", "is missing"),
    ] {
        assert!(LOOK_WORKOUT.contains(from), "{from}");
        let faults = parse(LOOK_WORKOUT.replacen(from, to, 1).as_bytes()).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].place == place && faults[0].message.starts_with(message), "{to}: {faults:?}");
    }
}
