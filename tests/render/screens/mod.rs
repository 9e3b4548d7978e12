//! Every screen of a workout in three formats, two languages and two themes: compared with accepted sheets, and measured.
//! Texts and figures have enough contrast, and nothing covers a text.
//!
//! ```text
//! tests/screens/FORMAT_LANGUAGE_THEME.png   the screens of one workout, at a third of their size
//! target/screens/                           sheets that differ
//! ```
//!
//! `REPCAST_ACCEPT=1 cargo test --release --test render screens` writes the sheets; look at each before you commit it.

mod drawing;
mod measure;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::imageops::{FilterType, replace, resize};
use image::{DynamicImage, RgbImage};
use repcast_compositor::Gpu;
use repcast_engine::open::OpenDocument;
use repcast_model::document;
use repcast_model::session::SessionFrame;
use repcast_storage::load_catalogue;
use serde_json::json;

use self::drawing::Drawing;
use self::measure::{figure_contrast, hidden_share, text_contrast};
use crate::pictures::{compare, load, opaque, save};

/// Least contrast of texts and of figures (WCAG 2.1, 1.4.3 and 1.4.11).
const TEXT_CONTRAST: f64 = 4.5;
const FIGURE_CONTRAST: f64 = 3.0;

/// Most of a text's pixels that may be covered: rounding at the edges of letters.
const MOST_HIDDEN: f64 = 0.01;

/// Levels by which a channel may differ from the accepted sheet, and the share of pixels that may differ more.
const TOLERANCE: u8 = 6;
const OUTLIERS: f64 = 0.001;

/// The screens, each with its time in tenths of a second, whether it is paused, and its message.
const SCREENS: [(&str, u64, bool, Option<&str>); 8] = [
    ("title", 10, false, None),
    ("get ready", 35, false, None),
    ("exercise", 90, false, None),
    ("last seconds", 143, false, None),
    ("rest", 170, false, None),
    ("message", 100, false, Some("Breathe out on the way up")),
    ("paused", 145, true, Some("Two minutes for water, then we go on with the second half of the class")),
    ("end", 325, false, None),
];

const FORMATS: [&str; 3] = ["16:9", "9:16", "1:1"];
const LANGUAGES: [&str; 2] = ["en", "fr"];
const THEMES: [&str; 2] = ["midnight", "daylight"];

/// Concurrent workouts: as many as small test machines have cores.
const THREADS: usize = 2;

/// A workout with every screen: title 0 to 2 s, get ready to 7, exercise to 16, rest to 21, exercise to 32, end to 34.
fn open(format: &str, language: &str, theme: &str) -> OpenDocument {
    let document = json!({
        "title": "Morning strength", "language": language, "format": format, "theme": theme, "resolution": "720p",
        "intro": 2, "get_ready": 5, "outro": 2, "show_description": true,
        "exercises": [{"id": "jumping_jacks", "duration": 9, "rest": 5}, {"id": "pushups", "duration": 11}],
    });
    let parsed = document::parse(document.to_string().as_bytes()).unwrap();
    let catalogue = load_catalogue(&root().join("assets/catalogue")).unwrap();
    OpenDocument::open(&parsed, Path::new(""), &catalogue).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The faults of all screens of a workout, and the sheet of these.
fn check(gpu: &Arc<Gpu>, format: &str, language: &str, theme: &str) -> (Vec<String>, RgbImage) {
    let project = open(format, language, theme);
    let mut drawing = Drawing::new(gpu, &project);
    let mut faults = Vec::new();
    let mut pictures = Vec::new();
    for (name, tenths, is_paused, message) in SCREENS {
        let frame = tenths * u64::from(project.timeline.rate.ceil()) / 10;
        let message = message.map(Into::into);
        let shown = SessionFrame { frame, is_paused, is_waiting: false, starts_in_secs: None, message };
        let layers = drawing.plan(&shown);
        let picture = drawing.draw(&layers);
        let mut fault = |what: String| faults.push(format!("{format} {language} {theme}, {name}: {what}"));
        for (index, text) in drawing::texts(&layers) {
            let contrast = text_contrast(&picture, &drawing.draw(&without(&layers, index)));
            if contrast.is_none_or(|contrast| contrast < TEXT_CONTRAST) {
                fault(format!("\"{text}\" has a contrast of {contrast:?}"));
            }
            let alone = (drawing.draw(&layers[..=index]), drawing.draw(&layers[..index]));
            let hidden = hidden_share(&alone, (&picture, &drawing.draw(&without(&layers, index))));
            if hidden > MOST_HIDDEN {
                fault(format!("{:.1} % of \"{text}\" are covered", hidden * 100.0));
            }
        }
        for index in drawing::figures(&layers) {
            let contrast = figure_contrast(&drawing.draw(&layers[..=index]), &drawing.draw(&layers[..index]));
            if contrast < FIGURE_CONTRAST {
                fault(format!("the figure has a contrast of {contrast:.2}"));
            }
        }
        pictures.push(picture);
    }
    (faults, sheet(&pictures))
}

fn without<T: Clone>(layers: &[T], index: usize) -> Vec<T> {
    [&layers[..index], &layers[index + 1..]].concat()
}

/// The pictures at a third of their size, four in a row.
fn sheet(pictures: &[image::RgbaImage]) -> RgbImage {
    let (width, height) = pictures[0].dimensions();
    let (width, height) = (width / 3, height / 3);
    let mut sheet = RgbImage::new(width * 4, height * (pictures.len() as u32).div_ceil(4));
    for (picture, index) in pictures.iter().zip(0_u32..) {
        let small = resize(&opaque(picture), width, height, FilterType::Triangle);
        replace(&mut sheet, &small, i64::from(index % 4 * width), i64::from(index / 4 * height));
    }
    sheet
}

fn compare_sheet(sheet: &RgbImage, name: &str, is_accepting: bool) -> Option<String> {
    let expected = root().join("tests/screens").join(name);
    if is_accepting {
        save(sheet, &expected);
        return None;
    }
    let differs = |reason: String| {
        let report = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screens");
        std::fs::create_dir_all(&report).unwrap();
        save(sheet, &report.join(name));
        Some(format!("{name}: {reason}; see {}", report.display()))
    };
    let expected = match load(&expected) {
        Ok(expected) => expected,
        Err(error) => return differs(error),
    };
    let actual = DynamicImage::ImageRgb8(sheet.clone()).into_rgba8();
    match compare(&actual, &expected, TOLERANCE) {
        Err(error) => differs(error),
        Ok(found) if found.outliers > OUTLIERS => differs(format!("{:.2} % differ", found.outliers * 100.0)),
        Ok(_) => None,
    }
}

#[test]
fn every_screen_is_legible_and_as_accepted() {
    let is_accepting = std::env::var_os("REPCAST_ACCEPT").is_some_and(|value| value == "1");
    let gpu = Gpu::open(None).unwrap();
    let cases: Vec<[&str; 3]> = FORMATS
        .into_iter()
        .flat_map(|format| LANGUAGES.map(|language| THEMES.map(|theme| [format, language, theme])).concat())
        .collect();
    let next = AtomicUsize::new(0);
    let work = || -> Vec<String> {
        let ours = std::iter::from_fn(|| cases.get(next.fetch_add(1, Ordering::Relaxed)));
        ours.flat_map(|[format, language, theme]| {
            let (mut faults, sheet) = check(&gpu, format, language, theme);
            let name = format!("{}_{language}_{theme}.png", format.replace(':', "x"));
            faults.extend(compare_sheet(&sheet, &name, is_accepting));
            faults
        })
        .collect()
    };
    let mut faults: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    faults.sort();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
