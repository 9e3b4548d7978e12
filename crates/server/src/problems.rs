//! The HTTP status and the text of each error of the service. They are decided here and nowhere else.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
use repcast_engine::live::{ChangeError, RecordError, StartPushError};
use repcast_engine::open::OpenError;
use repcast_http::{Problem, ProblemFault, ProblemKind};
use repcast_model::document::ValidationFault;
use repcast_service::{AccountError, CameraError, DatabaseError, OutputError, ServiceError};

/// When a server that restarts is worth a retry.
const RESTART: Duration = Duration::from_secs(30);

/// When a machine without capacity is worth a retry.
const BUSY: Duration = Duration::from_secs(20);

/// Faults of a document that are listed; the place of the response is that of the first.
const MAX_LISTED: usize = 8;

/// The response to a use case that was not carried out.
pub(super) fn service_problem(error: &ServiceError) -> Problem {
    match error {
        ServiceError::SingleSession => Problem::new(ProblemKind::MethodNotAllowed, error.to_string()),
        ServiceError::ShuttingDown | ServiceError::DeviceLost => {
            Problem::new(ProblemKind::Unavailable, error.to_string()).retry_after(RESTART)
        }
        ServiceError::AtCapacity
        | ServiceError::TooManyGenerations
        | ServiceError::NoMemory
        | ServiceError::Stalled => Problem::new(ProblemKind::Unavailable, error.to_string()).retry_after(BUSY),
        ServiceError::Unauthenticated => {
            Problem::new(ProblemKind::Unauthenticated, error.to_string()).accepting(WWW_AUTHENTICATE, "Bearer")
        }
        ServiceError::SignedOut => {
            Problem::new(ProblemKind::Unauthenticated, error.to_string()).accepting(WWW_AUTHENTICATE, "Bearer")
        }
        ServiceError::NotInControl | ServiceError::NotAllowed => {
            Problem::new(ProblemKind::Forbidden, error.to_string())
        }
        ServiceError::NoCoach | ServiceError::NoSuch(_) => Problem::new(ProblemKind::NotFound, error.to_string()),
        ServiceError::Stale(_) => Problem::new(ProblemKind::Outdated, error.to_string()),
        ServiceError::Account(error) => account_problem(error),
        ServiceError::Database(error) => database_problem(error),
        ServiceError::Camera(error) => camera_problem(error),
        ServiceError::LoginUnreadable
        | ServiceError::CameraSessionClosed
        | ServiceError::RecordingExists
        | ServiceError::RecordingRuns
        | ServiceError::NotRecorded => Problem::new(ProblemKind::Conflict, error.to_string()),
        ServiceError::TooManyCameraSessions(_) | ServiceError::TooManyViewers(_) => {
            Problem::new(ProblemKind::Unavailable, error.to_string()).retry_after(BUSY)
        }
        ServiceError::UploadTooLarge => Problem::new(ProblemKind::TooLarge, error.to_string()),
        ServiceError::Upload(_) => Problem::new(ProblemKind::Invalid, error.to_string()),
        ServiceError::TooManyUploads => Problem::new(ProblemKind::TooMany, error.to_string()).retry_after(BUSY),
        ServiceError::UploadBusy | ServiceError::UploadOffset { .. } => {
            Problem::new(ProblemKind::Conflict, error.to_string())
        }
        ServiceError::DiskFull => Problem::new(ProblemKind::Other(StatusCode::INSUFFICIENT_STORAGE), error.to_string()),
        ServiceError::Storage => Problem::new(ProblemKind::Internal, error.to_string()),
        ServiceError::Objects(error) => {
            tracing::error!("{error}");
            let detail = "The store of clips and videos cannot be reached now.";
            Problem::new(ProblemKind::Unavailable, detail).retry_after(RESTART)
        }
        ServiceError::NoList => Problem::new(ProblemKind::NotFound, error.to_string()),
        ServiceError::OverQuota(_) | ServiceError::OverShare => {
            Problem::new(ProblemKind::TooMany, error.to_string()).retry_after(BUSY)
        }
        ServiceError::Document(error) => document_problem(error),
        ServiceError::NotAWorkout => Problem::new(ProblemKind::Invalid, error.to_string()).at("layers"),
        ServiceError::Rejected(_)
        | ServiceError::NotEditable
        | ServiceError::Unchangeable(_)
        | ServiceError::ClubInUse
        | ServiceError::OwnAccount => Problem::new(ProblemKind::Conflict, error.to_string()),
        ServiceError::Change(ChangeError::Busy | ChangeError::Gpu(_)) => {
            Problem::new(ProblemKind::Unavailable, error.to_string()).retry_after(BUSY)
        }
        ServiceError::Change(_) => Problem::new(ProblemKind::Invalid, error.to_string()).at("document"),
        ServiceError::NoSuchFrame { .. } => Problem::new(ProblemKind::Invalid, error.to_string()).at("at"),
        ServiceError::Canvas(error) => {
            tracing::warn!("a session was rejected: {error}");
            Problem::new(ProblemKind::Invalid, error.to_string()).at("canvas")
        }
        ServiceError::TooExpensive { .. } => Problem::new(ProblemKind::Invalid, error.to_string()),
        ServiceError::Live(error) => {
            tracing::error!("a session could not be started: {error}");
            Problem::new(ProblemKind::Internal, error.to_string())
        }
        ServiceError::Output(error) => output_problem(error),
        ServiceError::Internal(detail) => Problem::new(ProblemKind::Internal, *detail),
    }
}

