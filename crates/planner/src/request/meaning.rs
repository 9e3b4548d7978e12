//! Items to an intent: negations, pain, exceptions, and what contradicts what was said before.

use repcast_model::catalogue::{Catalogue, Difficulty, MovementPattern};
use repcast_model::document::{Intensity, Language};

use super::equipment::EquipmentNames;
use super::exercise_names::ExerciseNames;
use super::items::{Item, ItemMeaning};
use super::scope::{Scope, is_painful, scopes};
use super::vocabulary::Meaning;
use super::words::Token;
use super::{ParsedRequest, RequestPart, RequestTopic};
use crate::intent::{Condition, Focus, Intent, MAX_MINUTES, Region, WorkoutStyle};
use crate::labels::{Label, clock, in_language};

/// Most entries of a list of an intent, as its reader allows.
const MAX_LISTED: usize = 64;
/// Most regions and muscles in focus.
const MAX_FOCUS: usize = 8;
/// Most exercises that a name may stand for, to be wanted.
const MAX_WANTED: usize = 4;
/// Items before a stretch in which the end of a workout makes it no style.
const ENDING_REACH: usize = 5;

/// Reads the items of a request.
pub(super) fn understand(
    catalogue: &Catalogue,
    names: &ExerciseNames,
    tokens: &[Token],
    items: &[Item],
    default_language: Language,
) -> ParsedRequest {
    let language = language(items).unwrap_or(default_language);
    let intent = Intent { language, ..Intent::default() };
    let request = ParsedRequest { intent, parts: Vec::new(), ignored: Vec::new(), notes: Vec::new() };
    let mut reader = Reader {
        catalogue,
        names,
        equipment: EquipmentNames::of(catalogue),
        items,
        tokens,
        request,
        duration: None,
        level: None,
        intensity: None,
        style: None,
    };
    for (index, scope) in scopes(items).into_iter().enumerate() {
        reader.item(index, scope);
    }
    reader.finish()
}

/// The language of most phrases, or the one that is asked for.
fn language(items: &[Item]) -> Option<Language> {
    let asked = items.iter().find_map(|item| match item.phrase() {
        Some(Meaning::Language(language)) => Some(language),
        _ => None,
    });
    let count = |language| {
        let of = items.iter().filter(|item| item.language == Some(language));
        of.map(|item| item.end - item.start).sum::<usize>()
    };
    let (english, french) = (count(Language::En), count(Language::Fr));
    asked.or_else(|| match english.cmp(&french) {
        std::cmp::Ordering::Greater => Some(Language::En),
        std::cmp::Ordering::Less => Some(Language::Fr),
        std::cmp::Ordering::Equal => None,
    })
}

struct Reader<'a> {
    catalogue: &'a Catalogue,
    names: &'a ExerciseNames,
    equipment: EquipmentNames,
    items: &'a [Item],
    tokens: &'a [Token],
    request: ParsedRequest,
    duration: Option<u64>,
    level: Option<Difficulty>,
    intensity: Option<Intensity>,
    style: Option<WorkoutStyle>,
}

