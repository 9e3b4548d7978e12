//! The timeline that both types of document compile to. The [`FramePlan`] of frame n is a pure function of n.
//!
//! ```text
//! workout  ---\
//!              -> Timeline { items } -- plan(n) --> FramePlan { layers }
//! composition -/
//! ```

mod composition;
mod digits;
mod item;
mod layer_time;
mod overlay_places;
mod plan;
mod source_time;
mod text_extent;
mod text_side;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use composition::place;
pub use composition::{compile_composition, composition_files};
pub(crate) use digits::format_time;
pub use item::{ClipItem, ENTRANCE_SECS, Item, ItemContent, Span, TimerItem};
pub(crate) use layer_time::{clip_time, composition_frames, layer_span};
pub use overlay_places::{OverlayColors, OverlayPlaces};
pub use plan::{Backing, Draw, FramePlan, PlannedLayer, TextStyle};
pub use source_time::SourceClock;
pub use text_extent::TextExtent;
pub(crate) use text_side::at_its_start;

use crate::clip::ClipInfo;
use crate::color::Color;
use crate::document::ValidationFault;
use crate::font::Font;
use crate::geometry::Size;
use crate::span_index::SpanIndex;
use crate::time::FrameRate;

/// The longest timeline, in seconds.
pub const MAX_DURATION_SECS: i128 = 12 * 3600;

/// Most clips that may be visible at the same time: each needs a decoder and its frames in memory.
pub const MAX_CLIPS_AT_ONCE: usize = 32;

/// Most pixels of all texts that are visible at the same time: each is a surface of four bytes a pixel, 512 MB in all. 61
/// texts that fill a canvas of 1080p.
pub const MAX_TEXT_PIXELS_AT_ONCE: u64 = 128_000_000;

/// A text as long as that of a timer, whose own depends on the time.
pub const TIMER_SAMPLE: &str = "00:00:00";

/// The probed files of a document by their paths.
pub type ClipInfos = HashMap<PathBuf, ClipInfo>;

/// A named part of a timeline, the target of skip and back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chapter {
    /// The frames of the chapter.
    pub span: Span,
    /// The display name.
    pub name: String,
    /// What it is.
    pub kind: ChapterKind,
    /// The exercise in the catalogue: of an exercise itself, of the next one during a rest.
    pub exercise: Option<String>,
    /// The round of a workout, counted from 1.
    pub round: u32,
    /// The group of the exercise.
    pub group: Option<ChapterGroup>,
}

/// Where a chapter is in a group of exercises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChapterGroup {
    /// The display name; may be empty.
    pub title: String,
    /// The round of the group, counted from 1.
    pub set: u32,
}

/// What a chapter is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChapterKind {
    /// The title of a workout.
    Intro,
    /// The time before its first exercise.
    GetReady,
    /// An exercise.
    Exercise,
    /// A rest.
    Rest,
    /// What was done.
    Outro,
    /// A clip of a composition, and what follows it until the next one.
    Clip,
}

impl Chapter {
    /// A chapter of a composition.
    #[must_use]
    pub fn of_clip(span: Span, name: String) -> Self {
        Self { span, name, kind: ChapterKind::Clip, exercise: None, round: 1, group: None }
    }
}

/// A compiled document.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Size of the frames.
    pub canvas: Size,
    /// Frames per second.
    pub rate: FrameRate,
    /// Color below all items.
    pub background: Color,
    /// Number of frames.
    pub frames: u64,
    /// Display name; may be empty.
    pub title: String,
    /// Chapters in the order of time; may be empty.
    pub chapters: Vec<Chapter>,
    /// Where a live session draws over the frames.
    pub overlay: OverlayPlaces,
    items: Vec<Item>,
    /// The items by frame, in drawing order.
    index: SpanIndex,
}

