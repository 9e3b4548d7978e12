//! How people find a session: codes, QR codes, links in the terminal, `repcast link`, and the address in the local network.

use std::net::{IpAddr, UdpSocket};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::client::HttpResponse;
use super::server::{Server, root};
use super::session::{Session, small};
use super::support::process::{Exit, LIMIT, RunningProcess, run, signal, until};
use super::support::qr::{read_qr_code, read_terminal_qr_code};

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

/// The address of this machine in its network, by the route to another one.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect("198.51.100.1:9").ok()?;
    Some(socket.local_addr().unwrap().ip())
}

#[test]
fn a_code_leads_to_the_page_of_its_session() {
    let server = Server::start(&["--rate-limit", "100000"]);
    let fields = server.post("/api/live", &small(600)).assert_status(201).json();
    let session = Session::of(&server, &fields);
    let code = fields["join_code"].as_str().unwrap();
    assert!(code.len() == 4 && code.bytes().all(|letter| b"BCDFGHJKMNPRSTVWXZ".contains(&letter)), "{code}");
    assert_eq!(fields["join_url"], format!("/j/{code}"));
    let page = format!("/live/{}/", session.id);
    for path in [format!("/j/{code}"), format!("/j/{}", code.to_lowercase()), format!("/j/?code=%20{code}")] {
        let answer = server.get(&path);
        assert!((300..400).contains(&answer.status), "{path}: {}", answer.status);
        // Relative to the address of the request.
        assert_eq!(answer.header("location"), format!("..{page}"), "{path}");
    }
    server.get(&page).assert_status(200);
    let status = session.status();
    assert_eq!((&status["join_code"], &status["join_url"]), (&fields["join_code"], &fields["join_url"]));
    let other = server.post("/api/live", &small(600)).assert_status(201).json();
    assert_ne!(other["join_code"], fields["join_code"]);
}

#[test]
fn unknown_codes_are_pages_for_people_and_are_limited() {
    let server = Server::start(&["--trusted-proxy", "127.0.0.1", "--rate-limit", "100000"]);
    let fields = server.post("/api/live", &small(600)).assert_status(201).json();
    let code = fields["join_code"].as_str().unwrap();
    let wrong = if code.starts_with('B') { "CCCC" } else { "BBBB" };
    let get = |path: &str, client: &str| {
        server.request("GET", path, &[("x-forwarded-for", client), BROWSER, ("accept-language", "fr")])
    };
    let page = get(&format!("/j/{wrong}"), "198.51.100.1").assert_status(404);
    let text = page.text();
    assert!(text.contains("<html lang=\"fr\">") && text.contains("Séance introuvable"), "{text}");
    assert!(text.contains("action=\"../j/\"") && text.contains("name=\"code\""), "{text}");
    assert!(!text.contains("<script") && page.header("content-security-policy").contains("form-action 'self'"));
    server.get(&format!("/j/{wrong}")).assert_problem(404);
    // Right codes do not use up the limit, and are rejected beyond it.
    (0..100).for_each(|_| assert_eq!(get(&format!("/j/{code}"), "198.51.100.2").status, 307));
    let statuses: Vec<u16> = (0..30).map(|_| get(&format!("/j/{wrong}"), "198.51.100.2").status).collect();
    assert_eq!(statuses, [vec![404; 20], vec![429; 10]].concat());
    let limited = get(&format!("/j/{code}"), "198.51.100.2").assert_status(429);
    assert!(limited.header("retry-after").parse::<u64>().unwrap() > 1 && limited.text().contains("Trop de requêtes"));
    assert_eq!(get(&format!("/j/{code}"), "198.51.100.3").status, 307);
}

