//! Reads a parsed tree without stopping at the first fault.
//!
//! A reader of a [`Node`] records a fault and returns `None`; its caller continues with the next value, so that all
//! faults of a document are reported at once.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::fault::{FaultList, MAX_FAULTS, ValidationFault};
use super::value::{Value, ValueKind};

/// Characters of an unknown field name that a path shows.
const MAX_NAME_CHARS: usize = 40;

/// A value and its path.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    value: &'a Value,
    place: String,
    faults: &'a FaultList,
}

impl<'a> Node<'a> {
    /// The root of a document.
    pub(crate) const fn root(value: &'a Value, faults: &'a FaultList) -> Self {
        Self { value, place: String::new(), faults }
    }

    /// The type and content of the value.
    pub(crate) const fn kind(&self) -> &'a ValueKind {
        &self.value.kind
    }

    /// The path of the value, such as `exercises[2].duration`.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Records a fault of this value. Returns `None`, so that a reader can end with it.
    pub(crate) fn fault<T>(&self, message: impl Into<String>) -> Option<T> {
        self.faults.push(self.value.at, ValidationFault { place: self.place.clone(), message: message.into() });
        None
    }

    /// Records that the value is not of the type `expected`, which includes its article.
    pub(crate) fn wrong_type<T>(&self, expected: &str) -> Option<T> {
        self.fault(format!("must be {expected}, found {}", self.value.type_name()))
    }

    /// Converts the result of a check: records the message of an error.
    pub(crate) fn check<T>(&self, checked: Result<T, String>) -> Option<T> {
        checked.map_or_else(|message| self.fault(message), Some)
    }

    /// The fields of an object.
    pub(crate) fn fields(&self) -> Option<Fields<'a>> {
        let ValueKind::Object(entries) = self.kind() else { return self.wrong_type("an object") };
        let fields = Fields { node: self.clone(), entries, accepted: Vec::new() };
        let mut seen = HashSet::new();
        for (name, value) in entries {
            if !seen.insert(name) {
                fields.child(name, value).fault::<()>("given twice");
            }
        }
        Some(fields)
    }

    /// The names and values of an object that has names of its own, at most `most` of them.
    pub(crate) fn entries(&self, most: usize) -> Option<Vec<(&'a str, Self)>> {
        let fields = self.fields()?;
        if fields.entries.len() > most {
            return self.fault(format!("must have at most {most} entries, has {}", fields.entries.len()));
        }
        Some(fields.entries.iter().map(|(name, value)| (name.as_str(), fields.child(name, value))).collect())
    }

    /// The values of an array whose length must be in `count`.
    pub(crate) fn items(&self, count: RangeInclusive<usize>) -> Option<impl Iterator<Item = Self> + use<'a>> {
        let ValueKind::Array(items) = self.kind() else { return self.wrong_type("an array") };
        if !count.contains(&items.len()) {
            let expected = match count.into_inner() {
                (least, most) if least == most => most.to_string(),
                (least, most) => format!("{least} to {most}"),
            };
            return self.fault(format!("must have {expected} entries, has {}", items.len()));
        }
        let Self { place, faults, .. } = self.clone();
        let item = move |(index, value)| Self { value, place: format!("{place}[{index}]"), faults };
        Some(items.iter().enumerate().map(item))
    }

    /// Reads every value of an array.
    pub(crate) fn list<T>(
        &self,
        count: RangeInclusive<usize>,
        mut read: impl FnMut(&Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        // Collected first: all entries are read, also after a fault.
        let items: Vec<Option<T>> = self.items(count)?.map(|item| read(&item)).collect();
        items.into_iter().collect()
    }
}

/// The fields of an object. The names that are read are the accepted ones.
pub(crate) struct Fields<'a> {
    node: Node<'a>,
    entries: &'a [(String, Value)],
    accepted: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The field of this name, if it is present.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.accepted.push(name);
        let (_, value) = self.entries.iter().find(|(given, _)| given == name)?;
        Some(self.child(name, value))
    }

    /// Reads a field that must be present.
    pub(crate) fn required<T>(&mut self, name: &'static str, read: impl FnOnce(&Node<'a>) -> Option<T>) -> Option<T> {
        match self.get(name) {
            Some(node) => read(&node),
            None => self.child(name, self.node.value).fault("is missing"),
        }
    }

    /// Reads a field that may be omitted.
    pub(crate) fn optional<T>(&mut self, name: &'static str, read: impl FnOnce(&Node<'a>) -> Option<T>) -> Option<T> {
        read(&self.get(name)?)
    }

    /// Reads a field whose omission means `default`. A faulty one is read as `default` too; its document is rejected.
    pub(crate) fn or<T>(&mut self, name: &'static str, default: T, read: impl FnOnce(&Node<'a>) -> Option<T>) -> T {
        self.optional(name, read).unwrap_or(default)
    }

    /// Records a fault for every field that was not read.
    pub(crate) fn reject_unknown(self) {
        let unknown = self.entries.iter().filter(|(name, _)| !self.accepted.contains(&name.as_str()));
        // The nearest name is searched only for faults that can be reported.
        for (name, value) in unknown.take(MAX_FAULTS) {
            let message = match nearest(name, self.accepted.iter().copied()) {
                Some(near) => format!("unknown field; did you mean {near}?"),
                None => "unknown field".to_owned(),
            };
            self.child(name, value).fault::<()>(message);
        }
    }

    fn child(&self, name: &str, value: &'a Value) -> Node<'a> {
        let shown: String = name.chars().take(MAX_NAME_CHARS).flat_map(char::escape_debug).collect();
        let place = if self.node.place.is_empty() { shown } else { format!("{}.{shown}", self.node.place) };
        Node { value, place, faults: self.node.faults }
    }
}

/// The accepted name that `name` probably misspells: at most one edit away, or two for names of five characters or more.
#[must_use]
pub fn nearest<'a>(name: &str, accepted: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().take(MAX_NAME_CHARS).count();
    if length == MAX_NAME_CHARS {
        return None;
    }
    // Others cannot be that near, and need not be compared.
    let is_similar = |candidate: &&str| candidate.chars().count().abs_diff(length) <= 2;
    let candidates = accepted.into_iter().filter(is_similar);
    let candidates = candidates.map(|candidate| (strsim::levenshtein(name, candidate), candidate));
    let (distance, candidate) = candidates.min()?;
    let max_distance = if length < 5 { 1 } else { 2 };
    (distance <= max_distance).then_some(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_recognised() {
        let accepted = ["duration", "speed", "rest", "id", "show_timer"];
        let cases = [
            ("durration", Some("duration")),
            ("sped", Some("speed")),
            ("Id", Some("id")),
            ("showtimer", Some("show_timer")),
            ("banana", None),
            ("", None),
        ];
        for (name, near) in cases {
            assert_eq!(nearest(name, accepted), near, "{name}");
        }
        assert_eq!(nearest(&"duration".repeat(10_000), accepted), None);
    }
}
