//! Use cases: live sessions and generated videos. No HTTP, no command line.
//!
//! ```text
//! document (bytes) -> Documents -> OpenDocument --> LiveSessions -> LiveSession (stream, viewers)
//!                                        `---> Generations  -> Generation (bytes of a growing MP4)
//!                                        `---> Frames -> image
//! camera -> Cameras -> session -> recording
//! file (bytes) -> Uploads -> inspection -> exercise of the Library
//! ```
//!
//! [`Service`] holds them together: it admits requests, and shuts everything down in order.

mod access;
mod accounts;
mod administration;
mod assistant;
mod blocking;
mod cameras;
mod coach;
mod documents;
mod editing;
mod error;
mod exercises;
mod finished_videos;
mod frames;
mod generation;
mod hex;
mod image_service;
mod join_code;
mod library;
mod library_service;
mod outputs;
mod push_rules;
mod quota;
mod readiness;
mod service;
mod sessions;
mod shutdown;
mod uploads;
mod video_service;
mod viewers;
mod workouts;

pub use access::{Action, Caller, LOCAL_ID, Owner, Principal, Token, TokenError};
pub use accounts::{
    ACCESS_TIME, Account, AccountError, Accounts, Device, MIN_SECRET_BYTES, REFRESH_TIME, Registration, Role,
    RoleError, SecretError, ServerSecret, SignedIn,
};
pub use administration::UserChange;
pub use assistant::{
    ApiKey, ApiKeyError, LanguageModel, ModelConfig, ModelConfigError, ModelError, ModelName, ModelNameError,
    ModelProvider, ModelUrl, ModelUrlError, Training, TrainingRequest,
};
pub use blocking::blocking;
pub use cameras::{
    CameraClip, CameraConfig, CameraHealth, CameraSession, CameraSpec, Marker, PreviewInfo, PreviewViewer,
    RecordedFile, RecordingDownload, RecordingReport, ReportedGap, Terrain, TerrainSpec,
};
pub use coach::{AccountPolicy, Coach, CoachConfig, CoachError};
pub use documents::AcceptedKind;
pub use editing::{DocumentOpener, Editor};
pub use error::ServiceError;
pub use exercises::{ExerciseRequest, SavedExercise};
pub use finished_videos::VideoStream;
pub use frames::{FrameRequest, SessionImage};
pub use generation::{GenerationCounts, GenerationFailure};
pub use image_service::ExerciseMedia;
pub use join_code::{JoinCode, JoinCodeError};
pub use outputs::{OutputConfig, OutputError};
pub use push_rules::{PushRule, PushRuleError};
pub use quota::{Client, ClientQuota};
pub use readiness::UnreadyPart;
pub use repcast_cameras::{CameraProbe, GapPolicy, JpegPicture, JpegSettings};
pub use repcast_capture::{CameraError, CameraState, CameraStatus};
pub use repcast_database::{
    AuditEntry, ClubRow, DatabaseAddress, DatabaseAddressError, DatabaseError, Page, Timestamp, UserRow, WorkoutRow,
    WorkoutSummary,
};
pub use repcast_objects::{ObjectsAddress, S3Address};
pub use repcast_planner::MAX_REQUEST_CHARS;
pub use service::{Reloaded, Service, ServiceConfig, SessionFlow};
pub use sessions::LiveSession;
pub use uploads::{FormUpload, MAX_UPLOAD_BYTES, Upload, UploadPicture, UploadState, UploadWriter};
pub use viewers::{ConnectedViewer, ViewerCounter};
