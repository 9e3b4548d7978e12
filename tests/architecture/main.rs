//! The architecture: crates in layers, purity of the lower ones, the third-party crates each may use, lengths, words,
//! and the rules of `deny.toml` for third-party crates.
//!
//! ```text
//! program      repcast                                       wires everything
//! interfaces   server, preview                               translate between a protocol and the layers below
//! services     service                                       use cases; no HTTP
//! engine       engine                                        documents, frames, renders, live pipelines
//! adapters     compositor, mixer, gstreamer, speech,         never depend on each other
//!              storage, http
//! formats      mux                                           pure
//! media        media                                         pure
//! planning     planner                                       pure
//! model        model                                         pure
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod dependencies;
mod purity;
mod scan;
mod structure;
mod supply_chain;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The files below a file or folder of the repository, by their paths from its root. Installed packages and build
/// folders are not part of it.
fn files(folder: &str) -> Vec<String> {
    let mut pending = vec![PathBuf::from(folder)];
    let mut found = Vec::new();
    while let Some(path) = pending.pop() {
        if root().join(&path).is_file() {
            found.push(path.to_str().unwrap().to_owned());
        } else if !path.ends_with("node_modules") && root().join(&path).is_dir() {
            let entries = fs::read_dir(root().join(&path)).unwrap();
            pending.extend(entries.map(|entry| path.join(entry.unwrap().file_name())));
        }
    }
    found.sort();
    found
}

/// The Rust sources of the program and its crates, without tests and tools.
fn sources() -> Vec<String> {
    let all = files("crates").into_iter().chain(files("src"));
    all.filter(|file| file.ends_with(".rs")).collect()
}

/// Whether a file is compiled for tests alone, by the project's names for such files.
fn is_test_file(file: &str) -> bool {
    let path = file.trim_end_matches(".rs");
    path.split('/').any(|name| name == "tests" || name.ends_with("_tests") || name.starts_with("test_"))
}