impl Reader<'_> {
    fn language(&self) -> Language {
        self.request.intent.language
    }

    fn part(&mut self, index: usize, topic: RequestTopic, label: impl Into<String>) {
        let item = &self.items[index];
        let (start, end) = (self.tokens[item.start].bytes.start, self.tokens[item.end - 1].bytes.end);
        self.request.parts.push(RequestPart { start, end, topic, label: label.into() });
    }

    /// A label of what is not wanted.
    fn without(&self, label: &str) -> String {
        format!("{} {label}", in_language(self.language(), "no", "sans"))
    }

    fn ignore(&mut self, index: usize) {
        let item = &self.items[index];
        let words = self.tokens[item.start..item.end].iter().map(|token| token.stem.clone());
        let word = words.collect::<Vec<_>>().join(" ");
        if self.request.ignored.len() < super::MAX_IGNORED && !self.request.ignored.contains(&word) {
            self.request.ignored.push(word);
        }
    }

    fn item(&mut self, index: usize, scope: Scope) {
        let item = &self.items[index];
        for meaning in &item.meanings {
            match meaning {
                ItemMeaning::Duration(secs) => self.duration(index, *secs),
                ItemMeaning::Phrase(phrase) => self.phrase(index, *phrase, scope),
                ItemMeaning::Exercises(_) => self.exercises(index, scope),
                ItemMeaning::Equipment(id) => self.equipment(index, id.clone(), scope.is_negated()),
                ItemMeaning::Comma | ItemMeaning::Stop => {}
            }
        }
    }

    fn phrase(&mut self, index: usize, phrase: Meaning, scope: Scope) {
        let language = self.language();
        let is_negated = scope.is_negated();
        match phrase {
            Meaning::Level(level) => self.level(index, level, is_negated),
            Meaning::Intensity(intensity) => self.intensity(index, intensity, is_negated),
            Meaning::Style(style) => self.style(index, style, is_negated),
            Meaning::Body(focus, condition) => self.body(index, focus, condition, scope),
            Meaning::Pattern(pattern) if is_negated => {
                push(&mut self.request.intent.avoid.patterns, pattern);
                let label = self.without(pattern.label(language));
                self.part(index, RequestTopic::Avoid, label);
            }
            // A movement that is wanted, and that no exercise is named after.
            Meaning::Pattern(_) if self.items[index].exercises().is_empty() => self.ignore(index),
            Meaning::Jumps if is_negated => self.no_jumps(index),
            Meaning::Jumps => self.ignore(index),
            Meaning::LowImpact => self.no_jumps(index),
            Meaning::Floor if is_negated => self.condition(index, Condition::NoFloor),
            Meaning::Standing if !is_negated => self.condition(index, Condition::NoFloor),
            Meaning::Condition(condition) if !is_negated || scope.is_loose => self.condition(index, condition),
            Meaning::Equipment(id) => {
                let id = self.equipment.id(id);
                self.equipment(index, id, is_negated);
            }
            Meaning::AnyEquipment if is_negated => {
                let label = in_language(language, "no equipment", "sans matériel");
                self.part(index, RequestTopic::Equipment, label);
            }
            Meaning::AnyEquipment => self.ignore(index),
            Meaning::BodyWeight => {
                let label = in_language(language, "body weight", "poids du corps");
                self.part(index, RequestTopic::Equipment, label);
            }
            Meaning::Language(of) => self.part(index, RequestTopic::Language, of.label(language)),
            _ => {}
        }
    }

    fn duration(&mut self, index: usize, secs: u64) {
        if let Some(first) = self.duration {
            if first != secs {
                let (first, other) = (clock(first.min(86_400) as u32), clock(secs.min(86_400) as u32));
                self.request.notes.push(match self.language() {
                    Language::En => format!("Several lengths are given: {first} is used, {other} is not."),
                    Language::Fr => {
                        format!("Plusieurs durées sont données : {first} est retenue, {other} ne l'est pas.")
                    }
                });
            }
            return;
        }
        self.duration = Some(secs);
        let bounded = secs.clamp(60, u64::from(MAX_MINUTES) * 60) as u32;
        if u64::from(bounded) != secs {
            let length = clock(bounded);
            self.request.notes.push(match self.language() {
                Language::En => format!("Workouts last 1 to {MAX_MINUTES} minutes: {length} is used."),
                Language::Fr => format!("Les séances durent de 1 à {MAX_MINUTES} minutes : {length} est retenu."),
            });
        }
        (self.request.intent.minutes, self.request.intent.seconds) = (bounded / 60, bounded % 60);
        self.part(index, RequestTopic::Duration, clock(bounded));
    }

    /// A note that something contradicts what was said first.
    fn contradiction(&mut self, used: &str, other: &str) {
        self.request.notes.push(match self.language() {
            Language::En => format!("The request says both {used} and {other}: {used} is used."),
            Language::Fr => format!("La demande dit {used} et {other} : {used} est retenu."),
        });
    }

    fn level(&mut self, index: usize, level: Difficulty, is_negated: bool) {
        let level = match (is_negated, level) {
            (false, level) => level,
            (true, Difficulty::Advanced | Difficulty::Beginner) => Difficulty::Intermediate,
            (true, Difficulty::Intermediate) => Difficulty::Beginner,
        };
        let label = level.label(self.language());
        match self.level {
            Some(first) if first != level => return self.contradiction(first.label(self.language()), label),
            _ => self.level = Some(level),
        }
        self.request.intent.level = level;
        self.part(index, RequestTopic::Level, label);
    }

    fn intensity(&mut self, index: usize, intensity: Intensity, is_negated: bool) {
        let intensity = if is_negated { Intensity::Medium } else { intensity };
        let label = intensity.label(self.language());
        match self.intensity {
            Some(first) if first != intensity => return self.contradiction(first.label(self.language()), label),
            _ => self.intensity = Some(intensity),
        }
        self.request.intent.intensity = intensity;
        self.part(index, RequestTopic::Intensity, label);
    }

    fn style(&mut self, index: usize, style: WorkoutStyle, is_negated: bool) {
        let label = style.label(self.language());
        let before = &self.items[index.saturating_sub(ENDING_REACH)..index];
        let clause = before.iter().rev().take_while(|item| !item.meanings.contains(&ItemMeaning::Stop));
        let is_ending = style == WorkoutStyle::Stretch && clause.clone().any(|item| item.is(Meaning::Ending));
        if is_negated {
            let label = self.without(label);
            return self.part(index, RequestTopic::Style, label);
        }
        if is_ending {
            return;
        }
        match self.style {
            Some(first) if first != style => return self.contradiction(first.label(self.language()), label),
            _ => self.style = Some(style),
        }
        self.request.intent.style = style;
        self.part(index, RequestTopic::Style, label);
    }

    /// A part of the body: a condition where it hurts, else something to train or to leave out.
    fn body(&mut self, index: usize, focus: Option<Focus>, condition: Option<Condition>, scope: Scope) {
        if let Some(condition) = condition.filter(|_| is_painful(self.items, index)) {
            // Nothing is left out for a pain that is not there.
            if scope != Scope::absent() {
                self.condition(index, condition);
            }
            return;
        }
        match (focus, condition) {
            (Some(focus), _) if scope.is_negated() => self.avoid_focus(index, focus),
            (Some(focus), _) => {
                let list = &mut self.request.intent.focus;
                if list.len() < MAX_FOCUS {
                    push(list, focus);
                }
                self.part(index, RequestTopic::Focus, focus.label(self.language()));
            }
            (None, Some(condition)) if scope.is_negated() && scope != Scope::absent() => {
                self.condition(index, condition);
            }
            _ => self.ignore(index),
        }
    }

    fn avoid_focus(&mut self, index: usize, focus: Focus) {
        let avoid = &mut self.request.intent.avoid;
        match focus {
            Focus::Region(Region::Cardio) => push(&mut avoid.patterns, MovementPattern::Cardio),
            Focus::Region(Region::FullBody) => return self.ignore(index),
            Focus::Region(region) => {
                region.parts().iter().copied().flatten().for_each(|muscle| push(&mut avoid.muscles, *muscle));
                if region == Region::Core {
                    push(&mut avoid.patterns, MovementPattern::Core);
                }
            }
            Focus::Muscle(muscle) => push(&mut avoid.muscles, muscle),
        }
        let label = self.without(focus.label(self.language()));
        self.part(index, RequestTopic::Avoid, label);
    }

    fn no_jumps(&mut self, index: usize) {
        self.request.intent.avoid.jumps = true;
        let label = in_language(self.language(), "no jumps", "sans sauts");
        self.part(index, RequestTopic::Avoid, label);
    }

    fn condition(&mut self, index: usize, condition: Condition) {
        push(&mut self.request.intent.conditions, condition);
        self.part(index, RequestTopic::Condition, condition.label(self.language()));
    }

    fn equipment(&mut self, index: usize, id: String, is_negated: bool) {
        let label = if is_negated { self.without(&id) } else { id.clone() };
        if !is_negated {
            push(&mut self.request.intent.equipment, id);
        }
        self.part(index, RequestTopic::Equipment, label);
    }

    fn exercises(&mut self, index: usize, scope: Scope) {
        let item = &self.items[index];
        let catalogue = self.catalogue;
        let exact = item.exercises();
        let name = |index: &usize| {
            let exercise = &catalogue.exercises()[*index];
            (
                exercise.id.clone(),
                exercise.localized(in_language(self.request.intent.language, "en", "fr")).name.clone(),
            )
        };
        let named: Vec<(String, String)> = if scope.is_negated() {
            let mut all = exact.to_vec();
            all.extend(self.names.containing(&self.tokens[item.start..item.end]));
            all.sort_unstable();
            all.dedup();
            all.iter().map(name).collect()
        } else {
            exact.iter().map(name).collect()
        };
        let has_phrase = item.phrase().is_some_and(|phrase| !matches!(phrase, Meaning::Pattern(_) | Meaning::Filler));
        if has_phrase && !scope.is_negated() || named.is_empty() {
            return;
        }
        if scope.is_negated() {
            let list = &mut self.request.intent.avoid.exercises;
            for (id, _) in &named {
                if list.len() < MAX_LISTED {
                    push(list, id.clone());
                }
            }
            let names: Vec<String> = named.iter().take(3).map(|(_, name)| name.clone()).collect();
            let label = self.without(&names.join(", "));
            return self.part(index, RequestTopic::Avoid, label);
        }
        if named.len() > MAX_WANTED {
            return self.ignore(index);
        }
        for (id, name) in named {
            if self.request.intent.prefer.len() < MAX_LISTED {
                push(&mut self.request.intent.prefer, id);
                self.part(index, RequestTopic::Exercise, name);
            }
        }
    }

    /// The request with its intent free of contradictions: what is to be avoided is not wanted.
    fn finish(mut self) -> ParsedRequest {
        let intent = &mut self.request.intent;
        let avoided = intent.avoid.exercises.clone();
        intent.prefer.retain(|id| !avoided.contains(id));
        if intent.style == WorkoutStyle::Stretch {
            intent.avoid.patterns.retain(|pattern| *pattern != MovementPattern::Mobility);
        }
        self.request
    }
}

/// Adds a value that is not in the list.
fn push<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}
