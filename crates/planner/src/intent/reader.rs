//! Reads intents from JSON, with all faults.
//!
//! A field that is missing or null has its default: language models fill every key, forms only some.

use repcast_model::document::{ValidationFault, nearest};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::names::Named;
use super::{Avoid, Intent, MAX_FOCUS, MAX_IDS, MAX_MINUTES};

/// Longest id, as in catalogues.
const MAX_ID_CHARS: usize = 100;
/// Most faults that are reported.
const MAX_REPORTED: usize = 100;

impl<'de> Deserialize<'de> for Intent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(from)?).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            D::Error::custom(faults.join("; "))
        })
    }
}

impl Intent {
    /// Reads an intent. Fields that are missing or null have their defaults.
    ///
    /// # Errors
    /// All faults, each with the path of its field.
    pub fn from_value(value: &Value) -> Result<Self, Vec<ValidationFault>> {
        let mut faults = Faults::default();
        let default = Self::default();
        let Some(mut fields) = faults.object("", value) else { return Err(faults.0) };
        let intent = Self {
            minutes: fields.number("minutes", 1..=MAX_MINUTES).unwrap_or(default.minutes),
            seconds: fields.number("seconds", 0..=59).unwrap_or(default.seconds),
            level: fields.choice("level").unwrap_or(default.level),
            focus: fields.choices("focus", MAX_FOCUS),
            avoid: match fields.take("avoid") {
                Some(value) => avoid(value, fields.faults),
                None => Avoid::default(),
            },
            conditions: fields.choices("conditions", MAX_IDS),
            equipment: fields.ids("equipment"),
            prefer: fields.ids("prefer"),
            style: fields.choice("style").unwrap_or(default.style),
            language: fields.choice("language").unwrap_or(default.language),
            intensity: fields.choice("intensity").unwrap_or(default.intensity),
            seed: fields.number("seed", 0..=u32::MAX).unwrap_or(default.seed),
        };
        fields.reject_unknown();
        faults.check_total(&intent);
        if faults.0.is_empty() { Ok(intent) } else { Err(faults.0) }
    }

    /// Whether every value is within its bounds, as those that were read are.
    ///
    /// # Errors
    /// All faults, each with the path of its field.
    pub fn validate(&self) -> Result<(), Vec<ValidationFault>> {
        let value = serde_json::to_value(self)
            .map_err(|error| vec![ValidationFault { place: String::new(), message: error.to_string() }])?;
        Self::from_value(&value).map(|_| ())
    }
}

fn avoid(value: &Value, faults: &mut Faults) -> Avoid {
    let Some(mut fields) = faults.object("avoid", value) else { return Avoid::default() };
    let avoid = Avoid {
        jumps: fields.boolean("jumps"),
        patterns: fields.choices("patterns", MAX_IDS),
        muscles: fields.choices("muscles", MAX_IDS),
        exercises: fields.ids("exercises"),
    };
    fields.reject_unknown();
    avoid
}

#[derive(Default)]
struct Faults(Vec<ValidationFault>);

impl Faults {
    fn push(&mut self, place: impl Into<String>, message: impl Into<String>) {
        if self.0.len() < MAX_REPORTED {
            self.0.push(ValidationFault { place: place.into(), message: message.into() });
        }
    }

    fn object<'a>(&'a mut self, place: &'static str, value: &'a Value) -> Option<Fields<'a>> {
        match value {
            Value::Object(values) => Some(Fields { place, values, known: Vec::new(), faults: self }),
            _ => {
                self.push(place, "must be an object");
                None
            }
        }
    }

    fn check_total(&mut self, intent: &Intent) {
        if intent.total_secs() > MAX_MINUTES * 60 {
            self.push("seconds", format!("must be 0 with {MAX_MINUTES} minutes, the longest workout"));
        }
    }
}

/// The fields of an object, which are read by name.
struct Fields<'a> {
    place: &'static str,
    values: &'a Map<String, Value>,
    known: Vec<&'static str>,
    faults: &'a mut Faults,
}

impl<'a> Fields<'a> {
    fn path(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    fn fault(&mut self, path: &str, message: impl Into<String>) {
        self.faults.push(path, message);
    }

    fn take(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.values.get(name).filter(|value| !value.is_null())
    }

    fn number(&mut self, name: &'static str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let value = self.take(name)?;
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("must be a whole number from {} to {}", range.start(), range.end());
            self.fault(&self.path(name), message);
        }
        number
    }

    fn boolean(&mut self, name: &'static str) -> bool {
        let Some(value) = self.take(name) else { return false };
        if !value.is_boolean() {
            self.fault(&self.path(name), "must be true or false");
        }
        value.as_bool().unwrap_or(false)
    }

    fn choice<T: Named>(&mut self, name: &'static str) -> Option<T> {
        let value = self.take(name)?;
        let path = self.path(name);
        self.named(&path, value)
    }

    fn named<T: Named>(&mut self, path: &str, value: &Value) -> Option<T> {
        let names = T::names();
        let chosen = names.iter().find(|(name, _)| value.as_str() == Some(name));
        if chosen.is_none() {
            let names: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
            self.fault(path, format!("must be one of {}", names.join(", ")));
        }
        chosen.map(|(_, value)| *value)
    }

    fn list<T: PartialEq>(
        &mut self,
        name: &'static str,
        most: usize,
        mut read: impl FnMut(&mut Self, &str, &'a Value) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.take(name) else { return Vec::new() };
        let path = self.path(name);
        let Value::Array(items) = value else {
            self.fault(&path, "must be an array");
            return Vec::new();
        };
        if items.len() > most {
            self.fault(&path, format!("must have at most {most} entries, has {}", items.len()));
            return Vec::new();
        }
        let mut list = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = format!("{path}[{index}]");
            match read(self, &path, item) {
                Some(item) if list.contains(&item) => self.fault(&path, "is given already"),
                Some(item) => list.push(item),
                None => {}
            }
        }
        list
    }

    fn choices<T: Named>(&mut self, name: &'static str, most: usize) -> Vec<T> {
        self.list(name, most, |fields, path, value| fields.named(path, value))
    }

    fn ids(&mut self, name: &'static str) -> Vec<String> {
        self.list(name, MAX_IDS, |fields, path, value| {
            let is_id_char = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
            let id = value.as_str().filter(|id| !id.is_empty() && id.len() <= MAX_ID_CHARS);
            let id = id.filter(|id| id.chars().all(is_id_char));
            if id.is_none() {
                fields.fault(path, "must be an id: 1 to 100 of the characters A-Z, a-z, 0-9, _ and -");
            }
            id.map(str::to_owned)
        })
    }

    fn reject_unknown(self) {
        for name in self.values.keys().filter(|name| !self.known.contains(&name.as_str())).take(MAX_REPORTED) {
            let message = match nearest(name, self.known.iter().copied()) {
                Some(near) => format!("unknown field; did you mean {near}?"),
                None => "unknown field".to_owned(),
            };
            let shown: String = name.chars().take(40).flat_map(char::escape_debug).collect();
            let path = self.path(&shown);
            self.faults.push(path, message);
        }
    }
}
