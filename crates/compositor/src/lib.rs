//! The compositor: draws a frame plan and decoded frames into composited frames, on the GPU.
//!
//! ```text
//! clip frames --copy or unpack--> surfaces ---------------------------------\
//! images, text --upload, draw---> surfaces --blend, resolve--> layer groups --+--composite--> tiles --read back--\
//! tile cache ----------------------------------------------------------------------------------------------------+
//! clip frames in the format of the frame (passthrough) ----------------------------------------------------------+
//!                                                                       display or encoder <-- frame <-- frame pool
//! ```
//!
//! | module | content |
//! | --- | --- |
//! | `device` | the graphics device, its textures and background compilation |
//! | `tiles` | content ids, tile sets, the tile cache |
//! | `kernels` | shaders, pipelines and the command list |
//! | `text` | shaping and rasterising |
//! | `gpu` | the device with its kernels and caches |
//! | `layers` | clips, static layers and layer groups on the GPU |
//! | `output` | read-back, frame pool, display, capture |
//! | `compositor` | what changes from frame to frame, and where each tile comes from |
//!
//! A surface holds four bytes a pixel: packed frames as the decoder delivers them, others as premultiplied RGBA.
//! Adjacent static layers are flattened into a *layer group*; a composite reads the groups and the clips between them,
//! only in damaged tiles that are not in the tile cache. A frame is assembled in memory from the frame before it and
//! the changed tiles. A compositor is used from one thread, which waits for the device only when it takes a frame. The
//! crate knows no files, decoders or clocks, and frame n does not depend on the frames drawn before it.

mod caches;
mod compositor;
mod device;
mod error;
mod gpu;
mod kernels;
mod layers;
mod output;
mod text;
mod tiles;
mod weak_cache;

pub use compositor::{Compositor, Tracking};
pub use device::adapters::{AdapterSummary, list_adapters};
pub use device::open_devices::wait_until_closed;
pub use error::{GpuError, TextError};
pub use gpu::Gpu;
pub use kernels::SHADERS;
pub use layers::LayerFrames;
pub use output::capture::Capture;
pub use output::display::Display;
pub use output::latest_frame::LatestFrame;
pub use text::{FONTS, FontFault, MissingGlyphs, PaintedTexts, ScriptCoverage, TextPainter, check_font};
