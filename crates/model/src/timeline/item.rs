//! The items of a timeline: objects that are drawn for a span of frames.

use std::path::Path;
use std::sync::Arc;

use super::digits::format_time;
use super::plan::{Draw, PlannedLayer, TextStyle};
use super::source_time::SourceClock;
use crate::chroma_key::ChromaKey;
use crate::clip::AlphaMode;
use crate::color::Color;
use crate::document::{TimerFormat, TimerMode};
use crate::geometry::{Placement, Rect};
use crate::time::{FrameRate, Rational, round};

/// Seconds in which an item with an entrance moves into its place.
pub const ENTRANCE_SECS: Rational = Rational::new_raw(1, 4);

/// The frames from `start` to `end`, exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// The first frame.
    pub start: u64,
    /// One past the last frame.
    pub end: u64,
}

impl Span {
    /// Whether the span contains no frame.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The number of frames.
    #[must_use]
    pub fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// An object that is drawn for a span of frames.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// The frames in which it is drawn.
    pub span: Span,
    /// Opacity outside the fades, from 0 to 1.
    pub opacity: Rational,
    /// Seconds of the linear fade from transparent, at the start of the span.
    pub fade_in: Rational,
    /// Seconds of the linear fade to transparent, at the end of the span.
    pub fade_out: Rational,
    /// Pixels from its place to where a text, a shape or a bar is at the start of the span. It moves into its place within
    /// [`ENTRANCE_SECS`].
    pub entrance: (f32, f32),
    /// The object.
    pub content: ItemContent,
}

/// The content of an item.
#[derive(Clone, PartialEq, Debug)]
pub enum ItemContent {
    /// A playing clip.
    Clip(Box<ClipItem>),
    /// A still image.
    Image {
        /// The image file.
        path: Arc<Path>,
        /// The position on the canvas.
        placement: Placement,
    },
    /// A text that does not change.
    Text {
        /// The text.
        text: Arc<str>,
        /// Font, color and position.
        style: Arc<TextStyle>,
    },
    /// A running time.
    Timer(TimerItem),
    /// A progress bar: a rectangle whose width grows.
    Progress {
        /// The rectangle of the last frame.
        rect: Rect,
        /// Corner radius in pixels.
        radius: f32,
        /// Fill color.
        color: Color,
        /// The frames over which it grows; the item may be drawn for a part of them.
        counted: Span,
    },
    /// A ring whose drawn part shrinks to nothing.
    Ring {
        /// The square around it, in canvas pixels.
        rect: Rect,
        /// Width of its line in pixels.
        thickness: f32,
        /// Fill color.
        color: Color,
        /// The frames over which it shrinks; without them it is whole.
        counted: Option<Span>,
    },
    /// A light, see [`Draw::Glow`].
    Glow {
        /// The rectangle around it, in canvas pixels.
        rect: Rect,
        /// Color at its centre.
        color: Color,
    },
    /// A filled rectangle.
    Shape {
        /// The rectangle, in canvas pixels.
        rect: Rect,
        /// Corner radius in pixels.
        radius: f32,
        /// Fill color.
        color: Color,
    },
}

/// A playing clip.
#[derive(Clone, PartialEq, Debug)]
pub struct ClipItem {
    /// The clip file.
    pub path: Arc<Path>,
    /// The meaning of its alpha channel.
    pub alpha: AlphaMode,
    /// The color that becomes transparent.
    pub key: Option<ChromaKey>,
    /// The position on the canvas.
    pub placement: Placement,
    /// Trim, speed and loop.
    pub clock: SourceClock,
}

/// A running time.
#[derive(Clone, PartialEq, Debug)]
pub struct TimerItem {
    /// The time that is shown.
    pub mode: TimerMode,
    /// The format of the text.
    pub format: TimerFormat,
    /// Text before and after the time.
    pub affixes: [Arc<str>; 2],
    /// The frames that elapsed and countdown timers count; the item may be drawn for a part of them.
    pub counted: Span,
    /// Font, color and position.
    pub style: Arc<TextStyle>,
}

impl Item {
    /// An opaque item without fades.
    #[must_use]
    pub fn new(span: Span, content: ItemContent) -> Self {
        let zero = Rational::from_integer(0);
        Self { span, opacity: Rational::from_integer(1), fade_in: zero, fade_out: zero, entrance: (0.0, 0.0), content }
    }

    /// The same item, which moves into its place from this many pixels to the right and below.
    #[must_use]
    pub fn entering(self, x: f32, y: f32) -> Self {
        Self { entrance: (x, y), ..self }
    }

