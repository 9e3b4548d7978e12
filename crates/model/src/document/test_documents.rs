//! Arbitrary valid documents for property tests: every field, default and other values.

use proptest::prelude::*;

use super::clip_look_tests::{chroma_key, clip_look, framed};
use super::test_audio::{clip_audio, composition_audio, sound_content, workout_audio, workout_clip_audio};
use super::*;
use crate::audio::{AudioRole, PitchMode, Wave};
use crate::clip::AlphaMode;
use crate::color::Color;
use crate::geometry::{Anchor, Fit};
use crate::time::{FrameRate, Rational};
use crate::validation::choice::Choice;

/// A decimal of at most six digits after the point, from `least` to `most` millionths; often a short one.
pub(super) fn decimal(least: i128, most: i128) -> impl Strategy<Value = Rational> {
    let millionths = prop_oneof![
        least..=most,
        (least / 1_000_000..=most / 1_000_000).prop_map(|whole| whole * 1_000_000),
        (least / 100_000..=most / 100_000).prop_map(|tenths| tenths * 100_000),
    ];
    millionths.prop_map(move |millionths| Rational::new(millionths.clamp(least, most), 1_000_000))
}

/// A decimal, or a fraction that most often has no finite decimal expansion.
pub(super) fn number(least: i128, most: i128) -> impl Strategy<Value = Rational> {
    let fraction = (1_i128..=1_001_000, 1_i128..=10_000)
        .prop_map(|(denominator, numerator)| Rational::new(numerator, denominator));
    let (lower, upper) = (Rational::new(least, 1_000_000), Rational::new(most, 1_000_000));
    prop_oneof![3 => decimal(least, most), 1 => fraction.prop_map(move |value| value.clamp(lower, upper))]
}

pub(super) fn seconds() -> impl Strategy<Value = Rational> {
    prop_oneof![Just(Rational::from_integer(0)), number(0, 43_200_000_000)]
}

fn duration() -> impl Strategy<Value = Rational> {
    number(1, 43_200_000_000)
}

pub(super) fn speed() -> impl Strategy<Value = Rational> {
    prop_oneof![Just(Rational::from_integer(1)), number(100_000, 16_000_000)]
}

fn coordinate() -> impl Strategy<Value = Rational> {
    decimal(-100_000_000_000, 100_000_000_000)
}

fn extent() -> impl Strategy<Value = Rational> {
    decimal(1, 100_000_000_000)
}

fn rect() -> impl Strategy<Value = [Rational; 4]> {
    (coordinate(), coordinate(), extent(), extent()).prop_map(|(x, y, width, height)| [x, y, width, height])
}

fn color() -> impl Strategy<Value = Color> {
    let alpha = prop_oneof![Just(255), any::<u8>()];
    let any = (any::<[u8; 3]>(), alpha)
        .prop_map(|([red, green, blue], alpha)| Color::rgb(red, green, blue).with_alpha(alpha));
    let defaults = vec![Color::BLACK, Color::WHITE, defaults::PROGRESS_COLOR, defaults::PROGRESS_TRACK];
    prop_oneof![any, prop::sample::select(defaults)]
}

/// A value of an enumeration.
pub(super) fn choice<T: Choice + std::fmt::Debug>() -> impl Strategy<Value = T> {
    prop::sample::select(T::NAMES.iter().map(|(_, value)| *value).collect::<Vec<T>>())
}

pub(super) fn path() -> impl Strategy<Value = String> {
    let any = "[^\\x00]{1,40}".prop_filter("a path is not a URL", |path| !path.contains("://"));
    prop_oneof!["(\\./|\\.\\./)?[a-z ]{1,8}(/[a-zé]{1,8}){0,2}\\.(mov|png)", any]
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[^\\p{Cc}]{0,80}", "[\"\\\\/ 'a]{1,8}"]
}

fn lines() -> impl Strategy<Value = String> {
    prop_oneof!["[^\\p{Cc}]{0,80}", "([^\\p{Cc}]|\n){0,40}"]
}

prop_compose! {
    fn exercise()(
        id in "[A-Za-z0-9_-]{1,20}", duration in prop::option::of(duration()), speed in speed(), rest in seconds(),
        say in prop::option::of("[^\\p{Cc}]{1,40}"), audio in workout_clip_audio(), look in clip_look(),
    ) -> WorkoutExercise {
        WorkoutExercise { id, duration, speed, rest, group: None, say, audio, look }
    }
}

