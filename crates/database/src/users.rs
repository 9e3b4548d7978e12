//! Accounts and clubs.

use sqlx::any::AnyRow;

use super::connection::get;
use super::{Database, DatabaseError, Page, Timestamp};

/// An account that is to be created.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "as the fields of UserRow")]
pub struct NewUser<'a> {
    pub id: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub password: &'a str,
    pub role: &'a str,
    pub language: &'a str,
}

/// An account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserRow {
    /// Its id.
    pub id: String,
    /// The address that its owner signs in with, in lower case.
    pub email: String,
    /// The name for people.
    pub name: String,
    /// The hash of the password.
    pub password: String,
    /// What its owner may do.
    pub role: String,
    /// The language of its owner.
    pub language: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Since when it cannot be used.
    pub disabled_at: Option<Timestamp>,
}

/// A club.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClubRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
}

const USER: &str = "SELECT id, email, name, password, role, language, created_at, disabled_at FROM users WHERE id = $1";

impl Database {
    /// Creates an account.
    ///
    /// # Errors
    /// [`DatabaseError::Exists`] when there is one with this email address.
    pub async fn insert_user(&self, user: NewUser<'_>, now: Timestamp) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO users (id, email, name, password, role, language, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let query = sqlx::query(sql).bind(user.id).bind(user.email).bind(user.name).bind(user.password);
        query.bind(user.role).bind(user.language).bind(now.millis()).execute(&self.writers).await?;
        Ok(())
    }

