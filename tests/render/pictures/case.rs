//! A case as described in its folder, and its frames as the program draws them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::support::process::Exit;
use crate::support::program::repcast;
use crate::support::tools::truncate_with_index;

/// The contents of `case.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseSettings {
    /// What the references show, for reviewers.
    #[serde(rename = "shows")]
    _shows: String,
    /// The frames that are drawn, counted from 0.
    pub(crate) frames: BTreeSet<u64>,
    /// Levels by which a channel of a pixel may differ. Drivers round differently when they scale a clip.
    pub(crate) tolerance: u8,
    /// Share of the pixels that may differ by more.
    pub(crate) allowed_outliers: f64,
    /// Whether there are references. Text in system fonts has none, because systems have different fonts.
    #[serde(default = "yes")]
    pub(crate) compare: bool,
    /// The exit code of the program.
    #[serde(default)]
    exit_code: i32,
    /// Clips of the document or its catalogue, each with the file of the demo catalogue that is copied.
    #[serde(default)]
    clips: BTreeMap<String, PathBuf>,
    /// The same, truncated to half.
    #[serde(default)]
    cut_clips: BTreeMap<String, PathBuf>,
}

/// A case and the folder that it was read from.
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) settings: CaseSettings,
}

impl Case {
    pub(crate) fn read(folder: &Path) -> Self {
        let path = folder.join("case.json");
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let settings = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { folder: folder.to_owned(), settings }
    }

    pub(crate) fn reference(&self, number: u64) -> PathBuf {
        self.folder.join(format!("expected_{number}.png"))
    }

    /// All references in the folder, also those of no frame.
    pub(crate) fn references(&self) -> BTreeSet<PathBuf> {
        let paths = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| is_reference(path)).collect()
    }

    /// Copies the files of the case and its clips into an empty folder, so that clips are in the repository only once.
    pub(crate) fn copy_files(&self, work: &Path) {
        for entry in fs::read_dir(&self.folder).unwrap() {
            let path = entry.unwrap().path();
            if !is_reference(&path) {
                fs::copy(&path, work.join(path.file_name().unwrap())).unwrap();
            }
        }
        for (name, source) in &self.settings.clips {
            fs::copy(demo_catalogue().join(source), work.join(name)).unwrap();
        }
        for (name, source) in &self.settings.cut_clips {
            truncate_with_index(&demo_catalogue().join(source), &work.join(name));
        }
    }

    /// Draws a frame of a case whose files were copied to `work`.
    pub(crate) fn draw(&self, work: &Path, number: u64) -> Result<PathBuf, String> {
        let out = work.join(format!("actual_{number}.png"));
        let (document, number) = (work.join("document.json"), number.to_string());
        let own_catalogue = work.join("catalogue.toml").exists();
        let catalogue = if own_catalogue { work.to_owned() } else { demo_catalogue() };
        let [verb, number_flag, out_flag, catalogue_flag] = ["frame", "--number", "-o", "--catalogue"].map(OsStr::new);
        let output = repcast([
            verb,
            document.as_os_str(),
            number_flag,
            OsStr::new(&number),
            out_flag,
            out.as_os_str(),
            catalogue_flag,
            catalogue.as_os_str(),
        ]);
        if output.exit != Exit::Code(self.settings.exit_code) {
            let expected = self.settings.exit_code;
            return Err(format!(
                "frame {number}: {:?} instead of exit code {expected}: {}",
                output.exit,
                output.stderr.trim()
            ));
        }
        Ok(out)
    }
}

fn yes() -> bool {
    true
}

fn is_reference(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name.starts_with("expected_") && name.ends_with(".png")
}

fn demo_catalogue() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalogue")
}
