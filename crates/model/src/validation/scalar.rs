//! Booleans and colors.

use schemars::{Schema, json_schema};

use super::node::Node;
use super::schema::merge;
use super::value::ValueKind;
use crate::color::Color;

/// Reads a boolean.
pub(crate) fn boolean(node: &Node<'_>) -> Option<bool> {
    match node.kind() {
        ValueKind::Bool(value) => Some(*value),
        _ => node.wrong_type("true or false"),
    }
}

/// Reads a color.
pub(crate) fn color(node: &Node<'_>) -> Option<Color> {
    match node.kind() {
        ValueKind::Text(text) => node.check(text.parse()),
        _ => node.wrong_type("a color such as \"#22c55e\""),
    }
}

/// Adds the notation of colors to the schema of a field.
pub(crate) fn color_pattern(schema: &mut Schema) {
    let pattern = "^#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})$";
    merge(schema, json_schema!({ "type": "string", "pattern": pattern }));
}
