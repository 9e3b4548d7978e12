//! The stack of surfaces of a frame: layer groups, and the clips between them.

use super::passthrough::PassthroughClip;
use crate::device::surface::{Surface, Texels};
use crate::kernels::composite::Entry;
use crate::tiles::content_id::ContentId;
use crate::tiles::tile_set::TileSet;
use repcast_media::PixelRect;
use repcast_model::geometry::{Placement, Rect, Size};

/// Source of a layer of the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LayerSource {
    /// A layer group, counted from the bottom.
    Group(usize),
    /// The clip of an item.
    Clip(usize),
    /// The lower layers, flattened because the stack has more than one composite reads.
    FlattenedBase,
}

/// One layer of the stack.
pub(crate) struct StackLayer {
    pub(crate) source: LayerSource,
    /// The tiles in which it is visible.
    pub(crate) coverage: TileSet,
    /// The content id of a clip; groups have one for each tile.
    pub(crate) content_id: ContentId,
    pub(crate) placement: Placement,
    pub(crate) opacity: f32,
    /// Whether its content recurs.
    pub(crate) returns: bool,
    /// Set for a clip that can be copied in some tiles.
    pub(crate) passthrough: Option<PassthroughClip>,
}

impl StackLayer {
    /// A surface of the size of the canvas.
    pub(crate) fn whole(source: LayerSource, canvas: Size, coverage: TileSet) -> Self {
        let Size { width, height } = canvas;
        let placement = Placement {
            clip: Rect::new(0.0, 0.0, width as f32, height as f32),
            stored_from_canvas: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
            radius: 0.0,
        };
        Self { source, coverage, content_id: 0, placement, opacity: 1.0, returns: true, passthrough: None }
    }
}

/// The surface of a layer on the GPU.
pub(crate) struct LayerSurface {
    pub(crate) surface: Surface,
    pub(crate) texels: Texels,
    pub(crate) bounds: PixelRect,
}

impl LayerSurface {
    /// The surface as the composite kernel reads it.
    pub(crate) fn entry(&self, layer: &StackLayer) -> Entry {
        match layer.source {
            LayerSource::Clip(_) => Entry::placed(&layer.placement, self.bounds, self.texels, layer.opacity),
            LayerSource::Group(_) | LayerSource::FlattenedBase => Entry::whole(self.texels),
        }
    }
}
