//! A scanner for Rust source: text in; tokens with their lines, and the paths that code names, out. Comments and literals
//! are skipped, and test code is marked.

use std::iter::repeat_n;

/// An identifier, `::`, or any other single character.
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
    /// Whether it is under `#[cfg(test)]`.
    pub(crate) in_test: bool,
}

/// A path such as `super::media::Picture`, from a `use` or from the middle of code.
pub(crate) struct NamedPath {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    pub(crate) in_test: bool,
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Splits source into tokens.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let (mut at, mut line, mut found) = (0, 1, Vec::new());
    while at < text.len() {
        let length = skipped(&text[at..]);
        let (length, is_token) = match length {
            0 if is_word(text[at]) => (text[at..].iter().take_while(|character| is_word(**character)).count(), true),
            0 if text[at..].starts_with(&[':', ':']) => (2, true),
            0 => (1, !text[at].is_whitespace()),
            length => (length, false),
        };
        let piece = &text[at..(at + length).min(text.len())];
        if is_token {
            found.push(Token { text: piece.iter().collect(), line, in_test: false });
        }
        line += piece.iter().filter(|character| **character == '\n').count();
        at += length;
    }
    mark_tests(&mut found);
    found
}

/// Length of the comment, literal or lifetime at the start of the text; 0 when there is none.
fn skipped(text: &[char]) -> usize {
    match text {
        ['/', '/', ..] => text.iter().take_while(|character| **character != '\n').count(),
        ['/', '*', ..] => block_comment(text),
        ['"', ..] => quoted(text, 1),
        ['b' | 'c', '"', ..] => quoted(text, 2),
        ['b', '\'', ..] => 1 + skipped(&text[1..]),
        ['r', '"' | '#', ..] => raw(text, 1),
        ['b' | 'c', 'r', '"' | '#', ..] => raw(text, 2),
        ['\'', '\\', _, rest @ ..] => 4 + rest.iter().take_while(|character| **character != '\'').count(),
        ['\'', _, '\'', ..] => 3,
        ['\'', ..] => 1 + text[1..].iter().take_while(|character| is_word(**character)).count(),
        // An identifier is taken whole, so that its end is never read as the prefix of a literal.
        _ => 0,
    }
}

fn block_comment(text: &[char]) -> usize {
    let (mut open, mut at) = (0, 0);
    while at < text.len() {
        match text[at..] {
            ['/', '*', ..] => (open, at) = (open + 1, at + 2),
            ['*', '/', ..] if open == 1 => return at + 2,
            ['*', '/', ..] => (open, at) = (open - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

fn quoted(text: &[char], mut at: usize) -> usize {
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// A raw string whose hashes begin at `at`; 0 for a raw name such as `r#type`.
fn raw(text: &[char], at: usize) -> usize {
    let hashes = text[at..].iter().take_while(|character| **character == '#').count();
    if text.get(at + hashes) != Some(&'"') {
        return 0;
    }
    let end: Vec<char> = std::iter::once('"').chain(repeat_n('#', hashes)).collect();
    let inside = at + hashes + 1;
    let length = text[inside..].windows(end.len()).position(|window| window == end);
    length.map_or(text.len(), |length| inside + length + end.len())
}

/// Marks the item after each `#[cfg(test)]`, up to its closing brace or its semicolon.
fn mark_tests(tokens: &mut [Token]) {
    const ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    for start in 0..tokens.len().saturating_sub(ATTRIBUTE.len()) {
        if !ATTRIBUTE.iter().zip(&tokens[start..]).all(|(wanted, token)| *wanted == token.text) {
            continue;
        }
        let mut open = 0_usize;
        for token in &mut tokens[start + ATTRIBUTE.len()..] {
            token.in_test = true;
            match token.text.as_str() {
                "{" | "(" | "[" => open += 1,
                ")" | "]" => open = open.saturating_sub(1),
                "}" if open <= 1 => break,
                "}" => open -= 1,
                ";" if open == 0 => break,
                _ => {}
            }
        }
    }
}

/// Every path of at least two parts, and every leaf of a `use`.
pub(crate) fn paths(tokens: &[Token]) -> Vec<NamedPath> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let is_name = |at: usize| text(at).starts_with(is_word);
    let (mut at, mut found) = (0, Vec::new());
    while at < tokens.len() {
        match text(at) {
            "use" if text(at + 1) != "<" => at = tree(tokens, at + 1, &[], &mut found),
            _ if is_name(at) && text(at + 1) == "::" => {
                let mut segments = vec![text(at).to_owned()];
                let (line, in_test) = (tokens[at].line, tokens[at].in_test);
                at += 1;
                while text(at) == "::" && is_name(at + 1) {
                    segments.push(text(at + 1).to_owned());
                    at += 2;
                }
                // A turbofish: the path inside the brackets is read on its own.
                at += usize::from(text(at) == "::");
                found.push(NamedPath { segments, line, in_test });
            }
            _ => at += 1,
        }
    }
    found
}

/// Reads one branch of a `use` and returns the index after it.
fn tree(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<NamedPath>) -> usize {
    let mut segments = prefix.to_vec();
    while let Some(token) = tokens.get(at) {
        let Token { line, in_test, .. } = *token;
        match token.text.as_str() {
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    at = tree(tokens, at, &segments, found);
                    at += usize::from(tokens.get(at).is_some_and(|token| token.text == ","));
                }
                return at + 1;
            }
            "::" => at += 1,
            name => {
                segments.push(name.to_owned());
                at += 1;
                if tokens.get(at).is_none_or(|token| token.text != "::") {
                    // The name after `as` is not part of the path.
                    at += if tokens.get(at).is_some_and(|token| token.text == "as") { 2 } else { 0 };
                    found.push(NamedPath { segments, line, in_test });
                    return at;
                }
            }
        }
    }
    at
}
