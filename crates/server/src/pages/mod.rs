//! HTML pages that work without scripts, in English and French: the layout, the page at `/`, where codes are typed, and
//! errors for people.

mod error;
mod home;
mod language;
mod words;

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, VARY};
use axum::response::Response;

pub(super) use error::show_errors;
pub(super) use home::{HomeSession, Start, home_page};
pub(super) use language::Language;

use super::response::{NEVER, bytes};

/// The content security policy: resources and forms of this server only, no scripts.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'self'";

/// The content type of pages.
const HTML: &str = "text/html; charset=utf-8";

/// The icon of the pages.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' \
     height='32' rx='8' fill='%23101828'/%3E%3Cpath d='M12 9l12 7-12 7z' fill='%2322c55e'/%3E%3C/svg%3E";

/// A page. `root` is the relative address of `/`, so that links work behind a proxy that adds a prefix.
fn page(language: Language, root: &str, title: &str, main: &str) -> String {
    let (code, title) = (language.code(), escape(title));
    format!(
        r##"<!doctype html>
<html lang="{code}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="dark">
<meta name="theme-color" content="#0b1120">
<title>{title}</title>
<link rel="icon" href="{ICON}">
<link rel="stylesheet" href="{root}assets/player/player.css">
<link rel="stylesheet" href="{root}assets/player/home.css">
</head>
<body>
<main class="home">
{main}</main>
</body>
</html>
"##
    )
}

/// The form in which viewers type the code of a session.
fn join_form(language: Language, root: &str) -> String {
    let words = language.words();
    format!(
        r#"<form class="join" action="{root}j/" method="get">
<label for="code">{}</label>
<div class="field">
<input id="code" name="code" class="code" type="text" maxlength="4" required pattern="[A-Za-z]{{4}}" placeholder="ABCD" autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false" enterkeyhint="go" aria-describedby="code-hint">
<button type="submit">{}</button>
</div>
<p id="code-hint">{}</p>
</form>
"#,
        words.join, words.join_button, words.join_hint
    )
}

/// The page on which a code is typed.
pub(super) fn join_page(language: Language) -> Response {
    let main = format!("<h1>repcast</h1>\n{}", join_form(language, "../"));
    respond(page(language, "../", "repcast", &main))
}

/// The response with a page. The policy on referrers lets the browser name the origin of forms, which are checked by it.
fn respond(html: String) -> Response {
    let mut response = bytes(HTML, NEVER, html);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(VARY, HeaderValue::from_static("accept, accept-language"));
    response
}

/// A text as the content of an element or of an attribute in quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Not allowed in HTML.
            control if control.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_do_not_become_elements() {
        assert_eq!(escape("<b title=\"a\">&'\u{0}é"), "&lt;b title=&quot;a&quot;&gt;&amp;&#39;\u{fffd}é");
    }
}
