//! What administrators do with accounts and clubs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use repcast_http::{Problem, ProblemKind};
use repcast_service::{AuditEntry, ClubRow, Page, Registration, ServiceError, UserChange, UserRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::accounts::{Club, RoleName};
use super::credentials::RequestCaller;
use super::json_body::JsonBody;
use super::problems::service_problem;
use super::response::located;
use super::state::AppState;
use super::time::rfc3339;

/// Entries on a page of a list, at most.
const MAX_PAGE_SIZE: u32 = 200;

/// An account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserEntry {
    /// Its id.
    id: String,
    /// The address that its owner signs in with.
    email: String,
    /// The name for people.
    name: String,
    /// What its owner may do: `PLAYER`, `COACH`, `CLUB_ADMIN` or `SUPER_ADMIN`.
    role: String,
    /// The language of its owner.
    language: String,
    /// When it was created.
    created_at: String,
    /// Whether it cannot be used.
    is_disabled: bool,
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct UserPage {
    /// The accounts, by their email addresses.
    users: Vec<UserEntry>,
    /// All accounts.
    total: i64,
}

/// What an administrator did.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditBody {
    /// When.
    at: String,
    /// The id of the administrator's account.
    user: String,
    /// What was done.
    #[schema(example = "user.role")]
    action: String,
    /// The id of what it was done to.
    object: String,
    /// What changed.
    #[schema(example = "PLAYER to COACH")]
    detail: String,
}

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditPage {
    /// The entries, the newest first.
    entries: Vec<AuditBody>,
    /// All entries.
    total: i64,
}

/// A page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PageQuery {
    /// The number of the page, from 0.
    page: u32,
    /// Entries on a page, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    size: u32,
}

impl Default for PageQuery {
    fn default() -> Self {
        Self { page: 0, size: 50 }
    }
}

impl PageQuery {
    fn rows(&self) -> Result<Page, Problem> {
        page_rows(self.page, self.size)
    }
}

/// The rows of a page of this number and size.
pub(super) fn page_rows(page: u32, size: u32) -> Result<Page, Problem> {
    if !(1..=MAX_PAGE_SIZE).contains(&size) {
        return Err(Problem::new(ProblemKind::Malformed, format!("size must be from 1 to {MAX_PAGE_SIZE}")));
    }
    Ok(Page { offset: i64::from(page) * i64::from(size), limit: size.into() })
}

/// What changes of an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct UserChangeBody {
    /// What its owner may do.
    role: Option<RoleName>,
    /// Whether it cannot be used.
    is_disabled: Option<bool>,
}

/// The name of a club, a new one or one that is renamed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClubName {
    #[schema(example = "Padel Lyon")]
    name: String,
}

/// A new account in a club.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMember {
    #[schema(example = "zoe@gym.example")]
    email: String,
    /// The first password.
    password: String,
    #[schema(example = "Zoé")]
    name: String,
    /// `PLAYER` or `COACH`.
    role: RoleName,
    /// `en` or `fr`.
    #[serde(default)]
    language: String,
}

impl From<UserRow> for UserEntry {
    fn from(row: UserRow) -> Self {
        let is_disabled = row.disabled_at.is_some();
        let UserRow { id, email, name, role, language, created_at, .. } = row;
        Self { id, email, name, role, language, created_at: rfc3339(created_at), is_disabled }
    }
}

fn problem(error: ServiceError) -> Problem {
    service_problem(&error)
}

/// All accounts.
#[utoipa::path(get, path = "/api/users", operation_id = "listUsers", tag = "administration", security((), ("token" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of accounts", body = UserPage), (status = 400, description = "A query parameter is invalid"),
        (status = 401, description = "No one is signed in"), (status = 403, description = "The account may not")))]
pub(super) async fn users(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    Query(page): Query<PageQuery>,
) -> Result<Json<UserPage>, Problem> {
    let (users, total) = state.service.users(&caller, page.rows()?).await.map_err(problem)?;
    Ok(Json(UserPage { users: users.into_iter().map(UserEntry::from).collect(), total }))
}

/// Changes what an account may do, or whether it can be used.
#[utoipa::path(patch, path = "/api/users/{id}", operation_id = "changeUser", tag = "administration", security((), ("token" = [])),
    params(("id" = String, Path)), request_body(content = UserChangeBody, example = json!({"role": "COACH"})),
    responses((status = 200, description = "The account", body = UserEntry), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 404, description = "There is no such account"),
        (status = 409, description = "It is one's own"), (status = 422, description = "The body is invalid")))]
pub(super) async fn change_user(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    JsonBody(UserChangeBody { role, is_disabled }): JsonBody<UserChangeBody>,
) -> Result<Json<UserEntry>, Problem> {
    let change = UserChange { role: role.map(Into::into), is_disabled };
    Ok(Json(state.service.change_user(&caller, &id, change).await.map_err(problem)?.into()))
}

/// One's own clubs; all clubs for those who manage all.
#[utoipa::path(get, path = "/api/clubs", operation_id = "listClubs", tag = "administration", security((), ("token" = [])),
    responses((status = 200, description = "The clubs, by their names", body = Vec<Club>), (status = 401, description = "No one is signed in")))]
