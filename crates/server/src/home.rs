//! The page at the root of the server, for people who open it in a browser.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::Response;

use super::player::{POLICY, REVALIDATED};
use super::response::bytes;

/// The page. It lists no sessions: everyone with the address of one may watch it. Its links are relative, so that it works
/// behind a proxy that adds a prefix.
const PAGE: &str = r#"<!doctype html>
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
<p><code>POST /api/live</code> starts one, and returns its addresses.</p>
<h2>For programs</h2>
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
pub(super) async fn home() -> Response {
    let mut response = bytes("text/html; charset=utf-8", REVALIDATED, PAGE);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
