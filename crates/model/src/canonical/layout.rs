//! The layout of canonical text: which values are on one line and which have one entry a line.

use std::borrow::Cow;

use super::CanonicalValue;

/// Characters of a line, without the comma at its end, from which on a value has one entry a line.
const MAX_LINE_CHARS: usize = 100;

/// Spaces for each level.
const INDENT: usize = 2;

/// JSON with one entry a line for the root and for lists of objects; any other value is on one line where it fits.
pub(crate) fn to_json(root: &CanonicalValue) -> String {
    let mut text = String::new();
    match root {
        CanonicalValue::Scalar(scalar) => text.push_str(scalar),
        CanonicalValue::Array(items) => push_array(&mut text, items, 0),
        CanonicalValue::Object(fields) => push_object(&mut text, fields, 0),
    }
    text.push('\n');
    text
}

/// JSON without line breaks.
pub(crate) fn to_json_line(value: &CanonicalValue) -> String {
    match value {
        CanonicalValue::Scalar(scalar) => scalar.clone(),
        CanonicalValue::Array(items) => {
            let items: Vec<String> = items.iter().map(to_json_line).collect();
            format!("[{}]", items.join(", "))
        }
        CanonicalValue::Object(fields) => {
            let field = |(name, value): &(Cow<'_, str>, CanonicalValue)| format!("\"{name}\": {}", to_json_line(value));
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// `name = value`, a line of TOML; for an object a line for each of its fields, `name.field = value`. The names of its
/// fields must be bare keys (TOML 1.0, "Keys"), and their values contain no objects.
pub(crate) fn to_toml_lines(name: &str, value: &CanonicalValue) -> String {
    if let CanonicalValue::Object(fields) = value
        && !fields.is_empty()
    {
        return fields.iter().map(|(field, value)| to_toml_lines(&format!("{name}.{field}"), value)).collect();
    }
    let mut text = format!("{name} = ");
    push_value(&mut text, value, 0);
    text.push('\n');
    text
}

/// Appends a value after what is on the line already.
fn push_value(text: &mut String, value: &CanonicalValue, level: usize) {
    if !has_object_list(value) {
        let line_start = text.rfind('\n').map_or(0, |end| end + 1);
        let line = to_json_line(value);
        if text[line_start..].chars().count() + line.chars().count() <= MAX_LINE_CHARS {
            text.push_str(&line);
            return;
        }
    }
    match value {
        CanonicalValue::Scalar(scalar) => text.push_str(scalar),
        CanonicalValue::Array(items) => push_array(text, items, level),
        CanonicalValue::Object(fields) => push_object(text, fields, level),
    }
}

fn push_array(text: &mut String, items: &[CanonicalValue], level: usize) {
    text.push('[');
    for (index, item) in items.iter().enumerate() {
        push_line_start(text, index, level + 1);
        push_value(text, item, level + 1);
    }
    push_end(text, ']', level);
}

fn push_object(text: &mut String, fields: &[(Cow<'static, str>, CanonicalValue)], level: usize) {
    text.push('{');
    for (index, (name, value)) in fields.iter().enumerate() {
        push_line_start(text, index, level + 1);
        text.push_str(&format!("\"{name}\": "));
        push_value(text, value, level + 1);
    }
    push_end(text, '}', level);
}

fn push_line_start(text: &mut String, index: usize, level: usize) {
    text.push_str(if index == 0 { "\n" } else { ",\n" });
    text.extend(std::iter::repeat_n(' ', level * INDENT));
}

fn push_end(text: &mut String, bracket: char, level: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n(' ', level * INDENT));
    text.push(bracket);
}

fn has_object_list(value: &CanonicalValue) -> bool {
    match value {
        CanonicalValue::Scalar(_) => false,
        CanonicalValue::Array(items) => items.iter().any(|item| matches!(item, CanonicalValue::Object(_))),
        CanonicalValue::Object(fields) => fields.iter().any(|(_, value)| has_object_list(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::{FieldWriter, ToCanonical};

    fn list(item: &str, count: usize) -> Vec<String> {
        vec![item.to_owned(); count]
    }

    #[test]
    fn a_value_is_on_one_line_while_it_fits() {
        // `  "a": [` and `]` take 9 characters, each item 10 and the separator 2.
        let mut fields = FieldWriter::default();
        fields.required("a", &list("12345678", 7));
        let short = to_json(&fields.into_value());
        assert_eq!(short.lines().count(), 3);
        assert_eq!(short.lines().nth(1).unwrap().chars().count(), 9 + 7 * 10 + 6 * 2);
        let mut fields = FieldWriter::default();
        fields.required("a", &list("12345678", 8));
        let long = to_json(&fields.into_value());
        assert_eq!(long.lines().count(), 4 + 8, "{long}");
        assert!(long.contains("\n    \"12345678\",\n"), "{long}");
    }

    #[test]
    fn strings_are_escaped_for_json_and_toml() {
        let value = "a\"\\\n\u{1}\u{7f}é\u{2028}".to_canonical();
        assert_eq!(value, CanonicalValue::Scalar("\"a\\\"\\\\\\n\\u0001\\u007fé\u{2028}\"".to_owned()));
    }
}
