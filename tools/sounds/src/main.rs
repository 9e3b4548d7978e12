//! Synthesises the signals of workouts, and the music and the sound of clips of the demo. The spoken words are made by `voices.py`.
//!
//! `cargo run --release --package sounds -- --out assets`

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use signal::Stereo;

mod check;
mod clips;
mod codec;
mod cues;
mod effects;
mod envelope;
mod filter;
mod instruments;
mod loudness;
mod music;
mod noise;
mod oscillator;
mod signal;
#[cfg(test)]
mod voice_tests;

const USAGE: &str = "\
Synthesises the signals of workouts, and the music and the sound of clips of the demo.

Usage: sounds (--out DIR | --check DIR) [--wav DIR] [--only NAME]...

  --out DIR      Write sounds/cues/NAME.flac and demo/music/NAME.ogg below DIR, and put the sound of clips into those of
                 the catalogue there (needs ffmpeg)
  --check DIR    Compare the files below DIR with what would be written, and check their levels, ends and seams (needs ffmpeg)
  --wav DIR      Write every sound to DIR as WAV, for inspection (needs ffmpeg)
  --only NAME    This sound; may be given more than once (default: all of them)
  --help         Show this text";

/// The options of the command line.
#[derive(Default)]
struct Options {
    out: Option<PathBuf>,
    check: Option<PathBuf>,
    wav: Option<PathBuf>,
    only: Vec<String>,
}

/// A valid command line.
enum Request {
    Help,
    Run(Options),
}

/// A sound, and what it is checked for.
enum Item {
    Cue(cues::CueSound),
    Clip(clips::ClipSound),
    Song(Box<music::Song>),
}

impl Item {
    fn name(&self) -> &'static str {
        match self {
            Self::Cue(cue) => cue.name,
            Self::Clip(clip) => clip.name,
            Self::Song(song) => song.name,
        }
    }

    /// Its file below the folder of assets.
    fn path(&self, assets: &Path) -> PathBuf {
        match self {
            Self::Cue(cue) => assets.join("sounds/cues").join(cue.name).with_extension("flac"),
            Self::Clip(clip) => assets.join("catalogue").join(clip.file),
            Self::Song(song) => assets.join("demo/music").join(song.name).with_extension("ogg"),
        }
    }

    fn render(&self) -> Stereo {
        match self {
            Self::Cue(cue) => cue.render(),
            Self::Clip(clip) => clip.render(),
            Self::Song(song) => song.render(),
        }
    }

    /// Writes its file.
    fn write(&self, assets: &Path, sound: &Stereo) -> Result<(), codec::CodecError> {
        match self {
            Self::Cue(_) | Self::Song(_) => codec::write(&self.path(assets), sound),
            Self::Clip(_) => codec::add_to_clip(&self.path(assets), sound),
        }
    }

    /// What is wrong with its file.
    fn faults(&self, assets: &Path, sound: &Stereo) -> Result<Vec<String>, codec::CodecError> {
        match self {
            Self::Cue(cue) => check::cue_faults(cue, sound, &self.path(assets)),
            Self::Clip(_) => check::clip_faults(sound, &self.path(assets)),
            Self::Song(_) => check::song_faults(sound, &self.path(assets)),
        }
    }
}

/// All sounds.
fn items() -> Result<Vec<Item>, music::ScoreError> {
    let songs = music::songs()?.into_iter().map(|song| Item::Song(Box::new(song)));
    let clips = clips::CLIPS.into_iter().map(Item::Clip);
    Ok(cues::CUES.into_iter().map(Item::Cue).chain(clips).chain(songs).collect())
}

fn main() -> ExitCode {
    let options = match parse(env::args().skip(1)) {
        Ok(Request::Run(options)) => options,
        Ok(Request::Help) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("sounds: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("sounds: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes and checks; false if a file differs.
fn run(options: &Options) -> Result<bool, Box<dyn Error>> {
    let items = items()?;
    if let Some(unknown) = options.only.iter().find(|name| items.iter().all(|item| item.name() != name.as_str())) {
        let names: Vec<&str> = items.iter().map(Item::name).collect();
        return Err(format!("unknown sound {unknown}; known are {}", names.join(", ")).into());
    }
    let is_selected = |item: &&Item| options.only.is_empty() || options.only.iter().any(|name| name == item.name());
    let mut is_good = true;
    for item in items.iter().filter(is_selected) {
        let sound = item.render();
        if let Some(folder) = &options.wav {
            codec::write(&folder.join(item.name()).with_extension("wav"), &sound)?;
        }
        if let Some(assets) = &options.out {
            item.write(assets, &sound)?;
            println!("{}: {} samples", item.path(assets).display(), sound.len());
        }
        if let Some(assets) = &options.check {
            let faults = item.faults(assets, &sound)?;
            faults.iter().for_each(|fault| eprintln!("{}: {fault}", item.path(assets).display()));
            is_good &= faults.is_empty();
        }
    }
    Ok(is_good)
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Request, String> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--out" => options.out = Some(value()?.into()),
            "--check" => options.check = Some(value()?.into()),
            "--wav" => options.wav = Some(value()?.into()),
            "--only" => options.only.push(value()?),
            "--help" | "-h" => return Ok(Request::Help),
            _ => return Err(format!("unknown option {argument}")),
        }
    }
    if options.out.is_none() && options.check.is_none() && options.wav.is_none() {
        return Err("--out, --check or --wav is required".to_string());
    }
    Ok(Request::Run(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &str) -> Result<Request, String> {
        parse(arguments.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_command_line_needs_something_to_do() {
        assert!(matches!(parsed("--help"), Ok(Request::Help)));
        assert!(parsed("").is_err_and(|problem| problem.contains("--check")));
        assert!(parsed("--out").is_err_and(|problem| problem.contains("needs a value")));
        assert!(parsed("--out x --loud").is_err_and(|problem| problem.contains("--loud")));
        let Ok(Request::Run(options)) = parsed("--check assets --only calm --only end") else { panic!("refused") };
        assert_eq!((options.check, options.only), (Some("assets".into()), vec!["calm".into(), "end".into()]));
    }

    #[test]
    fn an_unknown_sound_is_an_error_that_names_the_known_ones() {
        let options = Options { only: vec!["gong".into()], ..Options::default() };
        assert!(run(&options).is_err_and(|error| error.to_string().contains("known are countdown")));
    }
}
