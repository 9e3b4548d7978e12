//! Reads a parsed tree without stopping at the first fault.
//!
//! A [`Node`] is a value that knows its place. What reads it gives `None` after noting why, and its caller goes on with
//! the next value, so that the author of a document learns of all faults at once.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::fault::{Fault, Faults, MAX_FAULTS};
use super::value::{Kind, Value};

/// Characters shown of a name that nobody knows.
const MAX_SHOWN: usize = 40;

/// A value at its place.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    value: &'a Value,
    place: String,
    faults: &'a Faults,
}

impl<'a> Node<'a> {
    /// The whole document.
    pub(crate) const fn root(value: &'a Value, faults: &'a Faults) -> Self {
        Self { value, place: String::new(), faults }
    }

    /// What the value is.
    pub(crate) const fn kind(&self) -> &'a Kind {
        &self.value.kind
    }

    /// Where the value stands, in words.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Notes a fault of this value. Gives `None`, so that a reader can end with it.
    pub(crate) fn fault<T>(&self, message: impl Into<String>) -> Option<T> {
        self.faults.push(self.value.at, Fault { place: self.place.clone(), message: message.into() });
        None
    }

    /// Notes that the value is of another type than `wanted`, which comes with its article.
    pub(crate) fn wrong_type<T>(&self, wanted: &str) -> Option<T> {
        self.fault(format!("must be {wanted}, found {}", self.value.found()))
    }

    /// Passes on what was found to be right, or notes what was found to be wrong.
    pub(crate) fn check<T>(&self, checked: Result<T, String>) -> Option<T> {
        checked.map_or_else(|message| self.fault(message), Some)
    }

    /// The fields of an object.
    pub(crate) fn fields(&self) -> Option<Fields<'a>> {
        let Kind::Object(entries) = self.kind() else { return self.wrong_type("an object") };
        let fields = Fields { node: self.clone(), entries, known: Vec::new() };
        let mut seen = HashSet::new();
        for (name, value) in entries {
            if !seen.insert(name) {
                fields.child(name, value).fault::<()>("given twice");
            }
        }
        Some(fields)
    }

    /// The values of an array, whose number must be in `count`.
    pub(crate) fn items(&self, count: RangeInclusive<usize>) -> Option<impl Iterator<Item = Self> + use<'a>> {
        let Kind::Array(items) = self.kind() else { return self.wrong_type("an array") };
        if !count.contains(&items.len()) {
            let wanted = match count.into_inner() {
                (least, most) if least == most => most.to_string(),
                (least, most) => format!("{least} to {most}"),
            };
            return self.fault(format!("must have {wanted} entries, has {}", items.len()));
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
        // All are read before the first fault counts.
        let items: Vec<Option<T>> = self.items(count)?.map(|item| read(&item)).collect();
        items.into_iter().collect()
    }
}

/// The fields of an object. Which names are known follows from what is asked for.
pub(crate) struct Fields<'a> {
    node: Node<'a>,
    entries: &'a [(String, Value)],
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The field of this name, if it is given.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.known.push(name);
        let (_, value) = self.entries.iter().find(|(given, _)| given == name)?;
        Some(self.child(name, value))
    }

    /// A field that must be given.
    pub(crate) fn required<T>(&mut self, name: &'static str, read: impl FnOnce(&Node<'a>) -> Option<T>) -> Option<T> {
        match self.get(name) {
            Some(node) => read(&node),
            None => self.child(name, self.node.value).fault("is missing"),
        }
    }

    /// A field that may be left out.
    pub(crate) fn optional<T>(&mut self, name: &'static str, read: impl FnOnce(&Node<'a>) -> Option<T>) -> Option<T> {
        read(&self.get(name)?)
    }

    /// A field that stands for `default` when it is left out. A faulty one does too: its document is refused anyway.
    pub(crate) fn or<T>(&mut self, name: &'static str, default: T, read: impl FnOnce(&Node<'a>) -> Option<T>) -> T {
        self.optional(name, read).unwrap_or(default)
    }

    /// Refuses every field that was not asked for.
    pub(crate) fn refuse_others(self) {
        let others = self.entries.iter().filter(|(name, _)| !self.known.contains(&name.as_str()));
        // More than are told need no search for the nearest name.
        for (name, value) in others.take(MAX_FAULTS) {
            let message = match nearest(name, &self.known) {
                Some(near) => format!("unknown field; did you mean {near}?"),
                None => "unknown field".to_owned(),
            };
            self.child(name, value).fault::<()>(message);
        }
    }

    fn child(&self, name: &str, value: &'a Value) -> Node<'a> {
        let shown: String = name.chars().take(MAX_SHOWN).flat_map(char::escape_debug).collect();
        let place = if self.node.place.is_empty() { shown } else { format!("{}.{shown}", self.node.place) };
        Node { value, place, faults: self.node.faults }
    }
}

/// The known name that `name` is likely a slip of: one character differs, or two where it has at least five.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let length = name.chars().take(MAX_SHOWN).count();
    if length == MAX_SHOWN {
        return None;
    }
    let candidates = known.iter().map(|candidate| (edit_distance(name, candidate), *candidate));
    let (distance, candidate) = candidates.min()?;
    let tolerated = if length < 5 { 1 } else { 2 };
    (distance <= tolerated).then_some(candidate)
}

/// How many characters must be put in, left out or exchanged to turn one text into the other (Levenshtein).
fn edit_distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, character) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in to.iter().enumerate() {
            let exchanged = diagonal + usize::from(character != *other);
            diagonal = row[column + 1];
            row[column + 1] = exchanged.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised() {
        let known = ["duration", "speed", "rest", "id", "show_timer"];
        let cases = [
            ("durration", Some("duration")),
            ("sped", Some("speed")),
            ("Id", Some("id")),
            ("showtimer", Some("show_timer")),
            ("banana", None),
            ("", None),
        ];
        for (name, near) in cases {
            assert_eq!(nearest(name, &known), near, "{name}");
        }
        assert_eq!(nearest(&"duration".repeat(10_000), &known), None);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }
}
