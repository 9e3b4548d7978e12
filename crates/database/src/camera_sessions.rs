//! Camera sessions, their recordings, and the markers in them.

use sqlx::any::AnyRow;

use super::connection::get;
use super::{Database, DatabaseError, Timestamp};

/// A camera session and its recording.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CameraSessionRow {
    /// Its id.
    pub id: String,
    /// The court.
    pub terrain_id: i64,
    /// The club of the court.
    pub club_id: String,
    /// The account that opened it.
    pub owner_id: String,
    /// The data folder in which its file lies.
    pub server: String,
    /// The address of the camera, without a password.
    pub camera_url: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// The recording.
    pub recording: RecordingRow,
}

/// The recording of a camera session.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecordingRow {
    /// How far it is; empty before it is started.
    pub state: String,
    /// When it had its first picture.
    pub started_at: Option<Timestamp>,
    /// Which start of its machine that was.
    pub started_boot: Option<String>,
    /// Milliseconds from that start to the first picture.
    pub started_clock: Option<i64>,
    /// Its longest time in milliseconds.
    pub limit_ms: i64,
    /// Its time so far, gaps included.
    pub elapsed_ms: i64,
    /// The length of its video.
    pub length_ms: i64,
    /// Bytes of its file.
    pub bytes: i64,
    /// What had arrived, and is not in the file.
    pub lost_ms: i64,
    /// Times without pictures, as JSON.
    pub gaps: String,
    /// Why it failed.
    pub failure: Option<String>,
}

/// A moment of a recording.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MarkerRow {
    /// Its id.
    pub id: String,
    /// Milliseconds from the start of the recording.
    pub at_ms: i64,
    /// What is there.
    pub label: String,
}

/// Which sessions are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct CameraSessionFilter<'a> {
    /// Those of a club.
    pub club_id: Option<&'a str>,
    /// Those of an account.
    pub owner_id: Option<&'a str>,
    /// Those whose recordings have begun and have not been deleted.
    pub is_recorded: bool,
}

/// A statement that reads sessions, with this end.
macro_rules! select {
    ($end:literal) => {
        concat!(
            "SELECT id, terrain_id, club_id, owner_id, server, camera_url, created_at, closed_at, recording, started_at, \
             started_boot, started_clock, limit_ms, elapsed_ms, length_ms, bytes, lost_ms, gaps, failure \
             FROM camera_sessions ",
            $end
        )
    };
}

