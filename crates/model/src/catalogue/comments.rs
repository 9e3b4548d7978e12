//! The comments of a catalogue, which its canonical text keeps.

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// Comment lines by the exercises in front of which they are written. An empty line separates two groups.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Comments {
    /// The lines in front of each exercise, without an empty one at the start.
    pub(super) before: Vec<Vec<String>>,
    /// The lines after the last exercise.
    pub(super) after: Vec<String>,
}

impl Comments {
    /// The comments of a TOML text whose exercises start at these bytes, in order. Comments above an exercise stay above
    /// it, those inside an exercise move above it.
    pub(super) fn parse(text: &str, starts: &[usize]) -> Self {
        let mut comments = Self { before: vec![Vec::new(); starts.len()], after: Vec::new() };
        let mut started: usize = 0;
        // Whether the present line has anything but white space, and whether that is a comment of its own.
        let (mut has_content, mut is_comment_line) = (false, false);
        let mut pending: Vec<String> = Vec::new();
        for token in Source::new(text).lex() {
            let (start, end) = (token.span().start(), token.span().end());
            match token.kind() {
                TokenKind::Whitespace | TokenKind::Eof => {}
                TokenKind::Newline => {
                    let is_blank = !has_content && !is_comment_line;
                    if is_blank && pending.last().is_some_and(|line| !line.is_empty()) {
                        pending.push(String::new());
                    }
                    (has_content, is_comment_line) = (false, false);
                }
                TokenKind::Comment => {
                    let comment = text.get(start..end).unwrap_or_default().trim_end().to_owned();
                    match started.checked_sub(1) {
                        Some(current) if has_content => comments.before[current].push(comment),
                        _ => pending.push(comment),
                    }
                    is_comment_line = true;
                }
                _ => {
                    has_content = true;
                    if starts.get(started) == Some(&start) {
                        comments.before[started].append(&mut pending);
                        started += 1;
                    } else if let Some(current) = started.checked_sub(1) {
                        let lines = pending.drain(..).filter(|line| !line.is_empty());
                        comments.before[current].extend(lines);
                    }
                }
            }
        }
        while pending.last().is_some_and(String::is_empty) {
            pending.pop();
        }
        comments.after = pending;
        comments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_belong_to_exercises() {
        let text = "# file\n\n# above\n[[exercise]] # header\nid = 'a' # id\n# inside\n\n# too\nclip = '#'\n\n# next\n\n[[exercise]]\nx = [\n # item\n 1]\n# end\n";
        let starts: Vec<usize> = text.match_indices("[[exercise").map(|(start, _)| start).collect();
        let comments = Comments::parse(text, &starts);
        assert_eq!(comments.before[0], ["# file", "", "# above", "# header", "# id", "# inside", "# too"]);
        assert_eq!(comments.before[1], ["# next", "", "# item"]);
        assert_eq!(comments.after, ["# end"]);
    }
}
