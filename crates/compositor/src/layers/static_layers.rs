//! Images, texts and shapes, resolved to blends that are cached until the layer changes.

use std::collections::HashMap;
use std::sync::Arc;

use super::LayerFrames;
use super::group::BlendPart;
use crate::device::surface::{Surface, Texels};
use crate::error::GpuError;
use crate::gpu::Gpu;
use crate::kernels::commands::CommandList;
use crate::text::{Raster, TextPainter};
use crate::tiles::content_id::ClipColors;
use repcast_media::{FrameId, PixelRect};
use repcast_model::clip::AlphaMode;
use repcast_model::geometry::{Placement, Rect};
use repcast_model::timeline::{Draw, PlannedLayer, TextStyle};

/// The colors of all images.
const IMAGE_COLORS: ClipColors = (AlphaMode::Straight, None);

/// The blends of each item.
#[derive(Default)]
pub(crate) struct StaticLayers(HashMap<usize, CachedLayer>);

struct CachedLayer {
    key: LayerKey,
    parts: Vec<BlendPart>,
}

#[derive(PartialEq)]
enum LayerKey {
    Image(FrameId, Placement),
    Text(Arc<str>, Arc<TextStyle>, (i32, i32)),
}

impl StaticLayers {
    /// Removes all items.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Removes the items that are not planned.
    pub(crate) fn retain(&mut self, is_planned: impl Fn(usize) -> bool) {
        self.0.retain(|item, _| is_planned(*item));
    }

    /// The blends of a static layer, created if it has changed: text is shaped and images are uploaded.
    pub(crate) fn parts(
        &mut self,
        gpu: &Gpu,
        painter: &mut TextPainter,
        commands: &mut CommandList,
        layer: &PlannedLayer,
        frames: &LayerFrames,
    ) -> Result<Vec<BlendPart>, GpuError> {
        match &layer.draw {
            Draw::Clip { .. } => Ok(Vec::new()),
            Draw::Shape { rect, radius, color } => {
                Ok(vec![BlendPart::Shape { rect: *rect, radius: *radius, color: color.premultiplied() }])
            }
            Draw::Glow { rect, color } => Ok(vec![BlendPart::Glow { rect: *rect, color: color.premultiplied() }]),
            Draw::Ring { rect, thickness, turn, color } => {
                let (thickness, turn, color) = (*thickness, *turn, color.premultiplied());
                Ok(vec![BlendPart::Ring { rect: *rect, thickness, turn, color }])
            }
            Draw::Image { placement, .. } => {
                let Some(frame) = frames.get(&layer.item) else { return Ok(Vec::new()) };
                self.cached(layer.item, LayerKey::Image(frame.id, *placement), || {
                    let bounds = frame.upload_rect();
                    let texels = Texels::of(frame, IMAGE_COLORS);
                    let surface = if Texels::of_packed(frame, IMAGE_COLORS).is_some() {
                        let upload = || Surface::of_packed(&gpu.context, frame, "image");
                        gpu.caches.images.get_or_create(frame.id, upload)
                    } else {
                        // Unpacked by this compositor's commands, and not shared before they are submitted.
                        let unpacked = Surface::new(&gpu.context, frame.size, "image");
                        commands.upload(frame, IMAGE_COLORS, &unpacked, bounds)?;
                        Arc::new(unpacked)
                    };
                    Ok(vec![BlendPart::Surface { surface, texels, placement: *placement, bounds }])
                })
            }
            Draw::Text { text, style, shift } => {
                let key = LayerKey::Text(text.clone(), style.clone(), *shift);
                self.cached(layer.item, key, || text_parts(painter, text, style, *shift))
            }
        }
    }

    fn cached(
        &mut self,
        item: usize,
        key: LayerKey,
        create: impl FnOnce() -> Result<Vec<BlendPart>, GpuError>,
    ) -> Result<Vec<BlendPart>, GpuError> {
        if let Some(cached) = self.0.get(&item).filter(|cached| cached.key == key) {
            return Ok(cached.parts.clone());
        }
        let parts = create()?;
        self.0.insert(item, CachedLayer { key, parts: parts.clone() });
        Ok(parts)
    }
}

fn text_parts(
    painter: &mut TextPainter,
    text: &Arc<str>,
    style: &Arc<TextStyle>,
    (right, down): (i32, i32),
) -> Result<Vec<BlendPart>, GpuError> {
    let Some(Raster { surface, left, top, block }) = painter.raster(text, style)? else { return Ok(Vec::new()) };
    let (right, down) = (right as f32, down as f32);
    let mut parts = Vec::new();
    if let Some(backing) = style.backing {
        let (width, height) = (block.width + 2.0 * backing.padding_x, block.height + 2.0 * backing.padding_y);
        let (x, y) = (block.x - backing.padding_x + right, block.y - backing.padding_y + down);
        let rect = Rect::new(x, y, width, height);
        parts.push(BlendPart::Shape { rect, radius: backing.radius, color: backing.color.premultiplied() });
    }
    let (size, surface) = (surface.size, Arc::new(surface));
    let bounds = PixelRect { x: 0, y: 0, width: size.width, height: size.height };
    let (x, y) = (left as f32 + right, top as f32 + down);
    let clip = Rect::new(x, y, size.width as f32, size.height as f32);
    let placement = Placement { clip, stored_from_canvas: [[1.0, 0.0, -x], [0.0, 1.0, -y]], radius: 0.0 };
    parts.push(BlendPart::Surface { surface, texels: Texels::PREMULTIPLIED, placement, bounds });
    Ok(parts)
}
