//! The model, the planner, media and formats are pure: no I/O, no threads, no clocks. Read from the source text, so that
//! the rule holds for code that no feature or platform compiles.

use super::scan::{paths, tokens};
use super::{is_test_file, read, sources};

const PURE: [&str; 4] = ["crates/model/", "crates/media/", "crates/planner/", "crates/mux/"];

/// Parts of the standard library, and names from it, that do I/O, start threads or read clocks.
const IMPURE_MODULES: [&str; 5] = ["env", "fs", "net", "process", "thread"];
const IMPURE_NAMES: [&str; 2] = ["Instant", "SystemTime"];
const IMPURE_MACROS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

/// What is impure in a source file, as `file:line: what`.
fn impurities(file: &str, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let mut found: Vec<(usize, String)> = Vec::new();
    for path in paths(&tokens).iter().filter(|path| !path.in_test) {
        if let [root, name, ..] = path.segments.as_slice()
            && root == "std"
            && IMPURE_MODULES.contains(&name.as_str())
        {
            found.push((path.line, format!("std::{name}")));
        }
    }
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| !token.in_test) {
        let name = token.text.as_str();
        let is_macro = tokens.get(index + 1).is_some_and(|next| next.text == "!");
        if IMPURE_NAMES.contains(&name) || is_macro && IMPURE_MACROS.contains(&name) {
            found.push((token.line, name.to_owned()));
        }
    }
    found.sort();
    found.into_iter().map(|(line, what)| format!("{file}:{line}: {what}")).collect()
}

#[test]
fn model_media_and_formats_are_pure() {
    let pure = sources().into_iter().filter(|file| PURE.iter().any(|start| file.starts_with(start)));
    let pure: Vec<String> = pure.filter(|file| !is_test_file(file)).collect();
    assert!(pure.len() > 30, "{pure:?}");
    let found: Vec<String> = pure.iter().flat_map(|file| impurities(file, &read(file))).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Without this, the rule could be kept by a scanner that sees nothing.
#[test]
fn the_scanner_sees_impurities_and_nothing_in_comments_literals_or_tests() {
    let source = include_str!("impurities.txt");
    let found = impurities("impurities.txt", source);
    let lines: Vec<_> = found.iter().map(|found| found.split(':').nth(1).unwrap().to_owned()).collect();
    let numbered = source.lines().enumerate();
    let expected: Vec<_> =
        numbered.flat_map(|(index, line)| line.matches("IMPURE").map(move |_| (index + 1).to_string())).collect();
    assert_eq!(lines, expected, "{}", found.join("\n"));
}
