//! Writes workouts.

use super::clip_look::clip_look;
use crate::canonical::{CanonicalValue, FieldWriter, ToCanonical};
use crate::document::defaults;
use crate::document::model::{
    Background, Format, Group, Intensity, Language, Resolution, ThemePreset, Workout, WorkoutClipAudio,
    WorkoutExercise, WorkoutTheme,
};

pub(super) fn workout(workout: &Workout) -> CanonicalValue {
    let Workout {
        title,
        intensity,
        rounds,
        rest_between_rounds,
        exercises,
        groups,
        show_timer,
        show_progress_bar,
        show_exercise_name,
        show_description,
        show_next_up,
        language,
        format,
        resolution,
        fps,
        intro,
        get_ready,
        outro,
        theme,
        background,
        audio,
        // Not a part of documents.
        sequence: _,
    } = workout;
    let mut fields = FieldWriter::default();
    fields.or("title", &String::new(), title);
    fields.or("intensity", &Intensity::default(), intensity);
    fields.or("rounds", &defaults::ROUNDS, rounds);
    fields.or("rest_between_rounds", &defaults::NO_SECONDS, rest_between_rounds);
    fields.required("exercises", exercises);
    fields.or("groups", &Vec::new(), groups);
    fields.or("show_timer", &true, show_timer);
    fields.or("show_progress_bar", &true, show_progress_bar);
    fields.or("show_exercise_name", &true, show_exercise_name);
    fields.or("show_description", &false, show_description);
    fields.or("show_next_up", &true, show_next_up);
    fields.or("language", &Language::default(), language);
    fields.or("format", &Format::default(), format);
    fields.or("resolution", &Resolution::default(), resolution);
    fields.optional("fps", Some(fps).filter(|fps| defaults::frame_rate() != Some(**fps)));
    fields.optional("intro", intro.as_ref());
    fields.optional("get_ready", get_ready.as_ref());
    fields.optional("outro", outro.as_ref());
    fields.or("theme", &WorkoutTheme::default(), theme);
    fields.optional("background", background.as_ref());
    fields.optional("audio", audio.as_ref());
    fields.into_value()
}

impl ToCanonical for WorkoutExercise {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { id, duration, speed, rest, group, say, audio, look } = self;
        let mut fields = FieldWriter::default();
        fields.required("id", id);
        fields.optional("duration", duration.as_ref());
        fields.or("speed", &defaults::SPEED, speed);
        fields.or("rest", &defaults::NO_SECONDS, rest);
        fields.optional("group", group.as_ref());
        fields.optional("say", say.as_ref());
        fields.or("audio", &WorkoutClipAudio::default(), audio);
        clip_look(&mut fields, look);
        fields.into_value()
    }
}

impl ToCanonical for Group {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { id, title, rounds, rest_between_rounds, every, duration, rest } = self;
        let mut fields = FieldWriter::default();
        fields.required("id", id);
        fields.or("title", &String::new(), title);
        fields.or("rounds", &defaults::ROUNDS, rounds);
        fields.or("rest_between_rounds", &defaults::NO_SECONDS, rest_between_rounds);
        fields.optional("every", every.as_ref());
        fields.optional("duration", duration.as_ref());
        fields.or("rest", &defaults::NO_SECONDS, rest);
        fields.into_value()
    }
}

impl ToCanonical for WorkoutTheme {
    fn to_canonical(&self) -> CanonicalValue {
        let Self { preset, accent, rest, warning, text, secondary_text, panel, corner_radius, timer, logo, font } =
            self;
        // The name alone stands for a preset as it is.
        if *self == (Self { preset: *preset, ..Self::default() }) {
            return preset.to_canonical();
        }
        let mut fields = FieldWriter::default();
        fields.or("preset", &ThemePreset::default(), preset);
        let colors = [("accent", accent), ("rest", rest), ("warning", warning), ("text", text)];
        let colors = colors.into_iter().chain([("secondary_text", secondary_text), ("panel", panel)]);
        colors.for_each(|(name, color)| fields.optional(name, color.as_ref()));
        fields.optional("corner_radius", corner_radius.as_ref());
        fields.optional("timer", timer.as_ref());
        fields.optional("logo", logo.as_ref());
        fields.optional("font", font.as_ref());
        fields.into_value()
    }
}

impl ToCanonical for Background {
    fn to_canonical(&self) -> CanonicalValue {
        let mut fields = FieldWriter::default();
        match self {
            Self::Color(color) => fields.required("color", color),
            Self::Image(src) => fields.required("image", src),
            Self::Video(src) => fields.required("video", src),
        }
        fields.into_value()
    }
}
