//! Converts TOML to the tree that validation reads, with the text of numbers.

use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

use crate::validation::ValidationFault;
use crate::validation::value::{Value, ValueKind};

/// Parses TOML.
pub(super) fn parse(text: &str) -> Result<Value, ValidationFault> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map(|span| span.start);
        ValidationFault::of_document(format!(
            "is not valid TOML{}: {}",
            at.map_or_else(String::new, |at| line(text, at)),
            error.message()
        ))
    })?;
    Ok(Value::new(0, object(table.get_ref())))
}

fn value(value: &Spanned<DeValue<'_>>) -> Value {
    let kind = match value.get_ref() {
        DeValue::String(text) => ValueKind::Text(text.to_string()),
        DeValue::Integer(integer) => ValueKind::Number(decimal(integer)),
        // TOML allows a leading plus sign, JSON does not.
        DeValue::Float(float) => ValueKind::Number(float.as_str().trim_start_matches('+').to_owned()),
        DeValue::Boolean(value) => ValueKind::Bool(*value),
        DeValue::Datetime(_) => ValueKind::Date,
        DeValue::Array(items) => array(items),
        DeValue::Table(table) => object(table),
    };
    Value::new(value.span().start, kind)
}

fn array(items: &DeArray<'_>) -> ValueKind {
    ValueKind::Array(items.iter().map(value).collect())
}

fn object(table: &DeTable<'_>) -> ValueKind {
    ValueKind::Object(table.iter().map(|(name, field)| (name.get_ref().to_string(), value(field))).collect())
}

/// An integer in decimal notation. One that exceeds 128 bits keeps its own, which is out of range for every field.
fn decimal(integer: &DeInteger<'_>) -> String {
    let digits = integer.as_str().trim_start_matches('+');
    i128::from_str_radix(digits, integer.radix()).map_or_else(|_| digits.to_owned(), |value| value.to_string())
}

/// The position of a byte, as a part of a message.
fn line(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
    format!(" at line {} column {column}", before.matches('\n').count() + 1)
}
