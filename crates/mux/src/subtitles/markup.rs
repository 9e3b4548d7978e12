//! The text of a cue between markup and plain text: tags are removed and character references decoded, and the reverse.

/// Character references by their names, without `&` and `;` (WebVTT, 6.4; `quot` and `apos` of HTML occur in files).
const REFERENCES: [(&str, &str); 8] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", "\u{a0}"),
    ("lrm", "\u{200e}"),
    ("rlm", "\u{200f}"),
];

/// Longest character reference, in bytes, from `&` to `;`.
const MAX_REFERENCE_BYTES: usize = 10;

/// The plain text of a cue's payload: without tags such as `<b>`, `<v Name>`, `<c.x>`, `<font color="red">` and times, and
/// without the settings of other formats in braces, such as `{\an8}`. What only looks like a tag is kept.
pub(super) fn plain(payload: &str) -> String {
    let mut text = String::with_capacity(payload.len());
    let mut rest = payload;
    while let Some(index) = rest.find(['<', '&', '{']) {
        text.push_str(&rest[..index]);
        rest = &rest[index..];
        let taken = match rest.as_bytes()[0] {
            b'<' => tag_length(rest, '>', |next| next.is_ascii_alphanumeric() || matches!(next, '/' | '.')),
            b'{' => tag_length(rest, '}', |next| next == '\\'),
            _ => reference(rest).map(|(decoded, length)| {
                text.extend(decoded);
                length
            }),
        };
        match taken {
            Some(length) => rest = &rest[length..],
            None => {
                text.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text
}

/// The length of a tag at the start of a text, up to and with its last character; its second one must pass a test.
fn tag_length(text: &str, last: char, is_tag: impl Fn(char) -> bool) -> Option<usize> {
    text.chars().nth(1).filter(|next| is_tag(*next))?;
    text.find(last).map(|end| end + last.len_utf8())
}

/// The character of a reference at the start of a text, and the length of the reference. Control characters and numbers of no
/// character are none.
fn reference(text: &str) -> Option<(Option<char>, usize)> {
    let end = text.bytes().take(MAX_REFERENCE_BYTES).position(|byte| byte == b';')?;
    let name = &text[1..end];
    if let Some((_, decoded)) = REFERENCES.iter().find(|(known, _)| *known == name) {
        return Some((decoded.chars().next(), end + 1));
    }
    let digits = name.strip_prefix('#')?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    let decoded = char::from_u32(code.ok()?).filter(|decoded| !decoded.is_control());
    Some((decoded, end + 1))
}

/// Plain text as the payload of a cue. `>` is escaped too, because `-->` would begin another cue, and a brace where it would
/// begin the settings of another format.
pub(super) fn escaped(text: &str) -> String {
    let mut payload = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '{' if characters.peek() == Some(&'\\') => payload.push_str("&#123;"),
            '&' => payload.push_str("&amp;"),
            '<' => payload.push_str("&lt;"),
            '>' => payload.push_str("&gt;"),
            other => payload.push(other),
        }
    }
    payload
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_are_removed_and_references_decoded() {
        let cases = [
            ("<b>Go</b> <i>on</i>", "Go on"),
            ("<v Anna Maria>Heels down</v>", "Heels down"),
            ("<c.yellow.bg_blue>Now</c> <00:01:02.500>then", "Now then"),
            (r#"<font color="red">Red</font>"#, "Red"),
            (r"{\an8}Above {now}", "Above {now}"),
            ("2 < 3 > 1 <3", "2 < 3 > 1 <3"),
            ("a <b", "a <b"),
            ("&lt;b&gt; &amp;amp; &quot;x&#39;&#x27;&nbsp;", "<b> &amp; \"x''\u{a0}"),
            ("R&D; &unknown; &#0; &#xd800; &", "R&D; &unknown;   &"),
        ];
        for (payload, text) in cases {
            assert_eq!(plain(payload), text, "{payload}");
        }
    }

    proptest! {
        #[test]
        fn escaped_text_is_plain_text_again(text in "\\PC{0,40}|[<>&;#xbv/{}\\\\ a1.]{0,20}") {
            let payload = escaped(&text);
            prop_assert!(!payload.contains("-->"));
            prop_assert_eq!(plain(&payload), text);
        }
    }
}
