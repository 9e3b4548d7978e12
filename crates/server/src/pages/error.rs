//! Errors as pages, for people whose browser shows the response. Programs get problem documents.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING, VARY};
use axum::middleware::Next;
use axum::response::Response;
use repcast_http::Problem;

use super::words::ErrorWords;
use super::{Language, escape, join_form, page, respond};

/// Middleware that shows problems as pages to those who ask for HTML.
pub(in super::super) async fn show_errors(request: Request, next: Next) -> Response {
    if !accepts_html(request.headers()) {
        return next.run(request).await;
    }
    let language = Language::of(request.headers());
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    match response.extensions().get::<Problem>() {
        Some(problem) => {
            let html = error_page(language, &path, problem);
            replace_body(response, html)
        }
        None => response,
    }
}

/// Whether a client prefers pages: browsers name HTML when they open an address, and no other client does by default.
fn accepts_html(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).into_iter().filter_map(|line| line.to_str().ok());
    let mut ranges = lines.flat_map(|line| line.split(','));
    ranges.any(|range| range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/html"))
}

/// The page in the place of the body. Headers such as Retry-After and Allow stay.
fn replace_body(response: Response, html: String) -> Response {
    let (parts, _) = response.into_parts();
    let mut shown = respond(html);
    *shown.status_mut() = parts.status;
    let of_body = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING];
    for (name, value) in &parts.headers {
        let is_own = shown.headers().contains_key(name) && name != VARY;
        if !of_body.contains(name) && !is_own {
            shown.headers_mut().append(name, value.clone());
        }
    }
    shown
}

fn error_page(language: Language, path: &str, problem: &Problem) -> String {
    let (words, status) = (language.words(), problem.status());
    let ErrorWords { title, advice } = match status {
        StatusCode::NOT_FOUND if path.starts_with("/j/") => &words.no_class,
        StatusCode::NOT_FOUND | StatusCode::GONE => &words.missing,
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => &words.forbidden,
        StatusCode::TOO_MANY_REQUESTS => &words.too_many,
        StatusCode::SERVICE_UNAVAILABLE => &words.busy,
        status if status.is_server_error() => &words.failed,
        _ => &words.rejected,
    };
    let root = root(path);
    // Of the other errors, only the server's own words, which are English, say what is wrong.
    let says_all = matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE);
    let detail = if says_all { String::new() } else { format!("<p lang=\"en\">{}</p>\n", escape(problem.detail())) };
    let form = if says_all { join_form(language, &root) } else { String::new() };
    let main = format!(
        "<p class=\"status\">{}</p>\n<h1>{title}</h1>\n<p>{advice}</p>\n{detail}{form}<p><a href=\"{root}\">{}</a></p>\n",
        status.as_u16(),
        words.start_page,
    );
    page(language, &root, title, &main)
}

/// The relative address of `/` from a path.
fn root(path: &str) -> String {
    match path.matches('/').count() {
        0 | 1 => "./".to_owned(),
        depth => "../".repeat(depth - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_browsers_that_open_an_address_get_pages() {
        let accepts = |value: &str| accepts_html(&HeaderMap::from_iter([(ACCEPT, value.parse().unwrap())]));
        assert!(accepts("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(accepts("application/json, Text/HTML;q=0.5"));
        assert!(!accepts("*/*") && !accepts("application/json") && !accepts("text/html5"));
        assert!(!accepts_html(&HeaderMap::new()));
    }

    #[test]
    fn links_lead_to_the_root_from_any_depth() {
        for (path, root_of_path) in [("/", "./"), ("/nothing", "./"), ("/j/ABCD", "../"), ("/live/x/", "../../")] {
            assert_eq!(root(path), root_of_path, "{path}");
        }
    }
}
