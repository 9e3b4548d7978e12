//! The own account: who is signed in, the password, the devices.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use repcast_http::{ClientAddr, Problem, ProblemKind};
use repcast_service::{Account, AccountPolicy, Action, Caller, Coach, LOCAL_ID, Principal, ServiceError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::{AuthMode, Me, RoleName, accounts};
use super::credentials::RequestCaller;
use super::json_body::JsonBody;
use super::problems::service_problem;
use super::state::AppState;
use super::time::rfc3339;

/// A change of the own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordBody {
    /// The present one.
    present: String,
    /// The new one.
    password: String,
}

/// A signed-in device.
#[derive(Serialize, ToSchema)]
pub(super) struct DeviceBody {
    /// Its id.
    id: String,
    /// What it says of itself.
    device: String,
    /// The network address that it was used from last.
    address: String,
    /// When it was signed in.
    #[serde(rename = "createdAt")]
    created_at: String,
    /// When it was used last, to a quarter of an hour.
    #[serde(rename = "usedAt")]
    used_at: String,
    /// Whether it is the one that asks.
    is_current: bool,
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/me", operation_id = "getMe", tag = "accounts", security(("token" = [])),
    responses((status = 200, description = "The account", body = Me), (status = 401, description = "No one is signed in")))]
pub(super) async fn me(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Me>, Problem> {
    let coach = used(&state, &caller)?;
    Ok(Json(match &caller.principal {
        Principal::Account(account) => Me::from(&**account),
        Principal::Operator | Principal::LocalUser | Principal::Anonymous => Me {
            id: LOCAL_ID.to_owned(),
            email: String::new(),
            name: String::new(),
            role: RoleName::SuperAdmin,
            language: String::new(),
            clubs: Vec::new(),
            auth: if coach.policy() == AccountPolicy::Off { AuthMode::Off } else { AuthMode::On },
            assistant: true,
        },
    }))
}

/// Changes the own password, and signs out all other devices.
#[utoipa::path(put, path = "/api/me/password", operation_id = "changePassword", tag = "accounts", security(("token" = [])),
    request_body(content = PasswordBody,
        example = json!({"present": "correct horse battery staple", "password": "yellow bike tuesday snow"})),
    responses((status = 204, description = "The password has changed"), (status = 401, description = "No one is signed in, or the present password is wrong"),
        (status = 422, description = "The new password is too easy to guess"), (status = 429, description = "Too many attempts")))]
pub(super) async fn change_password(
    State(state): State<Arc<AppState>>,
    client: ClientAddr,
    RequestCaller(caller): RequestCaller,
    JsonBody(PasswordBody { present, password }): JsonBody<PasswordBody>,
) -> Result<StatusCode, Problem> {
    let account = own_account(&state, &caller)?;
    let coach = accounts(&state, client)?;
    let changed = coach.accounts().change_password(account, present, password).await;
    changed.map_err(|error| service_problem(&error.into()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The signed-in devices of the own account.
#[utoipa::path(get, path = "/api/me/sessions", operation_id = "listDevices", tag = "accounts", security(("token" = [])),
    responses((status = 200, description = "The devices, the one used last first", body = Vec<DeviceBody>),
        (status = 401, description = "No one is signed in")))]
pub(super) async fn devices(
    State(state): State<Arc<AppState>>,
    RequestCaller(caller): RequestCaller,
) -> Result<Json<Vec<DeviceBody>>, Problem> {
    let account = own_account(&state, &caller)?;
    let coach = used(&state, &caller)?;
    let devices = coach.accounts().devices(account).await.map_err(|error| service_problem(&error.into()))?;
    let body = devices.into_iter().map(|device| DeviceBody {
        is_current: device.id == account.session_id,
        id: device.id,
        device: device.device,
        address: device.address,
        created_at: rfc3339(device.created_at),
        used_at: rfc3339(device.used_at),
    });
    Ok(Json(body.collect()))
}

/// Signs out a device of the own account.
#[utoipa::path(delete, path = "/api/me/sessions/{id}", operation_id = "signOutDevice", tag = "accounts", security(("token" = [])),
    params(("id" = String, Path)),
    responses((status = 204, description = "The device is signed out"), (status = 401, description = "No one is signed in"),
        (status = 404, description = "The account has no such device")))]
pub(super) async fn sign_out_device(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    RequestCaller(caller): RequestCaller,
) -> Result<StatusCode, Problem> {
    let account = own_account(&state, &caller)?;
    let coach = used(&state, &caller)?;
    let is_known = coach.accounts().sign_out(account, &id).await.map_err(|error| service_problem(&error.into()))?;
    if is_known { Ok(StatusCode::NO_CONTENT) } else { Err(service_problem(&ServiceError::NoSuch("device"))) }
}

fn used<'a>(state: &'a AppState, caller: &Caller) -> Result<&'a Coach, Problem> {
    let coach = state.service.coach().map_err(|error| service_problem(&error))?;
    state.service.authorize(caller, Action::UseAccount).map_err(|error| service_problem(&error))?;
    Ok(coach)
}

fn own_account<'a>(state: &AppState, caller: &'a Caller) -> Result<&'a Account, Problem> {
    used(state, caller)?;
    match &caller.principal {
        Principal::Account(account) => Ok(account),
        _ => Err(Problem::new(ProblemKind::NotFound, "This is not an account.")),
    }
}
