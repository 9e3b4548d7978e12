//! The timeline: what both kinds of document compile to. Pure and exact; frame n's [`FramePlan`] is a function of n.
//!
//! ```text
//! workout  ---\
//!              -> Timeline { items } -- plan(n) --> FramePlan { layers }
//! composition -/
//! ```

mod clock;
mod composition;
mod digits;
mod item;
mod plan;

use std::collections::HashMap;
use std::path::PathBuf;

pub use clock::SourceClock;
pub(crate) use composition::place;
pub use composition::{compile_composition, composition_files};
pub use item::{ClipItem, Content, Item, Span, TimerItem};
pub use plan::{Backing, Draw, FramePlan, PlannedLayer, TextStyle};

use crate::color::Color;
use crate::document::Fault;
use crate::geometry::Size;
use crate::clip::ClipInfo;
use crate::time::FrameRate;

/// Longest timeline, in seconds.
pub const MAX_DURATION_SECS: i128 = 12 * 3600;

/// Most clips on the screen at once: each is a decoder with frames in memory.
pub const MAX_CLIPS_AT_ONCE: usize = 32;

/// What is known of the files a document names, found out before it is compiled.
pub type ClipInfos = HashMap<PathBuf, ClipInfo>;

/// A part of the whole that has a name, and that one can skip to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chapter {
    /// Its frames.
    pub span: Span,
    /// Its name, for people.
    pub name: String,
}

/// A compiled document.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The picture's size.
    pub canvas: Size,
    /// Frames per second.
    pub rate: FrameRate,
    /// What lies under everything.
    pub background: Color,
    /// Frames in all.
    pub frames: u64,
    /// A name for people, perhaps empty.
    pub title: String,
    /// Its parts in the order of time; perhaps none.
    pub chapters: Vec<Chapter>,
    items: Vec<Item>,
    /// For each frame at which an item begins or ends: the items seen from there on, in drawing order.
    changes: Vec<(u64, Vec<u32>)>,
}

impl Timeline {
    /// Puts items, in drawing order, on a canvas.
    ///
    /// # Errors
    /// When too many clips are seen at once.
    pub fn new(
        canvas: Size,
        rate: FrameRate,
        background: Color,
        frames: u64,
        title: String,
        items: Vec<Item>,
    ) -> Result<Self, Fault> {
        let mut borders: Vec<u64> = items.iter().flat_map(|item| [item.span.start, item.span.end]).chain([0]).collect();
        borders.sort_unstable();
        borders.dedup();
        let mut starts: Vec<usize> = (0..items.len()).filter(|index| !items[*index].span.is_empty()).collect();
        starts.sort_by_key(|index| std::cmp::Reverse(items[*index].span.start));
        let mut seen: Vec<u32> = Vec::new();
        let mut changes = Vec::with_capacity(borders.len());
        for border in borders {
            seen.retain(|index| items[*index as usize].span.end > border);
            while starts.last().is_some_and(|index| items[*index].span.start <= border) {
                seen.extend(starts.pop().map(|index| index as u32));
            }
            seen.sort_unstable();
            let clips = seen.iter().filter(|index| matches!(items[**index as usize].content, Content::Clip(_))).count();
            if clips > MAX_CLIPS_AT_ONCE {
                let secs = crate::time::to_f64(rate.secs_at(border));
                let message =
                    format!("{clips} clips are seen at once at {secs:.2} s; at most {MAX_CLIPS_AT_ONCE} can be");
                return Err(Fault { place: "layers".to_owned(), message });
            }
            changes.push((border, seen.clone()));
        }
        let chapters = Vec::new();
        Ok(Self { canvas, rate, background, frames, title, chapters, items, changes })
    }

    /// The same timeline with its parts named.
    #[must_use]
    pub fn with_chapters(self, chapters: Vec<Chapter>) -> Self {
        Self { chapters, ..self }
    }

    /// Every item, in drawing order. A [`PlannedLayer`] names its item by the index here.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The items seen at a frame, in drawing order.
    pub fn items_at(&self, frame: u64) -> impl Iterator<Item = (usize, &Item)> {
        let change = self.changes.partition_point(|(border, _)| *border <= frame).checked_sub(1);
        let seen = change.map_or(&[][..], |change| &self.changes[change].1);
        seen.iter().map(|index| (*index as usize, &self.items[*index as usize]))
    }

    /// What is drawn on frame `number`.
    #[must_use]
    pub fn plan(&self, number: u64) -> FramePlan {
        let layers = self.items_at(number).filter_map(|(index, item)| item.planned(index, number, self.rate)).collect();
        FramePlan { number, layers }
    }
}