#[test]
fn the_qr_codes_of_a_session_hold_its_join_address() {
    let server = Server::shared();
    let fields = server.post("/api/live", &small(600)).assert_status(201).json();
    let session = Session::of(server, &fields);
    // Without a public URL, the address that the request names.
    let expected = format!("http://{}/j/{}", server.address, fields["join_code"].as_str().unwrap());
    let folder = tempfile::tempdir().unwrap();
    for (name, kind, decoder) in [("qr.png", "image/png", "pngdec"), ("qr.svg", "image/svg+xml", "rsvgdec")] {
        let image = server.get(&session.path(name)).assert_status(200);
        assert_eq!(image.header("content-type"), kind);
        let path = folder.path().join(name);
        // The size of an SVG image is that of its units, one per module, too small to be read.
        let body = match name {
            "qr.svg" => image.text().replacen("<svg ", "<svg width=\"500\" height=\"500\" ", 1).into_bytes(),
            _ => image.body,
        };
        std::fs::write(&path, body).unwrap();
        assert_eq!(read_qr_code(&path, decoder), expected, "{name}");
        server.get(&format!("/live/nothing/{name}")).assert_problem(404);
    }
    let public = Server::start(&["--public-url", "https://gym.example/video"]);
    let fields = public.post("/api/live", &small(600)).assert_status(201).json();
    let expected = format!("https://gym.example/video/j/{}", fields["join_code"].as_str().unwrap());
    assert_eq!(fields["join_url"], expected);
    let image = public.get(&format!("/live/{}/qr.png", fields["id"].as_str().unwrap())).assert_status(200);
    std::fs::write(folder.path().join("public.png"), image.body).unwrap();
    assert_eq!(read_qr_code(&folder.path().join("public.png"), "pngdec"), expected);
}

#[test]
fn live_in_the_network_prints_links_that_others_open_and_repcast_link_repeats_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("doc.json"), small(600).to_string()).unwrap();
    let runtime = folder.path().join("runtime");
    std::fs::create_dir(&runtime).unwrap();
    let program = env!("CARGO_BIN_EXE_repcast");
    let line = format!("{program} live doc.json --lan --listen 0 --preset ultrafast");
    // A terminal, so that the QR code is printed; its output becomes the standard error that the process watches.
    let mut shell = Command::new("sh");
    shell.current_dir(folder.path()).env("XDG_RUNTIME_DIR", &runtime).stdin(Stdio::null());
    shell.args(["-c", "exec script -qec \"$1\" /dev/null >&2", "sh", &line]);
    let live = RunningProcess::spawn(shell);
    let value =
        |start: &'static str| live.wait_for_line(start, move |line| Some(line.trim().strip_prefix(start)?.to_owned()));
    let join = value("For athletes: ");
    let control = value("For the coach (keep private): ");
    let stream = value("For other players (HLS): ");
    let base = join.split("/j/").next().unwrap();
    let host = base.strip_prefix("http://").unwrap().rsplit_once(':').unwrap().0;
    assert!(own_address().is_none_or(|own| own.to_string() == host), "{host}");
    assert_eq!(read_terminal_qr_code(&live.stderr_lines()), join);
    // The links work as printed, and by addresses, but not by names of other servers.
    let get = |url: &str, host: Option<&str>| {
        let request = ureq::get(url).config().http_status_as_error(false).build();
        let request = host.into_iter().fold(request, |request, host| request.header("host", host));
        HttpResponse::of(request.call().unwrap())
    };
    get(&join, None).assert_status(200);
    let home = get(&format!("{base}/"), None).assert_status(200).text();
    assert!(home.contains("/qr.svg") && !home.contains("control=1"), "{home}");
    get(&join, Some("evil.example")).assert_status(421);
    assert!(stream.starts_with(base) && control.starts_with(base) && control.contains("?control=1#"));
    // Everything is in the session's own answers, too.
    let id = stream.rsplit('/').nth(1).unwrap().to_owned();
    assert_eq!(get(&format!("{base}/api/live/{id}"), None).json()["join_url"], join);

    let link = |args: &[&str]| {
        let mut command = Command::new(program);
        command.arg("link").args(args).env("XDG_RUNTIME_DIR", &runtime).stdin(Stdio::null());
        run(command, LIMIT, |_| ())
    };
    let printed = link(&[]);
    let text = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(printed.exit, Exit::Code(0), "{}", printed.stderr);
    assert!([&join, &control, &stream].iter().all(|link| text.contains(link.as_str())), "{text}");
    let found: Value = serde_json::from_slice(&link(&[&id[..6], "--json"]).stdout).unwrap();
    assert_eq!(found["sessions"][0]["control_url"], control);
    assert_eq!(link(&["ffffffffff"]).exit, Exit::Code(1));
    // Only their user reads them.
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let sockets = runtime.join("repcast");
    let socket = std::fs::read_dir(&sockets).unwrap().next().unwrap().unwrap().path();
    assert_eq!((mode(&sockets), mode(&socket)), (0o700, 0o600));
    // One of a server that was killed is removed, and so is that of one that ends.
    let stale = sockets.join("1.sock");
    drop(std::os::unix::net::UnixListener::bind(&stale).unwrap());
    assert_eq!(link(&[]).exit, Exit::Code(0));
    assert!(!stale.exists());
    let token = control.split_once('#').unwrap().1;
    let end = ureq::delete(format!("{base}/api/live/{id}")).header("authorization", format!("Bearer {token}"));
    end.call().unwrap();
    until("no session is left", LIMIT, || (link(&[]).exit == Exit::Code(1)).then_some(()));
    // On a terminal the page of a class that has ended stays until the command is stopped. Sockets have its process in
    // their name; `script` itself would kill it after two seconds.
    signal(socket.file_stem().unwrap().to_str().unwrap().parse().unwrap(), "TERM");
    until("the socket is removed", LIMIT, || (!socket.exists()).then_some(()));
}

