//! The token that a request presents, and the cookies that hold it for pages.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use repcast_http::{Problem, ProblemKind};
use repcast_service::{ACCESS_TIME, Caller, Principal, REFRESH_TIME, SignedIn};

use super::problems::service_problem;
use super::state::AppState;

/// The cookie of a control page. Without a path of its own, a browser returns it to the addresses of its session only.
const CONTROL_COOKIE: &str = "repcast_control";

/// The cookie of the operator, for all addresses.
const OPERATOR_COOKIE: &str = "repcast_operator";

/// The cookie of an account's access token, for all addresses.
const ACCESS_COOKIE: &str = "repcast_access";

/// The cookie of an account's refresh token, for the addresses that take it.
pub(super) const REFRESH_COOKIE: &str = "repcast_refresh";

/// Where the refresh token is taken.
const REFRESH_PATH: &str = "/api/auth";

/// Seconds that browsers keep the cookies of sessions and the operator, also when they are restarted: a day, longer than a session.
const COOKIE_SECS: u32 = 24 * 3600;

/// What a request presents: a bearer token (RFC 6750, 2.1), or else the cookies of pages of this server.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Credentials {
    /// Of the server, of an account, or of a session.
    bearer: Option<String>,
    /// Of a session: the control page's, before the operator's.
    control: Option<String>,
    /// Of the server, or of an account.
    signed_in: Option<String>,
    /// Whether the request may act for the user of this browser or program. Pages of other servers may only read.
    is_own: bool,
}

impl Credentials {
    fn of(method: &Method, headers: &HeaderMap) -> Self {
        let bearer = bearer(headers).map(str::to_owned);
        let is_own = bearer.is_some() || method.is_safe() || check_origin(headers).is_ok();
        let cookie = |name: &str| cookie(headers, name).filter(|_| is_own && bearer.is_none()).map(str::to_owned);
        let operator = cookie(OPERATOR_COOKIE);
        Self {
            control: cookie(CONTROL_COOKIE).or_else(|| operator.clone()),
            signed_in: operator.or_else(|| cookie(ACCESS_COOKIE)),
            bearer,
            is_own,
        }
    }
}

/// Who asks. An extractor, which fails when the database does.
pub(super) struct RequestCaller(pub(super) Caller);

impl FromRequestParts<Arc<AppState>> for RequestCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, Problem> {
        let Credentials { bearer, control, signed_in, is_own } = Credentials::of(&parts.method, &parts.headers);
        let principal = if is_own {
            let token = bearer.as_deref().or(signed_in.as_deref());
            state.service.principal(token).await.map_err(|error| service_problem(&error))?
        } else {
            Principal::Anonymous
        };
        Ok(Self(Caller { principal, token: bearer.or(control) }))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// Checks that a request does not come from a page of another server. Browsers send forms of any page to any server, and
/// cookies to all ports of a host.
///
/// # Errors
/// When it is not.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let is_own = match (text("sec-fetch-site"), text(ORIGIN.as_str()), text(HOST.as_str())) {
        (Some(site), ..) => site == "same-origin",
        (None, Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, own)| own == host),
        // Not a browser.
        (None, None, _) => true,
        _ => false,
    };
    is_own
        .then_some(())
        .ok_or_else(|| Problem::new(ProblemKind::Forbidden, "This request comes from a page of another server."))
}

/// The cookie of the operator as a header, for pages of this server only.
pub(super) fn operator_cookie(state: &AppState, token: &str) -> Result<HeaderValue, Problem> {
    cookie_header(state, &format!("{OPERATOR_COOKIE}={token}; Path=/; Max-Age={COOKIE_SECS}; SameSite=Strict"))
}

/// The cookies of a device that has signed in, or that remove them. `Lax`, so that links from elsewhere open as signed in;
/// what changes something has to come from a page of this server in any case.
pub(super) fn account_cookies(state: &AppState, signed_in: Option<&SignedIn>) -> Result<[HeaderValue; 2], Problem> {
    let cookie = |name: &str, value: &str, path: &str, time: Duration| {
        let secs = if value.is_empty() { 0 } else { time.as_secs() };
        cookie_header(state, &format!("{name}={value}; Path={path}; Max-Age={secs}; SameSite=Lax"))
    };
    let (access, refresh) =
        signed_in.map_or(("", ""), |signed_in| (&*signed_in.access_token, &*signed_in.refresh_token));
    Ok([cookie(ACCESS_COOKIE, access, "/", ACCESS_TIME)?, cookie(REFRESH_COOKIE, refresh, REFRESH_PATH, REFRESH_TIME)?])
}

fn cookie_header(state: &AppState, cookie: &str) -> Result<HeaderValue, Problem> {
    let secure = if state.is_secure { "; Secure" } else { "" };
    let cookie = format!("{cookie}; HttpOnly{secure}");
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
    RequestCaller(caller): RequestCaller,
) -> Result<Response, Problem> {
    let session = state.controlled(&id, &caller)?;
    let secret = session.control.secret();
    let cookie = format!("{CONTROL_COOKIE}={secret}; Max-Age={COOKIE_SECS}; SameSite=Strict");
    let cookie = cookie_header(&state, &cookie)?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    type Line = (HeaderName, &'static str);

    fn token(method: &Method, lines: &[Line]) -> Option<String> {
        let headers = lines.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let mut map = HeaderMap::new();
        headers.for_each(|(name, value)| _ = map.append(name, value));
        let Credentials { bearer, control, .. } = Credentials::of(method, &map);
        bearer.or(control)
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
            assert_eq!(token(&Method::POST, headers).as_deref(), expected, "{headers:?}");
        }
        let both: [Line; 2] = [(COOKIE, "repcast_control=a"), (AUTHORIZATION, "Bearer b")];
        assert_eq!(token(&Method::POST, &both).as_deref(), Some("b"));
    }

    #[test]
    fn pages_of_other_servers_change_nothing_with_a_cookie() {
        let other = (ORIGIN, "http://localhost:3000");
        let cookie: [Line; 3] = [(HOST, "localhost:8080"), other.clone(), (COOKIE, "repcast_control=a")];
        let bearer: [Line; 3] = [(HOST, "localhost:8080"), other, (AUTHORIZATION, "Bearer a")];
        let found = [(Method::POST, &cookie), (Method::GET, &cookie), (Method::POST, &bearer)]
            .map(|(method, lines)| token(&method, lines).is_some());
        assert_eq!(found, [false, true, true]);
    }

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn forms_of_other_servers_are_rejected() {
        let own = [
            headers(&[]),
            headers(&[("sec-fetch-site", "same-origin"), ("origin", "null"), ("host", "a:80")]),
            headers(&[("origin", "http://192.168.1.20:8080"), ("host", "192.168.1.20:8080")]),
        ];
        assert!(own.iter().all(|headers| check_origin(headers).is_ok()));
        let others = [
            headers(&[("sec-fetch-site", "same-site"), ("origin", "http://localhost:80"), ("host", "localhost:80")]),
            headers(&[("sec-fetch-site", "cross-site")]),
            headers(&[("origin", "http://localhost:3000"), ("host", "localhost:8080")]),
            headers(&[("origin", "null"), ("host", "localhost:8080")]),
            headers(&[("origin", "http://localhost:8080")]),
        ];
        assert!(others.iter().all(|headers| check_origin(headers).is_err()));
    }
}
