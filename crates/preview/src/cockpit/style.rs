//! Colors, sizes and fonts of the cockpit: those of the player page.

use std::sync::Arc;

use egui::{Color32, Context, FontData, FontDefinitions, FontFamily, FontId, Visuals};

use repcast_compositor::FONTS;

/// Behind the bar.
pub(crate) const PANEL: Color32 = Color32::from_rgb(15, 20, 31);
/// Behind dialogs.
pub(crate) const CARD: Color32 = Color32::from_rgb(24, 31, 46);
/// Lines, and what is not filled yet.
pub(crate) const TRACK: Color32 = Color32::from_rgb(42, 52, 73);
/// What matters.
pub(crate) const TEXT: Color32 = Color32::from_rgb(240, 244, 250);
/// What explains it.
pub(crate) const FAINT: Color32 = Color32::from_rgb(146, 158, 180);
/// Progress.
pub(crate) const ACCENT: Color32 = Color32::from_rgb(34, 197, 94);
/// What holds.
pub(crate) const PAUSED: Color32 = Color32::from_rgb(250, 190, 60);
/// What is wrong.
pub(crate) const ALARM: Color32 = Color32::from_rgb(248, 92, 92);

const BOLD: &str = "bold";

/// Text of common weight.
pub(crate) fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Text that stands out.
pub(crate) fn bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(BOLD.into()))
}

/// What lies around the picture and behind the bar: the window is cleared with it, and nothing has to fill it.
pub(crate) fn ground() -> wgpu::Color {
    let [red, green, blue, _] = PANEL.to_array().map(|value| f64::from(value) / 255.0);
    wgpu::Color { r: red, g: green, b: blue, a: 1.0 }
}

/// Gives a context the fonts and colors.
pub(crate) fn dress(context: &Context) {
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
    context.set_visuals(visuals);
}
