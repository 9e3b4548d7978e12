//! A list at the right of the frame, from which a row is chosen by click or with the arrow keys and Enter.

use egui::{Align2, Color32, Frame, Margin, Panel, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use super::text::{clock, text};
use super::theme;
use crate::controller::{ExerciseChoice, PreviewView};
use repcast_model::session::ChapterStatus;
use repcast_model::timeline::ChapterKind;

/// Widest list in points, and its largest share of the window.
const MAX_WIDTH: f32 = 320.0;
const MAX_SHARE: f32 = 0.6;

/// Height of a row, in points.
const ROW_HEIGHT: f32 = 42.0;

/// The row that the arrow keys have reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ListCursor {
    pub(crate) index: usize,
    /// It has moved since the last repaint: the list scrolls to it.
    is_moved: bool,
}

impl ListCursor {
    pub(crate) fn at(index: usize) -> Self {
        Self { index, is_moved: true }
    }

    /// Moves by one row, within `count` rows.
    pub(crate) fn advance(&mut self, is_down: bool, count: usize) {
        let index = if is_down { self.index + 1 } else { self.index.saturating_sub(1) };
        *self = Self::at(index.min(count.saturating_sub(1)));
    }
}

/// What a row says.
struct Row<'a> {
    number: usize,
    title: &'a str,
    note: String,
    time: String,
    color: Color32,
    is_current: bool,
}

/// Lists the chapters; returns the one that was clicked.
pub(crate) fn chapters(ui: &mut Ui, view: &PreviewView, cursor: &mut ListCursor) -> Option<usize> {
    let position = view.status.position_secs;
    let current = view.status.current.as_ref().map(|current| current.index);
    let row = |index: usize| {
        let chapter = view.chapters.get(index)?;
        let is_current = current == Some(chapter.index);
        let is_past = !is_current && chapter.end_secs <= position;
        Some(Row {
            number: index + 1,
            title: &chapter.name,
            note: format!("{}, at {}", kind_name(chapter), clock(chapter.start_secs)),
            time: clock((chapter.end_secs - chapter.start_secs).round()),
            color: if is_current {
                theme::ACCENT
            } else if is_past {
                theme::FAINT
            } else {
                theme::TEXT
            },
            is_current,
        })
    };
    show(ui, "Chapters", view.chapters.len(), row, cursor)
}

/// Lists the exercises of the catalogue; returns the one that was clicked.
pub(crate) fn exercises(ui: &mut Ui, exercises: &[ExerciseChoice], cursor: &mut ListCursor) -> Option<usize> {
    let row = |index: usize| {
        let exercise = exercises.get(index)?;
        let (title, note) = (exercise.name.as_str(), exercise.id.clone());
        Some(Row { number: index + 1, title, note, time: String::new(), color: theme::TEXT, is_current: false })
    };
    show(ui, "Next exercise", exercises.len(), row, cursor)
}

/// What a chapter is, with its round from the second on.
fn kind_name(chapter: &ChapterStatus) -> String {
    let kind = match chapter.kind {
        ChapterKind::Intro => "title",
        ChapterKind::GetReady => "get ready",
        ChapterKind::Exercise => "exercise",
        ChapterKind::Rest => "rest",
        ChapterKind::Outro => "end",
        ChapterKind::Clip => "clip",
    };
    if chapter.round > 1 { format!("{kind}, round {}", chapter.round) } else { kind.to_owned() }
}

fn show<'a>(
    ui: &mut Ui,
    title: &str,
    count: usize,
    row: impl Fn(usize) -> Option<Row<'a>>,
    cursor: &mut ListCursor,
) -> Option<usize> {
    let width = (ui.available_width() * MAX_SHARE).min(MAX_WIDTH);
    let frame = Frame::new().fill(theme::CARD).inner_margin(Margin::symmetric(0, 10));
    let panel = Panel::right("list").exact_size(width).resizable(false).show_separator_line(false).frame(frame);
    let mut clicked = None;
    panel.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let (head, _) = ui.allocate_exact_size(vec2(ui.available_width(), 34.0), Sense::hover());
        let at = head.left_top() + vec2(16.0, 2.0);
        text(ui, at, Align2::LEFT_TOP, title, theme::bold(18.0), theme::TEXT, head.width() - 32.0);
        let at = head.right_top() + vec2(-16.0, 6.0);
        let hint = "\u{2191} \u{2193} Enter, Esc";
        text(ui, at, Align2::RIGHT_TOP, hint, theme::regular(12.0), theme::FAINT, head.width() * 0.5);
        let mut area = ScrollArea::vertical().id_salt(title).auto_shrink(false);
        if std::mem::take(&mut cursor.is_moved) {
            let top = (cursor.index as f32 + 0.5) * ROW_HEIGHT - ui.available_height() / 2.0;
            area = area.vertical_scroll_offset(top.max(0.0));
        }
        area.show_rows(ui, ROW_HEIGHT, count, |ui, range| {
            for index in range {
                let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::click());
                if let Some(row) = row(index) {
                    let is_chosen = index == cursor.index;
                    draw(ui, rect, &row, is_chosen || response.hovered());
                }
                if response.clicked() {
                    clicked = Some(index);
                }
            }
        });
    });
    clicked
}

fn draw(ui: &Ui, rect: Rect, row: &Row<'_>, is_marked: bool) {
    if is_marked {
        ui.painter().rect_filled(rect, 0.0, theme::TRACK);
    }
    if row.is_current {
        ui.painter().rect_filled(rect.with_max_x(rect.left() + 4.0), 0.0, theme::ACCENT);
    }
    let (top, bottom) = (rect.top() + 5.0, rect.top() + 23.0);
    let number = pos2(rect.left() + 34.0, top);
    text(ui, number, Align2::RIGHT_TOP, &row.number.to_string(), theme::regular(14.0), theme::FAINT, 30.0);
    let end = pos2(rect.right() - 16.0, top);
    let time = text(ui, end, Align2::RIGHT_TOP, &row.time, theme::regular(14.0), row.color, 70.0);
    let left = rect.left() + 46.0;
    let room = time.left() - left - 8.0;
    text(ui, pos2(left, top), Align2::LEFT_TOP, row.title, theme::bold(14.0), row.color, room);
    text(ui, pos2(left, bottom), Align2::LEFT_TOP, &row.note, theme::regular(12.0), theme::FAINT, room);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_within_the_rows() {
        let mut cursor = ListCursor::at(0);
        let mut advanced = |is_down: bool, count: usize| {
            cursor.advance(is_down, count);
            cursor.index
        };
        assert_eq!(
            [(false, 3), (true, 3), (true, 3), (true, 3)].map(|(down, count)| advanced(down, count)),
            [0, 1, 2, 2]
        );
        // A list that has become shorter, and an empty one.
        assert_eq!([(true, 2), (false, 0), (true, 0)].map(|(down, count)| advanced(down, count)), [1, 0, 0]);
    }
}
