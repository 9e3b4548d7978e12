//! The page at `/`.

use std::fmt::Write;

use axum::response::Response;

use super::{Language, escape, join_form, page, respond};

/// A session on the page.
pub(in super::super) struct HomeSession {
    /// Its id in addresses.
    pub(in super::super) id: String,
    /// The document's title, which may be empty.
    pub(in super::super) title: String,
    /// Its code.
    pub(in super::super) code: String,
}

/// What the reader of the page may start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Start {
    /// The demo.
    Demo,
    /// Nothing without the server's token.
    NeedsToken,
    /// Nothing.
    Nothing,
}

/// The page. `sessions` is `None` where the reader may not see them; `is_operator` shows links to control them.
pub(in super::super) fn home_page(
    language: Language,
    sessions: Option<&[HomeSession]>,
    start: Start,
    is_operator: bool,
) -> Response {
    let words = language.words();
    let mut main = format!("<h1>repcast</h1>\n<p>{}</p>\n", words.about);
    if let Some(sessions) = sessions {
        main.push_str(&session_list(language, sessions, is_operator));
    }
    main.push_str(&join_form(language, ""));
    // Writing to a string cannot fail.
    let _ = match start {
        Start::Demo => write!(
            main,
            "<section>\n<h2>{}</h2>\n<p>{}</p>\n<form action=\"api/live\" method=\"post\">\n\
             <input type=\"hidden\" name=\"demo\" value=\"1\">\n<button type=\"submit\">{}</button>\n</form>\n</section>\n",
            words.demo, words.demo_about, words.demo_button
        ),
        Start::NeedsToken => write!(
            main,
            "<details>\n<summary>{}</summary>\n<form action=\"./\" method=\"post\">\n<label for=\"token\">{}</label>\n\
             <div class=\"field\">\n<input id=\"token\" name=\"token\" type=\"password\" required autocomplete=\"current-password\">\n\
             <button type=\"submit\">{}</button>\n</div>\n</form>\n</details>\n",
            words.operator, words.token, words.token_button
        ),
        Start::Nothing => Ok(()),
    };
    let _ = write!(
        main,
        "<section>\n<h2>{}</h2>\n<ul>\n<li><a href=\"api/docs/\">{}</a></li>\n<li><a href=\"api/openapi.json\">{}</a></li>\n\
         <li><a href=\"api/exercises\">{}</a></li>\n</ul>\n</section>\n",
        words.programs, words.try_api, words.description, words.exercises
    );
    respond(page(language, "", "repcast", &main))
}

fn session_list(language: Language, sessions: &[HomeSession], is_operator: bool) -> String {
    let words = language.words();
    let mut list = format!("<section>\n<h2>{}</h2>\n", words.sessions);
    if sessions.is_empty() {
        let _ = writeln!(list, "<p>{}</p>", words.no_session);
    }
    for HomeSession { id, title, code } in sessions {
        let title = if title.is_empty() { words.untitled.to_owned() } else { escape(title) };
        let coach = if is_operator {
            format!(" <a class=\"second\" href=\"live/{id}/?control=1\">{}</a>", words.coach)
        } else {
            String::new()
        };
        let _ = write!(
            list,
            "<article class=\"session\">\n<img class=\"qr\" src=\"live/{id}/qr.svg\" width=\"148\" height=\"148\" alt=\"{}\">\n\
             <div>\n<h3>{title}</h3>\n<p>{} <strong class=\"code\">{code}</strong></p>\n\
             <p><a class=\"button\" href=\"live/{id}/\">{}</a>{coach}</p>\n</div>\n</article>\n",
            words.scan, words.code, words.watch
        );
    }
    list.push_str("</section>\n");
    list
}
