//! Draws the exercise clips of the demo catalogue: an animated figure on a transparent background.
//!
//! `cargo run --release --package figures -- --out assets/catalogue`

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clip::ExerciseClip;
use encoder::Format;
use exercises::Exercise;
use look::Look;
use raster::Canvas;

mod clip;
mod drawing;
mod encoder;
mod exercises;
mod front;
mod front_motion;
mod geometry;
mod limbs;
mod look;
mod motion;
mod palette;
mod props;
mod raster;
mod sheet;
mod side;
mod side_motion;
mod skeleton;
#[cfg(test)]
mod tests;
mod track;
mod tube;

const USAGE: &str = "\
Draws the exercise clips of the demo catalogue.

Usage: figures [--out DIR] [--png DIR] [--sheet FILE] [--only ID]... [--palette NAME] [--canvas WxH]

  --out DIR      Write each clip to DIR/<id>/ with straight alpha, as QuickTime Animation or lossless WebP (needs ffmpeg)
  --png DIR      Write every frame to DIR as a PNG
  --sheet FILE   Write a contact sheet, a PNG with eight phases of each loop in a row
  --only ID      Draw this exercise; may be given more than once (default: all of them)
  --palette NAME Skin, hair and clothes: ocean, coral or amber (default: each exercise has its own)
  --canvas WxH   Size of the frames in pixels, 64x64 to 8192x8192 (default: 1440x1440, of WebP clips 864x864)
  --help         Show this text";

/// The options of the command line.
struct Options {
    out: Option<PathBuf>,
    png: Option<PathBuf>,
    sheet: Option<PathBuf>,
    only: Vec<String>,
    look: Option<Look>,
    canvas: Option<Canvas>,
}

/// A valid command line.
enum Request {
    Help,
    Draw(Options),
}

fn main() -> ExitCode {
    let options = match parse(env::args().skip(1)) {
        Ok(Request::Draw(options)) => options,
        Ok(Request::Help) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("figures: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let is_selected = |exercise: &&Exercise| options.only.is_empty() || options.only.iter().any(|id| id == exercise.id);
    let selected: Vec<&Exercise> = exercises::ALL.iter().filter(is_selected).collect();
    for exercise in &selected {
        if let Err(error) = draw(exercise, &options) {
            eprintln!("figures: {}: {error}", exercise.id);
            return ExitCode::FAILURE;
        }
    }
    if let Some(file) = &options.sheet
        && let Err(error) = draw_sheet(&selected, &options, file)
    {
        eprintln!("figures: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The exercise in its clothes.
fn look_of(exercise: &Exercise, options: &Options) -> Look {
    options.look.unwrap_or_else(exercise.palette.look)
}

/// Draws a contact sheet of some exercises.
fn draw_sheet(exercises: &[&Exercise], options: &Options, file: &Path) -> Result<(), Box<dyn Error>> {
    let clips =
        exercises.iter().map(|exercise| ExerciseClip::new(exercise, &look_of(exercise, options), sheet::CANVAS));
    sheet::save(&clips.collect::<Result<Vec<_>, _>>()?, file)
}

/// Draws one exercise to all requested outputs.
fn draw(exercise: &Exercise, options: &Options) -> Result<(), Box<dyn Error>> {
    let canvas = options.canvas.unwrap_or_else(|| Format::of(Path::new(exercise.file)).canvas());
    let animation = ExerciseClip::new(exercise, &look_of(exercise, options), canvas)?;
    if let Some(folder) = &options.png {
        animation.save_pngs(folder, exercise.id)?;
    }
    if let Some(folder) = &options.out {
        let clip = folder.join(exercise.id).join(exercise.file);
        animation.encode(&clip)?;
        println!("{}: {} frames", clip.display(), animation.len());
    }
    Ok(())
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Request, String> {
    let mut options = Options { out: None, png: None, sheet: None, only: Vec::new(), look: None, canvas: None };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--out" => options.out = Some(value()?.into()),
            "--png" => options.png = Some(value()?.into()),
            "--sheet" => options.sheet = Some(value()?.into()),
            "--only" => options.only.push(known(value()?)?),
            "--palette" => options.look = Some(look_named(&value()?)?),
            "--canvas" => {
                let text = value()?;
                let canvas = Canvas::parse(&text);
                options.canvas = Some(canvas.ok_or_else(|| format!("{text} is not a canvas size such as 1440x1440"))?);
            }
            "--help" | "-h" => return Ok(Request::Help),
            _ => return Err(format!("unknown option {argument}")),
        }
    }
    if [&options.out, &options.png, &options.sheet].iter().all(|output| output.is_none()) {
        return Err("--out, --png or --sheet is required".to_string());
    }
    Ok(Request::Draw(options))
}

/// The id, if there is such an exercise.
fn known(id: String) -> Result<String, String> {
    if exercises::ALL.iter().any(|exercise| exercise.id == id) {
        return Ok(id);
    }
    let ids: Vec<&str> = exercises::ALL.iter().map(|exercise| exercise.id).collect();
    Err(format!("unknown exercise {id}; known are {}", ids.join(", ")))
}

/// The appearance in the palette of this name.
fn look_named(name: &str) -> Result<Look, String> {
    let found = look::PALETTES.iter().find(|palette| palette.name == name).map(|palette| (palette.look)());
    found.ok_or_else(|| {
        let names: Vec<&str> = look::PALETTES.iter().map(|palette| palette.name).collect();
        format!("unknown palette {name}; known are {}", names.join(", "))
    })
}
