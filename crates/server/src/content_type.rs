//! The content type of requests with a document.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ORIGIN};
use repcast_http::{Problem, ProblemKind};

/// Checks that a body is declared as JSON without a content coding. Programs may omit the type, or send what curl sends by
/// default; web pages may not, because browsers send such requests to any server without a CORS preflight.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let codings = headers.get_all(CONTENT_ENCODING).iter().flat_map(|value| value.to_str().unwrap_or("?").split(','));
    let coding = codings.map(str::trim).find(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"));
    if let Some(coding) = coding {
        let detail = format!("The body must come without a content coding, not as `{coding}`.");
        return Err(Problem::new(ProblemKind::UnsupportedMedia, detail).accepting(ACCEPT_ENCODING, "identity"));
    }
    let declared = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
    let declared = declared.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let is_json = declared == "application/json" || declared.ends_with("+json");
    let is_default = matches!(declared.as_str(), "" | "application/x-www-form-urlencoded");
    let is_from_page = headers.contains_key(ORIGIN);
    (is_json || (is_default && !is_from_page)).then_some(()).ok_or_else(|| {
        let detail = format!("The body must be application/json, not `{declared}`.");
        Problem::new(ProblemKind::UnsupportedMedia, detail).accepting(ACCEPT, "application/json")
    })
}
