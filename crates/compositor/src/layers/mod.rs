//! Layers on the GPU: clips, static layers, and the groups that static layers are flattened into.

pub(crate) mod clips;
pub(crate) mod group;
pub(crate) mod passthrough;
pub(crate) mod stack;
pub(crate) mod static_layers;