impl Database {
    /// Adds a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_camera_session(&self, row: &CameraSessionRow) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO camera_sessions (id, terrain_id, club_id, owner_id, server, camera_url, created_at, recording, \
                   limit_ms, elapsed_ms, length_ms, bytes, lost_ms, gaps) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0, 0, 0, 0, 0, '[]')";
        let query = sqlx::query(sql).bind(&row.id).bind(row.terrain_id).bind(&row.club_id).bind(&row.owner_id);
        let query = query.bind(&row.server).bind(&row.camera_url).bind(row.created_at.millis());
        query.execute(&self.writers).await?;
        Ok(())
    }

    /// A session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn camera_session(&self, id: &str) -> Result<Option<CameraSessionRow>, DatabaseError> {
        let row = sqlx::query(select!("WHERE id = $1")).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(session).transpose()
    }

    /// Sessions, the newest first, 1,000 at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn camera_sessions(
        &self,
        filter: CameraSessionFilter<'_>,
    ) -> Result<Vec<CameraSessionRow>, DatabaseError> {
        let sql = select!(
            "WHERE ($1 = '' OR club_id = $1) AND ($2 = '' OR owner_id = $2) \
             AND ($3 = 0 OR (recording <> '' AND deleted_at IS NULL)) ORDER BY created_at DESC, id LIMIT 1000"
        );
        let query = sqlx::query(sql).bind(filter.club_id.unwrap_or_default());
        let query = query.bind(filter.owner_id.unwrap_or_default()).bind(i64::from(filter.is_recorded));
        query.fetch_all(&self.readers).await?.iter().map(session).collect()
    }

    /// The sessions of a data folder that are open, or whose recordings have not ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished_camera_sessions(&self, server: &str) -> Result<Vec<CameraSessionRow>, DatabaseError> {
        let sql = select!(
            "WHERE server = $1 AND (closed_at IS NULL OR recording IN ('waiting', 'recording', 'finalizing')) ORDER BY created_at, id"
        );
        let rows = sqlx::query(sql).bind(server).fetch_all(&self.readers).await?;
        rows.iter().map(session).collect()
    }

    /// Closes a session. Returns whether it was open.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close_camera_session(&self, id: &str, now: Timestamp) -> Result<bool, DatabaseError> {
        let query = sqlx::query("UPDATE camera_sessions SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL");
        Ok(query.bind(id).bind(now.millis()).execute(&self.writers).await?.rows_affected() > 0)
    }

    /// Starts the recording of a session, if it has none. Returns whether it had none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_recording(&self, id: &str, limit_ms: i64) -> Result<bool, DatabaseError> {
        let sql = "UPDATE camera_sessions SET recording = 'waiting', limit_ms = $2 WHERE id = $1 AND recording = ''";
        let query = sqlx::query(sql).bind(id).bind(limit_ms);
        Ok(query.execute(&self.writers).await?.rows_affected() > 0)
    }

    /// States how far a recording is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_recording(&self, id: &str, row: &RecordingRow) -> Result<(), DatabaseError> {
        let sql = "UPDATE camera_sessions SET recording = $2, started_at = $3, started_boot = $4, started_clock = $5, \
                   elapsed_ms = $6, length_ms = $7, bytes = $8, lost_ms = $9, gaps = $10, failure = $11 WHERE id = $1";
        let query = sqlx::query(sql).bind(id).bind(&row.state).bind(row.started_at.map(Timestamp::millis));
        let query = query.bind(row.started_boot.as_deref()).bind(row.started_clock).bind(row.elapsed_ms);
        let query = query.bind(row.length_ms).bind(row.bytes).bind(row.lost_ms).bind(&row.gaps);
        query.bind(row.failure.as_deref()).execute(&self.writers).await?;
        Ok(())
    }

    /// Marks the file of a recording as deleted. Returns whether it was there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_recording(&self, id: &str, now: Timestamp) -> Result<bool, DatabaseError> {
        let query = sqlx::query("UPDATE camera_sessions SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL");
        Ok(query.bind(id).bind(now.millis()).execute(&self.writers).await?.rows_affected() > 0)
    }

    /// Adds a marker.
    ///
    /// # Errors
    /// When the database fails, or there is no such session.
    pub async fn insert_marker(
        &self,
        session_id: &str,
        marker: &MarkerRow,
        now: Timestamp,
    ) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO markers (id, session_id, at_ms, label, created_at) VALUES ($1, $2, $3, $4, $5)";
        let query = sqlx::query(sql).bind(&marker.id).bind(session_id).bind(marker.at_ms).bind(&marker.label);
        query.bind(now.millis()).execute(&self.writers).await?;
        Ok(())
    }

    /// The markers of a session in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn markers(&self, session_id: &str) -> Result<Vec<MarkerRow>, DatabaseError> {
        let sql = "SELECT id, at_ms, label FROM markers WHERE session_id = $1 ORDER BY at_ms, created_at, id";
        let rows = sqlx::query(sql).bind(session_id).fetch_all(&self.readers).await?;
        let marker =
            |row: &AnyRow| Ok(MarkerRow { id: get(row, "id")?, at_ms: get(row, "at_ms")?, label: get(row, "label")? });
        rows.iter().map(marker).collect()
    }
}

fn session(row: &AnyRow) -> Result<CameraSessionRow, DatabaseError> {
    let time = |column| get::<Option<i64>>(row, column).map(|time| time.map(Timestamp::from_millis));
    Ok(CameraSessionRow {
        id: get(row, "id")?,
        terrain_id: get(row, "terrain_id")?,
        club_id: get(row, "club_id")?,
        owner_id: get(row, "owner_id")?,
        server: get(row, "server")?,
        camera_url: get(row, "camera_url")?,
        created_at: Timestamp::from_millis(get(row, "created_at")?),
        closed_at: time("closed_at")?,
        recording: RecordingRow {
            state: get(row, "recording")?,
            started_at: time("started_at")?,
            started_boot: get(row, "started_boot")?,
            started_clock: get(row, "started_clock")?,
            limit_ms: get(row, "limit_ms")?,
            elapsed_ms: get(row, "elapsed_ms")?,
            length_ms: get(row, "length_ms")?,
            bytes: get(row, "bytes")?,
            lost_ms: get(row, "lost_ms")?,
            gaps: get(row, "gaps")?,
            failure: get(row, "failure")?,
        },
    })
}
