//! The database adapter: accounts, exercises and workouts in SQLite or PostgreSQL.
//!
//! ```text
//! connection  opens a database and brings its tables up to date
//! pool        connections with a time limit for statements
//! time        points in time as they are stored
//! users       accounts and the clubs that they belong to
//! sessions    signed-in devices
//! exercises   the catalogue
//! workouts    saved workouts
//! uploads     clips that are being received and checked
//! videos      finished videos in the store
//! terrains    courts and their cameras
//! camera_sessions  what is recorded there
//! audit       what administrators did
//! ```
//!
//! Every statement is written once, in the SQL that both systems read. Nothing here decides who may do what, or what a
//! text means: ids, documents and definitions are stored as they are given.

mod audit;
mod camera_sessions;
mod connection;
mod error;
mod exercises;
mod pool;
mod sessions;
mod terrains;
mod time;
mod uploads;
mod users;
mod videos;
mod workouts;

pub use audit::AuditEntry;
pub use camera_sessions::{CameraSessionFilter, CameraSessionRow, MarkerRow, RecordingRow};
pub use connection::{Database, DatabaseAddress, DatabaseAddressError};
pub use error::DatabaseError;
pub use exercises::{ExerciseRow, ImportedExercise};
pub use sessions::SessionRow;
pub use terrains::{CameraRow, TerrainRow};
pub use time::Timestamp;
pub use uploads::UploadRow;
pub use users::{ClubRow, NewUser, UserRow};
pub use videos::VideoRow;
pub use workouts::{NewWorkout, WorkoutFilter, WorkoutRow, WorkoutSummary};

/// Rows of a list, from `offset` on, and at most `limit`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// Rows before it.
    pub offset: i64,
    /// Most rows.
    pub limit: i64,
}
