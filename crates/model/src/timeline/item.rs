//! What a timeline holds: things drawn for a span of frames.

use std::path::Path;
use std::sync::Arc;

use super::clock::SourceClock;
use super::digits::format_time;
use super::plan::{Draw, PlannedLayer, TextStyle};
use crate::color::Color;
use crate::document::{TimerFormat, TimerMode};
use crate::geometry::{Placement, Rect};
use crate::clip::AlphaMode;
use crate::time::{FrameRate, Rational, round};

/// Frames from `start` up to but not including `end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// The first frame.
    pub start: u64,
    /// The frame behind the last.
    pub end: u64,
}

impl Span {
    /// Whether no frame is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Number of frames.
    #[must_use]
    pub fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// One thing drawn for a while.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// When it is seen.
    pub span: Span,
    /// 0 to 1, when it is not fading.
    pub opacity: Rational,
    /// Seconds from invisible to its opacity.
    pub fade_in: Rational,
    /// Seconds from its opacity to invisible.
    pub fade_out: Rational,
    /// What it is.
    pub content: Content,
}

/// The kinds of thing.
#[derive(Clone, PartialEq, Debug)]
pub enum Content {
    /// A clip that runs.
    Clip(ClipItem),
    /// A still picture.
    Image {
        /// The file.
        path: Arc<Path>,
        /// Where it is drawn.
        placement: Placement,
    },
    /// Text that stays the same.
    Text {
        /// The characters.
        text: Arc<str>,
        /// How and where.
        style: Arc<TextStyle>,
    },
    /// A running time.
    Timer(TimerItem),
    /// A rectangle that grows from left to right while the item is seen.
    Progress {
        /// The full rectangle.
        rect: Rect,
        /// Radius of its corners.
        radius: f32,
        /// Its color.
        color: Color,
    },
    /// A rectangle.
    Shape {
        /// Its edges.
        rect: Rect,
        /// Radius of its corners.
        radius: f32,
        /// Its color.
        color: Color,
    },
}

/// A clip and how it runs.
#[derive(Clone, PartialEq, Debug)]
pub struct ClipItem {
    /// The file.
    pub path: Arc<Path>,
    /// What its alpha means.
    pub alpha: AlphaMode,
    /// Where it is drawn.
    pub placement: Placement,
    /// How it runs.
    pub clock: SourceClock,
}

/// A running time and how it is written.
#[derive(Clone, PartialEq, Debug)]
pub struct TimerItem {
    /// What is counted.
    pub mode: TimerMode,
    /// How it is written.
    pub format: TimerFormat,
    /// The frames that are counted, for elapsed and countdown; the item itself may be seen for a part of them.
    pub counted: Span,
    /// How and where.
    pub style: Arc<TextStyle>,
}

impl Item {
    /// An item that is simply there for a span.
    #[must_use]
    pub fn new(span: Span, content: Content) -> Self {
        let zero = Rational::from_integer(0);
        Self { span, opacity: Rational::from_integer(1), fade_in: zero, fade_out: zero, content }
    }

    /// The same item, fading in and out for so many seconds.
    #[must_use]
    pub fn fading(self, fade_in: Rational, fade_out: Rational) -> Self {
        Self { fade_in, fade_out, ..self }
    }

    /// The layer drawn at a frame inside the span, or `None` when nothing of it is seen.
    pub(super) fn planned(&self, index: usize, frame: u64, rate: FrameRate) -> Option<PlannedLayer> {
        let opacity = self.opacity_at(frame, rate);
        if opacity == 0 {
            return None;
        }
        let k = frame - self.span.start;
        let draw = match &self.content {
            Content::Clip(ClipItem { alpha, placement, clock, .. }) => {
                let returns = clock.looping && k + clock.frames(rate) < self.span.len();
                Draw::Clip { time: clock.at(k, rate)?, placement: *placement, alpha: *alpha, returns }
            }
            Content::Image { path, placement } => Draw::Image { path: path.clone(), placement: *placement },
            Content::Text { text, style } => Draw::Text { text: text.clone(), style: style.clone() },
            Content::Timer(timer) => Draw::Text { text: timer.text_at(frame, rate).into(), style: timer.style.clone() },
            Content::Progress { rect, radius, color } => {
                // The bar is full on the last frame, and never empty.
                let width = rect.width * (k + 1) as f32 / self.span.len() as f32;
                Draw::Shape { rect: Rect { width, ..*rect }, radius: *radius, color: *color }
            }
            Content::Shape { rect, radius, color } => Draw::Shape { rect: *rect, radius: *radius, color: *color },
        };
        Some(PlannedLayer { item: index, opacity, draw })
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

impl TimerItem {
    fn text_at(&self, frame: u64, rate: FrameRate) -> String {
        // A countdown reads 1 during its last second and an elapsed time 0 during its first.
        let unit = if self.format == TimerFormat::Tenths { 10 } else { 1 };
        let secs = match self.mode {
            TimerMode::Clock => rate.secs_at(frame),
            TimerMode::Elapsed => rate.secs_at(frame.saturating_sub(self.counted.start)),
            TimerMode::Countdown => (rate.secs_at(self.counted.end.saturating_sub(frame)) * unit).ceil() / unit,
        };
        format_time(secs, self.format)
    }
}
