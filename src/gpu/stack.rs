//! The stack of surfaces that makes a picture: runs, and the clips between them.

use super::composite::Entry;
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

/// One surface of the stack.
pub(super) struct StackEntry {
    pub(super) identity: Identity,
    pub(super) surface: Surface,
    pub(super) texels: Texels,
    pub(super) placement: Placement,
    pub(super) bounds: PixelRect,
    pub(super) opacity: f32,
    pub(super) coverage: TileSet,
}

impl StackEntry {
    /// A surface of the canvas's own size, pixel on pixel.
    pub(super) fn whole(identity: Identity, surface: Surface, canvas: Size, coverage: TileSet) -> Self {
        let Size { width, height } = canvas;
        let placement = Placement {
            clip: Rect::new(0.0, 0.0, width as f32, height as f32),
            stored_from_canvas: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
        };
        let bounds = PixelRect { x: 0, y: 0, width, height };
        Self { identity, surface, texels: Texels::PREMULTIPLIED, placement, bounds, opacity: 1.0, coverage }
    }

    /// The surface as the composite's kernel reads it.
    pub(super) fn entry(&self) -> Entry {
        match self.identity {
            Identity::Clip(_) => Entry::placed(&self.placement, self.bounds, self.texels, self.opacity),
            Identity::Run(_) | Identity::Under => Entry::whole(self.texels),
        }
    }
}
