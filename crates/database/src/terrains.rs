//! Courts and their cameras.

use sqlx::any::AnyRow;

use super::connection::get;
use super::{Database, DatabaseError, Timestamp};

/// A court.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TerrainRow {
    /// Its number.
    pub id: i64,
    /// The club that it belongs to.
    pub club_id: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its cameras, in their order.
    pub cameras: Vec<CameraRow>,
}

/// A camera.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CameraRow {
    /// Its name.
    pub name: String,
    /// Its address, without a password.
    pub url: String,
    /// How it is spoken to.
    pub kind: String,
    /// What it asks for, encrypted.
    pub login: Option<String>,
}

/// Tries to find a number that is free: others create courts at the same time.
const ATTEMPTS: usize = 5;

impl Database {
    /// Creates a court, and returns its number.
    ///
    /// # Errors
    /// When the database fails, or there is no such club.
    pub async fn insert_terrain(
        &self,
        club_id: &str,
        name: &str,
        cameras: &[CameraRow],
        now: Timestamp,
    ) -> Result<i64, DatabaseError> {
        let mut attempt = 1;
        loop {
            match self.try_insert_terrain(club_id, name, cameras, now).await {
                Err(DatabaseError::Exists) if attempt < ATTEMPTS => attempt += 1,
                other => return other,
            }
        }
    }

    async fn try_insert_terrain(
        &self,
        club_id: &str,
        name: &str,
        cameras: &[CameraRow],
        now: Timestamp,
    ) -> Result<i64, DatabaseError> {
        let mut transaction = self.writers.begin().await?;
        let sql = "INSERT INTO terrains (id, club_id, name, created_at) \
                   SELECT COALESCE(MAX(id), 0) + 1, $1, $2, $3 FROM terrains RETURNING id";
        let query = sqlx::query(sql).bind(club_id).bind(name).bind(now.millis());
        let id = get(&query.fetch_one(&mut *transaction).await?, "id")?;
        insert_cameras(&mut transaction, id, cameras).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Changes the name and the cameras of a court. Returns whether there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_terrain(&self, id: i64, name: &str, cameras: &[CameraRow]) -> Result<bool, DatabaseError> {
        let mut transaction = self.writers.begin().await?;
        let query =
            sqlx::query("UPDATE terrains SET name = $2 WHERE id = $1 AND deleted_at IS NULL").bind(id).bind(name);
        let is_there = query.execute(&mut *transaction).await?.rows_affected() > 0;
        if is_there {
            sqlx::query("DELETE FROM cameras WHERE terrain_id = $1").bind(id).execute(&mut *transaction).await?;
            insert_cameras(&mut transaction, id, cameras).await?;
        }
        transaction.commit().await?;
        Ok(is_there)
    }

    /// Deletes a court and its cameras; its recordings stay. Returns whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_terrain(&self, id: i64, now: Timestamp) -> Result<bool, DatabaseError> {
        let mut transaction = self.writers.begin().await?;
        let query = sqlx::query("UPDATE terrains SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL");
        let is_deleted = query.bind(id).bind(now.millis()).execute(&mut *transaction).await?.rows_affected() > 0;
        sqlx::query("DELETE FROM cameras WHERE terrain_id = $1").bind(id).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(is_deleted)
    }

    /// A court.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn terrain(&self, id: i64) -> Result<Option<TerrainRow>, DatabaseError> {
        let sql = "SELECT id, club_id, name, created_at FROM terrains WHERE id = $1 AND deleted_at IS NULL";
        let row = sqlx::query(sql).bind(id).fetch_optional(&self.readers).await?;
        let sql = "SELECT terrain_id, name, url, kind, login FROM cameras WHERE terrain_id = $1 ORDER BY position";
        let Some(row) = row else { return Ok(None) };
        let cameras = sqlx::query(sql).bind(id).fetch_all(&self.readers).await?;
        let mut found = terrain(&row)?;
        found.cameras = cameras.iter().map(camera).collect::<Result<_, _>>()?;
        Ok(Some(found))
    }

    /// All courts by club and name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn terrains(&self) -> Result<Vec<TerrainRow>, DatabaseError> {
        let sql =
            "SELECT id, club_id, name, created_at FROM terrains WHERE deleted_at IS NULL ORDER BY club_id, name, id";
        let rows = sqlx::query(sql).fetch_all(&self.readers).await?;
        let mut terrains = rows.iter().map(terrain).collect::<Result<Vec<_>, _>>()?;
        let sql = "SELECT terrain_id, name, url, kind, login FROM cameras ORDER BY terrain_id, position";
        for row in &sqlx::query(sql).fetch_all(&self.readers).await? {
            let id: i64 = get(row, "terrain_id")?;
            if let Some(terrain) = terrains.iter_mut().find(|terrain| terrain.id == id) {
                terrain.cameras.push(camera(row)?);
            }
        }
        Ok(terrains)
    }
}

async fn insert_cameras(
    transaction: &mut sqlx::Transaction<'static, sqlx::Any>,
    terrain_id: i64,
    cameras: &[CameraRow],
) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO cameras (terrain_id, position, name, url, kind, login) VALUES ($1, $2, $3, $4, $5, $6)";
    for (position, camera) in (0_i64..).zip(cameras) {
        let query = sqlx::query(sql).bind(terrain_id).bind(position).bind(&camera.name).bind(&camera.url);
        query.bind(&camera.kind).bind(camera.login.as_deref()).execute(&mut **transaction).await?;
    }
    Ok(())
}

fn terrain(row: &AnyRow) -> Result<TerrainRow, DatabaseError> {
    Ok(TerrainRow {
        id: get(row, "id")?,
        club_id: get(row, "club_id")?,
        name: get(row, "name")?,
        created_at: Timestamp::from_millis(get(row, "created_at")?),
        cameras: Vec::new(),
    })
}

fn camera(row: &AnyRow) -> Result<CameraRow, DatabaseError> {
    Ok(CameraRow { name: get(row, "name")?, url: get(row, "url")?, kind: get(row, "kind")?, login: get(row, "login")? })
}
