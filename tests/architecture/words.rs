//! Words that do not occur in sources, shaders, documents and locales: code and documentation use the field's standard
//! terms, in plain technical English (see `docs/glossary.md` and `CONTRIBUTING.md`).

use super::{files, read};

/// Words and phrases, in lower case. A word counts as a whole, at the boundaries of identifiers too.
const WORDS: [&str; 25] = [
    "anew",
    "anybody",
    "behind the last",
    "beside",
    "bury",
    "farewell",
    "first breath",
    "give back",
    "given back",
    "gives back",
    "head start",
    "is a film",
    "last resort",
    "let go",
    "lets go",
    "letting go",
    "mood",
    "nobody",
    "onlooker",
    "patience",
    "somebody",
    "stranger",
    "told",
    "whoever",
    "whomever",
];

/// The only places of a word: the hidden alias of an option that users have learned, and its test.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("src/commands/args.rs", "alias = \"farewell\""),
    ("tests/serve/shutdown.rs", "\"--farewell\""),
    ("CHANGELOG.md", "--farewell"),
];

/// Files that are written here: not those of third parties, and not this list.
fn is_own(file: &str) -> bool {
    const ENDINGS: [&str; 14] =
        ["rs", "wgsl", "md", "ftl", "toml", "mjs", "js", "html", "css", "sh", "json", "txt", "yml", "run"];
    const FOREIGN: [&str; 7] = [
        "assets/fonts/",
        "assets/player/hls",
        "tests/architecture/supply_chain/rustsec/LICENSE.txt",
        "tests/architecture/supply_chain/rustsec/advisories.json",
        "tests/architecture/words.rs",
        "tests/live/browser/package-lock.json",
        "tests/serve/typed_client/package-lock.json",
    ];
    let ending = file.rsplit_once('.').map(|(_, ending)| ending);
    let is_text = file.starts_with("script/") || ending.is_some_and(|ending| ENDINGS.contains(&ending));
    is_text && !FOREIGN.iter().any(|foreign| file.starts_with(foreign))
}

/// A line as plain words in lower case: `snake_case`, `CamelCase` and hyphens become spaces.
fn plain(line: &str) -> String {
    let mut words = String::from(" ");
    let mut previous = ' ';
    for character in line.chars() {
        if character.is_uppercase() && previous.is_lowercase() {
            words.push(' ');
        }
        words.push(if character.is_alphanumeric() { character.to_ascii_lowercase() } else { ' ' });
        previous = character;
    }
    words.push(' ');
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words in a file, as `file:line: word`.
fn found(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if EXCEPTIONS.iter().any(|(place, text)| *place == file && line.contains(text)) {
            continue;
        }
        let line = format!(" {} ", plain(line));
        let words = WORDS.iter().filter(|word| line.contains(&format!(" {word} ")));
        found.extend(words.map(|word| format!("{file}:{number}: {word}")));
    }
    found
}

#[test]
fn banned_words_do_not_return() {
    let folders =
        ["assets", "benches", "crates", "docs", "fuzz/fuzz_targets", "script", "shaders", "src", "tests", "tools"];
    let top = [
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Cargo.toml",
        "README.md",
        "SECURITY.md",
        "clippy.toml",
        "deny.toml",
        "fuzz/Cargo.toml",
        "fuzz/README.md",
    ];
    let all: Vec<String> = folders.into_iter().chain(top).flat_map(files).filter(|file| is_own(file)).collect();
    assert!(all.len() > 300);
    let found: Vec<String> = all.iter().flat_map(|file| found(file, &read(file))).collect();
    assert!(found.is_empty(), "{} banned words:\n{}", found.len(), found.join("\n"));
}

/// Without this, the rule could be kept by a search that finds nothing.
#[test]
fn words_are_found_in_prose_and_identifiers() {
    let lines =
        ["/// Whoever waits.", "let was_told = 1;", "fn letGo() {}", "CLIP_PATIENCE", "// it lets  go", "--farewell"];
    for line in lines {
        assert_eq!(found("x.rs", line).len(), 1, "{line}");
    }
    assert!(found("x.rs", "besides, a bold moody outletgo").is_empty());
}
