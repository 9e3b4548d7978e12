//! The price of a document: what its most expensive second costs, in pixels of an ordinary stream.
//!
//! ```text
//! Item -> LayerWork: where, how often it changes, what it costs for itself
//! LayerWorks of each stretch between boundaries -> ChangeGrid -> price of a frame -> WorkCurve -> most expensive second
//! ```
//!
//! The price is a function of the document, its files and the renditions. It follows the compositor: a layer that changes
//! makes every layer of its group be blended again where it changes.

mod audio_work;
mod change_grid;
mod layer_work;
mod peak;
mod weights;

use repcast_model::geometry::Size;
use repcast_model::time::{FrameRate, Rational, to_f64};

use crate::live::Rung;
use crate::open::OpenDocument;
use audio_work::audio_price;
use change_grid::ChangeGrid;
use layer_work::LayerWork;
use peak::WorkCurve;

/// Surfaces that a composite reads; with more, the lower ones are blended first.
const COMPOSITED_SURFACES: usize = 8;

/// The pixels per second that a document costs, encoded in these renditions, in its most expensive second.
#[must_use]
pub fn price(document: &OpenDocument, rungs: &[Rung]) -> u64 {
    let timeline = &document.timeline;
    let pixels = stream_pixels(timeline.canvas, rungs, timeline.rate);
    let sound = document.audio.as_ref().map_or(0.0, |audio| audio_price(&audio.soundtrack));
    pixels.saturating_add((layers_price(document) + sound) as u64)
}

/// Pixels per second of a stream with these renditions: each is encoded, and the canvas is composited even when no
/// rendition has its size.
fn stream_pixels(canvas: Size, rungs: &[Rung], rate: FrameRate) -> u64 {
    let alone = (!rungs.iter().any(|rung| rung.size == canvas)).then_some(canvas);
    let sizes = rungs.iter().map(|rung| rung.size).chain(alone);
    let pixels: u64 = sizes.map(canvas_pixels).sum();
    (rate.per_second() * Rational::from_integer(i128::from(pixels))).ceil().to_integer() as u64
}

fn canvas_pixels(size: Size) -> u64 {
    u64::from(size.width) * u64::from(size.height)
}

/// What the layers cost above those of an ordinary stream.
fn layers_price(document: &OpenDocument) -> f64 {
    let timeline = &document.timeline;
    let works: Vec<LayerWork> =
        timeline.items().iter().map(|item| LayerWork::of(item, timeline.rate, &document.files)).collect();
    let mut boundaries: Vec<u64> = std::iter::zip(timeline.items(), &works)
        .flat_map(|(item, work)| [item.span.start, item.span.end].into_iter().chain(work.boundaries()))
        .filter(|frame| *frame < timeline.frames)
        .collect();
    boundaries.sort_unstable();
    boundaries.dedup();
    let mut frame_price = FramePrice::new(timeline.canvas);
    let mut curve = WorkCurve::default();
    for frame in boundaries {
        let visible: Vec<(usize, &LayerWork)> =
            timeline.items_at(frame).map(|(index, _)| (index, &works[index])).collect();
        let starts = |index: usize| timeline.items()[index].span.start == frame;
        let per_frame = frame_price.of(visible.iter().map(|(_, work)| (*work, work.share_at(frame))));
        let mut amount = 0.0;
        if visible.iter().any(|(index, _)| starts(*index)) {
            // It appears, and disappears at the end.
            let share = |index: usize, work: &LayerWork| if starts(index) { 1.0 } else { work.share_at(frame) };
            amount = 2.0 * frame_price.of(visible.iter().map(|(index, work)| (*work, share(*index, work))));
            amount += visible.iter().filter(|(index, _)| starts(*index)).map(|(_, work)| work.at_start).sum::<f64>();
        }
        curve.push(frame, amount, per_frame);
    }
    let second = u64::from(timeline.rate.ceil());
    let included = weights::INCLUDED * canvas_pixels(timeline.canvas) as f64 * to_f64(timeline.rate.per_second());
    (curve.peak(second, timeline.frames) - included).max(0.0)
}

/// Prices single frames; keeps its grids from one to the next.
struct FramePrice {
    canvas: Size,
    /// Changes of the layers of one group.
    group: ChangeGrid,
    /// Changes of all layers.
    all: ChangeGrid,
}

impl FramePrice {
    fn new(canvas: Size) -> Self {
        Self { canvas, group: ChangeGrid::new(canvas), all: ChangeGrid::new(canvas) }
    }

    /// The price of a frame of these layers, in drawing order, each with the share of frames at which it changes.
    fn of<'a>(&mut self, layers: impl Iterator<Item = (&'a LayerWork, f32)>) -> f64 {
        let layers: Vec<(&LayerWork, f32)> = layers.collect();
        self.all.clear();
        layers.iter().for_each(|(work, share)| self.all.add(work.rect, *share));
        self.all.integrate();
        let mut price: f64 = layers.iter().map(|(work, _)| work.per_frame + weights::LAYER).sum();
        let mut surfaces = 0;
        for run in layers.chunk_by(|(one, _), (other, _)| !one.is_clip && !other.is_clip) {
            surfaces += 1;
            price += match run {
                [(clip, _)] if clip.is_clip => f64::from(self.all.changed_pixels(clip.rect)) * clip.per_pixel,
                group => self.group_price(group),
            };
        }
        let canvas = repcast_model::geometry::Rect::new(0.0, 0.0, self.canvas.width as f32, self.canvas.height as f32);
        let flattened = usize::saturating_sub(surfaces, COMPOSITED_SURFACES) as f64;
        price + flattened * f64::from(self.all.changed_pixels(canvas)) * weights::BLENDED_PIXEL
    }

    /// The price of blending a group again where it changes.
    fn group_price(&mut self, layers: &[(&LayerWork, f32)]) -> f64 {
        if layers.iter().all(|(_, share)| *share == 0.0) {
            return 0.0;
        }
        self.group.clear();
        layers.iter().for_each(|(work, share)| self.group.add(work.rect, *share));
        self.group.integrate();
        let blended = layers.iter().map(|(work, _)| {
            let pixels = self.group.changed_pixels(work.rect);
            let dispatches = (pixels / self.group.cell_pixels()).min(1.0);
            f64::from(pixels) * work.per_pixel + f64::from(dispatches) * weights::DISPATCH
        });
        blended.sum()
    }
}

#[cfg(test)]
mod tests;