prop_compose! {
    fn group()(
        title in line(), rounds in 1_u32..=30, rest_between_rounds in seconds(), every in prop::option::of(duration()),
        duration in prop::option::of(duration()), rest in seconds(),
    ) -> Group {
        let rounds = if duration.is_some() { 1 } else { rounds };
        Group { id: String::new(), title, rounds, rest_between_rounds, every, duration, rest }
    }
}

/// Puts runs of the exercises into groups: each group has the number of exercises that is drawn with it, and leaves out some
/// before it.
fn grouped(exercises: &mut [WorkoutExercise], drawn: Vec<(usize, usize, Group)>) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut start = 0;
    for (left_out, count, group) in drawn {
        start += left_out;
        let Some(members) = exercises.get_mut(start..start + count) else { break };
        let id = format!("group-{start}");
        members.iter_mut().for_each(|exercise| exercise.group = Some(id.clone()));
        groups.push(Group { id, ..group });
        start += count;
    }
    groups
}

fn background() -> impl Strategy<Value = Background> {
    prop_oneof![
        color().prop_map(Background::Color),
        path().prop_map(Background::Image),
        path().prop_map(Background::Video),
    ]
}

prop_compose! {
    fn theme()(
        preset in choice(), colors in any::<[bool; 6]>(), color in color(), timer in prop::option::of(choice()),
        corner_radius in prop::option::of((0_i128..=200).prop_map(Rational::from_integer)),
        logo in prop::option::of(path()), font in prop::option::of(path()),
    ) -> WorkoutTheme {
        let [accent, rest, warning, text, secondary_text, panel] = colors.map(|given| given.then_some(color));
        WorkoutTheme { preset, accent, rest, warning, text, secondary_text, panel, corner_radius, timer, logo, font }
    }
}

/// Seconds of the screens before and after the exercises.
fn screens() -> impl Strategy<Value = [Option<Rational>; 3]> {
    prop::array::uniform3(prop::option::of((0_i128..=6000).prop_map(|tenths| Rational::new(tenths, 10))))
}

fn workout() -> impl Strategy<Value = Workout> {
    let groups = prop::collection::vec((0_usize..2, 1_usize..4, group()), 0..3);
    let schedule = (line(), choice(), 1_u32..=100, seconds(), prop::collection::vec(exercise(), 1..10), groups);
    let overlays = (any::<[bool; 5]>(), choice(), choice(), choice());
    let rate = prop::sample::select(vec![24, 25, 30, 50, 60]).prop_map(|rate| FrameRate::new(rate, 1).unwrap());
    let sound = prop::option::of(workout_audio());
    let theme = prop_oneof![Just(WorkoutTheme::default()), theme()];
    let look = (theme, prop::option::of(background()), screens());
    (schedule, overlays, rate, look, sound).prop_map(|(schedule, overlays, fps, look, audio)| {
        let (theme, background, [intro, get_ready, outro]) = look;
        let (title, intensity, rounds, rest_between_rounds, mut exercises, groups) = schedule;
        let groups = grouped(&mut exercises, groups);
        // At most 1000 exercises are played.
        let rounds = if groups.is_empty() { rounds } else { rounds.min(3) };
        if audio.is_none() {
            for exercise in &mut exercises {
                (exercise.say, exercise.audio) = (None, WorkoutClipAudio::default());
            }
        }
        let (shown, language, format, resolution) = overlays;
        let [show_timer, show_progress_bar, show_exercise_name, show_description, show_next_up] = shown;
        Workout {
            title,
            intensity,
            rounds,
            rest_between_rounds,
            exercises,
            groups,
            show_timer,
            show_progress_bar,
            show_exercise_name,
            show_description,
            show_next_up,
            language,
            format,
            resolution,
            fps,
            intro,
            get_ready,
            outro,
            theme,
            background,
            sequence: None,
            audio,
        }
    })
}

