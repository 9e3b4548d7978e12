//! What administrators do with accounts and clubs. Each change is in the audit log.

use repcast_database::{AuditEntry, ClubRow, DatabaseError, Page, Timestamp, UserRow};
use uuid::Uuid;

use super::access::{Action, Caller, Principal};
use super::accounts::{AccountError, Registration, Role, checked_name};
use super::coach::Coach;
use super::{Service, ServiceError};

/// What changes of an account; fields without a value stay as they are.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// What its owner may do.
    pub role: Option<Role>,
    /// Whether it cannot be used.
    pub is_disabled: Option<bool>,
}

impl Service {
    /// All accounts by their email addresses, and how many there are.
    ///
    /// # Errors
    /// When the caller may not, or the database fails.
    pub async fn users(&self, caller: &Caller, page: Page) -> Result<(Vec<UserRow>, i64), ServiceError> {
        Ok(self.administered(caller, Action::Administer)?.database.users(page).await?)
    }

    /// Changes an account. One's own stays as it is, so that there is always an administrator.
    ///
    /// # Errors
    /// When the caller may not, there is no such account, or the database fails.
    pub async fn change_user(&self, caller: &Caller, id: &str, change: UserChange) -> Result<UserRow, ServiceError> {
        let coach = self.administered(caller, Action::Administer)?;
        let mut user = coach.database.user(id).await?.ok_or(ServiceError::NoSuch("account"))?;
        if caller.principal.id() == user.id {
            return Err(ServiceError::OwnAccount);
        }
        if let Some(role) = change.role {
            let detail = format!("{} to {role}", user.role);
            user.role = role.to_string();
            coach.audit(caller, "user.role", id, detail).await?;
        }
        if let Some(is_disabled) = change.is_disabled {
            user.disabled_at = is_disabled.then(Timestamp::now);
            let action = if is_disabled { "user.disable" } else { "user.enable" };
            coach.audit(caller, action, id, user.email.clone()).await?;
        }
        coach.database.update_user(&user).await?;
        Ok(user)
    }

    /// The clubs that the caller belongs to; all of them for those who manage all.
    ///
    /// # Errors
    /// When no one is signed in, or the database fails.
    pub async fn clubs(&self, caller: &Caller) -> Result<Vec<ClubRow>, ServiceError> {
        let coach = self.administered(caller, Action::UseAccount)?;
        match &caller.principal {
            Principal::Account(account) if account.role < Role::SuperAdmin => Ok(account.clubs.clone()),
            _ => Ok(coach.database.clubs().await?),
        }
    }

    /// Creates a club.
    ///
    /// # Errors
    /// When the caller may not, there is one with this name, or the database fails.
    pub async fn create_club(&self, caller: &Caller, name: &str) -> Result<ClubRow, ServiceError> {
        let coach = self.administered(caller, Action::Administer)?;
        let name = checked_name(name)?;
        let club = ClubRow { id: new_id(), name: name.to_owned(), created_at: Timestamp::now() };
        coach.database.insert_club(&club.id, name, club.created_at).await?;
        coach.audit(caller, "club.create", &club.id, name.to_owned()).await?;
        Ok(club)
    }

    /// Renames a club.
    ///
    /// # Errors
    /// When the caller may not, there is no such club, another has this name, or the database fails.
    pub async fn rename_club(&self, caller: &Caller, club_id: &str, name: &str) -> Result<ClubRow, ServiceError> {
        let coach = self.administered(caller, Action::Administer)?;
        let name = checked_name(name)?;
        let club = coach.database.clubs().await?.into_iter().find(|club| club.id == club_id);
        let club = club.ok_or(ServiceError::NoSuch("club"))?;
        coach.database.rename_club(club_id, name).await?;
        coach.audit(caller, "club.rename", club_id, format!("{} to {name}", club.name)).await?;
        Ok(ClubRow { name: name.to_owned(), ..club })
    }

