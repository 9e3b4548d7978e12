use repcast_compositor::GpuError;
use repcast_gstreamer::encode::EncodeError;
use repcast_mux::MuxError;
use repcast_storage::StorageError;

/// Why a render failed.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The device.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The encoder.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Muxing, or the output's storage.
    #[error(transparent)]
    Package(#[from] MuxError),
    /// Numbered pictures.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Two encoders of the same render describe their streams differently.
    #[error("the encoder's parameters at frame {frame} differ from those of the first frame")]
    ParametersDiffer {
        /// The first frame of the GOP.
        frame: u64,
    },
    /// Sound was wanted of a document without any.
    #[error("the document has no sound")]
    NoSound,
    /// The render was stopped.
    #[error("interrupted; nothing was written")]
    Interrupted,
    /// A thread ended without a result.
    #[error("the {0} stage stopped unexpectedly")]
    Lost(&'static str),
}
