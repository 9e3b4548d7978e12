//! The stack of surfaces that makes a picture: runs, and the clips between them.

use super::surface::{Surface, Texels};
use crate::kernels::composite::Entry;
use crate::layers::passthrough::Plain;
use crate::tiles::content_id::Look;
use crate::tiles::tile_set::TileSet;
use repcast_media::PixelRect;
use repcast_model::geometry::{Placement, Rect, Size};

/// What a surface of the stack is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// A run, counted from below.
    Run(usize),
    /// The clip of an item.
    Clip(usize),
    /// Lower surfaces, flattened because there are more than one composite reads.
    Under,
}

/// One surface of the stack, as it is planned.
pub(crate) struct Layer {
    pub(crate) identity: Identity,
    /// Where it is seen.
    pub(crate) coverage: TileSet,
    /// What a clip looks like; runs know it for each tile.
    pub(crate) look: Look,
    pub(crate) placement: Placement,
    pub(crate) opacity: f32,
    /// Whether it will look like this again.
    pub(crate) returns: bool,
    /// A clip that needs no drawing in some tiles.
    pub(crate) plain: Option<Plain>,
}

impl Layer {
    /// A surface of the canvas's own size, pixel on pixel.
    pub(crate) fn whole(identity: Identity, canvas: Size, coverage: TileSet) -> Self {
        let Size { width, height } = canvas;
        let placement = Placement {
            clip: Rect::new(0.0, 0.0, width as f32, height as f32),
            stored_from_canvas: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
        };
        Self { identity, coverage, look: 0, placement, opacity: 1.0, returns: true, plain: None }
    }
}

/// One surface of the stack, as it lies on the GPU.
pub(crate) struct Readable {
    pub(crate) surface: Surface,
    pub(crate) texels: Texels,
    pub(crate) bounds: PixelRect,
}

impl Readable {
    /// The surface as the composite's kernel reads it.
    pub(crate) fn entry(&self, layer: &Layer) -> Entry {
        match layer.identity {
            Identity::Clip(_) => Entry::placed(&layer.placement, self.bounds, self.texels, layer.opacity),
            Identity::Run(_) | Identity::Under => Entry::whole(self.texels),
        }
    }
}
