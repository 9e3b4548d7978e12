//! Whether colors were multiplied by their alpha. No format states it, but pixels show it: a premultiplied color is at most
//! as bright as its alpha.

use repcast_media::{ClipFrame, ColorModel, Component};
use repcast_model::color::Range;

use super::SeenAlpha;

/// Pixels that are looked at in a frame, about.
const PIXELS: u32 = 60_000;

/// The part of full scale by which rounding and compression may make a color brighter than its alpha.
const TOLERANCE: f32 = 0.06;

/// Partly transparent pixels without which nothing can be said.
const ENOUGH: u64 = 200;

/// The brightness of opaque pixels at which partly transparent ones would be brighter than their alpha, were they straight.
const BRIGHT: f32 = 0.35;

/// What the pixels of frames have in common.
#[derive(Debug, Default)]
pub(super) struct AlphaSamples {
    opaque: u64,
    /// Opaque pixels that are bright.
    bright: u64,
    transparent: u64,
    partial: u64,
    /// Pixels, transparent ones included, that are brighter than their alpha.
    brighter: u64,
}

impl AlphaSamples {
    /// Looks at pixels of a frame.
    pub(super) fn add(&mut self, frame: &ClipFrame) {
        if !frame.layout.has_alpha {
            return;
        }
        let stored = frame.stored;
        let pixels = stored.width * stored.height;
        // A distance that is no divisor of the width, so that the samples do not form columns.
        let distance = (pixels / PIXELS).max(1) | 1;
        let reader = PixelReader::new(frame);
        for index in (0..pixels).step_by(distance as usize) {
            let (level, alpha) = reader.pixel(index % stored.width, index / stored.width);
            self.count(level, alpha);
        }
        // What is not stored is transparent.
        if stored.width < frame.size.width || stored.height < frame.size.height {
            self.transparent += 1;
        }
    }

    fn count(&mut self, level: f32, alpha: f32) {
        if alpha >= 0.996 {
            self.opaque += 1;
            self.bright += u64::from(level >= BRIGHT);
            return;
        }
        if alpha <= 0.004 {
            self.transparent += 1;
        } else {
            self.partial += 1;
        }
        self.brighter += u64::from(level > alpha + TOLERANCE);
    }

    /// What they say.
    pub(super) fn seen(&self) -> SeenAlpha {
        let Self { opaque, bright, transparent, partial, brighter } = *self;
        if transparent + partial == 0 {
            return SeenAlpha::None;
        }
        // A few are noise of the codec: of twenty pixels with alpha, one.
        if brighter * 20 > partial.max(ENOUGH) {
            return SeenAlpha::Straight;
        }
        let is_bright = bright * 4 > opaque;
        if partial >= ENOUGH && is_bright && brighter * 200 <= partial {
            SeenAlpha::Premultiplied
        } else {
            SeenAlpha::Unclear
        }
    }
}

/// Reads the brightest component, or the luma, and the alpha of single pixels, from 0 to 1.
struct PixelReader<'a> {
    planes: Vec<(std::borrow::Cow<'a, [u8]>, usize)>,
    components: [Component; 4],
    colors: usize,
    wide: bool,
    full: f32,
    /// Luma of black and the distance to white, of full scale.
    range: (f32, f32),
}

impl<'a> PixelReader<'a> {
    fn new(frame: &'a ClipFrame) -> Self {
        let layout = &frame.layout;
        let planes = (0..frame.planes.len()).map(|index| {
            let rows = frame.plane_rows(index, frame.stored);
            let end = rows.first + rows.stride * rows.count.saturating_sub(1) + rows.row_bytes;
            (frame.data.part(rows.first..end), rows.stride)
        });
        let (colors, range) = match layout.model {
            ColorModel::Rgb => (3, Range::Full),
            ColorModel::Yuv(_, range) | ColorModel::Gray(range) => (1, range),
        };
        let range = if range == Range::Full { (0.0, 1.0) } else { (16.0 / 255.0, 219.0 / 255.0) };
        Self {
            planes: planes.collect(),
            components: layout.components,
            colors,
            wide: layout.depth > 8,
            full: ((1_u32 << layout.depth) - 1) as f32,
            range,
        }
    }

    fn pixel(&self, x: u32, y: u32) -> (f32, f32) {
        let (black, span) = self.range;
        let brightest = self.components[..self.colors].iter().map(|component| self.sample(component, x, y));
        let level = (brightest.fold(0.0, f32::max) - black) / span;
        (level, self.sample(&self.components[3], x, y))
    }

    fn sample(&self, component: &Component, x: u32, y: u32) -> f32 {
        let Some((data, stride)) = self.planes.get(usize::from(component.plane)) else { return 0.0 };
        let (column, row) = ((x >> component.x_sub) as usize, (y >> component.y_sub) as usize);
        let at = row * stride + usize::from(component.offset) + column * usize::from(component.step);
        let byte = |at: usize| u32::from(data.get(at).copied().unwrap_or(0));
        let value = if self.wide { byte(at) | byte(at + 1) << 8 } else { byte(at) };
        value as f32 / self.full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What pixels of this color say, at all levels of alpha.
    fn seen(color: f32, is_premultiplied: bool) -> SeenAlpha {
        let mut samples = AlphaSamples::default();
        for _ in 0..10 {
            (0..=255).for_each(|alpha| {
                let alpha = alpha as f32 / 255.0;
                samples.count(if is_premultiplied { color * alpha } else { color }, alpha);
            });
            (0..500).for_each(|_| samples.count(color, 1.0));
        }
        samples.seen()
    }

    #[test]
    fn bright_colors_tell_and_dark_ones_do_not() {
        assert_eq!(seen(0.9, false), SeenAlpha::Straight);
        assert_eq!(seen(0.9, true), SeenAlpha::Premultiplied);
        assert_eq!(seen(0.02, false), SeenAlpha::Unclear);
        assert_eq!(seen(0.02, true), SeenAlpha::Unclear);
        let mut opaque = AlphaSamples::default();
        (0..1000).for_each(|_| opaque.count(0.5, 1.0));
        assert_eq!(opaque.seen(), SeenAlpha::None);
        // Hard edges: nothing is partly transparent.
        (0..1000).for_each(|_| opaque.count(0.0, 0.0));
        assert_eq!(opaque.seen(), SeenAlpha::Unclear);
        // Color under transparent pixels.
        (0..1000).for_each(|_| opaque.count(0.8, 0.0));
        assert_eq!(opaque.seen(), SeenAlpha::Straight);
    }
}
