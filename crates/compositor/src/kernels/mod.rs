//! The kernels: one file for each shader of the same name in `shaders/`, and what they share.

pub(crate) mod arena;
pub(crate) mod bindings;
pub(crate) mod blend;
pub(crate) mod commands;
pub(crate) mod composite;
pub(crate) mod display;
pub(crate) mod include;
pub(crate) mod kernel;
pub(crate) mod resolve;
pub(crate) mod text_layer;
pub(crate) mod unpack;

use std::sync::OnceLock;

use crate::device::GpuContext;

/// The WGSL of each kernel by name, with all includes resolved.
pub const SHADERS: [(&str, &str); 6] = [
    ("unpack", unpack::SHADER),
    ("blend", blend::SHADER),
    ("resolve", resolve::SHADER),
    ("composite", composite::SHADER),
    ("display", display::SHADER),
    ("text_layer", text_layer::SHADER),
];

/// The kernels of a device, apart from that of the text engine.
pub(crate) struct Kernels {
    pub(crate) unpack: unpack::UnpackKernel,
    pub(crate) blend: blend::BlendKernel,
    pub(crate) resolve: resolve::ResolveKernel,
    pub(crate) composite: composite::CompositeKernel,
    /// Created for the first display: most processes have none.
    display: OnceLock<display::DisplayKernel>,
}

impl Kernels {
    pub(crate) fn new(context: &GpuContext) -> Self {
        Self {
            unpack: unpack::UnpackKernel::new(context),
            blend: blend::BlendKernel::new(context),
            resolve: resolve::ResolveKernel::new(context),
            composite: composite::CompositeKernel::new(context),
            display: OnceLock::new(),
        }
    }

    pub(crate) fn display(&self, context: &GpuContext) -> &display::DisplayKernel {
        self.display.get_or_init(|| display::DisplayKernel::new(context))
    }
}
