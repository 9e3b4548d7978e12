//! A case as its folder describes it, and its frames as the program draws them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::support::process::Exit;
use crate::support::program::repcast;
use crate::support::tools::truncate_with_index;

/// What `case.json` holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Terms {
    /// What a person should see, for whoever looks at the references.
    #[serde(rename = "shows")]
    _shows: String,
    /// The frames that are drawn, counted from 0.
    pub(crate) frames: BTreeSet<u64>,
    /// Levels by which a channel of a pixel may differ. Drivers round differently when they scale a clip.
    pub(crate) tolerance: u8,
    /// Part of the pixels that may differ by more.
    pub(crate) allowed_outliers: f64,
    /// Whether there are references. Text in the system's fonts has none, because systems differ in them.
    #[serde(default = "yes")]
    pub(crate) compare: bool,
    /// What the program must end with.
    #[serde(default)]
    exit_code: i32,
    /// Clips that the document or the catalogue names, and the file of the demo catalogue that each is a copy of.
    #[serde(default)]
    clips: BTreeMap<String, PathBuf>,
    /// The same, with the second half of the bytes missing.
    #[serde(default)]
    cut_clips: BTreeMap<String, PathBuf>,
}

/// A case and the folder that it was read from.
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) terms: Terms,
}

impl Case {
    pub(crate) fn read(folder: &Path) -> Self {
        let path = folder.join("case.json");
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let terms = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { folder: folder.to_owned(), terms }
    }

    pub(crate) fn reference(&self, number: u64) -> PathBuf {
        self.folder.join(format!("expected_{number}.png"))
    }

    /// The references that lie in the folder, wanted or not.
    pub(crate) fn references(&self) -> BTreeSet<PathBuf> {
        let paths = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| is_reference(path)).collect()
    }

    /// Puts everything that the document needs into an empty folder: the repository holds no clip a second time.
    pub(crate) fn lay_out(&self, work: &Path) {
        for entry in fs::read_dir(&self.folder).unwrap() {
            let path = entry.unwrap().path();
            if !is_reference(&path) {
                fs::copy(&path, work.join(path.file_name().unwrap())).unwrap();
            }
        }
        for (name, source) in &self.terms.clips {
            fs::copy(demo_catalogue().join(source), work.join(name)).unwrap();
        }
        for (name, source) in &self.terms.cut_clips {
            truncate_with_index(&demo_catalogue().join(source), &work.join(name));
        }
    }

    /// Draws a frame of a case that was laid out in `work`.
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
        if output.exit != Exit::Code(self.terms.exit_code) {
            let expected = self.terms.exit_code;
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
