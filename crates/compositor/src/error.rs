use std::sync::Arc;
use std::time::Duration;

/// A failure of the graphics device, or a canvas that it cannot draw.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GpuError {
    /// The system has no Vulkan, Metal or Direct3D 12 adapter.
    #[error("no graphics adapter found; on Debian, `apt install mesa-vulkan-drivers` adds one that needs no GPU")]
    NoAdapter,
    /// No adapter has the requested name.
    #[error("no graphics adapter is called `{requested}`; there is: {}", .available.join(", "))]
    UnknownAdapter {
        /// The requested part of a name.
        requested: String,
        /// Names of the adapters of this machine.
        available: Vec<String>,
    },
    /// The driver refused to open the adapter.
    #[error("the graphics adapter {name} cannot be used: {reason}")]
    Unusable {
        /// Name of the adapter.
        name: String,
        /// The driver's reason.
        reason: wgpu::RequestDeviceError,
    },
    /// A side of the canvas exceeds the adapter's largest texture.
    #[error("a canvas of {width}x{height} is larger than this adapter's limit of {limit} pixels a side")]
    TooLarge {
        /// Width of the canvas in pixels.
        width: u32,
        /// Height of the canvas in pixels.
        height: u32,
        /// Largest side in pixels.
        limit: u32,
    },
    /// A frame has more bytes than a buffer of the adapter; an RGBA frame has more than twice those of NV12.
    #[error(
        "a frame of {bytes} bytes exceeds the {limit} of a buffer of this adapter; use a smaller canvas, or video instead of images"
    )]
    FrameTooLarge {
        /// Size of the frame in bytes.
        bytes: u64,
        /// Largest buffer in bytes.
        limit: u64,
    },
    /// The driver reported a fault, in its own words.
    #[error("the graphics device failed: {0}")]
    Device(String),
    /// Waiting for the device failed.
    #[error("the graphics device failed: {0}")]
    Wait(#[source] Arc<wgpu::PollError>),
    /// A buffer could not be mapped.
    #[error("the graphics device failed: {0}")]
    Map(#[from] wgpu::BufferAsyncError),
    /// A part of a mapped buffer could not be accessed.
    #[error("the graphics device failed: {0}")]
    MapRange(#[from] wgpu::MapRangeError),
    /// The driver dropped a read-back without an answer.
    #[error("the graphics device failed: it did not answer a read-back")]
    NoAnswer,
    /// The driver cannot draw into a window.
    #[error("the graphics device failed: {0}")]
    Surface(#[from] wgpu::CreateSurfaceError),
    /// The parameters and samples of a frame exceed the largest buffer.
    #[error("the graphics device failed: a frame of {bytes} bytes does not fit a buffer")]
    UploadTooLarge {
        /// Bytes to upload.
        bytes: u64,
    },
    /// All frames of the pool are held by their receivers.
    #[error("the graphics device failed: none of {frames} frames was released within {} seconds", .timeout.as_secs())]
    PoolExhausted {
        /// Frames of the pool.
        frames: usize,
        /// Time waited.
        timeout: Duration,
    },
    /// A frame repeats the one before it, which failed.
    #[error("the graphics device failed: the frame repeats one that was not drawn")]
    NothingToRepeat,
    /// Text could not be drawn.
    #[error("text could not be drawn: {0}")]
    Text(#[from] TextError),
}

impl From<wgpu::PollError> for GpuError {
    fn from(error: wgpu::PollError) -> Self {
        Self::Wait(Arc::new(error))
    }
}

/// A failure of the text renderer.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum TextError {
    /// The glyphs do not fit the atlas.
    #[error(transparent)]
    Prepare(#[from] glyphon::PrepareError),
    /// The prepared glyphs are no longer valid.
    #[error(transparent)]
    Render(#[from] glyphon::RenderError),
}
