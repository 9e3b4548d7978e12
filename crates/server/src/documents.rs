//! Documents that arrive over HTTP, and what is wrong with them as an answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ORIGIN};

use super::app::App;
use repcast_http::{Fault, Problem};
use repcast_model::document::{self, Document};
use repcast_engine::open::{Project, Reach, Refused};

/// Faults that are told at once; the first is the answer's place, and all are in its text.
const MAX_TOLD: usize = 8;

/// Checks that a body says it is JSON, and JSON as it is. Programs may also say nothing, or what curl says when nothing
/// tells it; pages may not, because a browser lets any page send such a request to any server without asking.
pub(super) fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let codings = headers.get_all(CONTENT_ENCODING).iter().flat_map(|value| value.to_str().unwrap_or("?").split(','));
    let coding = codings.map(str::trim).find(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"));
    if let Some(coding) = coding {
        let detail = format!("The body must come without a content coding, not as `{coding}`.");
        return Err(Problem::new(Fault::UnsupportedMedia, detail).accepting(ACCEPT_ENCODING, "identity"));
    }
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or("?"));
    let kind = kind.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let is_json = kind == "application/json" || kind.ends_with("+json");
    let is_unsaid = matches!(kind.as_str(), "" | "application/x-www-form-urlencoded");
    let is_page = headers.contains_key(ORIGIN);
    (is_json || (is_unsaid && !is_page)).then_some(()).ok_or_else(|| {
        let detail = format!("The body must be application/json, not `{kind}`.");
        Problem::new(Fault::UnsupportedMedia, detail).accepting(ACCEPT, "application/json")
    })
}

/// Which documents a call takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Workouts and compositions.
    Either,
    /// Workouts.
    Workout,
}

/// Reads, checks and compiles a document. Looking at its files takes a while, and is done on a thread for such things.
pub(super) async fn open(app: &Arc<App>, body: Bytes, wanted: Wanted) -> Result<Project, Problem> {
    let app = app.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let document = document::parse(&body).map_err(|faults| problem(&faults.into()))?;
        if wanted == Wanted::Workout && matches!(document, Document::Composition(_)) {
            let detail = "This call takes workouts; a composition can be shown as a live session.";
            return Err(Problem::new(Fault::Invalid, detail).at("layers"));
        }
        let reach = app.media.as_deref().map_or(Reach::Nowhere, Reach::Within);
        Project::open_within(&document, &reach, &app.catalogue).map_err(|refused| problem(&refused))
    });
    opened.await.map_err(|_| Problem::new(Fault::Internal, "Reading the document failed."))?
}

/// What is wrong with a document, as an answer.
pub(super) fn problem(refused: &Refused) -> Problem {
    let fault = if refused.is_missing { Fault::NotFound } else { Fault::Invalid };
    let told: Vec<String> = refused.faults.iter().take(MAX_TOLD).map(ToString::to_string).collect();
    let rest = refused.faults.len().saturating_sub(MAX_TOLD);
    let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    let problem = Problem::new(fault, told.join("; ") + &more);
    match refused.faults.first() {
        Some(first) if !first.place.is_empty() => problem.at(first.place.clone()),
        _ => problem,
    }
}