#[test]
fn a_person_is_asked_once_whether_others_may_watch() {
    let folder = tempfile::tempdir().unwrap();
    let run_live = |input: &str, options: &str| {
        let mut command = Command::new("sh");
        let script = "printf \"$1\" | script -qec \"$2\" /dev/null";
        // The document is missing, so that nothing is started after the question.
        let line = format!("{} live nothing.json {options}", env!("CARGO_BIN_EXE_repcast"));
        command.args(["-c", script, "sh", input, &line]).env("XDG_CONFIG_HOME", folder.path());
        command.current_dir(folder.path()).stdin(Stdio::null());
        let output = run(command, LIMIT, |_| ());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("nothing.json"), "{text}");
        text.contains("[y/N]")
    };
    let answer = || std::fs::read_to_string(folder.path().join("repcast/lan")).ok();
    assert!(!run_live("", "--lan") && !run_live("", "--listen 0") && answer().is_none());
    assert!(run_live("y\\n", "") && answer().as_deref() == Some("yes\n"));
    assert!(!run_live("", ""));
    std::fs::remove_file(folder.path().join("repcast/lan")).unwrap();
    assert!(run_live("\\n", "") && answer().as_deref() == Some("no\n"));
    assert!(!run_live("", ""));
    // A script has no terminal, and is not asked.
    std::fs::remove_file(folder.path().join("repcast/lan")).unwrap();
    let mut command = super::support::process::repcast();
    command.args(["live", "nothing.json"]).env("XDG_CONFIG_HOME", folder.path());
    let output = run(command, LIMIT, |_| ());
    assert!(!output.stderr.contains("[y/N]") && answer().is_none(), "{}", output.stderr);
}

#[test]
fn the_coach_gets_the_links_to_share_and_no_one_else_does() {
    let server = Server::shared();
    let fields = server.post("/api/live", &small(600)).assert_status(201).json();
    let session = Session::of(server, &fields);
    let path = format!("/api/live/{}/control", session.id);
    server.get(&path).assert_problem(403);
    let links = server.request("GET", &path, &[("authorization", &session.authorization)]).assert_status(200).json();
    let absolute = |name: &str| format!("http://{}{}", server.address, fields[name].as_str().unwrap());
    for name in ["join_url", "player_url", "control_url", "hls_url"] {
        assert_eq!(links[name], absolute(name), "{name}");
    }
}

