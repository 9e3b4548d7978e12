//! The one law of the sources: modules stand in layers and use only what stands below them.
//!
//! ```text
//! edges     cli, render, live, serve, preview, project         the ways in
//! adapters  decode, encode, gpu, package, storage              never use each other
//! domain    document, catalogue, hls, session, timeline, ...    no I/O, no thread, no clock
//! words     time, color, geometry, media                       what every module speaks
//! ```
//!
//! The sources are read as text, so that the law holds for code that no feature or platform compiles. Whoever adds a
//! module gives it its place in [`MODULES`] first.


mod scan;

use std::fs;
use std::path::{Path, PathBuf};

use scan::{Named, paths, tokens};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Words,
    Domain,
    Adapters,
    Edges,
}
use Layer::{Adapters, Domain, Edges, Words};

/// Each module, its layer, and the modules of its own layer that it may use.
const MODULES: [(&str, Layer, &[&str]); 22] = [
    ("time", Words, &[]),
    ("color", Words, &[]),
    ("geometry", Words, &[]),
    ("media", Words, &["time", "color", "geometry"]),
    ("document", Domain, &[]),
    ("catalogue", Domain, &["document"]),
    ("hls", Domain, &[]),
    ("session", Domain, &["document", "timeline"]),
    ("timeline", Domain, &["document"]),
    ("wording", Domain, &["document"]),
    ("workout", Domain, &["document", "catalogue", "timeline", "wording"]),
    ("decode", Adapters, &[]),
    ("encode", Adapters, &[]),
    ("gpu", Adapters, &[]),
    ("package", Adapters, &[]),
    ("storage", Adapters, &[]),
    ("project", Edges, &[]),
    ("render", Edges, &["project"]),
    ("live", Edges, &["project", "render"]),
    ("serve", Edges, &["project", "render", "live"]),
    ("preview", Edges, &["project", "render", "live"]),
    ("cli", Edges, &["project", "render", "live", "serve", "preview"]),
];

/// Crates by the beginning of their name, and the only modules that may name them.
const CRATES: [(&str, &[&str]); 17] = [
    ("gst", &["decode", "encode", "package"]),
    ("wgpu", &["gpu", "preview"]),
    ("winit", &["preview"]),
    ("softbuffer", &["preview"]),
    ("egui", &["preview"]),
    ("glyphon", &["gpu"]),
    ("cosmic_text", &["gpu"]),
    ("lz4_flex", &["decode"]),
    ("moxcms", &["decode"]),
    ("sha2", &["storage", "render"]),
    ("axum", &["serve"]),
    ("hyper", &["serve"]),
    ("tower", &["serve"]),
    ("utoipa", &["serve"]),
    ("prometheus_client", &["serve"]),
    ("tokio_rustls", &["serve"]),
    ("tokio", &["live", "serve", "cli"]),
];

/// Parts of the standard library, and names from it, that would make words or domain touch the world.
const IMPURE_MODULES: [&str; 5] = ["env", "fs", "net", "process", "thread"];
const IMPURE_NAMES: [&str; 2] = ["Instant", "SystemTime"];
const IMPURE_MACROS: [&str; 4] = ["print", "println", "eprint", "eprintln"];

/// What the top of the repository may hold beside dot-files and what `.gitignore` keeps out of it.
const TOP: [&str; 13] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "assets",
    "benches",
    "clippy.toml",
    "rustfmt.toml",
    "script",
    "shaders",
    "src",
    "tests",
];

/// Where a file stops being one thing.
const MAX_LINES: usize = 400;

fn place(name: &str) -> Option<&'static (&'static str, Layer, &'static [&'static str])> {
    MODULES.iter().find(|(known, ..)| *known == name)
}

/// The modules from the root of the crate to the one that a file holds: `cli`, `render` for `src/cli/render.rs`.
fn module_path(file: &str) -> Vec<&str> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.trim_end_matches("/mod");
    if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').collect() }
}

