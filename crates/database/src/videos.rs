//! Finished videos in the store.

use super::connection::get;
use super::{Database, DatabaseError, Timestamp};

/// A finished video.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VideoRow {
    /// What it shows: the hash of its document, its files and its encoder.
    pub key: String,
    /// The title of its document.
    pub title: String,
    /// Its size in bytes.
    pub bytes: i64,
}

impl Database {
    /// Remembers a video, or that it was made again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_video(&self, video: &VideoRow, now: Timestamp) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO videos (key, title, bytes, created_at, used_at) VALUES ($1, $2, $3, $4, $4) \
                   ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes, used_at = excluded.used_at";
        let query = sqlx::query(sql).bind(&video.key).bind(&video.title).bind(video.bytes).bind(now.millis());
        query.execute(&self.writers).await?;
        Ok(())
    }

    /// The video with this key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn video(&self, key: &str) -> Result<Option<VideoRow>, DatabaseError> {
        let query = sqlx::query("SELECT key, title, bytes FROM videos WHERE key = $1").bind(key);
        let row = query.fetch_optional(&self.readers).await?;
        row.map(|row| Ok(VideoRow { key: get(&row, "key")?, title: get(&row, "title")?, bytes: get(&row, "bytes")? }))
            .transpose()
    }

    /// Notes that a video was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_video(&self, key: &str, now: Timestamp) -> Result<(), DatabaseError> {
        let query = sqlx::query("UPDATE videos SET used_at = $2 WHERE key = $1").bind(key).bind(now.millis());
        query.execute(&self.writers).await?;
        Ok(())
    }

    /// The videos to be removed so that all have at most `limit` bytes: those that were not used for longest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn surplus_videos(&self, limit: i64) -> Result<Vec<String>, DatabaseError> {
        let rows = sqlx::query("SELECT key, bytes FROM videos ORDER BY used_at DESC, key").fetch_all(&self.readers);
        let (mut total, mut surplus) = (0_i64, Vec::new());
        for row in rows.await? {
            total = total.saturating_add(get(&row, "bytes")?);
            if total > limit {
                surplus.push(get(&row, "key")?);
            }
        }
        Ok(surplus)
    }

    /// Forgets a video.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_video(&self, key: &str) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM videos WHERE key = $1").bind(key).execute(&self.writers).await?;
        Ok(())
    }
}