    /// Deletes a club; the accounts of its members stay.
    ///
    /// # Errors
    /// When the caller may not, there is no such club, it has exercises or courts of its own, or the database fails.
    pub async fn delete_club(&self, caller: &Caller, club_id: &str) -> Result<(), ServiceError> {
        let coach = self.administered(caller, Action::Administer)?;
        let club = coach.database.clubs().await?.into_iter().find(|club| club.id == club_id);
        let club = club.ok_or(ServiceError::NoSuch("club"))?;
        if !coach.database.delete_club(club_id).await? {
            return Err(ServiceError::ClubInUse);
        }
        Ok(coach.audit(caller, "club.delete", club_id, club.name).await?)
    }

    /// The members of a club by their email addresses.
    ///
    /// # Errors
    /// When the caller may not, there is no such club, or the database fails.
    pub async fn members(&self, caller: &Caller, club_id: &str) -> Result<Vec<UserRow>, ServiceError> {
        Ok(self.managed(caller, club_id).await?.database.members(club_id).await?)
    }

    /// Makes an account of a player or coach in a club.
    ///
    /// # Errors
    /// When the caller may not, a value cannot be used, or there is an account with this email address.
    pub async fn create_member(
        &self,
        caller: &Caller,
        club_id: &str,
        registration: Registration,
        role: Role,
    ) -> Result<UserRow, ServiceError> {
        let coach = self.managed(caller, club_id).await?;
        if role > Role::Coach {
            return Err(AccountError::Invalid("role", "must be PLAYER or COACH").into());
        }
        let user = coach.accounts().create(registration, role).await?;
        coach.database.join_club(&user.id, club_id).await?;
        coach.audit(caller, "club.create_member", club_id, format!("{} as {role}", user.email)).await?;
        Ok(user)
    }

    /// Makes an account a member of a club. Those who manage all accounts alone may: it gives the club's administrators the
    /// right to what belongs to the account.
    ///
    /// # Errors
    /// When the caller may not, there is no such account or club, or the database fails.
    pub async fn add_member(&self, caller: &Caller, club_id: &str, user_id: &str) -> Result<(), ServiceError> {
        self.authorize(caller, Action::Administer)?;
        let coach = self.managed(caller, club_id).await?;
        let user = coach.database.user(user_id).await?.ok_or(ServiceError::NoSuch("account"))?;
        coach.database.join_club(&user.id, club_id).await?;
        Ok(coach.audit(caller, "club.add_member", club_id, user.email).await?)
    }

    /// Ends a membership; the account stays.
    ///
    /// # Errors
    /// When the caller may not, there is no such member, or the database fails.
    pub async fn remove_member(&self, caller: &Caller, club_id: &str, user_id: &str) -> Result<(), ServiceError> {
        let coach = self.managed(caller, club_id).await?;
        if !coach.database.leave_club(user_id, club_id).await? {
            return Err(ServiceError::NoSuch("member"));
        }
        Ok(coach.audit(caller, "club.remove_member", club_id, user_id.to_owned()).await?)
    }

    /// The audit log, the newest entry first, and its number of entries.
    ///
    /// # Errors
    /// When the caller may not, or the database fails.
    pub async fn audit(&self, caller: &Caller, page: Page) -> Result<(Vec<AuditEntry>, i64), ServiceError> {
        Ok(self.administered(caller, Action::Administer)?.database.audit(page).await?)
    }

    fn administered(&self, caller: &Caller, action: Action<'_>) -> Result<&Coach, ServiceError> {
        let coach = self.coach()?;
        self.authorize(caller, action)?;
        Ok(coach)
    }

    /// For a club that the caller manages. Those alone who manage all learn whether others exist.
    async fn managed(&self, caller: &Caller, club_id: &str) -> Result<&Coach, ServiceError> {
        let coach = self.administered(caller, Action::ManageClub(club_id))?;
        let exists = coach.database.clubs().await?.iter().any(|club| club.id == club_id);
        if exists { Ok(coach) } else { Err(ServiceError::NoSuch("club")) }
    }
}

impl Coach {
    pub(crate) async fn audit(
        &self,
        caller: &Caller,
        action: &str,
        object: &str,
        detail: String,
    ) -> Result<(), DatabaseError> {
        let entry = AuditEntry {
            id: new_id(),
            at: Timestamp::now(),
            user_id: caller.principal.id().to_owned(),
            action: action.to_owned(),
            object: object.to_owned(),
            detail,
        };
        self.database.append_audit(&entry).await
    }
}

fn new_id() -> String {
    Uuid::new_v4().simple().to_string()
}
