//! Sentences about a plan in English and French, and its energy.

use repcast_model::catalogue::Catalogue;
use repcast_model::document::Language;

use super::candidates::{broken_rules, met_hundredths};
use super::{Assignment, SectionKind, TrainingPlan};
use crate::balance::{BalanceTarget, MAX_PARTS, WHOLE};
use crate::intent::{Focus, Intent, Region};
use crate::labels::{Label, clock, in_language};

/// The mass for which the energy is estimated.
const MASS_KG: u64 = 70;

/// The energy of a workout, and what it goes by.
pub(super) struct Energy {
    pub(super) kcal: u32,
    source: Option<String>,
    has_assumed: bool,
}

impl Energy {
    /// Sums MET × 3.5 × kg / 200 × minutes over the time of all exercises, rests excluded (2024 Adult Compendium of Physical
    /// Activities: 1 MET is 3.5 ml of oxygen per kg and minute, a litre of oxygen 5 kcal).
    pub(super) fn of(assignment: &Assignment<'_>) -> Self {
        let mut sum: u64 = 0;
        let mut sources: Vec<(&str, u64)> = Vec::new();
        let mut has_assumed = false;
        for (block, candidates) in std::iter::zip(&assignment.layout.blocks, &assignment.blocks) {
            for (position, candidate) in std::iter::zip(&block.positions, candidates) {
                let secs = u64::from(position.work) * u64::from(block.rounds());
                sum += met_hundredths(candidate.exercise).unsigned_abs() * secs;
                let profile = &candidate.exercise.profile;
                has_assumed |= profile.met.is_none();
                let source = cited_work(&profile.met_source);
                match sources.iter_mut().find(|(known, _)| *known == source) {
                    Some((_, known)) => *known += secs,
                    None if !source.is_empty() => sources.push((source, secs)),
                    None => {}
                }
            }
        }
        // 3.5 / 200 kcal per kg and minute, in hundredths of METs and seconds.
        let kcal = (sum * 35 * MASS_KG + 6_000_000) / 12_000_000;
        let source = sources.iter().max_by_key(|(_, secs)| *secs).map(|(source, _)| (*source).to_owned());
        Self { kcal: kcal as u32, source, has_assumed }
    }
}

/// The title of the work that a source cites, without the code of the activity and without English words about it, which
/// have no place in sentences of other languages: that all of it is an estimate is said in the language of the sentence.
fn cited_work(source: &str) -> &str {
    let work = source.split([',', ':']).next().unwrap_or_default().trim();
    let work = work.strip_prefix("estimated from ").or_else(|| work.strip_prefix("estimate from ")).unwrap_or(work);
    work.strip_prefix("the ").unwrap_or(work)
}

pub(super) fn sentences(
    catalogue: &Catalogue,
    intent: &Intent,
    history: &[Vec<String>],
    assignment: &Assignment<'_>,
    plan: &TrainingPlan,
    energy: &Energy,
) -> Vec<String> {
    let mut sentences = vec![times(intent.language, plan), structure(intent, assignment)];
    sentences.push(selection(catalogue, intent));
    sentences.extend(focus(intent, assignment));
    sentences.extend(wishes(catalogue, intent, plan));
    if history.iter().any(|workout| !workout.is_empty()) {
        let (english, french) = (
            "Exercises of the last three workouts were chosen less.",
            "Les exercices des trois dernières séances ont été moins choisis.",
        );
        sentences.push(in_language(intent.language, english, french).to_owned());
    }
    sentences.push(estimate(intent.language, energy));
    if !intent.conditions.is_empty() {
        let (english, french) = (
            "This is no medical advice: ask a doctor before you train with an injury, a condition or during a pregnancy, and stop when it hurts.",
            "Ceci n'est pas un avis médical : demandez à un médecin avant de vous entraîner avec une blessure, une maladie ou pendant une grossesse, et arrêtez en cas de douleur.",
        );
        sentences.push(in_language(intent.language, english, french).to_owned());
    }
    sentences
}

