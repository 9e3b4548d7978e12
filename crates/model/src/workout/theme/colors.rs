//! The colors of a theme: those of its preset, and what the document states instead.

use crate::color::{Color, contrast};
use crate::document::{ThemePreset, TimerLook, WorkoutTheme};
use crate::time::{Rational, to_f64};

/// Contrast of a ground up to which it counts as of the same kind as the theme's own: a dark theme needs no stronger panel.
const SIMILAR_CONTRAST: f64 = 1.6;

/// The resolved look of a workout.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Colors {
    /// Behind everything.
    pub(super) ground: Color,
    /// The light behind the figure; transparent for none.
    pub(super) light: Color,
    /// The shadow on the floor below the figure; transparent for none.
    pub(super) shadow: Color,
    /// Panels on the ground.
    pub(super) panel: Color,
    /// Panels over an image, a video or a ground of another kind.
    pub(super) strong_panel: Color,
    /// The part of bars and rings that is still to come.
    pub(super) track: Color,
    pub(super) text: Color,
    pub(super) secondary_text: Color,
    pub(super) exercise: Color,
    pub(super) rest: Color,
    pub(super) warning: Color,
    /// Corner radius in layout units; `None` for that of the layout.
    pub(super) corner_radius: Option<f32>,
    pub(super) timer: TimerLook,
}

impl Colors {
    /// The look of a theme.
    pub(super) fn of(theme: &WorkoutTheme) -> Self {
        let preset = preset(theme.preset);
        let panel = theme.panel;
        Self {
            panel: panel.unwrap_or(preset.panel),
            strong_panel: panel.unwrap_or(preset.strong_panel),
            text: theme.text.unwrap_or(preset.text),
            secondary_text: theme.secondary_text.or(theme.text).unwrap_or(preset.secondary_text),
            exercise: theme.accent.unwrap_or(preset.exercise),
            rest: theme.rest.unwrap_or(preset.rest),
            warning: theme.warning.unwrap_or(preset.warning),
            corner_radius: theme.corner_radius.map(|radius: Rational| to_f64(radius) as f32),
            timer: theme.timer.unwrap_or(preset.timer),
            ..preset
        }
    }

    /// Whether a ground is like that of the theme, so that its light and its panels suit it.
    pub(super) fn suit(&self, ground: Color) -> bool {
        ground == self.ground || contrast(ground, self.ground) <= SIMILAR_CONTRAST
    }
}

/// White or nearly black, whichever is seen better on a color.
pub(super) fn text_on(ground: Color) -> Color {
    const INK: Color = Color::rgb(0x10, 0x18, 0x28);
    if contrast(Color::WHITE, ground) >= contrast(INK, ground) { Color::WHITE } else { INK }
}

fn preset(name: ThemePreset) -> Colors {
    let rgb = |value: u32| {
        let [_, red, green, blue] = value.to_be_bytes();
        Color::rgb(red, green, blue)
    };
    let white = |alpha: u8| Color::WHITE.with_alpha(alpha);
    let dark = |ground: u32, light: u32, [exercise, rest, warning]: [u32; 3], timer| Colors {
        ground: rgb(ground),
        light: rgb(light),
        shadow: Color::BLACK.with_alpha(0x90),
        panel: white(0x14),
        strong_panel: rgb(ground).with_alpha(0xe6),
        track: white(0x33),
        text: Color::WHITE,
        secondary_text: rgb(0xd0d5dd),
        exercise: rgb(exercise),
        rest: rgb(rest),
        warning: rgb(warning),
        corner_radius: None,
        timer,
    };
    let (clock, ring) = (TimerLook::Clock, TimerLook::Ring);
    match name {
        ThemePreset::Midnight => dark(0x101828, 0x2a4068, [0x34d27b, 0x5cc8fb, 0xff8a3d], clock),
        ThemePreset::Ocean => dark(0x062430, 0x10464f, [0x2dd4bf, 0x7dd3fc, 0xfbbf24], ring),
        ThemePreset::Ember => dark(0x1c1210, 0x54301f, [0xfb923c, 0xfde08a, 0xff7b72], clock),
        ThemePreset::Forest => dark(0x0e1f17, 0x284c32, [0xa3e635, 0x67e8f9, 0xfb923c], clock),
        ThemePreset::Berry => dark(0x211029, 0x54305f, [0xf472b6, 0xb4b8fd, 0xfde047], ring),
        ThemePreset::Contrast => Colors {
            light: Color::BLACK.with_alpha(0),
            shadow: Color::BLACK.with_alpha(0),
            panel: Color::BLACK,
            strong_panel: Color::BLACK,
            track: white(0x59),
            secondary_text: Color::WHITE,
            ..dark(0x000000, 0x000000, [0xffe500, 0xffffff, 0xff9e3d], clock)
        },
        ThemePreset::Daylight => Colors {
            ground: rgb(0xe6ebf2),
            light: Color::WHITE,
            shadow: rgb(0x101828).with_alpha(0x40),
            panel: Color::WHITE,
            strong_panel: white(0xf0),
            track: rgb(0xd0d5dd),
            text: rgb(0x101828),
            secondary_text: rgb(0x475467),
            exercise: rgb(0x0f7a3d),
            rest: rgb(0x0666a6),
            warning: rgb(0xc2410c),
            ..dark(0xffffff, 0xffffff, [0; 3], clock)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::over;
    use crate::validation::choice::Choice;

    /// WCAG 2.1, 1.4.3 and 1.4.11: 4.5 for text, 3 for what is not text.
    #[test]
    fn every_preset_has_enough_contrast() {
        for (name, value) in ThemePreset::NAMES {
            let colors = preset(*value);
            for ground in [over(colors.panel, colors.ground), over(colors.strong_panel, Color::WHITE)] {
                let texts = [colors.text, colors.secondary_text, colors.exercise, colors.rest, colors.warning];
                for color in texts {
                    assert!(contrast(color, ground) >= 4.5, "{name}: {color} on {ground}: {}", contrast(color, ground));
                }
                let track = over(colors.track, ground);
                for color in [colors.exercise, colors.rest, colors.warning] {
                    let found = contrast(color, track);
                    assert!(found >= 2.0, "{name}: a bar in {color} on its track {track}: {found}");
                }
            }
            for bar in [colors.exercise, colors.rest, colors.warning] {
                assert!(contrast(bar, colors.ground) >= 3.0, "{name}: {bar} on the ground");
                assert!(contrast(text_on(bar), bar) >= 4.5, "{name}: digits on {bar}");
            }
        }
    }

    #[test]
    fn a_ground_of_another_kind_does_not_suit_a_theme() {
        let (midnight, daylight) = (preset(ThemePreset::Midnight), preset(ThemePreset::Daylight));
        assert!(midnight.suit(Color::BLACK) && !midnight.suit(Color::WHITE));
        assert!(daylight.suit(Color::WHITE) && !daylight.suit(Color::rgb(0x80, 0x80, 0x80)));
    }
}
