//! The command line.

use crate::Result;

pub(crate) const USAGE: &str = "\
Measures repcast against ffmpeg and x264; docs/benchmarks.md describes the method.

Usage: script/bench [--quick] [--runs N] [--only PARTS] [--append] [--adapter NAME] [--repcast FILE]

  --quick         One shorter run of everything: about two minutes
  --runs N        Runs of each program; medians are reported (default: 3)
  --only PARTS    These parts, separated by commas (default: all):
                  reference  the reference job, with repcast, ffmpeg and x264 alone
                  variants   other codecs, sizes and numbers of layers, the second job, a single frame
                  again      the reference job with a segment store
                  memory     peak memory for 1 and 10 minutes of video
                  sessions   live sessions without late frames for a minute
  --append        Append the results to benches/README.md
  --adapter NAME  Graphics adapter of repcast, by a part of its name (default: the best)
  --repcast FILE  Measure this program instead of the one just built
  --help          Show this text";

/// The options of the command line.
pub(crate) struct Options {
    pub(crate) quick: bool,
    pub(crate) runs: u32,
    parts: Vec<String>,
    pub(crate) append: bool,
    pub(crate) adapter: Option<String>,
    pub(crate) repcast: String,
}

/// The parts that can be measured.
const PARTS: [&str; 5] = ["reference", "variants", "again", "memory", "sessions"];

impl Options {
    /// Whether a part is selected.
    pub(crate) fn has(&self, part: &str) -> bool {
        self.parts.iter().any(|selected| selected == part)
    }

    /// Parses the options; `None` for `--help`.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>> {
        let mut options = Self {
            quick: false,
            runs: 0,
            parts: PARTS.map(str::to_owned).to_vec(),
            append: false,
            adapter: None,
            repcast: env!("CARGO_BIN_EXE_repcast").to_owned(),
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value\n\n{USAGE}"));
            match argument.as_str() {
                "--quick" => options.quick = true,
                "--only" => {
                    options.parts = value()?.split(',').map(str::to_owned).collect();
                    if let Some(unknown) = options.parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
                        return Err(format!("--only {unknown}: not one of {}", PARTS.join(", ")).into());
                    }
                }
                "--append" => options.append = true,
                "--runs" => {
                    let runs = value()?;
                    options.runs = runs
                        .parse()
                        .ok()
                        .filter(|runs| *runs > 0)
                        .ok_or(format!("--runs {runs}: not a number above 0"))?;
                }
                "--adapter" => options.adapter = Some(value()?),
                "--repcast" => options.repcast = value()?,
                "--help" => return Ok(None),
                // `cargo bench` passes this to every benchmark.
                "--bench" => {}
                unknown => return Err(format!("{unknown}: unknown option\n\n{USAGE}").into()),
            }
        }
        if options.runs == 0 {
            options.runs = if options.quick { 1 } else { 3 };
        }
        Ok(Some(options))
    }
}
