//! Brings TOML into the tree that documents are read from, numbers as they are written.

use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

use crate::document::Fault;
use crate::document::value::{Kind, Value};

/// Parses TOML.
pub(super) fn parse(text: &str) -> Result<Value, Fault> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map(|span| span.start);
        Fault::whole(format!(
            "is not valid TOML{}: {}",
            at.map_or_else(String::new, |at| line(text, at)),
            error.message()
        ))
    })?;
    Ok(Value::new(0, object(table.get_ref())))
}

fn value(value: &Spanned<DeValue<'_>>) -> Value {
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Integer(integer) => Kind::Number(decimal(integer)),
        // TOML allows a plus sign that JSON does not.
        DeValue::Float(float) => Kind::Number(float.as_str().trim_start_matches('+').to_owned()),
        DeValue::Boolean(value) => Kind::Bool(*value),
        DeValue::Datetime(_) => Kind::Date,
        DeValue::Array(items) => array(items),
        DeValue::Table(table) => object(table),
    };
    Value::new(value.span().start, kind)
}

fn array(items: &DeArray<'_>) -> Kind {
    Kind::Array(items.iter().map(value).collect())
}

fn object(table: &DeTable<'_>) -> Kind {
    Kind::Object(table.iter().map(|(name, field)| (name.get_ref().to_string(), value(field))).collect())
}

/// The number in the notation of JSON, where it is not too large to matter.
fn decimal(integer: &DeInteger<'_>) -> String {
    let digits = integer.as_str().trim_start_matches('+');
    i128::from_str_radix(digits, integer.radix()).map_or_else(|_| digits.to_owned(), |value| value.to_string())
}

/// Where a byte stands, as an addition to a message.
fn line(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
    format!(" at line {} column {column}", before.matches('\n').count() + 1)
}