impl Timeline {
    /// A timeline of items in drawing order.
    ///
    /// # Errors
    /// If more than [`MAX_CLIPS_AT_ONCE`] clips, or texts of more than [`MAX_TEXT_PIXELS_AT_ONCE`], are visible at the same
    /// time.
    pub fn new(
        canvas: Size,
        rate: FrameRate,
        background: Color,
        frames: u64,
        title: String,
        items: Vec<Item>,
    ) -> Result<Self, ValidationFault> {
        let spans: Vec<(u64, u64)> = items.iter().map(|item| (item.span.start, item.span.end)).collect();
        let index = SpanIndex::new(&spans);
        let text_pixels: Vec<u64> = items.iter().map(text_pixels).collect();
        for (boundary, visible) in index.changes() {
            if let Some(message) = excess_at_once(&items, visible, &text_pixels) {
                let secs = crate::time::to_f64(rate.secs_at(*boundary));
                let message = format!("at {secs:.2} s, {message}");
                return Err(ValidationFault { place: "layers".to_owned(), message });
            }
        }
        let chapters = Vec::new();
        let overlay = OverlayPlaces::of_canvas(canvas);
        Ok(Self { canvas, rate, background, frames, title, chapters, overlay, items, index })
    }

    /// The same timeline with other places for what a live session draws.
    #[must_use]
    pub fn with_overlay(self, overlay: OverlayPlaces) -> Self {
        Self { overlay, ..self }
    }

    /// The same timeline with chapters.
    #[must_use]
    pub fn with_chapters(self, chapters: Vec<Chapter>) -> Self {
        Self { chapters, ..self }
    }

    /// The same timeline with all its texts, and those of a live session over it, in a font.
    #[must_use]
    pub fn with_font(mut self, font: &Font) -> Self {
        for item in &mut self.items {
            match &mut item.content {
                ItemContent::Text { style, .. } | ItemContent::Timer(TimerItem { style, .. }) => {
                    Arc::make_mut(style).font = Some(font.clone());
                }
                _ => {}
            }
        }
        self.overlay.font = Some(font.clone());
        self
    }

    /// All items in drawing order. [`PlannedLayer::item`] is an index into them.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// All texts that do not change, which may be long and occur several times.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter_map(|item| match &item.content {
            ItemContent::Text { text, .. } => Some(&**text),
            _ => None,
        })
    }

    /// The items drawn at a frame with their indices, in drawing order.
    pub fn items_at(&self, frame: u64) -> impl Iterator<Item = (usize, &Item)> {
        self.index.at(frame).iter().map(|index| (*index as usize, &self.items[*index as usize]))
    }

    /// The plan of frame `number`.
    #[must_use]
    pub fn plan(&self, number: u64) -> FramePlan {
        let layers = self.items_at(number).filter_map(|(index, item)| item.planned(index, number, self.rate)).collect();
        FramePlan { number, layers }
    }
}

/// Estimated pixels of an item's text; 0 without text.
fn text_pixels(item: &Item) -> u64 {
    match &item.content {
        ItemContent::Text { text, style } => TextExtent::of(text, style).pixels() as u64,
        ItemContent::Timer(timer) => TextExtent::of(TIMER_SAMPLE, &timer.style).pixels() as u64,
        _ => 0,
    }
}

/// What there is too much of among the items that are visible at one time, in words.
fn excess_at_once(items: &[Item], visible: &[u32], text_pixels: &[u64]) -> Option<String> {
    let is_clip = |index: &&u32| matches!(items[**index as usize].content, ItemContent::Clip(_));
    let clips = visible.iter().filter(is_clip).count();
    if clips > MAX_CLIPS_AT_ONCE {
        return Some(format!("{clips} clips are seen at once; at most {MAX_CLIPS_AT_ONCE} can be"));
    }
    let pixels: u64 = visible.iter().map(|index| text_pixels[*index as usize]).sum();
    let (megapixels, most) = (pixels / 1_000_000, MAX_TEXT_PIXELS_AT_ONCE / 1_000_000);
    (pixels > MAX_TEXT_PIXELS_AT_ONCE)
        .then(|| format!("texts of {megapixels} million pixels are seen at once; at most {most} can be"))
}
