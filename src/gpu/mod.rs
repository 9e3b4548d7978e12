//! The compositor: a frame plan and decoded frames go in, pictures come out.
//!
//! ```text
//! ClipFrame --copy or unpack--> surface --------------------\
//! glyphon --------------------> surface --blend, resolve--> run -- composite --> tiles -> read-back -\
//! tiles drawn before (tile_store) -------------------------------------------------------------------+-> assembly -> Picture
//! ClipFrame whose samples are the picture's own (plain) ---------------------------------------------/               `-> display
//! ```
//!
//! A surface holds four bytes a pixel: packed frames as the decoder gave them, anything else as premultiplied RGBA.
//! Neighbouring layers that stand still are flattened into a *run*; a composite reads the runs and the clips between
//! them, and only in the tiles that changed and look as they never did before. Pictures are put together in memory, of
//! the one before and the tiles that changed. A compositor is used from one thread, which waits for the device only when
//! it takes a picture. This module knows nothing of files, decoders or clocks, and frame n's picture does not depend on
//! the frames drawn before it.

mod arena;
mod assembly;
mod blend;
mod capture;
mod clips;
mod compile_queue;
mod composite;
mod compositor;
mod device;
mod display;
mod error;
mod heap;
mod kernel;
mod look;
mod memory;
mod open_devices;
mod passes;
mod plain;
mod readback;
mod resolve;
mod run;
mod shared;
mod source;
mod stack;
mod stills;
mod surface;
mod text;
mod text_break;
mod text_fit;
mod text_fonts;
mod text_layer;
mod text_spans;
mod tile_store;
mod tiles;
mod unpack;

pub use capture::Capture;
pub use compositor::{Compositor, LayerFrames, Tracking};
pub use device::{Gpu, list_adapters};
pub use display::Display;
pub use error::GpuError;
pub use open_devices::wait_until_closed;
pub use source::PictureSource;
pub use text::FONTS;

/// The WGSL of every kernel, by its name.
pub const SHADERS: [(&str, &str); 6] = [
    ("unpack", unpack::SHADER),
    ("blend", blend::SHADER),
    ("resolve", resolve::SHADER),
    ("composite", composite::SHADER),
    ("display", display::SHADER),
    ("text_layer", text_layer::SHADER),
];