    /// The same item with fades, in seconds.
    #[must_use]
    pub fn fading(self, fade_in: Rational, fade_out: Rational) -> Self {
        Self { fade_in, fade_out, ..self }
    }

    /// The layer of a frame inside the span, or `None` if nothing of it is visible.
    pub(super) fn planned(&self, index: usize, frame: u64, rate: FrameRate) -> Option<PlannedLayer> {
        let opacity = self.opacity_at(frame, rate);
        if opacity == 0 {
            return None;
        }
        let k = frame - self.span.start;
        let draw = match &self.content {
            ItemContent::Clip(clip) => {
                let ClipItem { alpha, key, placement, clock, .. } = &**clip;
                let returns = clock.looping && k + clock.frames(rate) < self.span.len();
                Draw::Clip { time: clock.at(k, rate)?, placement: *placement, alpha: *alpha, key: *key, returns }
            }
            ItemContent::Image { path, placement } => Draw::Image { path: path.clone(), placement: *placement },
            ItemContent::Text { text, style } => {
                Draw::Text { text: text.clone(), style: style.clone(), shift: self.shift_at(k, rate) }
            }
            ItemContent::Timer(timer) => {
                let text = timer.text_at(frame, rate).into();
                Draw::Text { text, style: timer.style.clone(), shift: self.shift_at(k, rate) }
            }
            ItemContent::Progress { rect, radius, color, counted } => {
                // The first frame shows one step of the bar and the last frame all of it.
                let width = rect.width * fraction(frame + 1, *counted);
                let rect = self.shifted(Rect { width, ..*rect }, k, rate);
                Draw::Shape { rect, radius: *radius, color: *color }
            }
            ItemContent::Shape { rect, radius, color } => {
                Draw::Shape { rect: self.shifted(*rect, k, rate), radius: *radius, color: *color }
            }
            ItemContent::Ring { rect, thickness, color, counted } => {
                let turn = counted.map_or(1.0, |counted| 1.0 - fraction(frame, counted));
                Draw::Ring { rect: self.shifted(*rect, k, rate), thickness: *thickness, turn, color: *color }
            }
            ItemContent::Glow { rect, color } => Draw::Glow { rect: *rect, color: *color },
        };
        Some(PlannedLayer { item: index, opacity, draw })
    }

    /// Whole pixels from its place in frame `k` of the span. It moves fast at first and comes to rest gently: the remaining
    /// distance is the cube of the remaining time.
    fn shift_at(&self, k: u64, rate: FrameRate) -> (i32, i32) {
        if self.entrance == (0.0, 0.0) {
            return (0, 0);
        }
        let frames = rate.boundary_at(ENTRANCE_SECS);
        if k >= frames {
            return (0, 0);
        }
        let left = (frames - k) as f32 / frames as f32;
        let at = |distance: f32| (distance * left * left * left).round() as i32;
        (at(self.entrance.0), at(self.entrance.1))
    }

    fn shifted(&self, rect: Rect, k: u64, rate: FrameRate) -> Rect {
        let (x, y) = self.shift_at(k, rate);
        Rect { x: rect.x + x as f32, y: rect.y + y as f32, ..rect }
    }

    fn opacity_at(&self, frame: u64, rate: FrameRate) -> u16 {
        let zero = Rational::from_integer(0);
        let ramp = |frames: u64, fade: Rational| {
            if fade == zero {
                Rational::from_integer(1)
            } else {
                (rate.secs_at(frames) / fade).min(Rational::from_integer(1))
            }
        };
        let rising = ramp(frame - self.span.start, self.fade_in);
        let falling = ramp(self.span.end - frame, self.fade_out);
        let opacity = self.opacity * rising.min(falling);
        round(opacity * i128::from(PlannedLayer::OPAQUE)).clamp(0, i128::from(u16::MAX)) as u16
    }
}

/// The part of a span before a frame, from 0 to 1.
fn fraction(frame: u64, counted: Span) -> f32 {
    frame.saturating_sub(counted.start).min(counted.len()) as f32 / counted.len().max(1) as f32
}

impl TimerItem {
    fn text_at(&self, frame: u64, rate: FrameRate) -> String {
        // A countdown shows 1 during its last second, an elapsed time 0 during its first.
        let unit = if self.format == TimerFormat::Tenths { 10 } else { 1 };
        let secs = match self.mode {
            TimerMode::Clock => rate.secs_at(frame),
            TimerMode::Elapsed => rate.secs_at(frame.saturating_sub(self.counted.start)),
            TimerMode::Countdown => (rate.secs_at(self.counted.end.saturating_sub(frame)) * unit).ceil() / unit,
        };
        let [before, after] = &self.affixes;
        format!("{before}{}{after}", format_time(secs, self.format))
    }
}
