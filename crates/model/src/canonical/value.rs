//! Values and fields to write.

use std::borrow::Cow;

use crate::color::Color;
use crate::time::{FrameRate, Rational, format_rational};
use crate::validation::choice::{Choice, name_of};

/// A value to write.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum CanonicalValue {
    /// A string, a number or a boolean, in a notation that JSON and TOML share.
    Scalar(String),
    Array(Vec<Self>),
    /// Fields in canonical order.
    Object(Vec<(Cow<'static, str>, Self)>),
}

/// A conversion to the value that documents write.
pub(crate) trait ToCanonical {
    fn to_canonical(&self) -> CanonicalValue;
}

impl ToCanonical for bool {
    fn to_canonical(&self) -> CanonicalValue {
        CanonicalValue::Scalar(self.to_string())
    }
}

impl ToCanonical for u16 {
    fn to_canonical(&self) -> CanonicalValue {
        CanonicalValue::Scalar(self.to_string())
    }
}

impl ToCanonical for u32 {
    fn to_canonical(&self) -> CanonicalValue {
        CanonicalValue::Scalar(self.to_string())
    }
}

impl ToCanonical for Rational {
    /// A number if it has an exact decimal notation, else a string with a fraction.
    fn to_canonical(&self) -> CanonicalValue {
        let text = format_rational(*self);
        if text.contains('/') { text.as_str().to_canonical() } else { CanonicalValue::Scalar(text) }
    }
}

impl ToCanonical for FrameRate {
    fn to_canonical(&self) -> CanonicalValue {
        self.per_second().to_canonical()
    }
}

impl ToCanonical for Color {
    fn to_canonical(&self) -> CanonicalValue {
        self.to_string().as_str().to_canonical()
    }
}

impl ToCanonical for str {
    /// A JSON string. It is a TOML basic string too (TOML 1.0, "String"): the escapes are the same, and the one control
    /// character that JSON allows unescaped is escaped.
    fn to_canonical(&self) -> CanonicalValue {
        CanonicalValue::Scalar(serde_json::Value::from(self).to_string().replace('\u{7f}', "\\u007f"))
    }
}

impl ToCanonical for String {
    fn to_canonical(&self) -> CanonicalValue {
        self.as_str().to_canonical()
    }
}

impl<T: Choice> ToCanonical for T {
    fn to_canonical(&self) -> CanonicalValue {
        name_of(*self).to_canonical()
    }
}

impl<T: ToCanonical> ToCanonical for Vec<T> {
    fn to_canonical(&self) -> CanonicalValue {
        CanonicalValue::Array(self.iter().map(ToCanonical::to_canonical).collect())
    }
}

impl<const N: usize> ToCanonical for [Rational; N] {
    fn to_canonical(&self) -> CanonicalValue {
        CanonicalValue::Array(self.iter().map(ToCanonical::to_canonical).collect())
    }
}

/// The fields of an object, written in the order of the calls. The methods are named as those that read.
#[derive(Default)]
pub(crate) struct FieldWriter(Vec<(Cow<'static, str>, CanonicalValue)>);

impl FieldWriter {
    /// Writes a field that must be present.
    pub(crate) fn required(&mut self, name: &'static str, value: &(impl ToCanonical + ?Sized)) {
        self.0.push((name.into(), value.to_canonical()));
    }

    /// Writes a field that may be absent.
    pub(crate) fn optional(&mut self, name: &'static str, value: Option<&impl ToCanonical>) {
        if let Some(value) = value {
            self.required(name, value);
        }
    }

    /// Writes a field unless it has its default value.
    pub(crate) fn or<T: ToCanonical + PartialEq>(&mut self, name: &'static str, default: &T, value: &T) {
        if value != default {
            self.required(name, value);
        }
    }

    /// The object with these fields.
    pub(crate) fn into_value(self) -> CanonicalValue {
        CanonicalValue::Object(self.0)
    }

    /// The fields in order.
    pub(crate) fn into_fields(self) -> Vec<(Cow<'static, str>, CanonicalValue)> {
        self.0
    }
}