/// The same, where the document is a part of the request: places start with the name of its field.
pub(super) fn document_part_problem(error: &ServiceError, field: &str) -> Problem {
    let ServiceError::Document(error) = error else { return service_problem(error) };
    let inside = |fault: &ValidationFault| {
        let place = match fault.place.as_str() {
            "" => field.to_owned(),
            place => format!("{field}.{place}"),
        };
        ValidationFault { place, message: fault.message.clone() }
    };
    document_problem(&OpenError { faults: error.faults.iter().map(inside).collect(), ..error.clone() })
}

/// A camera that does not do what it should is the fault of another machine (RFC 9110, 15.6.3).
fn camera_problem(error: &CameraError) -> Problem {
    let detail = ServiceError::Camera(error.clone()).to_string();
    match error {
        CameraError::NotAllowed | CameraError::NoAddress | CameraError::Unsupported(_) => {
            Problem::new(ProblemKind::Invalid, detail).at("camera.url")
        }
        _ => Problem::new(ProblemKind::Other(StatusCode::BAD_GATEWAY), detail),
    }
}

/// The response to something about an account that was not done.
fn account_problem(error: &AccountError) -> Problem {
    match error {
        AccountError::Invalid(place, _) => Problem::new(ProblemKind::Invalid, format!("{place}: {error}")).at(*place),
        AccountError::Weak(_) => Problem::new(ProblemKind::Invalid, error.to_string()).at("password"),
        AccountError::Exists => Problem::new(ProblemKind::Conflict, error.to_string()).at("email"),
        AccountError::WrongPassword | AccountError::SignedOut => {
            Problem::new(ProblemKind::Unauthenticated, error.to_string()).accepting(WWW_AUTHENTICATE, "Bearer")
        }
        AccountError::TooMany(wait) => Problem::new(ProblemKind::TooMany, error.to_string()).retry_after(*wait),
        AccountError::NoRegistration => Problem::new(ProblemKind::Forbidden, error.to_string()),
        AccountError::Busy => Problem::new(ProblemKind::Unavailable, error.to_string()).retry_after(BUSY),
        AccountError::Database(error) => database_problem(error),
        AccountError::Internal(detail) => Problem::new(ProblemKind::Internal, *detail),
    }
}

/// The response when the database fails. What it says is for the log: it can name the machine and the statement.
fn database_problem(error: &DatabaseError) -> Problem {
    match error {
        DatabaseError::Unavailable(_) => {
            tracing::warn!("{error}");
            Problem::new(ProblemKind::Unavailable, "The database cannot be reached now.").retry_after(RESTART)
        }
        DatabaseError::Exists => Problem::new(ProblemKind::Conflict, "There is one with this name already."),
        DatabaseError::Full => {
            tracing::error!("{error}");
            Problem::new(ProblemKind::Other(StatusCode::INSUFFICIENT_STORAGE), "The disk of the server is full.")
        }
        DatabaseError::Migration(_) | DatabaseError::Failed(_) => {
            tracing::error!("{error}");
            Problem::new(ProblemKind::Internal, "The database failed.")
        }
    }
}

/// The response to a recording or a push that does not start.
fn output_problem(error: &OutputError) -> Problem {
    match error {
        OutputError::NoRecordings
        | OutputError::NoPushes
        | OutputError::Record(RecordError::TooMany | RecordError::Over)
        | OutputError::Push(StartPushError::TooMany | StartPushError::Over) => {
            Problem::new(ProblemKind::Conflict, sentence(&error.to_string()))
        }
        OutputError::NotAllowed => Problem::new(ProblemKind::Forbidden, error.to_string()),
        OutputError::Target(_) | OutputError::NoAddress => {
            Problem::new(ProblemKind::Invalid, error.to_string()).at("url")
        }
        OutputError::Record(_) | OutputError::Push(_) => {
            // It names the folder, which is the operator's.
            tracing::error!("a recording or a push could not be started: {error}");
            Problem::new(ProblemKind::Internal, "The recording or the push could not be started.")
        }
    }
}

/// A message with a capital letter and a full stop.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    let end = if message.ends_with('.') { "" } else { "." };
    first.chain(letters).collect::<String>() + end
}

/// The response to a document with faults.
pub(super) fn document_problem(error: &OpenError) -> Problem {
    let kind = match error {
        OpenError { is_busy: true, .. } => ProblemKind::Unavailable,
        OpenError { is_missing: true, .. } => ProblemKind::NotFound,
        _ => ProblemKind::Invalid,
    };
    let listed: Vec<String> = error.faults.iter().take(MAX_LISTED).map(ToString::to_string).collect();
    let rest = error.faults.len().saturating_sub(MAX_LISTED);
    let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    let problem = Problem::new(kind, listed.join("; ") + &more);
    let fault = |fault: &ValidationFault| ProblemFault { place: fault.place.clone(), message: fault.message.clone() };
    let problem = problem.with_faults(error.faults.iter().take(MAX_LISTED).map(fault).collect());
    let problem = if error.is_busy { problem.retry_after(BUSY) } else { problem };
    match error.faults.first() {
        Some(first) if !first.place.is_empty() => problem.at(first.place.clone()),
        _ => problem,
    }
}
