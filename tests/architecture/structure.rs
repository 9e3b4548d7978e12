//! Lengths of files, the top of the repository, shaders with their kernels, and calls that may panic.

use std::fs;
use std::path::Path;

use super::scan::tokens;
use super::{files, is_test_file, read, root, sources};

/// Where a file is to be split.
const MAX_LINES: usize = 400;

/// The longest file of half of all files.
const MAX_MEDIAN_LINES: usize = 150;

/// The entries at the top of the repository, apart from dot-files and what `.gitignore` names.
const TOP: [&str; 23] = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "assets",
    "benches",
    "build.rs",
    "clippy.toml",
    "crates",
    "deny.toml",
    "deploy",
    "docs",
    "fuzz",
    "rustfmt.toml",
    "script",
    "shaders",
    "src",
    "tests",
    "tools",
];

#[test]
fn files_are_short() {
    const ENDINGS: [&str; 6] = ["rs", "wgsl", "mjs", "sh", "html", "css"];
    let folders = ["assets", "benches", "crates", "fuzz/fuzz_targets", "script", "shaders", "src", "tests", "tools"];
    let is_source = |file: &String| {
        let ending = Path::new(file).extension().and_then(|ending| ending.to_str());
        file.starts_with("script/") || ending.is_some_and(|ending| ENDINGS.contains(&ending))
    };
    let written = folders.into_iter().flat_map(files).filter(is_source);
    let lengths: Vec<(usize, String)> = written.map(|file| (read(&file).lines().count(), file)).collect();
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > MAX_LINES).collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines: {long:?}");
    let mut rust: Vec<usize> =
        lengths.iter().filter(|(_, file)| file.ends_with(".rs")).map(|(lines, _)| *lines).collect();
    rust.sort_unstable();
    assert!(rust[rust.len() / 2] < MAX_MEDIAN_LINES, "the median is {} lines", rust[rust.len() / 2]);
}

#[test]
fn the_readme_is_short() {
    assert!(read("README.md").lines().count() <= 200);
}

#[test]
fn the_top_of_the_repository_holds_what_is_listed() {
    let ignored = read(".gitignore");
    let names = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_unknown = |name: &String| {
        let is_ignored = ignored.lines().any(|line| line.trim_matches('/') == name);
        !name.starts_with('.') && !is_ignored && !TOP.contains(&name.as_str())
    };
    let unknown: Vec<String> = names.filter(is_unknown).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let missing: Vec<_> = TOP.iter().filter(|name| !root().join(name).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn each_shader_has_a_kernel_of_its_name() {
    let rust = files("crates/compositor/src");
    let has_kernel = |file: &String| {
        let stem = Path::new(file).file_stem().unwrap().to_str().unwrap();
        rust.iter().any(|rust| rust.ends_with(&format!("/{stem}.rs")))
    };
    let shaders: Vec<String> =
        files("shaders").into_iter().filter(|file| !file.starts_with("shaders/shared/")).collect();
    assert!(shaders.len() > 4);
    let alone: Vec<_> = shaders.iter().filter(|file| !file.ends_with(".wgsl") || !has_kernel(file)).collect();
    assert!(alone.is_empty(), "{alone:?}");
}

/// The paths in a text that name files of the repository, written from its top or, for crates, without `crates/`.
fn named_paths(text: &str) -> Vec<&str> {
    let words = text.split(|character: char| !(character.is_alphanumeric() || "/._-".contains(character)));
    let is_path = |word: &&str| {
        let top = word.split('/').next().unwrap_or_default();
        let is_top =
            ["assets", "benches", "crates", "deploy", "docs", "fuzz", "script", "shaders", "src", "tests", "tools"]
                .contains(&top);
        (is_top && word.contains('/') || word.contains("/src/")) && !word.contains("NAME") && !word.contains("CASE")
    };
    words.filter(is_path).map(|word| word.trim_end_matches('.')).collect()
}

#[test]
fn the_documentation_names_files_that_exist() {
    let documents = files("docs").into_iter().chain(["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned));
    let mut missing = Vec::new();
    for document in documents {
        let text = read(&document);
        let paths = named_paths(&text);
        let is_there = |path: &&str| root().join(path).exists() || root().join("crates").join(path).exists();
        missing.extend(paths.into_iter().filter(|path| !is_there(path)).map(|path| format!("{document}: {path}")));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert_eq!(named_paths("see `mux/src/no.rs` and src/main.rs."), ["mux/src/no.rs", "src/main.rs"]);
}

/// Calls in code that may panic, as `file:line: what`.
fn panics(file: &str, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| !token.in_test) {
        let name = token.text.as_str();
        let is_call = index > 0 && text(index - 1) == "." && text(index + 1) == "(";
        let is_unwrap = is_call && ["unwrap", "expect"].contains(&name);
        if is_unwrap || text(index + 1) == "!" && ["todo", "unimplemented", "dbg"].contains(&name) {
            found.push(format!("{file}:{}: {name}", token.line));
        }
    }
    found
}

#[test]
fn code_does_not_panic_by_intention() {
    let code = sources().into_iter().filter(|file| !is_test_file(file));
    let found: Vec<String> = code.flat_map(|file| panics(&file, &read(&file))).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let seen = panics(
        "x",
        "fn f() { a.unwrap(); b.expect(\"\"); todo!() }\n#[cfg(test)]\nmod tests { fn g() { c.unwrap() } }",
    );
    assert_eq!(seen.len(), 3);
}
