//! `repcast link`, and the links that `repcast live` prints.

use std::io::IsTerminal;

use repcast_http::HostName;
use repcast_model::qr::QrCode;
use repcast_server::SessionLinks;
use serde_json::json;

use super::args::LinkArgs;
use super::{Failure, link_socket, print_json, print_line};

pub(super) fn run(args: &LinkArgs) -> Result<(), Failure> {
    let mut sessions = link_socket::sessions().map_err(Failure::failed)?;
    if let Some(wanted) = &args.session {
        sessions.retain(|session| is_meant(wanted, session));
    }
    if sessions.is_empty() {
        let what = args.session.as_ref().map_or_else(|| "no session".to_owned(), |id| format!("no session {id}"));
        return Err(Failure::failed(format!(
            "{what} of this user is running; `repcast live` and `repcast serve` need XDG_RUNTIME_DIR for it"
        )));
    }
    if args.json {
        return print_json(&json!({ "sessions": sessions }), false);
    }
    for session in &sessions {
        let title = if session.title.is_empty() { "Untitled" } else { &session.title };
        print_line(&format!("{title} ({})", session.id))?;
        lines(session).iter().try_for_each(|line| print_line(&format!("  {line}")))?;
    }
    Ok(())
}

/// Whether a person means this session by the start of its id or by its code.
fn is_meant(wanted: &str, session: &SessionLinks) -> bool {
    let code = session.join_url.rsplit('/').next().unwrap_or_default();
    session.id.starts_with(wanted) || code.eq_ignore_ascii_case(wanted)
}

/// Prints the links of a session that has started, to standard error. `is_shared` is whether other devices reach them, and
/// `name` a name of this machine that they know as well as its address.
pub(super) fn print(session: &SessionLinks, is_shared: bool, name: Option<&HostName>) {
    let [athletes, coach, players] = lines(session);
    eprintln!("{athletes}");
    if let Some(link) = name.and_then(|name| with_host(&session.join_url, name)) {
        eprintln!("For athletes, by name: {link}");
    }
    if is_shared && std::io::stderr().is_terminal() {
        // Addresses are shorter than any QR code is long.
        QrCode::new(&session.join_url).iter().for_each(|code| eprintln!("\n{}", code.to_terminal()));
    }
    eprintln!("{coach}");
    eprintln!("{players}");
    if !is_shared {
        eprintln!("Only this machine opens these links; with --lan, other devices in the network do, too.");
    }
}

/// A link with another host and the same port.
fn with_host(link: &str, name: &HostName) -> Option<String> {
    let (scheme, rest) = link.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let port = host.rsplit_once(':').map_or_else(String::new, |(_, port)| format!(":{port}"));
    Some(format!("{scheme}://{name}{port}/{path}"))
}

/// A line for each kind of reader.
fn lines(session: &SessionLinks) -> [String; 3] {
    [
        format!("For athletes: {}", session.join_url),
        format!("For the coach (keep private): {}", session.control_url),
        format!("For other players (HLS): {}", session.hls_url),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_printed_with_the_name_of_the_machine() {
        let name = "studio.local".parse().unwrap();
        let with = |link: &str| with_host(link, &name);
        assert_eq!(with("http://192.168.1.20:8080/j/KXTR").as_deref(), Some("http://studio.local:8080/j/KXTR"));
        assert_eq!(with("/j/KXTR"), None);
    }

    #[test]
    fn a_session_is_meant_by_its_code_or_the_start_of_its_id() {
        let links = SessionLinks {
            id: "5f0c9d".to_owned(),
            title: String::new(),
            join_url: "http://192.168.1.20:8080/j/KXTR".to_owned(),
            player_url: String::new(),
            control_url: String::new(),
            hls_url: String::new(),
        };
        assert!(["5f0c9d", "5f", "kxtr", "KXTR"].iter().all(|wanted| is_meant(wanted, &links)));
        assert!(["6f", "KXT", "f0c9d"].iter().all(|wanted| !is_meant(wanted, &links)));
    }
}