pub(super) async fn clubs(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Vec<Club>>, Problem> {
    let clubs = state.service.clubs(&caller).await.map_err(problem)?;
    Ok(Json(clubs.into_iter().map(|ClubRow { id, name, .. }| Club { id, name }).collect()))
}

/// Creates a club.
#[utoipa::path(post, path = "/api/clubs", operation_id = "createClub", tag = "administration", security((), ("token" = [])),
    request_body(content = ClubName, example = json!({"name": "Padel Lyon"})),
    responses((status = 201, description = "The club", body = Club), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 409, description = "There is a club with this name"),
        (status = 422, description = "The body is invalid")))]
pub(super) async fn create_club(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    JsonBody(ClubName { name }): JsonBody<ClubName>,
) -> Result<Response, Problem> {
    let ClubRow { id, name, .. } = state.service.create_club(&caller, &name).await.map_err(problem)?;
    let location = format!("{}/api/clubs/{id}/members", state.public_url);
    Ok(located((StatusCode::CREATED, Json(Club { id, name })), &location))
}

/// Renames a club.
#[utoipa::path(patch, path = "/api/clubs/{id}", operation_id = "renameClub", tag = "administration", security((), ("token" = [])),
    params(("id" = String, Path)), request_body(content = ClubName, example = json!({"name": "Padel Lyon"})),
    responses((status = 200, description = "The club", body = Club), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 404, description = "There is no such club"),
        (status = 409, description = "There is a club with this name"), (status = 422, description = "The body is invalid")))]
pub(super) async fn rename_club(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    JsonBody(ClubName { name }): JsonBody<ClubName>,
) -> Result<Json<Club>, Problem> {
    let ClubRow { id, name, .. } = state.service.rename_club(&caller, &id, &name).await.map_err(problem)?;
    Ok(Json(Club { id, name }))
}

/// Deletes a club; the accounts of its members stay.
#[utoipa::path(delete, path = "/api/clubs/{id}", operation_id = "deleteClub", tag = "administration", security((), ("token" = [])),
    params(("id" = String, Path)),
    responses((status = 204, description = "It is deleted"), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 404, description = "There is no such club"),
        (status = 409, description = "It has exercises of its own, or has had courts")))]
pub(super) async fn delete_club(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    state.service.delete_club(&caller, &id).await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The members of a club.
#[utoipa::path(get, path = "/api/clubs/{id}/members", operation_id = "listMembers", tag = "administration", security((), ("token" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "The members, by their email addresses", body = Vec<UserEntry>),
        (status = 401, description = "No one is signed in"), (status = 403, description = "The account may not"),
        (status = 404, description = "There is no such club")))]
pub(super) async fn members(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Vec<UserEntry>>, Problem> {
    let members = state.service.members(&caller, &id).await.map_err(problem)?;
    Ok(Json(members.into_iter().map(UserEntry::from).collect()))
}

/// Makes an account in a club.
#[utoipa::path(post, path = "/api/clubs/{id}/members", operation_id = "createMember", tag = "administration", security((), ("token" = [])),
    params(("id" = String, Path)), request_body(content = NewMember,
        example = json!({"email": "zoe@gym.example", "password": "correct horse battery staple", "name": "Zoé", "role": "COACH"})),
    responses((status = 201, description = "The account", body = UserEntry), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 404, description = "There is no such club"),
        (status = 409, description = "There is an account with this email address"),
        (status = 422, description = "A value cannot be used, or the password is too easy to guess")))]
pub(super) async fn create_member(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
    JsonBody(NewMember { email, password, name, role, language }): JsonBody<NewMember>,
) -> Result<(StatusCode, Json<UserEntry>), Problem> {
    let registration = Registration { email, password, name, language };
    let user = state.service.create_member(&caller, &id, registration, role.into()).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(user.into())))
}

/// Makes an account a member of a club.
#[utoipa::path(put, path = "/api/clubs/{id}/members/{userId}", operation_id = "addMember", tag = "administration", security((), ("token" = [])),
    params(("id" = String, Path), ("userId" = String, Path)),
    responses((status = 204, description = "It is a member"), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 404, description = "There is no such club or account")))]
pub(super) async fn add_member(
    State(state): State<Arc<AppState>>,
    Path((id, user_id)): Path<(String, String)>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    state.service.add_member(&caller, &id, &user_id).await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a membership; the account stays.
#[utoipa::path(delete, path = "/api/clubs/{id}/members/{userId}", operation_id = "removeMember", tag = "administration", security((), ("token" = [])),
    params(("id" = String, Path), ("userId" = String, Path)),
    responses((status = 204, description = "It is no member"), (status = 401, description = "No one is signed in"),
        (status = 403, description = "The account may not"), (status = 404, description = "There is no such club or member")))]
pub(super) async fn remove_member(
    State(state): State<Arc<AppState>>,
    Path((id, user_id)): Path<(String, String)>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    state.service.remove_member(&caller, &id, &user_id).await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What administrators did.
#[utoipa::path(get, path = "/api/audit", operation_id = "listAudit", tag = "administration", security((), ("token" = [])),
    params(PageQuery),
    responses((status = 200, description = "A page of the audit log", body = AuditPage), (status = 400, description = "A query parameter is invalid"),
        (status = 401, description = "No one is signed in"), (status = 403, description = "The account may not")))]
pub(super) async fn audit(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
    Query(page): Query<PageQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let (entries, total) = state.service.audit(&caller, page.rows()?).await.map_err(problem)?;
    let body = |entry: AuditEntry| AuditBody {
        at: rfc3339(entry.at),
        user: entry.user_id,
        action: entry.action,
        object: entry.object,
        detail: entry.detail,
    };
    Ok(Json(AuditPage { entries: entries.into_iter().map(body).collect(), total }))
}
