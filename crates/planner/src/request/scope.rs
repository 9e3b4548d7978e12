//! What a negation covers, and where pain is.

use super::items::{Item, ItemMeaning};
use super::vocabulary::Meaning;

/// Words without a meaning between a negation and what it negates: "no crazy jumps".
const MAX_UNKNOWN: usize = 2;
/// Items between a word of pain and the part of the body.
const PAIN_REACH: usize = 6;

/// Whether what is said is not wanted, or not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Scope {
    negation: Option<Negation>,
    /// Whether words of unknown meaning stand between the negation and this.
    pub(super) is_loose: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Negation {
    Unwanted,
    Absent,
}

impl Scope {
    pub(super) const fn is_negated(self) -> bool {
        self.negation.is_some()
    }

    /// What is not there.
    pub(super) const fn absent() -> Self {
        Self { negation: Some(Negation::Absent), is_loose: false }
    }
}

/// The scope of every item.
pub(super) fn scopes(items: &[Item]) -> Vec<Scope> {
    let mut scopes = Vec::with_capacity(items.len());
    let mut scope = Scope::default();
    // The first item that the negation covers, and whether a connector follows the last one.
    let (mut covered, mut is_connected, mut unknown): (Option<&Item>, bool, usize) = (None, false, 0);
    for (index, item) in items.iter().enumerate() {
        let end = Scope::default();
        match item.phrase() {
            Some(Meaning::Negation | Meaning::Absence) => {
                let is_absent = item.is(Meaning::Absence);
                let negation = if is_absent { Negation::Absent } else { Negation::Unwanted };
                scope = Scope { negation: Some(negation), is_loose: false };
                (covered, is_connected, unknown) = (None, false, 0);
            }
            Some(Meaning::Exception) => {
                let was_negated = scope.is_negated() && covered.is_some();
                let negation = if was_negated { None } else { Some(Negation::Unwanted) };
                scope = Scope { negation, is_loose: false };
                (covered, is_connected, unknown) = (None, false, 0);
            }
            Some(Meaning::Activity) if covered.is_none() => {}
            Some(Meaning::Affirmation | Meaning::Activity | Meaning::Ending) => scope = end,
            Some(Meaning::Or | Meaning::And) => is_connected = true,
            Some(Meaning::Filler | Meaning::Pain) => {}
            _ if item.meanings.contains(&ItemMeaning::Stop) => scope = end,
            _ if item.meanings.contains(&ItemMeaning::Comma) => {
                // Of movements a list goes on: it is safer to leave one out than to have it.
                let next = items[index + 1..].iter().find(|item| !item.is(Meaning::Filler));
                let is_movement = |item: &Item| sort(item) == MOVEMENT;
                let goes_on = covered.is_some_and(is_movement) && next.is_some_and(is_movement);
                if covered.is_some() && !goes_on && !is_list(items, index) {
                    scope = end;
                }
                is_connected = true;
            }
            _ if item.meanings.is_empty() => {
                unknown += 1;
                scope.is_loose = true;
                if unknown > MAX_UNKNOWN || covered.is_some() {
                    scope = end;
                }
            }
            _ if scope.is_negated() => match covered {
                None => covered = Some(item),
                // "No jumps and legs": what is connected by "and" is of the same sort.
                Some(first) => {
                    let is_alike = sort(first) == sort(item);
                    let is_or = items[..index].iter().rev().take(3).any(|before| before.is(Meaning::Or));
                    if !(is_alike || is_connected && is_or) {
                        scope = end;
                    }
                    is_connected = false;
                }
            },
            _ => {}
        }
        scopes.push(scope);
    }
    scopes
}

/// Whether a comma continues a list: what follows ends with another comma or "or".
fn is_list(items: &[Item], comma: usize) -> bool {
    let mut has_item = false;
    for item in &items[comma + 1..] {
        match item.phrase() {
            Some(Meaning::Filler) => {}
            Some(Meaning::Or | Meaning::And) => return has_item,
            Some(
                Meaning::Negation | Meaning::Absence | Meaning::Affirmation | Meaning::Exception | Meaning::Ending,
            ) => {
                return false;
            }
            _ if item.meanings.contains(&ItemMeaning::Comma) => return has_item && is_list_end(items, item),
            _ if item.meanings.contains(&ItemMeaning::Stop) || item.meanings.is_empty() => return false,
            _ if has_item => return false,
            _ => has_item = true,
        }
    }
    false
}

/// Whether "or" follows before the sentence ends.
fn is_list_end(items: &[Item], comma: &Item) -> bool {
    let rest = items.iter().skip_while(|item| item.start <= comma.start);
    let mut clause =
        rest.take_while(|item| !item.meanings.contains(&ItemMeaning::Stop) && !item.is(Meaning::Affirmation));
    clause.any(|item| item.is(Meaning::Or))
}

/// The sort of exercises and kinds of movement.
const MOVEMENT: u8 = 3;

/// A sort of items that "and" connects.
fn sort(item: &Item) -> u8 {
    match item.phrase() {
        Some(Meaning::Body(..)) => 1,
        Some(Meaning::Equipment(_) | Meaning::AnyEquipment) => 2,
        Some(Meaning::Pattern(_) | Meaning::Jumps | Meaning::Floor) => MOVEMENT,
        Some(Meaning::Condition(_)) => 4,
        Some(Meaning::Style(_)) => 5,
        Some(_) => 6,
        None if item.exercises().is_empty() => 7,
        None => MOVEMENT,
    }
}

/// Whether a part of the body hurts: a word of pain stands before it ("bad knees and wrists") or after it ("my knees hurt").
pub(super) fn is_painful(items: &[Item], part: usize) -> bool {
    let is_end = |item: &Item| {
        item.meanings.contains(&ItemMeaning::Stop)
            || matches!(
                item.phrase(),
                Some(Meaning::Affirmation | Meaning::Activity | Meaning::Ending | Meaning::Exception)
            )
    };
    let is_body = |item: &Item| matches!(item.phrase(), Some(Meaning::Body(..)));
    let mut has_body = false;
    for item in items[..part].iter().rev().take(PAIN_REACH) {
        let is_comma = item.meanings.contains(&ItemMeaning::Comma);
        if item.is(Meaning::Pain) {
            return true;
        }
        // A list of parts goes on after a comma, another clause does not.
        if is_end(item) || item.meanings.is_empty() || is_comma && !has_body && !is_body_before(items, part) {
            break;
        }
        has_body |= is_body(item);
        let is_between =
            is_body(item) || is_comma || matches!(item.phrase(), Some(Meaning::Filler | Meaning::And | Meaning::Or));
        if !is_between {
            break;
        }
    }
    let mut unknown = 0;
    for item in items[part + 1..].iter().take(PAIN_REACH) {
        if item.is(Meaning::Pain) {
            return true;
        }
        unknown += usize::from(item.meanings.is_empty());
        let is_unknown = item.meanings.is_empty() && unknown <= MAX_UNKNOWN;
        if !(is_unknown || item.is(Meaning::Filler) || is_body(item) || item.is(Meaning::And)) {
            break;
        }
    }
    false
}

/// Whether the item before the comma before a part is another part: "bad knees, wrists".
fn is_body_before(items: &[Item], part: usize) -> bool {
    let before = items[..part]
        .iter()
        .rev()
        .find(|item| !item.meanings.contains(&ItemMeaning::Comma) && !matches!(item.phrase(), Some(Meaning::Filler)));
    before.is_some_and(|item| matches!(item.phrase(), Some(Meaning::Body(..))))
}
