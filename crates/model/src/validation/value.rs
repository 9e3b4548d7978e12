//! A parsed tree that keeps what validation needs: the order of fields, fields given twice, and the text of numbers.
//! JSON is parsed here; the catalogue converts its TOML into the same tree, so that one reader serves both formats.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The key of the map in which serde_json passes the text of a number that is not a 64-bit integer, with its feature
/// `arbitrary_precision`. Without that feature such numbers are rejected, and the tests fail.
const NUMBER_KEY: &str = "$serde_json::private::Number";

/// A value and its position in the order of the document.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Value {
    /// Increases through the document, so that faults can be sorted into its order.
    pub(crate) at: usize,
    pub(crate) kind: ValueKind,
}

/// The type and content of a value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum ValueKind {
    Null,
    Bool(bool),
    /// The decimal text of the number, with every digit as written.
    Number(String),
    Text(String),
    /// A TOML date or time, which no field accepts.
    Date,
    Array(Vec<Value>),
    /// The fields in the order of the text; a name may occur twice.
    Object(Vec<(String, Value)>),
}

impl Value {
    pub(crate) const fn new(at: usize, kind: ValueKind) -> Self {
        Self { at, kind }
    }

    /// Parses JSON. The error names line and column.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let value = JsonValue { count: &Cell::new(0) }.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }

    /// The type with its article, for a message.
    pub(crate) const fn type_name(&self) -> &'static str {
        match self.kind {
            ValueKind::Null => "null",
            ValueKind::Bool(_) => "a boolean",
            ValueKind::Number(_) => "a number",
            ValueKind::Text(_) => "a string",
            ValueKind::Date => "a date",
            ValueKind::Array(_) => "an array",
            ValueKind::Object(_) => "an object",
        }
    }
}

/// Deserializes one JSON value and numbers all values in the order of the text.
#[derive(Clone, Copy)]
struct JsonValue<'a> {
    count: &'a Cell<usize>,
}

impl JsonValue<'_> {
    fn next_number(self) -> usize {
        self.count.replace(self.count.get() + 1)
    }
}

impl<'de> DeserializeSeed<'de> for JsonValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonValue<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::new(self.next_number(), ValueKind::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::new(self.next_number(), ValueKind::Bool(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::new(self.next_number(), ValueKind::Number(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::new(self.next_number(), ValueKind::Number(value.to_string())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::new(self.next_number(), ValueKind::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let at = self.next_number();
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::new(at, ValueKind::Array(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let at = self.next_number();
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if fields.is_empty() && name == NUMBER_KEY {
                return Ok(Value::new(at, ValueKind::Number(map.next_value()?)));
            }
            fields.push((name, map.next_value_seed(self)?));
        }
        Ok(Value::new(at, ValueKind::Object(fields)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_duplicates_and_number_text_are_kept() {
        let value = Value::from_json(br#"{"b": 1.20, "a": [null, "x"], "b": 1e400}"#).unwrap();
        let ValueKind::Object(fields) = value.kind else { panic!("an object was parsed") };
        let names: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.at)).collect();
        assert_eq!(names, [("b", 1), ("a", 2), ("b", 5)]);
        assert_eq!(fields[0].1.kind, ValueKind::Number("1.20".to_owned()));
        assert_eq!(fields[2].1.kind, ValueKind::Number("1e+400".to_owned()));
    }
}
