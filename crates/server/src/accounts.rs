//! Accounts: registration and sign-in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use repcast_http::{ClientAddr, Problem, ProblemKind};
use repcast_service::{ACCESS_TIME, Account, AccountError, Coach, Device, Registration, Role, SignedIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credentials::{REFRESH_COOKIE, account_cookies, check_origin, cookie};
use super::json_body::{JsonBody, OptionalJsonBody};
use super::problems::service_problem;
use super::response::NEVER;
use super::state::AppState;

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// The id of the account; `local` for the user of the server's machine.
    pub(super) id: String,
    /// The address that its owner signs in with.
    pub(super) email: String,
    /// The name for people.
    pub(super) name: String,
    /// What its owner may do.
    pub(super) role: RoleName,
    /// The language of its owner: `en` or `fr`.
    pub(super) language: String,
    /// The clubs that its owner belongs to.
    pub(super) clubs: Vec<Club>,
    /// Whether the server has accounts.
    pub(super) auth: AuthMode,
    /// Whether the server plans workouts.
    pub(super) assistant: bool,
}

/// A club.
#[derive(Serialize, ToSchema)]
pub(super) struct Club {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    #[schema(example = "Padel Lyon")]
    pub(super) name: String,
}

/// What the owner of an account may do.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = Role)]
pub(super) enum RoleName {
    /// Own workouts and recordings; reads the catalogue.
    Player,
    /// Own exercises, workouts and live sessions.
    Coach,
    /// Everything of the own clubs.
    ClubAdmin,
    /// Everything.
    SuperAdmin,
}

/// Whether a server has accounts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AuthMode {
    /// People sign in.
    On,
    /// The user of the server's machine may do everything.
    Off,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Player => Self::Player,
            Role::Coach => Self::Coach,
            Role::ClubAdmin => Self::ClubAdmin,
            Role::SuperAdmin => Self::SuperAdmin,
        }
    }
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Player => Self::Player,
            RoleName::Coach => Self::Coach,
            RoleName::ClubAdmin => Self::ClubAdmin,
            RoleName::SuperAdmin => Self::SuperAdmin,
        }
    }
}

impl From<&Account> for Me {
    fn from(account: &Account) -> Self {
        let club = |club: &repcast_service::ClubRow| Club { id: club.id.clone(), name: club.name.clone() };
        Self {
            id: account.id.clone(),
            email: account.email.clone(),
            name: account.name.clone(),
            role: account.role.into(),
            language: account.language.clone(),
            clubs: account.clubs.iter().map(club).collect(),
            auth: AuthMode::On,
            assistant: true,
        }
    }
}

/// Tokens of a device that has signed in. The cookies of the response hold the same.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedInBody {
    /// Who is signed in.
    user: Me,
    /// For requests, as `Authorization: Bearer TOKEN`: a JSON Web Token.
    access_token: String,
    /// For the next tokens; valid once, within 30 days.
    refresh_token: String,
    /// Seconds for which the access token is valid.
    #[schema(example = 900)]
    expires_in: u64,
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistrationBody {
    #[schema(example = "zoe@gym.example")]
    email: String,
    /// Hard to guess; there are no other rules.
    #[schema(example = "correct horse battery staple")]
    password: String,
    /// The name for people.
    #[schema(example = "Zoé")]
    name: String,
    /// `en` or `fr`.
    #[serde(default)]
    language: String,
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginBody {
    #[schema(example = "zoe@gym.example")]
    email: String,
    password: String,
}

/// A refresh token, where the request has no cookie.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshBody {
    refresh_token: Option<String>,
}

/// Creates an account of a player and signs it in.
#[utoipa::path(post, path = "/api/auth/register", operation_id = "register", tag = "accounts", request_body(content = RegistrationBody,
        example = json!({"email": "zoe@gym.example", "password": "correct horse battery staple", "name": "Zoé", "language": "fr"})),
    responses((status = 201, description = "The account is signed in", body = SignedInBody),
        (status = 403, description = "Administrators make the accounts of this server"),
        (status = 409, description = "There is an account with this email address"),
        (status = 422, description = "A value cannot be used, or the password is too easy to guess"),
        (status = 429, description = "Too many attempts"), (status = 503, description = "The server is busy")))]
pub(super) async fn register(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    headers: HeaderMap,
    JsonBody(body): JsonBody<RegistrationBody>,
) -> Result<Response, Problem> {
    let coach = accounts(&state, client)?;
    let RegistrationBody { email, password, name, language } = body;
    let registration = Registration { email, password, name, language };
    let signed_in = coach.accounts().register(registration, device(client, &headers)).await;
    respond(&state, StatusCode::CREATED, signed_in)
}