/// Whether a file is compiled for tests alone, by the project's names for such files.
fn is_test_file(file: &str) -> bool {
    module_path(file).iter().any(|name| *name == "tests" || name.ends_with("_tests"))
}

/// What is wrong with one source file, as `file:line: what`.
fn check_source(file: &str, source: &str) -> Vec<String> {
    let module = module_path(file);
    let mut wrong: Vec<(usize, String)> = Vec::new();
    let tokens = tokens(source);
    let paths = paths(&tokens);
    let here = module.first().and_then(|name| place(name));
    if let (Some(name), None) = (module.first(), here) {
        wrong.push((1, format!("`{name}` has no place in tests/law.rs")));
    }
    for named in &paths {
        let faults = [layer_fault(file, named), crate_fault(&module, named)];
        wrong.extend(faults.into_iter().flatten().map(|fault| (named.line, fault)));
    }
    let is_pure = here.is_some_and(|(_, layer, _)| *layer <= Domain);
    let is_test = is_test_file(file);
    if is_pure {
        for named in paths.iter().filter(|named| !named.in_test && !is_test) {
            if let [root, name, ..] = named.segments.as_slice()
                && root == "std"
                && IMPURE_MODULES.contains(&name.as_str())
            {
                wrong.push((named.line, format!("std::{name} in words or domain")));
            }
        }
    }
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| !token.in_test && !is_test) {
        let before = index.checked_sub(1).map_or("", |before| &tokens[before].text);
        let after = tokens.get(index + 1).map_or("", |after| &after.text);
        let name = token.text.as_str();
        if is_pure && (IMPURE_NAMES.contains(&name) || after == "!" && IMPURE_MACROS.contains(&name)) {
            wrong.push((token.line, format!("{name} in words or domain")));
        }
        if before == "." && after == "(" && ["unwrap", "expect"].contains(&name) {
            wrong.push((token.line, format!(".{name}() outside tests")));
        }
        if after == "!" && ["todo", "unimplemented", "dbg"].contains(&name) {
            wrong.push((token.line, format!("{name}! outside tests")));
        }
    }
    wrong.sort();
    wrong.into_iter().map(|(line, what)| format!("{file}:{line}: {what}")).collect()
}

/// The fault of a path that leads to a module which does not stand below this one. Tests obey this too.
fn layer_fault(file: &str, named: &Named) -> Option<String> {
    let module = module_path(file);
    let segments: Vec<&str> = named.segments.iter().map(String::as_str).collect();
    let supers = segments.iter().take_while(|segment| **segment == "super").count();
    let target = match segments.as_slice() {
        ["repcast", target, ..] if file == "src/main.rs" => {
            return (*target != "cli").then(|| format!("main uses {target}; its way in is cli"));
        }
        ["crate", target, ..] => *target,
        _ if supers > 0 && supers == module.len() + named.depth => segments.get(supers)?,
        _ => return None,
    };
    let (here, layer, peers) = place(module.first()?)?;
    if target == "*" {
        return Some("names everything there is".to_owned());
    }
    match place(target) {
        Some((target, _, _)) if target == here => None,
        Some((target, below, _)) if below < layer || peers.contains(target) => None,
        Some((target, _, _)) => Some(format!("{here} uses {target}, which does not stand below it")),
        None => Some(format!("{here} uses `{target}`, which has no place in tests/law.rs")),
    }
}

fn crate_fault(module: &[&str], named: &Named) -> Option<String> {
    let name = named.segments.first()?;
    let (_, homes) = CRATES.iter().find(|(beginning, _)| name.starts_with(beginning))?;
    let here = module.first().copied().unwrap_or("the root");
    (!homes.contains(&here)).then(|| format!("{here} uses {name}, which belongs to {}", homes.join(", ")))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder of the repository, by their paths from its root. What packages bring is not ours.
fn files(folder: &str) -> Vec<String> {
    let mut waiting = vec![PathBuf::from(folder)];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if root().join(&path).is_file() {
            found.push(path.to_str().unwrap().to_owned());
        } else if !path.ends_with("node_modules") {
            let entries = fs::read_dir(root().join(&path)).unwrap();
            waiting.extend(entries.map(|entry| path.join(entry.unwrap().file_name())));
        }
    }
    found.sort();
    found
}