#[test]
fn the_start_page_starts_the_demo() {
    let server = Server::start(&["--rate-limit", "100000"]);
    let page = server.request("GET", "/home", &[("accept-language", "fr-CH, en;q=0.5")]).assert_status(200).text();
    assert!(page.contains("Lancer la démo") && page.contains("action=\"api/live\""), "{page}");
    let form = |headers: &[(&str, &str)]| {
        let headers = [&[("content-type", "application/x-www-form-urlencoded"), BROWSER], headers].concat();
        HttpResponse::of(server.send("/api/live?start_paused=true", &headers, b"demo=1".to_vec()))
    };
    // Pages of other servers cannot start it.
    let other = [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")];
    assert!(form(&other).assert_status(403).text().contains("<h1>"));
    let own = format!("http://{}", server.address);
    let started = form(&[("origin", &own)]).assert_status(303);
    let location = started.header("location").to_owned();
    let (page, token) = location.split_once("?control=1#").unwrap();
    assert!(token.chars().all(|digit| digit.is_ascii_hexdigit()), "{location}");
    server.get(&page.replacen("..", "", 1)).assert_status(200);
    let id = page.trim_matches('/').rsplit('/').next().unwrap();
    let status = server.get(&format!("/api/live/{id}")).assert_status(200).json();
    assert_eq!(status["title"], "Morning");
    let items = status["items"].as_array().unwrap();
    let kinds: Vec<&str> = items.iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"exercise") && kinds.contains(&"rest"), "{kinds:?}");
    let squat = items.iter().find(|item| item["kind"] == "exercise" && item["id"] == "air_squat").unwrap();
    assert_eq!((&squat["round"], items[squat["index"].as_u64().unwrap() as usize] == *squat), (&Value::from(1), true));
    let (left, position) = (status["remaining_secs"].as_f64().unwrap(), status["position_secs"].as_f64().unwrap());
    assert!((left + position - status["duration_secs"].as_f64().unwrap()).abs() < 0.1, "{status}");
    server.request("DELETE", &format!("/api/live/{id}"), &[("authorization", &format!("Bearer {token}"))]);
    // The example of the description is the same document.
    let description = server.get("/api/openapi.json").json();
    let body = &description["paths"]["/api/live"]["post"]["requestBody"]["content"]["application/json"];
    let mut demo: Value =
        serde_json::from_slice(&std::fs::read(root().join("assets/demo/workout.json")).unwrap()).unwrap();
    demo["audio"].as_object_mut().unwrap().remove("music");
    assert_eq!(body["example"], demo);
}

#[test]
fn the_operator_sees_the_sessions_on_the_start_page() {
    let token = super::server::TOKEN;
    let server = Server::start(&["--token", token, "--rate-limit", "100000"]);
    let session = Session::start(&server, &small(600));
    let get = |path: &str, headers: &[(&str, &str)]| {
        let none = [&[("authorization", "")], headers].concat();
        server.request("GET", path, &none).assert_status(200).text()
    };
    let page = get("/", &[]);
    assert!(
        !page.contains(&session.id) && !page.contains("name=\"demo\"") && page.contains("name=\"token\""),
        "{page}"
    );
    let form = |body: &str| {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", "")];
        HttpResponse::of(server.send("/", &headers, body.as_bytes().to_vec()))
    };
    form("token=wrong-0123456789ab").assert_problem(403);
    form("").assert_problem(403);
    let cookie = form(&format!("token={token}")).assert_status(303).header("set-cookie").to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/;"),
        "{cookie}"
    );
    let signed_in = [("cookie", cookie.split(';').next().unwrap())];
    assert!(get("/", &signed_in).contains("assets/app/main.js"), "the application");
    let page = get("/home", &signed_in);
    let link = format!("href=\"live/{}/?control=1\"", session.id);
    assert!(page.contains(&link) && page.contains("name=\"demo\"") && !page.contains("name=\"token\""), "{page}");
    assert!(!page.contains(token));
}

#[test]
fn browsers_get_errors_as_pages_and_programs_as_problems() {
    let server = Server::start(&["--rate-limit", "0"]);
    for (method, path, status) in [
        ("GET", "/live/nothing/", 404),
        ("GET", "/nothing", 404),
        ("GET", "/api/live/nothing", 404),
        ("DELETE", "/", 405),
        ("POST", "/api/live", 429),
    ] {
        server.request(method, path, &[("accept", "application/json")]).assert_problem(status);
        let page = server.request(method, path, &[BROWSER]).assert_status(status);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert_eq!(page.header("content-encoding"), "");
        let text = page.text();
        assert!(text.contains("<h1>") && !text.contains("<script") && !text.contains("style="), "{text}");
        let sheet = text.split("stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let depth = sheet.matches("../").count();
        assert_eq!(depth + 1, path.matches('/').count().max(1), "{path}: {sheet}");
    }
    let long = server.request("GET", "/live/%3Cscript%3Ealert(1)%3C/script%3E/", &[BROWSER]);
    assert!(!long.text().contains("<script"), "{}", long.text());
}
