//! Layers on the GPU: clips, static layers, and the groups and surfaces they are flattened into.

pub(crate) mod clips;
pub(crate) mod group;
pub(crate) mod passthrough;
pub(crate) mod stack;
pub(crate) mod static_layers;
pub(crate) mod surface;
pub(crate) mod weak_cache;
