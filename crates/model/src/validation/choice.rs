//! Values that are written as one of several names. One table serves the reader, the schema and the writer.

use schemars::{Schema, json_schema};
use serde_json::json;

use super::node::Node;
use super::schema::merge;
use super::value::ValueKind;

/// A type whose values have names in documents.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    /// Every name and its value. A value may have several names; the first is the canonical one.
    const NAMES: &'static [(&'static str, Self)];
}

/// Reads a name.
pub(crate) fn choice<T: Choice>(node: &Node<'_>) -> Option<T> {
    let expected = || {
        let names: Vec<&str> = T::NAMES.iter().map(|(name, _)| *name).collect();
        format!("one of {}", names.join(", "))
    };
    let ValueKind::Text(text) = node.kind() else { return node.wrong_type(&expected()) };
    let chosen = T::NAMES.iter().find(|(name, _)| name == text);
    chosen.map_or_else(|| node.fault(format!("must be {}", expected())), |(_, value)| Some(*value))
}

/// Adds the names to the schema of a field.
pub(crate) fn choices<T: Choice>(schema: &mut Schema) {
    let names: Vec<&str> = T::NAMES.iter().map(|(name, _)| *name).collect();
    merge(schema, json_schema!({ "type": "string", "enum": json!(names) }));
}

/// The canonical name of a value. Every value has one: see the test of each table.
pub(crate) fn name_of<T: Choice>(value: T) -> &'static str {
    T::NAMES.iter().find(|(_, named)| *named == value).map_or("", |(name, _)| name)
}
