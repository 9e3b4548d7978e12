//! The page at the root of the server, for people who open it in a browser.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::Response;

use super::player::POLICY;
use super::response::{NEVER, bytes};
use super::sessions::state_json;
use super::state::AppState;

/// The page around the list of sessions. Its links are relative, so that it works behind a proxy that adds a prefix.
const BEFORE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark">
<meta name="referrer" content="no-referrer">
<title>repcast</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/player/player.css">
<link rel="stylesheet" href="assets/player/home.css">
</head>
<body>
<main class="home">
<h1>repcast</h1>
<p>Coaching video: live sessions, and videos that play while they are rendered.</p>
<h2>Sessions</h2>
"#;
const AFTER: &str = r#"<h2>For programs</h2>
<ul>
<li><a href="api/docs/">The API, to read and to try out</a></li>
<li><a href="api/openapi.json">The API as an OpenAPI description</a></li>
<li><a href="api/exercises">The exercises that workouts can name</a></li>
</ul>
</main>
</body>
</html>
"#;

/// The page.
pub(super) async fn home(State(state): State<Arc<AppState>>) -> Response {
    let sessions = state.service.sessions();
    let sessions: Vec<(&str, &str, String)> = sessions
        .iter()
        .map(|session| {
            let state = state_json(session).get("state").and_then(|state| state.as_str().map(str::to_owned));
            (session.stream.id(), session.stream.title(), state.unwrap_or_default())
        })
        .collect();
    let mut response = bytes("text/html; charset=utf-8", NEVER, page(&sessions));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// The page with the ids, titles and states of sessions.
fn page(sessions: &[(&str, &str, String)]) -> String {
    let mut page = BEFORE.to_owned();
    if sessions.is_empty() {
        page.push_str("<p>There is no session. <code>POST /api/live</code> starts one.</p>\n");
    } else {
        page.push_str("<ul>\n");
        for (id, title, state) in sessions {
            let title = if title.is_empty() { "Without a title" } else { *title };
            // Writing to a string does not fail.
            let _ = writeln!(page, "<li><a href=\"live/{id}/\">{}</a> {state}</li>", escape(title));
        }
        page.push_str("</ul>\n");
    }
    page.push_str(AFTER);
    page
}

/// Text escaped for HTML: titles come from clients.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            character => escaped.push(character),
        }
    }
    escaped
}