fn canvas() -> impl Strategy<Value = Canvas> {
    let rates = vec![(30, 1), (30000, 1001), (25, 1), (2997, 100), (7, 3), (1, 1), (240, 1)];
    let rate = prop::sample::select(rates).prop_map(|(n, d)| FrameRate::new(n, d).unwrap());
    (8_u32..=3840, 8_u32..=3840, rate, color()).prop_map(|(width, height, fps, background)| Canvas {
        width: width * 2,
        height: height * 2,
        fps,
        background,
    })
}

fn text_style() -> impl Strategy<Value = LayerTextStyle> {
    let size = prop_oneof![Just(defaults::FONT_SIZE), decimal(4_000_000, 2_000_000_000)];
    let weight = prop_oneof![Just(defaults::FONT_WEIGHT), 100_u16..=900];
    let position = prop_oneof![Just(defaults::TEXT_POSITION), [coordinate(), coordinate()]];
    let options = (prop::option::of(color()), prop::option::of(color()), prop::option::of(extent()));
    (size, weight, color(), position, choice(), options).prop_map(|(size, weight, color, position, anchor, options)| {
        let (box_color, outline, max_width) = options;
        LayerTextStyle { size, weight, color, position, anchor, box_color, outline, max_width }
    })
}

pub(super) fn trim() -> impl Strategy<Value = Trim> {
    let part = (number(0, 20_000_000_000), prop::option::of(number(1, 20_000_000_000)))
        .prop_map(|(start, length)| Trim { start, end: length.map(|length| on_grid(start + length)) })
        .prop_filter("ends after its start", |trim| trim.end.is_none_or(|end| end > trim.start));
    prop_oneof![Just(defaults::TRIM), part]
}

/// A sum of two fractions may have a denominator that documents cannot write.
fn on_grid(value: Rational) -> Rational {
    (value * 1_000_000).round() / 1_000_000
}

fn content() -> impl Strategy<Value = LayerContent> {
    let image = (path(), prop::option::of(rect()), choice::<Fit>(), framed()).prop_map(
        |(src, rect, fit, (crop, focus, radius))| {
            LayerContent::Image(ImageLayer { src, rect, fit, crop, focus, radius })
        },
    );
    let clip = (
        path(),
        prop::option::of(rect()),
        choice::<Fit>(),
        framed(),
        (choice::<AlphaMode>(), prop::option::of(chroma_key())),
        trim(),
        speed(),
        any::<bool>(),
        clip_audio(),
    )
        .prop_map(|(src, rect, fit, (crop, focus, radius), (alpha, chroma_key), trim, speed, looping, audio)| {
            LayerContent::Clip(ClipLayer {
                src,
                rect,
                fit,
                crop,
                focus,
                radius,
                alpha,
                chroma_key,
                trim,
                speed,
                looping,
                audio,
            })
        });
    let text = (lines(), text_style()).prop_map(|(text, mut style)| {
        let most = (rules::MAX_LETTER_PIXELS / text.chars().count().max(1) as u64).isqrt();
        style.size = style.size.min(Rational::from_integer(i128::from(most)));
        LayerContent::Text(TextLayer { text, style })
    });
    let timer = (choice(), choice(), text_style())
        .prop_map(|(mode, format, style)| LayerContent::Timer(TimerLayer { mode, format, style }));
    let radius = decimal(0, 100_000_000_000);
    let progress = (rect(), color(), color(), radius)
        .prop_map(|(rect, color, track, radius)| LayerContent::Progress(ProgressLayer { rect, color, track, radius }));
    prop_oneof![image, clip, text, timer, progress, sound_content(), subtitles()]
}

fn subtitles() -> impl Strategy<Value = LayerContent> {
    let cue = (number(0, 20_000_000_000), number(1, 20_000_000_000), "([^\\p{Cc}]|\n){1,40}")
        .prop_map(|(start, length, text)| SubtitleCue { start, end: on_grid(start + length), text })
        .prop_filter("ends after its start", |cue| cue.end > cue.start);
    let source = prop_oneof![
        path().prop_map(|src| (Some(src), None)),
        prop::collection::vec(cue, 0..4).prop_map(|cues| (None, Some(cues))),
    ];
    let style = (
        prop::option::of(decimal(4_000_000, 2_000_000_000)),
        prop::option::of([coordinate(), coordinate()]),
        (prop_oneof![Just(defaults::SUBTITLES_ANCHOR), choice()], color(), color()),
        (prop::option::of(color()), prop::option::of(extent())),
    );
    let style = style.prop_map(|(size, position, (anchor, color, box_color), (outline, max_width))| SubtitlesStyle {
        size,
        weight: 500,
        color,
        position,
        anchor,
        box_color,
        outline,
        max_width,
    });
    let language = prop_oneof![Just("en".to_owned()), "[a-z]{2}-[A-Z]{2}"];
    (source, language, any::<bool>(), style).prop_map(|((src, cues), language, burn, style)| {
        LayerContent::Subtitles(SubtitlesLayer { src, cues, language, burn, style })
    })
}

