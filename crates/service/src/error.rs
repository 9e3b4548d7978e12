use repcast_capture::CameraError;
use repcast_compositor::GpuError;
use repcast_database::DatabaseError;
use repcast_engine::live::{CapacityError, ChangeError, LiveError};
use repcast_engine::open::OpenError;
use repcast_model::session::CommandRejection;
use repcast_model::workout::EditError;
use repcast_objects::ObjectError;

use super::accounts::AccountError;
use super::outputs::OutputError;
use super::quota::ClientQuota;

/// Why a use case was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// This process streams one session and starts no others.
    #[error("This server shows one session and starts no others.")]
    SingleSession,
    /// Starting sessions and videos needs the operator's token.
    #[error(
        "Starting a session or a video needs the server's token, or an account: send either as `Authorization: Bearer TOKEN`."
    )]
    Unauthenticated,
    /// This needs an account that is signed in.
    #[error("This needs an account: sign in.")]
    SignedOut,
    /// The account has no right to this.
    #[error("Your account has no right to this.")]
    NotAllowed,
    /// Administrators do not change their own account.
    #[error("This is your own account; another administrator can change it.")]
    OwnAccount,
    /// A club with exercises of its own, or with recordings of its courts, is not deleted.
    #[error("This club has exercises of its own, or has had courts, whose recordings belong to it.")]
    ClubInUse,
    /// This server has no accounts, library and saved workouts.
    #[error("This server has no library and no saved workouts.")]
    NoCoach,
    /// There is no such object, or none that the account may know of.
    #[error("There is no {0} with this id.")]
    NoSuch(&'static str),
    /// The object was changed since it was read.
    #[error("This {0} was changed by someone else meanwhile; read it again.")]
    Stale(&'static str),
    /// An uploaded file is larger than any clip.
    #[error("A file has at most 500 MB.")]
    UploadTooLarge,
    /// Something is wrong with an upload.
    #[error("{0}")]
    Upload(&'static str),
    /// The account has as many unused uploads as one may have.
    #[error(
        "You have as many uploads as one may have: use or delete some, or wait until they are removed after a day."
    )]
    TooManyUploads,
    /// Another request writes to the upload.
    #[error("Another request is sending this upload.")]
    UploadBusy,
    /// The upload does not end where the client goes on.
    #[error("The upload has {offset} bytes; go on there.")]
    UploadOffset {
        /// Bytes that are there.
        offset: u64,
    },
    /// A camera cannot be used.
    #[error("{}", sentence(&.0.to_string()))]
    Camera(CameraError),
    /// The login of a camera was encrypted with another secret.
    #[error("The login of this camera cannot be read, because the server's secret has changed; enter it again.")]
    LoginUnreadable,
    /// As many sessions are open as may be.
    #[error("{0} camera sessions are open, which is as many as may be; close one.")]
    TooManyCameraSessions(usize),
    /// As many watch a camera as may.
    #[error("{0} people watch this camera, which is as many as may.")]
    TooManyViewers(usize),
    /// The session is not open on this server.
    #[error("This camera session is closed; open another.")]
    CameraSessionClosed,
    /// The session is recorded, or was.
    #[error("This session has its recording; open another for the next.")]
    RecordingExists,
    /// The recording is not complete.
    #[error("This recording is not complete; stop it first.")]
    RecordingRuns,
    /// The session is not recorded.
    #[error("This session is not recorded.")]
    NotRecorded,
    /// The disk of the library is full.
    #[error("The server's disk is full.")]
    DiskFull,
    /// The disk of the library failed.
    #[error("The server could not write a file.")]
    Storage,
    /// The store of clips and videos failed.
    #[error(transparent)]
    Objects(ObjectError),
    /// Something about accounts.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The token of this session is missing or wrong.
    #[error("This needs the control token of the session, which was given to the one who started it.")]
    NotInControl,
    /// There is no list for those without the operator's token.
    #[error("There is no list of sessions without the server's token.")]
    NoList,
    /// The client runs as much as one client may.
    #[error(
        "This address runs as much as one may: at most {} sessions of {} hours together, and {} videos at the same time.",
        .0.sessions, .0.session_time.as_secs() / 3600, .0.videos
    )]
    OverQuota(ClientQuota),
    /// The sessions and videos of the client take as much of the capacity as those of one client may.
    #[error("The sessions and videos of this address take half of this machine; the rest is for others.")]
    OverShare,
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
    /// The process uses too much memory for the video; a later retry can help.
    #[error("This machine has not enough memory for the video now.")]
    NoMemory,
    /// No frame of the video was rendered until the stall timeout.
    #[error("The video made no progress; try again.")]
    Stalled,
    /// The document is wrong, or a file that it names is missing.
    #[error("{}", .0.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Document(OpenError),
    /// The use case takes workouts only.
    #[error("This call takes workouts; a composition can be shown as a live session.")]
    NotAWorkout,
    /// A command does not apply in the present state of the session.
    #[error(transparent)]
    Rejected(CommandRejection),
    /// Only the items of a workout can be changed.
    #[error("Only the items of a workout can be changed; the document of a composition can be replaced as a whole.")]
    NotEditable,
    /// A change of a workout does not apply now.
    #[error(transparent)]
    Unchangeable(EditError),
    /// A document cannot take the place of another.
    #[error(transparent)]
    Change(ChangeError),
    /// The document has no frame at the time that was asked for.
    #[error("the document is {secs:.3} s long; ask for a time from 0 to before its end")]
    NoSuchFrame {
        /// Its length in seconds.
        secs: f64,
    },
    /// The canvas does not fit the graphics device.
    #[error(transparent)]
    Canvas(GpuError),
    /// The session could not be started.
    #[error(transparent)]
    Live(LiveError),
    /// The session is not recorded or pushed.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A thread could not be started, or ended without a result.
    #[error("{0}")]
    Internal(&'static str),
}

/// A text as a sentence.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).chain(['.']).collect()
}

impl From<ObjectError> for ServiceError {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::File(error) => super::uploads::storage_error(&error),
            error => Self::Objects(error),
        }
    }
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
