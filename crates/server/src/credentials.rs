//! The token that a request presents, and the cookies that hold it for pages.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use repcast_http::{Problem, ProblemKind};

use super::state::AppState;

/// The cookie of a control page. Without a path of its own, a browser returns it to the addresses of its session only.
const CONTROL_COOKIE: &str = "repcast_control";

/// The cookie of the operator, for all addresses.
const OPERATOR_COOKIE: &str = "repcast_operator";

/// Seconds that browsers keep the cookies, also when they are restarted: a day, longer than a session.
const COOKIE_SECS: u32 = 24 * 3600;

/// The token of a request: a bearer token (RFC 6750, 2.1), or else a cookie, of the control page before the operator's. An
/// extractor.
pub(super) struct Credentials(pub(super) Option<String>);

impl Credentials {
    fn of(headers: &HeaderMap) -> Self {
        let cookies = || cookie(headers, CONTROL_COOKIE).or_else(|| cookie(headers, OPERATOR_COOKIE));
        Self(bearer(headers).or_else(cookies).map(str::to_owned))
    }

    /// The token, if there is one.
    pub(super) fn token(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<S: Sync> FromRequestParts<S> for Credentials {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// The cookie of the operator as a header, for pages of this server only.
pub(super) fn operator_cookie(state: &AppState, token: &str) -> Result<HeaderValue, Problem> {
    cookie_header(state, &format!("{OPERATOR_COOKIE}={token}; Path=/"))
}

fn cookie_header(state: &AppState, cookie: &str) -> Result<HeaderValue, Problem> {
    let secure = if state.is_secure { "; Secure" } else { "" };
    let cookie = format!("{cookie}; Max-Age={COOKIE_SECS}; HttpOnly; SameSite=Strict{secure}");
    let mut cookie = HeaderValue::from_str(&cookie)
        .map_err(|_| Problem::new(ProblemKind::Internal, "The cookie could not be written."))?;
    cookie.set_sensitive(true);
    Ok(cookie)
}

/// Sets the cookie with which the control page of a session acts. The page has the token from the fragment of its
/// address, which browsers send to no server.
#[utoipa::path(post, path = "/api/live/{id}/control", operation_id = "setControlCookie", tag = "live", params(("id" = String, Path, description = "The session's id")),
    security(("token" = [])),
    responses((status = 204, description = "The cookie is set"), (status = 403, description = "The token is missing or wrong"),
        (status = 404, description = "No such session")))]
pub(super) async fn set_control_cookie(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    credentials: Credentials,
) -> Result<Response, Problem> {
    let session = state.controlled(&id, &credentials)?;
    let cookie = cookie_header(&state, &format!("{CONTROL_COOKIE}={}", session.control.secret()))?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    type Line = (HeaderName, &'static str);

    fn token(lines: &[Line]) -> Option<String> {
        let headers = lines.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let mut map = HeaderMap::new();
        headers.for_each(|(name, value)| _ = map.append(name, value));
        Credentials::of(&map).0
    }

    #[test]
    fn a_token_is_read_from_the_header_or_the_cookie() {
        let cases: [(&[Line], Option<&str>); 10] = [
            (&[], None),
            (&[(AUTHORIZATION, "Bearer abc")], Some("abc")),
            (&[(AUTHORIZATION, "bearer  abc ")], Some("abc")),
            (&[(AUTHORIZATION, "Basic abc")], None),
            (&[(AUTHORIZATION, "Bearer")], None),
            (&[(COOKIE, "a=1; repcast_control=abc; b=2")], Some("abc")),
            (&[(COOKIE, "a=1"), (COOKIE, "repcast_control=abc")], Some("abc")),
            (&[(COOKIE, "xrepcast_control=abc")], None),
            (&[(COOKIE, "repcast_operator=abc")], Some("abc")),
            (&[(COOKIE, "repcast_operator=a; repcast_control=b")], Some("b")),
        ];
        for (headers, expected) in cases {
            assert_eq!(token(headers).as_deref(), expected, "{headers:?}");
        }
        assert_eq!(token(&[(COOKIE, "repcast_control=a"), (AUTHORIZATION, "Bearer b")]).as_deref(), Some("b"));
    }
}
