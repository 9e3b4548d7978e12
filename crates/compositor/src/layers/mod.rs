//! Layers on the GPU: clips, static layers, and the groups that static layers are flattened into.

pub(crate) mod clips;
pub(crate) mod group;
pub(crate) mod passthrough;
pub(crate) mod stack;
pub(crate) mod static_layers;

use std::collections::HashMap;
use std::sync::Arc;

use repcast_media::ClipFrame;

/// The decoded frame of each planned clip and image, by item.
pub type LayerFrames = HashMap<usize, Arc<ClipFrame>>;
