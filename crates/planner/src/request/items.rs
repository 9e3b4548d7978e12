//! Tokens to items: durations, phrases of the vocabulary and names of exercises, the longest first.

use repcast_model::document::Language;

use super::durations::{Duration, duration_at};
use super::equipment::EquipmentNames;
use super::exercise_names::ExerciseNames;
use super::vocabulary::{Meaning, PHRASES};
use super::words::{Token, TokenClass, stems};

/// What some tokens mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ItemMeaning {
    Phrase(Meaning),
    Duration(u64),
    /// Indices of exercises of the catalogue.
    Exercises(Vec<usize>),
    /// An id of equipment that the vocabulary has no word for.
    Equipment(String),
    Comma,
    Stop,
}

/// Tokens, and all that they mean; nothing if they are not understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Item {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) meanings: Vec<ItemMeaning>,
    /// The language of the phrase, if it is of one alone.
    pub(super) language: Option<Language>,
}

impl Item {
    pub(super) fn phrase(&self) -> Option<Meaning> {
        self.meanings.iter().find_map(|meaning| match meaning {
            ItemMeaning::Phrase(phrase) => Some(*phrase),
            _ => None,
        })
    }

    pub(super) fn is(&self, phrase: Meaning) -> bool {
        self.phrase() == Some(phrase)
    }

    pub(super) fn exercises(&self) -> &[usize] {
        let exercises = self.meanings.iter().find_map(|meaning| match meaning {
            ItemMeaning::Exercises(exercises) => Some(exercises.as_slice()),
            _ => None,
        });
        exercises.unwrap_or_default()
    }
}

/// A phrase as stems, with its language.
struct Phrase {
    stems: Vec<String>,
    meaning: Meaning,
    language: Language,
}

/// Divides the tokens into items.
pub(super) fn items(tokens: &[Token], names: &ExerciseNames, equipment: &EquipmentNames) -> Vec<Item> {
    let phrases = phrases();
    let mut items: Vec<Item> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let item = item_at(tokens, at, (names, equipment), &phrases);
        at = item.end;
        items.push(item);
    }
    items
}

fn phrases() -> Vec<Phrase> {
    let of = |meaning: Meaning, language: Language, list: &'static str| {
        list.split('|').map(move |phrase| Phrase { stems: stems(phrase), meaning, language })
    };
    PHRASES
        .iter()
        .flat_map(|(meaning, english, french)| {
            of(*meaning, Language::En, english).chain(of(*meaning, Language::Fr, french))
        })
        .collect()
}

fn item_at(
    tokens: &[Token],
    at: usize,
    (names, equipment): (&ExerciseNames, &EquipmentNames),
    phrases: &[Phrase],
) -> Item {
    let rest = &tokens[at..];
    let mark = match tokens[at].class {
        TokenClass::Comma => Some(ItemMeaning::Comma),
        TokenClass::Stop => Some(ItemMeaning::Stop),
        _ => None,
    };
    if let Some(mark) = mark {
        return Item { start: at, end: at + 1, meanings: vec![mark], language: None };
    }
    let matches = |phrase: &&Phrase| {
        phrase.stems.len() <= rest.len() && std::iter::zip(&phrase.stems, rest).all(|(stem, token)| *stem == token.stem)
    };
    let found: Vec<&Phrase> = phrases.iter().filter(matches).collect();
    let phrase_length = found.iter().map(|phrase| phrase.stems.len()).max().unwrap_or(0);
    let duration: Option<Duration> = duration_at(tokens, at);
    if let Some(duration) = duration.filter(|duration| duration.end - duration.start > phrase_length) {
        let meanings = vec![ItemMeaning::Duration(duration.secs)];
        return Item { start: at, end: duration.end, meanings, language: None };
    }
    let named = names.longest(rest);
    let name_length = named.as_ref().map_or(0, |(length, _)| *length);
    let length = phrase_length.max(name_length);
    if let Some((words, id)) = equipment.longest(rest).filter(|(words, _)| *words > length) {
        let meanings = vec![ItemMeaning::Equipment(id.to_owned())];
        return Item { start: at, end: at + words, meanings, language: None };
    }
    if length == 0 {
        // A part of a name, such as burpees.
        let end = at + 1;
        let exercises = names.containing(&tokens[at..end]);
        let meanings = if exercises.is_empty() { Vec::new() } else { vec![ItemMeaning::Exercises(exercises)] };
        return Item { start: at, end, meanings, language: None };
    }
    let mut meanings = Vec::new();
    let mut languages: Vec<Language> = Vec::new();
    for phrase in found.iter().filter(|phrase| phrase.stems.len() == length) {
        if meanings.is_empty() {
            meanings.push(ItemMeaning::Phrase(phrase.meaning));
        }
        languages.push(phrase.language);
    }
    if let Some((_, exercises)) = named.filter(|(name_length, _)| *name_length == length) {
        meanings.push(ItemMeaning::Exercises(exercises));
    }
    let is_one = languages.windows(2).all(|pair| pair[0] == pair[1]);
    let language = languages.first().copied().filter(|_| is_one);
    Item { start: at, end: at + length, meanings, language }
}
