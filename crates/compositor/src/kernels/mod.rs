//! The kernels: one file for each shader of the same name in `shaders/`, and what they share.

pub(crate) mod arena;
pub(crate) mod blend;
pub(crate) mod commands;
pub(crate) mod composite;
pub(crate) mod kernel;
pub(crate) mod resolve;
pub(crate) mod text_layer;
pub(crate) mod unpack;

use crate::output::display;

/// The WGSL of every kernel, by its name.
pub const SHADERS: [(&str, &str); 6] = [
    ("unpack", unpack::SHADER),
    ("blend", blend::SHADER),
    ("resolve", resolve::SHADER),
    ("composite", composite::SHADER),
    ("display", display::SHADER),
    ("text_layer", text_layer::SHADER),
];
