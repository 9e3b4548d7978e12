//! A parsed tree that keeps what reading a document needs: the order of fields, fields given twice, and the text of
//! numbers. JSON comes in here; the catalogue brings its TOML into the same shape, so that both are read by one reader.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The name under which serde_json hands over the text of a number that is no 64-bit integer, with its feature
/// `arbitrary_precision`. Without that feature such numbers are refused, and the tests fail.
const NUMBER_KEY: &str = "$serde_json::private::Number";

/// A value and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Value {
    /// Grows from the document's beginning to its end, so that faults can be told in that order.
    pub(crate) at: usize,
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    /// The decimal text of the number, with every digit as written.
    Number(String),
    Text(String),
    /// A TOML date or time: no field wants one.
    Date,
    Array(Vec<Value>),
    /// The fields as written, the same name perhaps twice.
    Object(Vec<(String, Value)>),
}

impl Value {
    pub(crate) const fn new(at: usize, kind: Kind) -> Self {
        Self { at, kind }
    }

    /// Parses JSON. The error names line and column.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let value = JsonValue { count: &Cell::new(0) }.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }

    /// The kind with its article, for a message.
    pub(crate) const fn found(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a string",
            Kind::Date => "a date",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }
}

/// Reads one JSON value, numbering values as they come.
#[derive(Clone, Copy)]
struct JsonValue<'a> {
    count: &'a Cell<usize>,
}

impl JsonValue<'_> {
    fn next(self) -> usize {
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
        Ok(Value::new(self.next(), Kind::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::new(self.next(), Kind::Bool(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::new(self.next(), Kind::Number(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::new(self.next(), Kind::Number(value.to_string())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::new(self.next(), Kind::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let at = self.next();
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::new(at, Kind::Array(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let at = self.next();
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if fields.is_empty() && name == NUMBER_KEY {
                return Ok(Value::new(at, Kind::Number(map.next_value()?)));
            }
            fields.push((name, map.next_value_seed(self)?));
        }
        Ok(Value::new(at, Kind::Object(fields)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_repetition_and_number_text_survive() {
        let value = Value::from_json(br#"{"b": 1.20, "a": [null, "x"], "b": 1e400}"#).unwrap();
        let Kind::Object(fields) = value.kind else { panic!("an object was parsed") };
        let names: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.at)).collect();
        assert_eq!(names, [("b", 1), ("a", 2), ("b", 5)]);
        assert_eq!(fields[0].1.kind, Kind::Number("1.20".to_owned()));
        assert_eq!(fields[2].1.kind, Kind::Number("1e+400".to_owned()));
    }
}
