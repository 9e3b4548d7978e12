//! Colors, sizes and fonts of the cockpit: those of the player page.

use std::sync::Arc;

use egui::{Color32, Context, FontData, FontDefinitions, FontFamily, FontId, Visuals};

use repcast_compositor::FONTS;

/// Background of the bar, and of the area around the frame.
pub(crate) const PANEL: Color32 = Color32::from_rgb(15, 20, 31);
/// Background of dialogs: another tone than the cards of workouts, over which they lie.
pub(crate) const CARD: Color32 = Color32::from_rgb(30, 40, 62);
/// Edge of dialogs.
pub(crate) const EDGE: Color32 = Color32::from_rgb(82, 98, 130);
/// Background of buttons.
pub(crate) const BUTTON: Color32 = Color32::from_rgb(27, 35, 52);
/// Lines, and the part of the timeline after the position.
pub(crate) const TRACK: Color32 = Color32::from_rgb(42, 52, 73);
/// Primary text.
pub(crate) const TEXT: Color32 = Color32::from_rgb(240, 244, 250);
/// Secondary text.
pub(crate) const FAINT: Color32 = Color32::from_rgb(146, 158, 180);
/// Progress while playing.
pub(crate) const ACCENT: Color32 = Color32::from_rgb(34, 197, 94);
/// Progress while paused, loop marks, and warnings.
pub(crate) const PAUSED: Color32 = Color32::from_rgb(250, 190, 60);
/// Errors and the "live" dot.
pub(crate) const ALARM: Color32 = Color32::from_rgb(248, 92, 92);

const BOLD: &str = "bold";

/// The regular font at a size in points.
pub(crate) fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// The bold font at a size in points.
pub(crate) fn bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(BOLD.into()))
}

/// The color that the window is cleared with: the background of the bar and of the area around the frame.
pub(crate) fn clear_color() -> wgpu::Color {
    let [red, green, blue, _] = PANEL.to_array().map(|value| f64::from(value) / 255.0);
    wgpu::Color { r: red, g: green, b: blue, a: 1.0 }
}

/// Sets the fonts and colors of an egui context.
pub(crate) fn apply_theme(context: &Context) {
    let mut fonts = FontDefinitions::empty();
    for (name, data) in [("Inter", FONTS[0]), (BOLD, FONTS[1])] {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(data)));
    }
    let families =
        [(FontFamily::Proportional, "Inter"), (FontFamily::Monospace, "Inter"), (FontFamily::Name(BOLD.into()), BOLD)];
    for (family, font) in families {
        fonts.families.insert(family, vec![font.to_owned()]);
    }
    context.set_fonts(fonts);
    let mut visuals = Visuals::dark();
    visuals.window_fill = CARD;
    visuals.panel_fill = PANEL;
    visuals.extreme_bg_color = PANEL;
    visuals.override_text_color = Some(TEXT);
    visuals.widgets.inactive.weak_bg_fill = BUTTON;
    visuals.widgets.hovered.weak_bg_fill = TRACK;
    context.set_visuals(visuals);
}