fn shader_faults() -> Vec<String> {
    let kernel_of = |file: &String| format!("src/gpu/{}.rs", Path::new(file).file_stem().unwrap().to_str().unwrap());
    let shaders = files("shaders").into_iter();
    let alone = shaders.filter(|file| !file.ends_with(".wgsl") || !root().join(kernel_of(file)).is_file());
    alone.map(|file| format!("{file}:1: belongs to no {}", kernel_of(&file))).collect()
}

fn top_faults() -> Vec<String> {
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap_or_default();
    let names = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_strange = |name: &String| {
        let is_ignored = ignored.lines().any(|line| line.trim_matches('/') == name);
        !name.starts_with('.') && !is_ignored && !TOP.contains(&name.as_str())
    };
    names.filter(is_strange).map(|name| format!("{name}:1: does not belong at the top of the repository")).collect()
}

fn length_fault(file: &str) -> Option<String> {
    const ENDINGS: [&str; 5] = ["rs", "wgsl", "mjs", "sh", "html"];
    let is_source = Path::new(file).extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
    let lines = if is_source { fs::read_to_string(root().join(file)).unwrap().lines().count() } else { 0 };
    (lines > MAX_LINES).then(|| format!("{file}:{MAX_LINES}: has {lines} lines; at most {MAX_LINES} are one thing"))
}

#[test]
fn the_sources_keep_the_law() {
    let sources = files("src").into_iter().filter(|file| file.ends_with(".rs"));
    let mut wrong: Vec<String> =
        sources.flat_map(|file| check_source(&file, &fs::read_to_string(root().join(&file)).unwrap())).collect();
    let written = ["assets", "benches", "script", "shaders", "src", "tests"];
    let written = written.into_iter().filter(|folder| root().join(folder).is_dir()).flat_map(files);
    wrong.extend(written.filter_map(|file| length_fault(&file)));
    wrong.extend(shader_faults());
    wrong.extend(top_faults());
    assert!(wrong.is_empty(), "{} breaches of the law:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_module_of_the_law_exists() {
    let modules = MODULES.iter().map(|(name, ..)| *name);
    let gone: Vec<_> = modules.filter(|name| !root().join("src").join(name).is_dir()).collect();
    let gone: Vec<_> = gone.into_iter().filter(|name| !root().join(format!("src/{name}.rs")).is_file()).collect();
    assert!(gone.is_empty(), "no longer in src: {gone:?}");
}

/// The scanner sees what it should and nothing in comments, literals or tests: without this, the law could be held by a
/// scanner that is blind.
#[test]
fn the_scanner_sees_breaches() {
    let breaches = check_source("src/timeline/made_up.rs", include_str!("breaches.txt"));
    let lines: Vec<_> = breaches.iter().map(|breach| breach.split(':').nth(1).unwrap()).collect();
    let expected: Vec<_> = include_str!("breaches.txt")
        .lines()
        .enumerate()
        .flat_map(|(index, line)| line.matches("BREACH").map(move |_| (index + 1).to_string()))
        .collect();
    assert_eq!(lines, expected, "{}", breaches.join("\n"));
    assert_eq!(
        check_source("src/gpu/made_up.rs", "use crate::{\n    media::Picture,\n    decode::{Clip, probe},\n};\n"),
        ["src/gpu/made_up.rs:3: gpu uses decode, which does not stand below it"; 2]
    );
    assert_eq!(check_source("src/novelty/mod.rs", "").len(), 1);
    assert_eq!(check_source("src/main.rs", "fn main() { repcast_compositor::list_adapters(); }").len(), 1);
    assert!(check_source("src/cli/mod.rs", "use crate::render::render;\nuse crate::time::Rational;\n").is_empty());
}
