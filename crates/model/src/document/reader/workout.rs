//! Reads workouts.

use super::clip_look::clip_look;
use super::groups::{check_members, groups, played};
use super::workout_audio::{clip_audio, workout_audio};
use crate::document::defaults;
use crate::document::model::{
    Background, Format, Intensity, Language, Resolution, ThemePreset, Workout, WorkoutClipAudio, WorkoutExercise,
    WorkoutTheme,
};
use crate::document::rules::{
    CORNER_RADIUS, DURATION, ENTRIES, ID, MAX_PLAYED, ROUNDS, SAY, SECONDS, SPEED, SRC, TITLE, screen, workout_rate,
};
use crate::validation::choice::choice;
use crate::validation::node::Node;
use crate::validation::number::{integer, number};
use crate::validation::scalar::{boolean, color};
use crate::validation::text::text;
use crate::validation::value::ValueKind;

pub(super) fn workout(node: &Node<'_>) -> Option<Workout> {
    let mut fields = node.fields()?;
    let has_audio = fields.get("audio").is_some();
    let mut member_nodes = Vec::new();
    let exercises =
        fields.required("exercises", |node| node.list(ENTRIES, |node| exercise(node, has_audio, &mut member_nodes)));
    let groups = fields.optional("groups", groups);
    let groups_node = fields.get("groups");
    // Of what could not be read, nothing more is said.
    if let Some(exercises) = exercises.as_ref().filter(|_| groups.is_some() == groups_node.is_some()) {
        check_members(exercises, &member_nodes, groups.as_deref().unwrap_or_default(), groups_node.as_ref());
    }
    let groups = groups.unwrap_or_default();
    let played = exercises.as_ref().map_or(0, |exercises| played(exercises, &groups));
    if let (true, Some(node)) = (played > MAX_PLAYED, groups_node) {
        node.fault::<()>(format!("must have fewer rounds: {played} exercises are above {MAX_PLAYED}"));
    }
    let rounds = |node: &Node<'_>| {
        let rounds: u32 = integer(ROUNDS)(node)?;
        if played <= MAX_PLAYED && played * rounds as usize > MAX_PLAYED {
            return node.fault(format!("must be lower: {rounds} rounds of {played} exercises are above {MAX_PLAYED}"));
        }
        Some(rounds)
    };
    let workout = Workout {
        title: fields.or("title", String::new(), text(TITLE)),
        intensity: fields.or("intensity", Intensity::default(), choice),
        rounds: fields.or("rounds", defaults::ROUNDS, rounds),
        rest_between_rounds: fields.or("rest_between_rounds", defaults::NO_SECONDS, number(SECONDS)),
        exercises: exercises.unwrap_or_default(),
        groups,
        show_timer: fields.or("show_timer", true, boolean),
        show_progress_bar: fields.or("show_progress_bar", true, boolean),
        show_exercise_name: fields.or("show_exercise_name", true, boolean),
        show_description: fields.or("show_description", false, boolean),
        show_next_up: fields.or("show_next_up", true, boolean),
        language: fields.or("language", Language::default(), choice),
        format: fields.or("format", Format::default(), choice),
        resolution: fields.or("resolution", Resolution::default(), choice),
        fps: fields.optional("fps", workout_rate).or_else(defaults::frame_rate)?,
        intro: fields.optional("intro", screen(defaults::INTRO_SECS)),
        get_ready: fields.optional("get_ready", screen(defaults::GET_READY_SECS)),
        outro: fields.optional("outro", screen(defaults::OUTRO_SECS)),
        theme: fields.or("theme", WorkoutTheme::default(), theme),
        background: fields.optional("background", background),
        audio: fields.optional("audio", workout_audio),
        sequence: None,
    };
    fields.reject_unknown();
    Some(workout)
}

/// Reads an exercise of a workout that has `audio` or not, and keeps the node of its `group`.
fn exercise<'a>(node: &Node<'a>, has_audio: bool, member_nodes: &mut Vec<Option<Node<'a>>>) -> Option<WorkoutExercise> {
    let mut fields = node.fields()?;
    let id = fields.required("id", text(ID));
    let duration = fields.optional("duration", number(DURATION));
    let speed = fields.or("speed", defaults::SPEED, number(SPEED));
    let rest = fields.or("rest", defaults::NO_SECONDS, number(SECONDS));
    let group = fields.optional("group", text(ID));
    member_nodes.push(fields.get("group"));
    let say = fields.optional("say", text(SAY));
    let audio = fields.or("audio", WorkoutClipAudio::default(), clip_audio);
    for (name, is_given) in [("say", say.is_some()), ("audio", audio != WorkoutClipAudio::default())] {
        if let (true, false, Some(node)) = (is_given, has_audio, fields.get(name)) {
            node.fault::<()>("needs `audio` of the workout, which may be {}");
        }
    }
    let look = clip_look(&mut fields);
    fields.reject_unknown();
    Some(WorkoutExercise { id: id?, duration, speed, rest, group, say, audio, look })
}

/// Reads a theme, or the name of its preset.
fn theme(node: &Node<'_>) -> Option<WorkoutTheme> {
    if let ValueKind::Text(_) = node.kind() {
        return Some(WorkoutTheme { preset: choice(node)?, ..WorkoutTheme::default() });
    }
    let mut fields = node.fields()?;
    let theme = WorkoutTheme {
        preset: fields.or("preset", ThemePreset::default(), choice),
        accent: fields.optional("accent", color),
        rest: fields.optional("rest", color),
        warning: fields.optional("warning", color),
        text: fields.optional("text", color),
        secondary_text: fields.optional("secondary_text", color),
        panel: fields.optional("panel", color),
        corner_radius: fields.optional("corner_radius", number(CORNER_RADIUS)),
        timer: fields.optional("timer", choice),
        logo: fields.optional("logo", text(SRC)),
        font: fields.optional("font", text(SRC)),
    };
    fields.reject_unknown();
    Some(theme)
}

fn background(node: &Node<'_>) -> Option<Background> {
    let mut fields = node.fields()?;
    let given = [
        fields.get("color").map(|node| color(&node).map(Background::Color)),
        fields.get("image").map(|node| text(SRC)(&node).map(Background::Image)),
        fields.get("video").map(|node| text(SRC)(&node).map(Background::Video)),
    ];
    fields.reject_unknown();
    let mut given = given.into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(background), None) => background,
        _ => node.fault("must have exactly one of color, image and video"),
    }
}
