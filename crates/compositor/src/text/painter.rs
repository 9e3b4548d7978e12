//! Draws the texts of one session.

use std::collections::HashMap;
use std::sync::Arc;

use super::raster_cache::DrawnText;
use super::rasterizer::{Raster, TextRasterizer};
use crate::error::GpuError;
use crate::gpu::Gpu;
use repcast_model::font::Font;
use repcast_model::timeline::{Draw, FramePlan, TextStyle};

/// Shapes and draws texts, with fonts, glyph atlas and renderer of its own: painters wait for each other only while they
/// look up finished texts. It is used from one thread.
pub struct TextPainter {
    /// Created for the first text that has to be drawn, and for each that is in another font: documents have one at most.
    rasterizer: Option<(Option<Font>, TextRasterizer)>,
    /// The texts of the latest plan, by item.
    painted: HashMap<usize, Arc<DrawnText>>,
    /// The generation of the shared cache in which they were drawn.
    generation: u64,
    gpu: Arc<Gpu>,
}

/// The texts of a frame: compositors find them for as long as this is held.
#[derive(Default)]
pub struct PaintedTexts(#[cfg_attr(not(test), expect(dead_code, reason = "it is held, not read"))] Vec<Arc<DrawnText>>);

impl TextPainter {
    /// A painter for a device.
    #[must_use]
    pub fn new(gpu: &Arc<Gpu>) -> Self {
        Self { rasterizer: None, painted: HashMap::new(), generation: 0, gpu: gpu.clone() }
    }

    /// Draws the texts of a frame that are not drawn yet and submits the work.
    ///
    /// # Errors
    /// When the device fails.
    pub fn paint(&mut self, plan: &FramePlan) -> Result<PaintedTexts, GpuError> {
        let generation = self.gpu.text.generation();
        if std::mem::replace(&mut self.generation, generation) != generation {
            self.painted.clear();
        }
        let mut before = std::mem::take(&mut self.painted);
        for layer in &plan.layers {
            if let Draw::Text { text, style, .. } = &layer.draw {
                let unchanged = before.remove(&layer.item).filter(|drawn| drawn.is_of(text, style));
                let drawn = unchanged.map_or_else(|| self.find_or_draw(text, style), Ok)?;
                self.painted.insert(layer.item, drawn);
            }
        }
        Ok(PaintedTexts(self.painted.values().cloned().collect()))
    }

    /// A text in a surface of its own, whose work is submitted when this returns; `None` if nothing of it is visible.
    pub(crate) fn raster(&mut self, text: &Arc<str>, style: &Arc<TextStyle>) -> Result<Option<Raster>, GpuError> {
        Ok(self.find_or_draw(text, style)?.raster.clone())
    }

    fn find_or_draw(&mut self, text: &Arc<str>, style: &Arc<TextStyle>) -> Result<Arc<DrawnText>, GpuError> {
        let Gpu { text: shared, context, .. } = &*self.gpu;
        if let Some(found) = shared.find(text, style) {
            return Ok(found);
        }
        let generation = shared.generation();
        let (_, rasterizer) = match self.rasterizer.take().filter(|(font, _)| *font == style.font) {
            Some(known) => self.rasterizer.insert(known),
            None => {
                let rasterizer = shared.rasterizer(context, style.font.as_ref());
                self.rasterizer.insert((style.font.clone(), rasterizer))
            }
        };
        let raster = rasterizer.draw(context, text, style)?;
        let drawn = Arc::new(DrawnText { text: text.clone(), style: style.clone(), raster });
        shared.insert(&drawn, generation);
        Ok(drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use repcast_model::color::Color;
    use repcast_model::geometry::Anchor;
    use repcast_model::timeline::PlannedLayer;

    fn plan(number: u64, texts: &[&str]) -> FramePlan {
        let style = |size| TextStyle {
            size,
            min_size: 4.0,
            weight: 600,
            color: Color::WHITE,
            position: (0.0, 0.0),
            anchor: Anchor::TopLeft,
            max_width: 500.0,
            max_lines: 1,
            backing: None,
            outline: None,
            tabular: false,
            font: None,
        };
        let style = |size| Arc::new(style(size));
        let draw = |text: &&str| Draw::Text { text: (**text).into(), style: style(20.0), shift: (0, 0) };
        let layer = |(item, text)| PlannedLayer { item, opacity: PlannedLayer::OPAQUE, draw: draw(text) };
        FramePlan { number, layers: texts.iter().enumerate().map(layer).collect() }
    }

    fn are_same(one: &PaintedTexts, other: &PaintedTexts) -> bool {
        one.0.len() == other.0.len() && one.0.iter().all(|text| other.0.iter().any(|found| Arc::ptr_eq(text, found)))
    }

    #[test]
    fn texts_are_drawn_in_the_font_of_their_document() {
        let gpu = Gpu::open(None).unwrap();
        let font = |index: usize| Font::new(crate::FONTS[index].to_vec(), [index as u8; 32]);
        let mut painter = TextPainter::new(&gpu);
        let mut width = |font: Option<Font>| {
            let Draw::Text { text, style, .. } = plan(0, &["Mountain climbers"]).layers.remove(0).draw else {
                panic!()
            };
            let style = Arc::new(TextStyle { size: 40.0, font, ..(*style).clone() });
            painter.raster(&text, &style).unwrap().unwrap().block.width
        };
        let [regular, own, bold] = [Some(font(0)), None, Some(font(3))].map(&mut width);
        assert!(regular < own && own < bold, "{regular} {own} {bold}");
        assert_eq!((width(None), width(Some(font(3)))), (own, bold));
    }

    /// Every painter draws with what is its own: nothing that takes long is shared.
    #[test]
    fn painters_share_finished_texts_and_nothing_else() {
        let gpu = Gpu::open(None).unwrap();
        let names: Vec<String> = (0..100).map(|index| format!("text {index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (mut first, mut second) = (TextPainter::new(&gpu), TextPainter::new(&gpu));
        let drawn = first.paint(&plan(0, &names)).unwrap();
        // More than the cache keeps by itself.
        assert!(are_same(&second.paint(&plan(5, &names)).unwrap(), &drawn) && second.rasterizer.is_none());
        assert!(are_same(&first.paint(&plan(1, &names)).unwrap(), &drawn));
        second.paint(&plan(6, &["another"])).unwrap();
        assert!(second.rasterizer.is_some());
        // After a failure of the device, texts are drawn again.
        gpu.text.clear();
        assert!(!are_same(&first.paint(&plan(2, &names)).unwrap(), &drawn));
    }
}
