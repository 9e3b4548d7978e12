use repcast_compositor::GpuError;
use repcast_engine::live::{CapacityError, LiveError};
use repcast_engine::open::OpenError;

/// Why a use case was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// This process streams one session and starts no others.
    #[error("This server shows one session and starts no others.")]
    SingleSession,
    /// The service is shutting down; a retry may reach its successor.
    #[error("The server is shutting down.")]
    ShuttingDown,
    /// The graphics device is lost; the process has to be restarted.
    #[error("The graphics device is lost; the server has to be restarted.")]
    DeviceLost,
    /// The machine has no capacity left; a later retry can help.
    #[error("This machine has no capacity for another stream now.")]
    AtCapacity,
    /// The document costs more than the machine could carry if it did nothing else.
    #[error(
        "The document needs {times:.1} times what this machine can do; use a smaller canvas, smaller or fewer texts, or fewer layers that change at once."
    )]
    TooExpensive {
        /// Its price as a multiple of the capacity.
        times: f64,
    },
    /// The largest number of videos is being generated; a later retry can help.
    #[error("Too many videos are being generated now.")]
    TooManyGenerations,
    /// The document is wrong, or a file that it names is missing.
    #[error("{}", .0.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Document(OpenError),
    /// The use case takes workouts only.
    #[error("This call takes workouts; a composition can be shown as a live session.")]
    NotAWorkout,
    /// The canvas does not fit the graphics device.
    #[error(transparent)]
    Canvas(GpuError),
    /// The session could not be started.
    #[error(transparent)]
    Live(LiveError),
    /// A thread could not be started, or ended without a result.
    #[error("{0}")]
    Internal(&'static str),
}

impl From<CapacityError> for ServiceError {
    fn from(error: CapacityError) -> Self {
        match error {
            CapacityError::Busy => Self::AtCapacity,
            CapacityError::TooLarge { times } => Self::TooExpensive { times },
        }
    }
}

impl From<LiveError> for ServiceError {
    fn from(error: LiveError) -> Self {
        match error {
            LiveError::Gpu(error @ (GpuError::TooLarge { .. } | GpuError::FrameTooLarge { .. })) => Self::Canvas(error),
            error => Self::Live(error),
        }
    }
}
