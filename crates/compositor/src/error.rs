/// Why the GPU could not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GpuError {
    /// Nothing that speaks Vulkan, Metal or Direct3D 12 was found.
    #[error("no graphics adapter found; on Debian, `apt install mesa-vulkan-drivers` adds one that needs no GPU")]
    NoAdapter,
    /// No adapter has the wanted name.
    #[error("no graphics adapter is called `{wanted}`; there is: {}", .available.join(", "))]
    UnknownAdapter {
        /// What was asked for.
        wanted: String,
        /// Names of those present.
        available: Vec<String>,
    },
    /// The adapter is there but refuses to work.
    #[error("the graphics adapter {name} cannot be used: {reason}")]
    Unusable {
        /// Its name.
        name: String,
        /// What the driver said.
        reason: String,
    },
    /// The canvas is larger than the adapter's textures.
    #[error("a canvas of {width}x{height} is larger than this adapter's limit of {limit} pixels a side")]
    TooLarge {
        /// Wanted width.
        width: u32,
        /// Wanted height.
        height: u32,
        /// Largest side.
        limit: u32,
    },
    /// The picture has more bytes than the adapter binds at once; RGBA has more than twice those of NV12.
    #[error(
        "a picture of {bytes} bytes is more than the {most} that this adapter writes at once; a smaller canvas, or video instead of pictures, will do"
    )]
    PictureTooLarge {
        /// Bytes of the picture.
        bytes: u64,
        /// Largest number of bytes.
        most: u64,
    },
    /// The device was lost or ran out of memory while drawing.
    #[error("the graphics device failed: {0}")]
    Device(String),
    /// Text could not be put into the glyph atlas.
    #[error("text could not be drawn: {0}")]
    Text(String),
}