fn times(language: Language, plan: &TrainingPlan) -> String {
    let total = clock(plan.total_secs);
    let part = |section: &super::PlanSection| {
        let name = match section.kind {
            SectionKind::WarmUp => in_language(language, "warm-up", "échauffement"),
            SectionKind::Main => in_language(language, "main part", "corps de séance"),
            SectionKind::CoolDown => in_language(language, "cool-down", "retour au calme"),
        };
        format!("{name} {}", clock(section.secs))
    };
    let parts: Vec<String> = plan.sections.iter().map(part).collect();
    let parts = parts.join(", ");
    match language {
        _ if plan.sections.len() < 2 => {
            format!("{} {total}.", in_language(language, "The workout lasts", "La séance dure"))
        }
        Language::En => format!("The workout lasts {total}: {parts}."),
        Language::Fr => format!("La séance dure {total} : {parts}."),
    }
}

/// Rounds, exercises, work and rest of the main part.
fn structure(intent: &Intent, assignment: &Assignment<'_>) -> String {
    let main: Vec<_> = assignment.layout.blocks.iter().filter(|block| block.kind == SectionKind::Main).collect();
    let count = main.iter().map(|block| block.positions.len()).max().unwrap_or(0);
    let works = main.iter().flat_map(|block| &block.positions).map(|position| position.work);
    let (least, most) = works.fold((u32::MAX, 0), |(least, most), work| (least.min(work), most.max(work)));
    let work = if least == most { format!("{most} s") } else { format!("{least}–{most} s") };
    let rest = main.iter().flat_map(|block| &block.positions).map(|position| position.rest).max().unwrap_or(0);
    let (style, rounds, blocks) = (intent.style.label(intent.language), assignment.layout.rounds, main.len());
    match intent.language {
        Language::En => {
            let blocks = if blocks > 1 { format!("{blocks} blocks, each ") } else { String::new() };
            format!(
                "The format is {style}: {blocks}{} of {}, {work} of work and {rest} s of rest.",
                counted(rounds as usize, "round", "rounds"),
                counted(count, "exercise", "exercises"),
            )
        }
        Language::Fr => {
            let blocks = if blocks > 1 { format!("{blocks} blocs, chacun ") } else { String::new() };
            format!(
                "Format {style} : {blocks}{} de {}, {work} d'effort et {rest} s de repos.",
                counted(rounds as usize, "tour", "tours"),
                counted(count, "exercice", "exercices"),
            )
        }
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// How many exercises are left, and what leaves the others out.
fn selection(catalogue: &Catalogue, intent: &Intent) -> String {
    let language = intent.language;
    let total = catalogue.exercises().len();
    let left = catalogue.exercises().iter().filter(|exercise| broken_rules(intent, exercise).is_empty()).count();
    let level = intent.level.label(language);
    let mut reasons = vec![match language {
        Language::En => format!("level at most {level}"),
        Language::Fr => format!("niveau {level} au plus"),
    }];
    reasons.push(match (intent.equipment.is_empty(), language) {
        (true, _) => in_language(language, "no equipment", "sans matériel").to_owned(),
        (false, Language::En) => format!("equipment {}", intent.equipment.join(", ")),
        (false, Language::Fr) => format!("matériel {}", intent.equipment.join(", ")),
    });
    let avoid = &intent.avoid;
    let mut avoided: Vec<&str> = Vec::new();
    if avoid.jumps {
        avoided.push(in_language(language, "jumps", "sauts"));
    }
    avoided.extend(avoid.patterns.iter().map(|pattern| pattern.label(language)));
    avoided.extend(avoid.muscles.iter().map(|muscle| muscle.label(language)));
    let name = |id: &String| {
        catalogue
            .get(id)
            .map_or_else(|| id.clone(), |exercise| exercise.localized(in_language(language, "en", "fr")).name.clone())
    };
    let names: Vec<String> = avoid.exercises.iter().map(name).collect();
    avoided.extend(names.iter().map(String::as_str));
    if !avoided.is_empty() {
        reasons.push(format!("{} {}", in_language(language, "without", "sans"), avoided.join(", ")));
    }
    if !intent.conditions.is_empty() {
        let conditions: Vec<&str> = intent.conditions.iter().map(|condition| condition.label(language)).collect();
        reasons.push(format!(
            "{} {}",
            in_language(language, "careful with", "précautions pour"),
            conditions.join(", ")
        ));
    }
    let reasons = reasons.join(", ");
    match language {
        Language::En => format!("{left} of the {total} exercises fit: {reasons}."),
        Language::Fr => format!("{left} des {total} exercices conviennent : {reasons}."),
    }
}

/// The share of the load that is in focus.
fn focus(intent: &Intent, assignment: &Assignment<'_>) -> Option<String> {
    if intent.focus.is_empty() || intent.focus.contains(&Focus::Region(Region::FullBody)) {
        return None;
    }
    let target = BalanceTarget::of(intent);
    let mut loads = [0; MAX_PARTS];
    for (block, candidates) in std::iter::zip(&assignment.layout.blocks, &assignment.blocks) {
        for (position, candidate) in std::iter::zip(&block.positions, candidates) {
            let weight = i64::from(position.work) * i64::from(block.rounds());
            loads.iter_mut().zip(candidate.loads).for_each(|(sum, load)| *sum += load * weight);
        }
    }
    let percent = target.focused(&loads) * 100 / WHOLE;
    let names: Vec<&str> = intent.focus.iter().map(|focus| focus.label(intent.language)).collect();
    let names = names.join(", ");
    Some(match intent.language {
        Language::En => {
            format!("{percent} % of the load is on {names}; the other exercises let these muscles recover.")
        }
        Language::Fr => {
            format!(
                "{percent} % de la charge porte sur : {names} ; les autres exercices laissent récupérer ces muscles."
            )
        }
    })
}

/// Exercises that the person wants and the plan does not have.
fn wishes(catalogue: &Catalogue, intent: &Intent, plan: &TrainingPlan) -> Vec<String> {
    let is_used = |id: &String| plan.workout.exercises.iter().any(|exercise| exercise.id == *id);
    let sentence = |id: &String| {
        let Some(exercise) = catalogue.get(id) else {
            return match intent.language {
                Language::En => format!("{id} is not in the catalogue."),
                Language::Fr => format!("{id} n'est pas dans le catalogue."),
            };
        };
        let name = exercise.localized(in_language(intent.language, "en", "fr")).name.clone();
        match intent.language {
            Language::En => format!("{name} was left out: it does not fit the other wishes."),
            Language::Fr => format!("{name} : exercice écarté, il ne convient pas aux autres souhaits."),
        }
    };
    intent.prefer.iter().filter(|id| !is_used(id)).map(sentence).collect()
}

fn estimate(language: Language, energy: &Energy) -> String {
    let kcal = energy.kcal;
    let source = energy.source.as_deref().unwrap_or("2024 Adult Compendium of Physical Activities");
    let assumed = match (energy.has_assumed, language) {
        (false, _) => "",
        (true, Language::En) => ", with 3.8 where the catalogue has none",
        (true, Language::Fr) => ", avec 3,8 là où le catalogue n'en a pas",
    };
    match language {
        Language::En => format!(
            "Estimated energy: {kcal} kcal for {MASS_KG} kg, from the metabolic equivalents (MET) of the exercises ({source}){assumed}."
        ),
        Language::Fr => format!(
            "Énergie estimée : {kcal} kcal pour {MASS_KG} kg, d'après les équivalents métaboliques (MET) des exercices ({source}){assumed}."
        ),
    }
}
