//! What one item of a timeline costs while it is visible.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use repcast_gstreamer::decode::ProbedClip;
use repcast_model::document::TimerFormat;
use repcast_model::geometry::{Placement, Rect};
use repcast_model::time::{FrameRate, Rational, to_f64};
use repcast_model::timeline::{Item, ItemContent, Span, TIMER_SAMPLE, TextExtent, TextStyle};

use super::weights;

/// Frames per second of a clip that states none.
const USUAL_RATE: f64 = 30.0;

/// Longest loop, in seconds, whose decoded frames are kept (see `crate::clips`).
const MAX_CACHED_LOOP_SECS: i128 = 20;

/// Margin of a text's surface around its block, as a fraction of the font size.
const MARGIN: f32 = 0.35;

/// The work of an item.
#[derive(Clone, Debug)]
pub(super) struct LayerWork {
    pub(super) is_clip: bool,
    /// Where it is drawn.
    pub(super) rect: Rect,
    /// Price of compositing a pixel of it: more for a reduced image, of which several samples are read.
    pub(super) per_pixel: f64,
    /// The share of frames at which a pixel of it changes, apart from fades.
    share: f32,
    /// Frames in which it fades, at its start and its end.
    fades: [Span; 2],
    /// Price of each frame for itself: decoding, and the text of timers.
    pub(super) per_frame: f64,
    /// Price of its first frame: its text is drawn, or its image uploaded.
    pub(super) at_start: f64,
}

impl LayerWork {
    pub(super) fn of(item: &Item, rate: FrameRate, files: &HashMap<PathBuf, ProbedClip>) -> Self {
        let fade = |secs| rate.boundary_at(secs).min(item.span.len());
        let (fade_in, fade_out) = (fade(item.fade_in), fade(item.fade_out));
        let fades = [
            Span { start: item.span.start, end: item.span.start + fade_in },
            Span { start: item.span.end - fade_out, end: item.span.end },
        ];
        let base = Self {
            is_clip: false,
            rect: Rect::default(),
            per_pixel: weights::BLENDED_SHAPE_PIXEL,
            share: 0.0,
            fades,
            per_frame: 0.0,
            at_start: 0.0,
        };
        let fps = to_f64(rate.per_second());
        match &item.content {
            ItemContent::Clip(clip) => {
                let info = files.get(&*clip.path).map(|probed| &probed.info);
                let decoded = info.filter(|info| !info.is_still).map_or(0.0, |info| {
                    let source_rate = info.rate.map_or(USUAL_RATE, |rate| to_f64(rate.per_second()));
                    file_pixels(files, &clip.path) * source_rate * to_f64(clip.clock.speed) / fps
                });
                let length = clip.clock.trim_out - clip.clock.trim_in;
                let is_short_loop = clip.clock.looping && length <= Rational::from_integer(MAX_CACHED_LOOP_SECS);
                let converted =
                    if is_short_loop || is_unscaled(&clip.placement) { 0.0 } else { weights::CONVERTED_PIXEL };
                Self {
                    is_clip: true,
                    rect: clip.placement.clip,
                    per_pixel: samples(&clip.placement) * weights::COMPOSITED_SAMPLE,
                    share: 1.0,
                    per_frame: decoded * (weights::DECODED_PIXEL + converted),
                    ..base
                }
            }
            ItemContent::Image { path, placement } => {
                let at_start = file_pixels(files, path) * weights::SURFACE_PIXEL;
                let per_pixel = samples(placement) * weights::BLENDED_PIXEL;
                Self { rect: placement.clip, per_pixel, at_start, ..base }
            }
            ItemContent::Text { text, style } => {
                let (rect, at_start) = text_work(text, style);
                Self { rect, at_start, per_pixel: weights::BLENDED_PIXEL, ..base }
            }
            ItemContent::Timer(timer) => {
                let (rect, price) = text_work(TIMER_SAMPLE, &timer.style);
                let changes = if timer.format == TimerFormat::Tenths { 10.0 } else { 1.0 };
                let share = f64::min(changes / fps, 1.0);
                let per_pixel = weights::BLENDED_PIXEL;
                Self { rect, per_pixel, share: share as f32, per_frame: price * share, at_start: price, ..base }
            }
            ItemContent::Progress { rect, radius, counted, .. } => {
                // The end of the bar with its rounded corners moves; on average over the bar each pixel changes as often.
                let end = rect.width / counted.len() as f32 + radius.min(rect.height) + 2.0;
                Self { rect: *rect, share: (end / rect.width).min(1.0), ..base }
            }
            ItemContent::Shape { rect, .. } | ItemContent::Glow { rect, .. } => Self { rect: *rect, ..base },
            ItemContent::Ring { rect, counted, .. } => {
                Self { rect: *rect, share: if counted.is_some() { 1.0 } else { 0.0 }, ..base }
            }
        }
    }

    /// The share of frames at which it changes from a frame on, until the next of [`Self::boundaries`].
    pub(super) fn share_at(&self, frame: u64) -> f32 {
        let is_fading = self.fades.iter().any(|fade| (fade.start..fade.end).contains(&frame));
        if is_fading { 1.0 } else { self.share }
    }

    /// Frames at which the share changes.
    pub(super) fn boundaries(&self) -> impl Iterator<Item = u64> {
        let [fade_in, fade_out] = self.fades;
        [fade_in.start, fade_in.end, fade_out.start, fade_out.end].into_iter()
    }
}

/// Stored pixels of a file; 0 for one that is unknown.
fn file_pixels(files: &HashMap<PathBuf, ProbedClip>, path: &Path) -> f64 {
    files.get(path).map_or(0.0, |probed| f64::from(probed.info.size.width) * f64::from(probed.info.size.height))
}

/// Whether a pixel of the canvas shows exactly one of the clip.
fn is_unscaled(placement: &Placement) -> bool {
    matches!(placement.stored_from_canvas, [[1.0, 0.0, _], [0.0, 1.0, _]])
}

/// Stored pixels that are averaged for a pixel of the canvas.
fn samples(placement: &Placement) -> f64 {
    let [[a, b, _], [c, d, _]] = placement.stored_from_canvas.map(|row| row.map(f64::from));
    (a * d - b * c).abs().max(1.0)
}

/// Where a text is drawn, and the price of drawing it.
fn text_work(text: &str, style: &TextStyle) -> (Rect, f64) {
    let extent = TextExtent::of(text, style);
    let (across, down) = style.anchor.fraction();
    let (x, y) = (style.position.0 - extent.width * across, style.position.1 - extent.height * down);
    let passes = if extent.is_too_long { weights::FIT_PASSES } else { 1.0 };
    let copies = if style.outline.is_some() { 1.0 + weights::OUTLINE_COPIES } else { 1.0 };
    let narrow = f64::from(extent.letters - extent.wide_letters) * weights::SHAPED_LETTER;
    let wide = f64::from(extent.wide_letters) * weights::SHAPED_WIDE_LETTER;
    let glyphs = f64::from(extent.letter_pixels) * (weights::RASTERISED_PIXEL + weights::DRAWN_PIXEL * copies);
    let rect = Rect::new(x, y, extent.width, extent.height).grown(style.size * MARGIN);
    let surface = f64::from(rect.width) * f64::from(rect.height) * weights::SURFACE_PIXEL;
    (rect, weights::TEXT + (narrow + wide) * passes + glyphs + surface)
}
