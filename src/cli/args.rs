//! The command line as it is written; `run` gives it meaning.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::encode::{MAX_CRF, PRESETS};

/// Turns workouts and compositions of transparent clips into video.
#[derive(Debug, Parser)]
#[command(name = "repcast", version, about, max_term_width = 110)]
pub(super) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
    /// How to log.
    #[command(flatten)]
    pub(super) log: LogArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Render a document into a file, as fast as it goes.
    Render(RenderArgs),
    /// Write one composited frame as a PNG picture.
    Frame(FrameArgs),
    /// Say what this machine offers, what would be used, and what is missing.
    Doctor(DoctorArgs),
    /// Print the JSON Schema of a document.
    Schema {
        /// Which document.
        kind: SchemaKind,
    },
}

/// What is drawn, and on what.
#[derive(Debug, Args)]
pub(super) struct DocumentArgs {
    /// A workout or a composition in JSON; `-` reads standard input.
    #[arg(value_name = "DOC")]
    pub(super) document: PathBuf,
    /// Folder with `catalogue.toml` and the clips it names [default: the demo catalogue].
    #[arg(long, value_name = "DIR")]
    pub(super) catalogue: Option<PathBuf>,
    /// Graphics adapter, by a part of its name [default: the best one].
    #[arg(long, value_name = "NAME")]
    pub(super) adapter: Option<String>,
    /// Print one JSON object with the result on standard output.
    #[arg(long)]
    pub(super) json: bool,
}

/// `repcast render`.
#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// The document.
    #[command(flatten)]
    pub(super) document: DocumentArgs,
    /// Where to: NAME.mp4, NAME.m3u8 (a VOD HLS folder), NAME%05d.png (numbered pictures), or `-` (fragmented MP4 on
    /// standard output).
    #[arg(short, long, value_name = "OUT", default_value = "out.mp4")]
    pub(super) output: PathBuf,
    /// How to encode.
    #[command(flatten)]
    pub(super) encoder: EncoderArgs,
}

/// How to encode.
#[derive(Debug, Args)]
pub(super) struct EncoderArgs {
    /// Encoder element, or `auto`: the first that works, hardware before x264.
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub(super) encoder: String,
    /// x264's speed preset.
    #[arg(long, value_name = "NAME", default_value = "veryfast", value_parser = PRESETS)]
    pub(super) preset: String,
    /// Constant quality: 1 is the best, 50 the worst [default: 23].
    #[arg(long, value_name = "N", conflicts_with = "bitrate", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_CRF)))]
    pub(super) crf: Option<u32>,
    /// Constant rate, in kilobits a second.
    #[arg(long, value_name = "KBPS", value_parser = clap::value_parser!(u32).range(50..=1_000_000))]
    pub(super) bitrate: Option<u32>,
}

/// `repcast frame`.
#[derive(Debug, Args)]
pub(super) struct FrameArgs {
    /// The document.
    #[command(flatten)]
    pub(super) document: DocumentArgs,
    /// Which frame.
    #[command(flatten)]
    pub(super) which: FrameChoice,
    /// Where to.
    #[arg(short, long, value_name = "OUT.png")]
    pub(super) output: PathBuf,
}

/// Which frame.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct FrameChoice {
    /// The frame shown at this time.
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub(super) at: Option<String>,
    /// The frame of this number, counted from 0.
    #[arg(long, value_name = "N")]
    pub(super) number: Option<u64>,
}

/// `repcast doctor`.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Print one JSON object on standard output.
    #[arg(long)]
    pub(super) json: bool,
}

/// The kinds of document.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum SchemaKind {
    /// Exercises one after the other.
    Workout,
    /// Layers on a canvas.
    Composition,
}

/// How to log.
#[derive(Debug, Args)]
pub(super) struct LogArgs {
    /// How log lines are written to standard error.
    #[arg(long, value_name = "FORMAT", default_value = "text", global = true)]
    pub(super) log_format: LogFormat,
    /// Say more; twice for everything.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(super) verbose: u8,
}

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}
