//! The options of commands that draw one frame, report, or rewrite.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{DocumentArgs, EncoderArgs, OverwriteArgs, ResultArgs, StoreArgs};
use crate::commands::values::seconds;
use repcast_model::time::Rational;

/// `repcast frame`.
#[derive(Debug, Args)]
pub(crate) struct FrameArgs {
    /// The document.
    #[command(flatten)]
    pub(crate) document: DocumentArgs,
    /// The frame.
    #[command(flatten)]
    pub(crate) which: FrameChoice,
    /// Output file.
    #[arg(short, long, value_name = "OUT.png", default_value = "frame.png", help_heading = "Output")]
    pub(crate) output: PathBuf,
    /// Existing outputs.
    #[command(flatten)]
    pub(crate) overwrite: OverwriteArgs,
    /// The result.
    #[command(flatten)]
    pub(crate) result: ResultArgs,
}

/// The frame.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct FrameChoice {
    /// The frame shown at this time, as seconds or as `1:02:03.5`.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = seconds)]
    pub(crate) at: Option<Rational>,
    /// The frame of this number, counted from 0.
    #[arg(long, value_name = "N")]
    pub(crate) number: Option<u64>,
}

/// `repcast doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Measure how many live sessions of 720p at 30 frames per second this machine can run; takes about a minute.
    #[arg(long)]
    pub(crate) capacity: bool,
    /// Look at a camera for six seconds instead: its codec, size, rate, key frames and sound, and what a recording would do
    /// with them.
    #[arg(long, value_name = "URL", conflicts_with = "capacity")]
    pub(crate) camera: Option<String>,
    /// The encoder.
    #[command(flatten)]
    pub(crate) encoder: EncoderArgs,
    /// The segment store, whose state is reported then.
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The result.
    #[command(flatten)]
    pub(crate) result: ResultArgs,
}

/// `repcast link`.
#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    /// The session, by the start of its id or by its code [default: all].
    #[arg(value_name = "ID")]
    pub(crate) session: Option<String>,
    /// Print one JSON object on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `repcast format`.
#[derive(Debug, Args)]
pub(crate) struct FormatArgs {
    /// A workout or a composition in JSON, or a catalogue if the name ends in .toml. `-` reads a document from standard
    /// input and writes it to standard output.
    #[arg(value_name = "DOC")]
    pub(crate) document: PathBuf,
    /// Change nothing; exit with code 1 if the file is not in canonical form.
    #[arg(long)]
    pub(crate) check: bool,
}

/// The kinds of document.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SchemaKind {
    /// Exercises in sequence.
    Workout,
    /// Layers on a canvas.
    Composition,
}
