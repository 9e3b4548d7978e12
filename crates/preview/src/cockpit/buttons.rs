//! The buttons in the bar: what the keys do, for a pointer. Each has a tooltip with its key.

use egui::{Align2, Color32, Id, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::icons::Icon;
use super::text::text;
use super::theme;
use crate::controller::PreviewView;
use crate::keys::{Action, WindowMode};
use repcast_model::session::SessionState;

/// Height of the row, in points.
pub(crate) const HEIGHT: f32 = 28.0;

/// Widths in points: of a button with an icon alone, and of what is around icon and label, with room and without.
const ICON_BUTTON_WIDTH: f32 = 32.0;
const PADDING: f32 = 10.0;
const NARROW_PADDING: f32 = 5.0;
const ICON_WIDTH: f32 = 22.0;
/// Distance between two buttons, and what is added between two groups.
const GAP: f32 = 4.0;
const GROUP_GAP: f32 = 5.0;

/// Size of the labels, in points.
const LABEL_SIZE: f32 = 14.0;

/// The button that F6 has chosen, among those that are shown.
#[derive(Default)]
pub(crate) struct ButtonFocus {
    index: Option<usize>,
    shown: Vec<Action>,
}

impl ButtonFocus {
    /// Moves to the next button, or to the one before; from the last to the first.
    pub(crate) fn advance(&mut self, is_forward: bool) {
        let count = self.shown.len();
        if count == 0 {
            return;
        }
        self.index = Some(match (self.index, is_forward) {
            (Some(index), true) => (index + 1) % count,
            (Some(index), false) => (index + count - 1) % count,
            (None, true) => 0,
            (None, false) => count - 1,
        });
    }

    /// The action of the chosen button.
    pub(crate) fn action(&self) -> Option<Action> {
        self.index.and_then(|index| self.shown.get(index).copied())
    }

    /// Leaves the buttons; returns whether one was chosen.
    pub(crate) fn clear(&mut self) -> bool {
        self.index.take().is_some()
    }
}

/// A button, or a text between buttons.
struct Item {
    /// `None` for a text.
    action: Option<Action>,
    icon: Icon,
    label: String,
    tip: &'static str,
    /// What a narrow bar keeps: the items with the highest ranks are hidden first.
    rank: u8,
    /// Whether a narrow bar keeps its label.
    is_labelled: bool,
    /// Whether a group begins with it.
    begins_group: bool,
}

impl Item {
    fn new(rank: u8, action: Action, icon: Icon, label: &str, tip: &'static str) -> Self {
        let (action, label) = (Some(action), label.to_owned());
        Self { action, icon, label, tip, rank, is_labelled: icon == Icon::None, begins_group: false }
    }

    fn beginning_group(self) -> Self {
        Self { begins_group: true, ..self }
    }

    fn labelled(self) -> Self {
        Self { is_labelled: true, ..self }
    }
}

/// All buttons of a mode, in their order. The last stands at the right end of the bar.
fn items(mode: WindowMode, view: &PreviewView) -> Vec<Item> {
    let state = view.status.state;
    let mut items = match state {
        SessionState::Waiting => {
            vec![Item::new(0, Action::TogglePause, Icon::Play, "Start", "Start the session   Space, Enter").labelled()]
        }
        _ => {
            let (icon, tip) = match state {
                SessionState::Paused => (Icon::Play, "Resume   Space"),
                _ => (Icon::Pause, "Pause   Space"),
            };
            vec![
                Item::new(
                    2,
                    Action::Back,
                    Icon::Back,
                    "",
                    "To the start of this chapter, or the one before   \u{2190}",
                ),
                Item::new(0, Action::TogglePause, icon, "", tip),
                Item::new(1, Action::Skip, Icon::Skip, "", "To the next chapter   \u{2192}"),
            ]
        }
    };
    items.push(Item::new(5, Action::Slower, Icon::Minus, "", "Slower   \u{2193}").beginning_group());
    let speed = format!("{:.2} x", view.status.speed);
    items.push(Item {
        action: None,
        label: speed,
        is_labelled: true,
        ..Item::new(5, Action::Slower, Icon::None, "", "")
    });
    items.push(Item::new(5, Action::Faster, Icon::Plus, "", "Faster   \u{2191}"));
    let chapters = Item::new(4, Action::Chapters, Icon::Chapters, "Chapters", "List of chapters   l").beginning_group();
    match mode {
        WindowMode::Live => items.extend([
            Item::new(7, Action::Repeat, Icon::Repeat, "Repeat", "Do this exercise once more after it   r")
                .beginning_group(),
            Item::new(6, Action::Extend, Icon::None, "+15 s", "15 seconds more of this chapter   e"),
            Item::new(8, Action::ReplaceNext, Icon::Replace, "Replace next", "Another exercise as the next one   x"),
            Item::new(4, Action::Message, Icon::Message, "Message", "A message on the screen   m"),
            chapters,
            Item::new(7, Action::Join, Icon::Join, "Join", "Links and QR code for viewers   j"),
        ]),
        WindowMode::Document => items.push(chapters),
    }
    items.push(Item::new(3, Action::Help, Icon::None, "?", "All keys   ?").beginning_group());
    items
}

/// The widths of an item with its label and without.
#[derive(Clone, Copy)]
struct Widths {
    rank: u8,
    gap: f32,
    labelled: f32,
    icon: f32,
}

/// The width of each item: with labels if there is room, otherwise without, and `None` for those that do not fit.
fn arrange(widths: &[Widths], room: f32) -> Vec<Option<f32>> {
    let sum = |widths: &[Option<f32>], gaps: &[Widths]| -> f32 {
        widths.iter().zip(gaps).filter_map(|(width, item)| width.map(|width| width + item.gap)).sum()
    };
    let labelled: Vec<Option<f32>> = widths.iter().map(|item| Some(item.labelled)).collect();
    if sum(&labelled, widths) <= room {
        return labelled;
    }
    let mut shown: Vec<Option<f32>> = widths.iter().map(|item| Some(item.icon)).collect();
    while sum(&shown, widths) > room {
        let visible = widths.iter().zip(&shown).filter(|(_, shown)| shown.is_some());
        let Some(rank) = visible.map(|(item, _)| item.rank).max() else { break };
        for (item, shown) in widths.iter().zip(&mut shown) {
            *shown = shown.filter(|_| item.rank != rank);
        }
    }
    shown
}

fn widths(ui: &Ui, item: &Item) -> Widths {
    let label = super::text::figures_width(ui, &item.label, &theme::regular(LABEL_SIZE));
    let icon = if item.icon == Icon::None { 0.0 } else { ICON_WIDTH };
    let labelled = match (item.action, item.label.is_empty()) {
        (Some(_), true) => ICON_BUTTON_WIDTH,
        (Some(_), false) => (2.0 * PADDING + icon + label).max(ICON_BUTTON_WIDTH),
        (None, _) => label + 4.0,
    };
    let gap = if item.begins_group { GAP + GROUP_GAP } else { GAP };
    let narrow = match item.icon {
        Icon::None if item.action.is_some() => (2.0 * NARROW_PADDING + label).max(ICON_BUTTON_WIDTH),
        _ if item.is_labelled => labelled,
        _ => ICON_BUTTON_WIDTH,
    };
    Widths { rank: item.rank, gap, labelled, icon: narrow }
}

/// Shows the row; returns the action of the button that was clicked.
pub(crate) fn show(
    ui: &Ui,
    area: Rect,
    mode: WindowMode,
    view: &PreviewView,
    focus: &mut ButtonFocus,
) -> Option<Action> {
    let items = items(mode, view);
    let all: Vec<Widths> = items.iter().map(|item| widths(ui, item)).collect();
    let arranged = arrange(&all, area.width());
    let last = items.len() - 1;
    let mut x = area.left();
    let (mut clicked, mut shown) = (None, Vec::new());
    for (index, ((item, size), width)) in items.iter().zip(&all).zip(&arranged).enumerate() {
        let Some(width) = *width else { continue };
        if index == last {
            x = area.right() - width;
        } else if x > area.left() {
            x += size.gap;
        }
        let rect = Rect::from_min_size(pos2(x, area.top()), vec2(width, area.height()));
        x = rect.right();
        let Some(action) = item.action else {
            let at = rect.left_center() + vec2(2.0, 0.0);
            text(ui, at, Align2::LEFT_CENTER, &item.label, theme::regular(LABEL_SIZE), theme::TEXT, width);
            continue;
        };
        let has_label = width > ICON_BUTTON_WIDTH || item.is_labelled;
        let is_focused = focus.index == Some(shown.len());
        shown.push(action);
        if button(ui, rect, item, has_label, is_focused) {
            clicked = Some(action);
        }
    }
    focus.shown = shown;
    clicked
}

fn button(ui: &Ui, rect: Rect, item: &Item, has_label: bool, is_focused: bool) -> bool {
    let response = ui.interact(rect, Id::unique(("button", item.tip)), Sense::click()).on_hover_text(item.tip);
    let is_start = item.label == "Start";
    let (fill, color) = match (is_start, response.is_pointer_button_down_on(), response.hovered()) {
        (true, _, false) => (theme::ACCENT, theme::PANEL),
        (true, ..) => (theme::TEXT, theme::PANEL),
        (false, true, _) => (theme::FAINT, theme::PANEL),
        (false, false, true) => (theme::TRACK, theme::TEXT),
        (false, false, false) => (theme::BUTTON, theme::TEXT),
    };
    ui.painter().rect_filled(rect, 6.0, fill);
    if is_focused {
        ui.painter().rect_stroke(rect.expand(1.0), 7.0, Stroke::new(2.0, theme::PAUSED), StrokeKind::Outside);
    }
    let label = |at, anchor, color: Color32| {
        text(ui, at, anchor, &item.label, theme::regular(LABEL_SIZE), color, rect.width());
    };
    match (item.icon, has_label && !item.label.is_empty()) {
        (Icon::None, _) => label(rect.center(), Align2::CENTER_CENTER, color),
        (icon, false) => icon.draw(ui.painter(), rect.center(), color),
        (icon, true) => {
            icon.draw(ui.painter(), rect.left_center() + vec2(PADDING + 8.0, 0.0), color);
            label(rect.left_center() + vec2(PADDING + ICON_WIDTH, 0.0), Align2::LEFT_CENTER, color);
        }
    }
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(rank: u8) -> Widths {
        Widths { rank, gap: 4.0, labelled: 80.0, icon: 32.0 }
    }

    #[test]
    fn labels_go_before_buttons_and_the_least_important_buttons_first() {
        let items = [item(1), item(0), item(2), item(2)];
        assert_eq!(arrange(&items, 400.0), [Some(80.0); 4]);
        assert_eq!(arrange(&items, 335.0), [Some(32.0); 4]);
        assert_eq!(arrange(&items, 143.0), [Some(32.0), Some(32.0), None, None]);
        assert_eq!(arrange(&items, 40.0), [None, Some(32.0), None, None]);
        assert_eq!(arrange(&items, 0.0), [None; 4]);
    }

    #[test]
    fn the_focus_moves_around_the_buttons_that_are_shown() {
        let mut focus = ButtonFocus::default();
        focus.advance(true);
        assert_eq!(focus.action(), None);
        focus.shown = vec![Action::Back, Action::TogglePause];
        let mut advanced = |is_forward: bool| {
            focus.advance(is_forward);
            focus.action()
        };
        let (back, pause) = (Some(Action::Back), Some(Action::TogglePause));
        assert_eq!([true, true, true, false].map(&mut advanced), [back, pause, back, pause]);
        assert!(focus.clear() && !focus.clear());
        focus.advance(false);
        assert_eq!(focus.action(), pause);
    }
}