/// A layer of a composition that ends at `end`.
fn layer(end: Rational) -> impl Strategy<Value = Layer> {
    let start = prop_oneof![
        Just(Rational::from_integer(0)),
        seconds().prop_map(move |start| if start < end { start } else { Rational::from_integer(0) }),
    ];
    let opacity = prop_oneof![Just(Rational::from_integer(1)), decimal(0, 1_000_000)];
    (start, prop::option::of(duration()), opacity, seconds(), seconds(), content()).prop_map(
        |(start, duration, opacity, fade_in, fade_out, content)| {
            let is_sound = matches!(content, LayerContent::Audio(_) | LayerContent::Tone(_) | LayerContent::Speech(_));
            let opacity = if is_sound { defaults::OPACITY } else { opacity };
            Layer { start, duration, opacity, fade_in, fade_out, content }
        },
    )
}

fn composition() -> impl Strategy<Value = Composition> {
    (canvas(), duration(), composition_audio()).prop_flat_map(|(canvas, duration, audio)| {
        prop::collection::vec(layer(duration), 1..8).prop_map(move |layers| Composition {
            canvas: canvas.clone(),
            duration,
            audio: audio.clone(),
            layers,
        })
    })
}

/// Any valid document.
pub(super) fn document() -> impl Strategy<Value = Document> {
    prop_oneof![workout().prop_map(Document::Workout), composition().prop_map(Document::Composition)]
}

/// The writer has no text for a value without a name.
#[test]
fn every_value_of_every_enumeration_has_a_name() {
    use crate::validation::choice::name_of;
    let anchors = [Anchor::TopLeft, Anchor::Top, Anchor::TopRight, Anchor::Left, Anchor::Center, Anchor::Right];
    let more_anchors = [Anchor::BottomLeft, Anchor::Bottom, Anchor::BottomRight];
    let names = [
        anchors.into_iter().chain(more_anchors).map(name_of).collect::<Vec<_>>(),
        [Fit::Contain, Fit::Cover, Fit::Fill, Fit::None].map(name_of).to_vec(),
        [AlphaMode::Straight, AlphaMode::Premultiplied].map(name_of).to_vec(),
        [Intensity::Easy, Intensity::Medium, Intensity::Intense].map(name_of).to_vec(),
        [Language::En, Language::Fr].map(name_of).to_vec(),
        [ClipLayout::Figure, ClipLayout::Full].map(name_of).to_vec(),
        [Format::Landscape, Format::Portrait, Format::Square].map(name_of).to_vec(),
        [Resolution::P720, Resolution::P1080, Resolution::P1440, Resolution::P2160].map(name_of).to_vec(),
        [TimerMode::Elapsed, TimerMode::Countdown, TimerMode::Clock].map(name_of).to_vec(),
        [AudioRole::Music, AudioRole::Voice, AudioRole::Effect].map(name_of).to_vec(),
        [PitchMode::Keep, PitchMode::Follow].map(name_of).to_vec(),
        [Wave::Sine, Wave::Triangle, Wave::Square].map(name_of).to_vec(),
        [CueStyle::Beeps, CueStyle::Voice, CueStyle::Both, CueStyle::Off].map(name_of).to_vec(),
        defaults::announcements().into_iter().map(name_of).collect(),
        [TimerFormat::Seconds, TimerFormat::MinutesSeconds, TimerFormat::HoursMinutesSeconds, TimerFormat::Tenths]
            .map(name_of)
            .to_vec(),
    ];
    assert!(names.iter().flatten().all(|name| !name.is_empty()), "{names:?}");
}
