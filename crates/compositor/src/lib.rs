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

mod compositor;
mod device;
mod error;
mod kernels;
mod layers;
mod output;
mod text;
mod tiles;

pub use compositor::{Compositor, LayerFrames, Tracking};
pub use device::open_devices::wait_until_closed;
pub use device::{Gpu, list_adapters};
pub use error::GpuError;
pub use kernels::SHADERS;
pub use output::capture::Capture;
pub use output::display::Display;
pub use output::latest_frame::PictureSource;
pub use text::FONTS;
