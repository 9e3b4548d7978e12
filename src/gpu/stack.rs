//! The stack of surfaces that makes a picture: runs, and the clips between them.

use super::composite::Entry;
use super::look::Look;
use super::plain::Plain;
use super::surface::{Surface, Texels};
use super::tiles::TileSet;
use crate::geometry::{Placement, Rect, Size};
use crate::media::PixelRect;

/// What a surface of the stack is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// A run, counted from below.
    Run(usize),
    /// The clip of an item.
    Clip(usize),
    /// Lower surfaces, flattened because there are more than one composite reads.
    Under,
}

/// One surface of the stack, as it is planned.
pub(super) struct Layer {
    pub(super) identity: Identity,
    /// Where it is seen.
    pub(super) coverage: TileSet,
    /// What a clip looks like; runs know it for each tile.
    pub(super) look: Look,
    pub(super) placement: Placement,
    pub(super) opacity: f32,
    /// Whether it will look like this again.
    pub(super) returns: bool,
    /// A clip that needs no drawing in some tiles.
    pub(super) plain: Option<Plain>,
}

impl Layer {
    /// A surface of the canvas's own size, pixel on pixel.
    pub(super) fn whole(identity: Identity, canvas: Size, coverage: TileSet) -> Self {
        let Size { width, height } = canvas;
        let placement = Placement {
            clip: Rect::new(0.0, 0.0, width as f32, height as f32),
            stored_from_canvas: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
        };
        Self { identity, coverage, look: 0, placement, opacity: 1.0, returns: true, plain: None }
    }
}

/// One surface of the stack, as it lies on the GPU.
pub(super) struct Readable {
    pub(super) surface: Surface,
    pub(super) texels: Texels,
    pub(super) bounds: PixelRect,
}

impl Readable {
    /// The surface as the composite's kernel reads it.
    pub(super) fn entry(&self, layer: &Layer) -> Entry {
        match layer.identity {
            Identity::Clip(_) => Entry::placed(&layer.placement, self.bounds, self.texels, layer.opacity),
            Identity::Run(_) | Identity::Under => Entry::whole(self.texels),
        }
    }
}