/// Signs a device in.
#[utoipa::path(post, path = "/api/auth/login", operation_id = "login", tag = "accounts", request_body(content = LoginBody,
        example = json!({"email": "zoe@gym.example", "password": "correct horse battery staple"})),
    responses((status = 200, description = "The account is signed in", body = SignedInBody),
        (status = 401, description = "The email address or the password is wrong"),
        (status = 422, description = "The body is invalid"),
        (status = 429, description = "Too many attempts"), (status = 503, description = "The server is busy")))]
pub(super) async fn login(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    headers: HeaderMap,
    JsonBody(body): JsonBody<LoginBody>,
) -> Result<Response, Problem> {
    let coach = accounts(&state, client)?;
    let signed_in = coach.accounts().log_in(&body.email, body.password, device(client, &headers)).await;
    respond(&state, StatusCode::OK, signed_in)
}

/// Exchanges a refresh token for new tokens. A token that was exchanged before signs its device out.
#[utoipa::path(post, path = "/api/auth/refresh", operation_id = "refresh", tag = "accounts",
    request_body(content = Option<RefreshBody>, description = "The refresh token, without the cookie that holds it",
        example = json!({"refresh_token": "5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90.d9f0"})),
    responses((status = 200, description = "New tokens", body = SignedInBody),
        (status = 401, description = "The device is signed out"), (status = 422, description = "The body is invalid")))]
pub(super) async fn refresh(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody<RefreshBody>,
) -> Result<Response, Problem> {
    let coach = state.service.coach().map_err(|error| service_problem(&error))?;
    let token = presented(&headers, body)?.ok_or(AccountError::SignedOut);
    let signed_in = match token {
        Ok(token) => coach.accounts().refresh(&token, device(client, &headers)).await,
        Err(error) => Err(error),
    };
    respond(&state, StatusCode::OK, signed_in)
}

/// Signs the device out.
#[utoipa::path(post, path = "/api/auth/logout", operation_id = "logout", tag = "accounts",
    request_body(content = Option<RefreshBody>, description = "The refresh token, without the cookie that holds it",
        example = json!({"refresh_token": "5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90.d9f0"})),
    responses((status = 204, description = "The device is signed out"), (status = 422, description = "The body is invalid")))]
pub(super) async fn logout(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    OptionalJsonBody(body): OptionalJsonBody<RefreshBody>,
) -> Result<Response, Problem> {
    let coach = state.service.coach().map_err(|error| service_problem(&error))?;
    if let Some(token) = presented(&headers, body)? {
        coach.accounts().log_out(&token).await.map_err(|error| service_problem(&error.into()))?;
    }
    with_cookies(&state, StatusCode::NO_CONTENT.into_response(), None)
}

/// The accounts, for an attempt to sign in, of which an address has ten a minute.
pub(super) fn accounts(state: &AppState, client: ClientAddr) -> Result<&Coach, Problem> {
    let coach = state.service.coach().map_err(|error| service_problem(&error))?;
    if !coach.has_accounts() {
        return Err(Problem::new(ProblemKind::NotFound, "This server has no accounts."));
    }
    state.sign_ins.check(client.group()).map_err(|wait| {
        Problem::new(ProblemKind::TooMany, "There were too many attempts from this address.").retry_after(wait)
    })?;
    Ok(coach)
}

fn device(client: ClientAddr, headers: &HeaderMap) -> Device {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    Device { agent: agent.to_owned(), address: client.group().address().to_string() }
}

/// The refresh token of a request. A cookie counts from pages of this server alone.
fn presented(headers: &HeaderMap, body: Option<RefreshBody>) -> Result<Option<String>, Problem> {
    if let Some(token) = body.and_then(|body| body.refresh_token) {
        return Ok(Some(token));
    }
    check_origin(headers)?;
    Ok(cookie(headers, REFRESH_COOKIE).map(str::to_owned))
}

fn respond(
    state: &AppState,
    status: StatusCode,
    signed_in: Result<SignedIn, AccountError>,
) -> Result<Response, Problem> {
    let signed_in = signed_in.map_err(|error| service_problem(&error.into()))?;
    let body = SignedInBody {
        user: Me::from(&signed_in.account),
        access_token: signed_in.access_token.clone(),
        refresh_token: signed_in.refresh_token.clone(),
        expires_in: ACCESS_TIME.as_secs(),
    };
    with_cookies(state, (status, Json(body)).into_response(), Some(&signed_in))
}

fn with_cookies(state: &AppState, mut response: Response, signed_in: Option<&SignedIn>) -> Result<Response, Problem> {
    for cookie in account_cookies(state, signed_in)? {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(NEVER));
    Ok(response)
}
