//! Pictures, texts and shapes that are on the screen, ready to be blended; made anew only when they change.

use std::collections::HashMap;
use std::sync::Arc;

use super::surface::{Surface, Texels};
use crate::compositor::LayerFrames;
use crate::device::Gpu;
use crate::error::GpuError;
use crate::kernels::commands::Passes;
use crate::layers::group::Part;
use crate::text::Raster;
use repcast_media::{FrameId, PixelRect};
use repcast_model::clip::AlphaMode;
use repcast_model::geometry::{Placement, Rect};
use repcast_model::timeline::{Draw, PlannedLayer, TextStyle};

/// What is kept for each item.
#[derive(Default)]
pub(crate) struct Stills(HashMap<usize, Still>);

struct Still {
    key: Key,
    parts: Vec<Part>,
}

#[derive(PartialEq)]
enum Key {
    Image(FrameId, Placement),
    Text(Arc<str>, Arc<TextStyle>),
}

impl Stills {
    /// Lets go of everything.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Lets go of the items that are not wanted.
    pub(crate) fn keep(&mut self, wanted: impl Fn(usize) -> bool) {
        self.0.retain(|item, _| wanted(*item));
    }

    /// What is blended for a layer that is no clip.
    pub(crate) fn parts(
        &mut self,
        gpu: &Gpu,
        passes: &mut Passes,
        layer: &PlannedLayer,
        frames: &LayerFrames,
    ) -> Result<Vec<Part>, GpuError> {
        match &layer.draw {
            Draw::Clip { .. } => Ok(Vec::new()),
            Draw::Shape { rect, radius, color } => {
                Ok(vec![Part::Shape { rect: *rect, radius: *radius, color: color.premultiplied() }])
            }
            Draw::Image { placement, .. } => {
                let Some(frame) = frames.get(&layer.item) else { return Ok(Vec::new()) };
                self.kept(layer.item, Key::Image(frame.id, *placement), || {
                    let bounds = frame.upload_rect();
                    let texels = Texels::of(frame, AlphaMode::Straight);
                    let surface = if Texels::of_packed(frame, AlphaMode::Straight).is_some() {
                        gpu.images.get(frame.id, || Surface::of_packed(gpu, frame, "image"))
                    } else {
                        let alone = Surface::new(&gpu.device, frame.size, "image");
                        passes.upload(frame, AlphaMode::Straight, &alone, bounds)?;
                        Arc::new(alone)
                    };
                    Ok(vec![Part::Surface { surface, texels, placement: *placement, bounds }])
                })
            }
            Draw::Text { text, style } => {
                self.kept(layer.item, Key::Text(text.clone(), style.clone()), || text_parts(gpu, text, style))
            }
        }
    }

    fn kept(
        &mut self,
        item: usize,
        key: Key,
        make: impl FnOnce() -> Result<Vec<Part>, GpuError>,
    ) -> Result<Vec<Part>, GpuError> {
        if let Some(still) = self.0.get(&item).filter(|still| still.key == key) {
            return Ok(still.parts.clone());
        }
        let parts = make()?;
        self.0.insert(item, Still { key, parts: parts.clone() });
        Ok(parts)
    }
}

fn text_parts(gpu: &Gpu, text: &Arc<str>, style: &Arc<TextStyle>) -> Result<Vec<Part>, GpuError> {
    let mut engine = gpu.text.lock().unwrap_or_else(|poisoned| {
        let mut engine = poisoned.into_inner();
        engine.recover();
        gpu.text.clear_poison();
        engine
    });
    let raster = engine.raster(&gpu.device, &gpu.queue, text, style)?;
    drop(engine);
    let Some(Raster { surface, left, top, block }) = raster else { return Ok(Vec::new()) };
    let mut parts = Vec::new();
    if let Some(backing) = style.backing {
        let (across, down) = (backing.padding_x, backing.padding_y);
        let (width, height) = (block.width + 2.0 * across, block.height + 2.0 * down);
        let rect = Rect::new(block.x - across, block.y - down, width, height);
        parts.push(Part::Shape { rect, radius: backing.radius, color: backing.color.premultiplied() });
    }
    let (size, surface) = (surface.size, Arc::new(surface));
    let bounds = PixelRect { x: 0, y: 0, width: size.width, height: size.height };
    let (x, y) = (left as f32, top as f32);
    let clip = Rect::new(x, y, size.width as f32, size.height as f32);
    let placement = Placement { clip, stored_from_canvas: [[1.0, 0.0, -x], [0.0, 1.0, -y]] };
    parts.push(Part::Surface { surface, texels: Texels::PREMULTIPLIED, placement, bounds });
    Ok(parts)
}
