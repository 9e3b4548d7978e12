//! The switch of the sound, and the level of each channel with its highest peak, in dBFS.

use egui::{Align2, Rect, Sense, Ui, Vec2, pos2};

use super::text::text;
use super::theme;
use crate::keys::Action;
use crate::window_sound::SoundView;
use repcast_engine::monitor::{MeterReading, MonitorState};

/// Points between the channels, and the height of each.
const ROW: f32 = 14.0;
const BAR_HEIGHT: f32 = 6.0;

/// Points for the highest peak as a number, and for the margin on the right.
const NUMBER_WIDTH: f32 = 40.0;
const MARGIN: f32 = 22.0;

/// The level from which a bar is yellow, in dBFS: the headroom that mixes usually keep.
const HIGH_DB: f32 = -6.0;

/// Shows switch and levels; returns the action of a click on the switch.
pub(crate) fn show(ui: &Ui, rect: Rect, sound: &SoundView) -> Option<Action> {
    let (label, color) = match sound.state {
        MonitorState::On => ("Sound on", theme::ACCENT),
        MonitorState::Off => ("Sound off", theme::FAINT),
        MonitorState::Missing => ("No sound device", theme::FAINT),
        MonitorState::Lost => ("Sound device lost", theme::PAUSED),
        MonitorState::Unresponsive => ("Sound device hangs", theme::PAUSED),
    };
    let width = rect.width() - MARGIN;
    let at = pos2(rect.left(), rect.top() + 2.0);
    let shown = text(ui, at, Align2::LEFT_TOP, &format!("{label}   a"), theme::regular(14.0), color, width);
    let response = ui.interact(shown.expand(4.0), ui.scope_id().with("sound"), Sense::click());
    let MeterReading { level_db, held_db, is_clipped, .. } = sound.levels;
    let bars = Rect::from_min_size(pos2(rect.left(), rect.top() + 28.0), Vec2::new(width - NUMBER_WIDTH, 2.0 * ROW));
    for (row, (level_db, held_db)) in (0_u8..).zip(level_db.into_iter().zip(held_db)) {
        channel(ui, bars, f32::from(row) * ROW, level_db, held_db, is_clipped);
    }
    let highest = held_db[0].max(held_db[1]);
    let number = if highest > MeterReading::FLOOR_DB { format!("{highest:.1}") } else { "\u{2013}".to_owned() };
    let color = if is_clipped { theme::ALARM } else { theme::TEXT };
    let at = pos2(rect.left() + width, bars.top() - 2.0);
    text(ui, at, Align2::RIGHT_TOP, &number, theme::regular(14.0), color, NUMBER_WIDTH);
    let at = pos2(rect.left() + width, bars.top() + 14.0);
    text(ui, at, Align2::RIGHT_TOP, "dBFS", theme::regular(10.0), theme::FAINT, NUMBER_WIDTH);
    response.clicked().then_some(Action::ToggleSound)
}

/// The bar of a channel, and the mark of its highest peak.
fn channel(ui: &Ui, bars: Rect, top: f32, level_db: f32, held_db: f32, is_clipped: bool) {
    let x_of = |level_db: f32| bars.left() + bars.width() * share(level_db);
    let bar =
        |from: f32, to: f32| Rect::from_min_max(pos2(from, bars.top() + top), pos2(to, bars.top() + top + BAR_HEIGHT));
    let painter = ui.painter();
    painter.rect_filled(bar(bars.left(), bars.right()), 2.0, theme::TRACK);
    let low = if is_clipped { theme::ALARM } else { theme::ACCENT };
    let high = if is_clipped { theme::ALARM } else { theme::PAUSED };
    painter.rect_filled(bar(bars.left(), x_of(level_db.min(HIGH_DB))), 0.0, low);
    if level_db > HIGH_DB {
        painter.rect_filled(bar(x_of(HIGH_DB), x_of(level_db)), 0.0, high);
    }
    if held_db > MeterReading::FLOOR_DB {
        let x = x_of(held_db).min(bars.right() - 2.0);
        painter.rect_filled(bar(x, x + 2.0), 0.0, if is_clipped { theme::ALARM } else { theme::TEXT });
    }
}

/// The share of a bar that a level fills.
fn share(level_db: f32) -> f32 {
    (1.0 - level_db / MeterReading::FLOOR_DB).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_at_full_scale_and_empty_at_its_floor() {
        assert_eq!([0.0, -30.0, -60.0, -120.0, 3.0].map(share), [1.0, 0.5, 0.0, 0.0, 1.0]);
    }
}
