//! Colors of the theme.

use crate::color::Color;

pub(super) const EXERCISE: Color = Color::rgb(0x22, 0xc5, 0x5e);
pub(super) const REST: Color = Color::rgb(0x38, 0xbd, 0xf8);
pub(super) const COUNTDOWN: Color = Color::rgb(0xea, 0x58, 0x0c);
pub(super) const TEXT: Color = Color::WHITE;
pub(super) const SECONDARY_TEXT: Color = Color::rgb(0xd0, 0xd5, 0xdd);
pub(super) const TRACK_ON_DARK: Color = Color::WHITE.with_alpha(0x33);
/// On a dark color a panel is a little lighter than its background.
pub(super) const PANEL_ON_DARK: Color = Color::WHITE.with_alpha(0x12);
/// Over a clip on the whole canvas, of which it lets enough through to be seen.
pub(super) const SCRIM: Color = Color::rgb(0x0b, 0x12, 0x20).with_alpha(0xbf);
/// On any other background a panel is dark enough for white text.
pub(super) const PANEL: Color = Color::rgb(0x0b, 0x12, 0x20).with_alpha(0xd8);