    /// The account with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, id: &str) -> Result<Option<UserRow>, DatabaseError> {
        let row = sqlx::query(USER).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(user).transpose()
    }

    /// The account with this email address, in lower case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, DatabaseError> {
        let sql =
            "SELECT id, email, name, password, role, language, created_at, disabled_at FROM users WHERE email = $1";
        let row = sqlx::query(sql).bind(email).fetch_optional(&self.readers).await?;
        row.as_ref().map(user).transpose()
    }

    /// Accounts by their email addresses, and how many there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self, page: Page) -> Result<(Vec<UserRow>, i64), DatabaseError> {
        let sql = "SELECT id, email, name, password, role, language, created_at, disabled_at FROM users \
                   ORDER BY email LIMIT $1 OFFSET $2";
        let rows = sqlx::query(sql).bind(page.limit).bind(page.offset).fetch_all(&self.readers).await?;
        Ok((rows.iter().map(user).collect::<Result<_, _>>()?, self.user_count().await?))
    }

    /// The number of accounts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_count(&self) -> Result<i64, DatabaseError> {
        get(&sqlx::query("SELECT COUNT(*) AS count FROM users").fetch_one(&self.readers).await?, "count")
    }

    /// Changes name, language, role and whether it can be used. Returns whether there is such an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_user(&self, user: &UserRow) -> Result<bool, DatabaseError> {
        let sql = "UPDATE users SET name = $2, language = $3, role = $4, disabled_at = $5 WHERE id = $1";
        let query = sqlx::query(sql).bind(&user.id).bind(&user.name).bind(&user.language).bind(&user.role);
        let result = query.bind(user.disabled_at.map(Timestamp::millis)).execute(&self.writers).await?;
        Ok(result.rows_affected() > 0)
    }

    /// Replaces the hash of a password, and signs out all devices of the account but `kept`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_password(&self, id: &str, password: &str, kept: Option<&str>) -> Result<(), DatabaseError> {
        let mut transaction = self.writers.begin().await?;
        let change = sqlx::query("UPDATE users SET password = $2 WHERE id = $1").bind(id).bind(password);
        change.execute(&mut *transaction).await?;
        let sign_out = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2");
        sign_out.bind(id).bind(kept.unwrap_or_default()).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Creates a club.
    ///
    /// # Errors
    /// [`DatabaseError::Exists`] when there is one with this name.
    pub async fn insert_club(&self, id: &str, name: &str, now: Timestamp) -> Result<(), DatabaseError> {
        let query = sqlx::query("INSERT INTO clubs (id, name, created_at) VALUES ($1, $2, $3)");
        query.bind(id).bind(name).bind(now.millis()).execute(&self.writers).await?;
        Ok(())
    }

    /// Renames a club. Returns whether there is one with this id.
    ///
    /// # Errors
    /// [`DatabaseError::Exists`] when another has this name.
    pub async fn rename_club(&self, id: &str, name: &str) -> Result<bool, DatabaseError> {
        let query = sqlx::query("UPDATE clubs SET name = $2 WHERE id = $1").bind(id).bind(name);
        Ok(query.execute(&self.writers).await?.rows_affected() > 0)
    }

    /// Deletes a club and its memberships, unless it has exercises of its own, which nothing else would hold, or courts, deleted ones
    /// included: recordings are from there. Returns whether
    /// it did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_club(&self, id: &str) -> Result<bool, DatabaseError> {
        let sql = "DELETE FROM clubs WHERE id = $1 AND NOT EXISTS \
                   (SELECT 1 FROM exercises WHERE club_id = $1 AND deleted_at IS NULL) \
                   AND NOT EXISTS (SELECT 1 FROM terrains WHERE club_id = $1)";
        Ok(sqlx::query(sql).bind(id).execute(&self.writers).await?.rows_affected() > 0)
    }

    /// All clubs by their names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clubs(&self) -> Result<Vec<ClubRow>, DatabaseError> {
        let rows = sqlx::query("SELECT id, name, created_at FROM clubs ORDER BY name").fetch_all(&self.readers).await?;
        rows.iter().map(club).collect()
    }

    /// The clubs that a user belongs to, by their names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clubs_of(&self, user_id: &str) -> Result<Vec<ClubRow>, DatabaseError> {
        let sql = "SELECT clubs.id, clubs.name, clubs.created_at FROM clubs \
                   JOIN memberships ON memberships.club_id = clubs.id WHERE memberships.user_id = $1 ORDER BY clubs.name";
        let rows = sqlx::query(sql).bind(user_id).fetch_all(&self.readers).await?;
        rows.iter().map(club).collect()
    }

    /// The members of a club by their email addresses.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members(&self, club_id: &str) -> Result<Vec<UserRow>, DatabaseError> {
        let sql = "SELECT users.id, email, name, password, role, language, created_at, disabled_at FROM users \
                   JOIN memberships ON memberships.user_id = users.id WHERE memberships.club_id = $1 ORDER BY email";
        let rows = sqlx::query(sql).bind(club_id).fetch_all(&self.readers).await?;
        rows.iter().map(user).collect()
    }

    /// Makes a user a member of a club. A member stays one.
    ///
    /// # Errors
    /// When the database fails, or one of them does not exist.
    pub async fn join_club(&self, user_id: &str, club_id: &str) -> Result<(), DatabaseError> {
        let query = sqlx::query("INSERT INTO memberships (user_id, club_id) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        query.bind(user_id).bind(club_id).execute(&self.writers).await?;
        Ok(())
    }

    /// Ends a membership. Returns whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave_club(&self, user_id: &str, club_id: &str) -> Result<bool, DatabaseError> {
        let query = sqlx::query("DELETE FROM memberships WHERE user_id = $1 AND club_id = $2");
        Ok(query.bind(user_id).bind(club_id).execute(&self.writers).await?.rows_affected() > 0)
    }
}

pub(super) fn user(row: &AnyRow) -> Result<UserRow, DatabaseError> {
    Ok(UserRow {
        id: get(row, "id")?,
        email: get(row, "email")?,
        name: get(row, "name")?,
        password: get(row, "password")?,
        role: get(row, "role")?,
        language: get(row, "language")?,
        created_at: Timestamp::from_millis(get(row, "created_at")?),
        disabled_at: get::<Option<i64>>(row, "disabled_at")?.map(Timestamp::from_millis),
    })
}

fn club(row: &AnyRow) -> Result<ClubRow, DatabaseError> {
    let created_at = Timestamp::from_millis(get(row, "created_at")?);
    Ok(ClubRow { id: get(row, "id")?, name: get(row, "name")?, created_at })
}
