//! The configuration of a server: from files and the environment, checked, and reloaded while sessions run.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::server::{Server, TOKEN, root};
use super::session::{Session, small};
use super::support::process::{Exit, LIMIT, ProcessOutput, repcast, run, until};

/// Writes a catalogue with these ids, whose clips are those of the demo.
fn write_catalogue(folder: &Path, ids: &[&str]) {
    fs::create_dir_all(folder).unwrap();
    let clip = first_clip();
    fs::copy(clip, folder.join("clip.mov")).unwrap();
    let entries = ids.iter().map(|id| format!("[[exercise]]\nid = \"{id}\"\nname = \"{id}\"\nclip = \"clip.mov\"\n"));
    fs::write(folder.join("catalogue.toml"), entries.collect::<String>()).unwrap();
}

/// A clip of the demo catalogue.
fn first_clip() -> std::path::PathBuf {
    let text = fs::read_to_string(root().join("assets/catalogue/catalogue.toml")).unwrap();
    let name = text.lines().find_map(|line| line.strip_prefix("clip = \"")?.split('"').next()).unwrap();
    root().join("assets/catalogue").join(name)
}

fn exercises(server: &Server) -> Vec<String> {
    let list = server.get("/api/exercises").assert_status(200).json();
    list.as_array().unwrap().iter().map(|exercise| exercise["id"].as_str().unwrap().to_owned()).collect()
}

/// Sends SIGHUP, and waits for the line that reports its result.
fn reload(server: &Server, message: &str) {
    let count = || server.stderr_lines().iter().filter(|line| line.contains(message)).count();
    let before = count();
    server.signal("HUP");
    until("the reload is reported", LIMIT, || (count() > before).then_some(()));
}

#[test]
fn a_reload_changes_the_configuration_and_keeps_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("repcast.toml");
    let catalogue = folder.path().join("catalogue");
    write_catalogue(&catalogue, &["one"]);
    let write = |lines: &str| fs::write(&config, format!("catalogue = \"catalogue\"\n{lines}\n")).unwrap();
    write("rate_limit = 100");
    let server = Server::start(&["--config", config.to_str().unwrap()]);
    assert_eq!(exercises(&server), ["one"]);
    let session = Session::start(&server, &small(600));
    session.file("master.m3u8").assert_status(200);

    write_catalogue(&catalogue, &["one", "two"]);
    write("rate_limit = 0\nmedia = \".\"");
    reload(&server, "the configuration was reloaded");
    assert_eq!(exercises(&server), ["one", "two"]);
    server.post("/api/live", &small(1)).assert_problem(429);
    let warning = server.stderr_lines().into_iter().find(|line| line.contains("after a restart only")).unwrap();
    assert!(warning.ends_with(": media"), "{warning}");

    // Faults leave everything as it was.
    let faults = [
        ("rate_limit = 100\nrate_limt = 1", "repcast.toml:3: rate_limt: is not an option; did you mean rate_limit?"),
        ("rate_limit = 100\ntoken = \"short\"", "repcast.toml:3: token: a token has 16"),
    ];
    for (lines, message) in faults {
        write(lines);
        reload(&server, message);
    }
    fs::write(catalogue.join("catalogue.toml"), "[[exercise]]\nid = \"three\"\n").unwrap();
    write("rate_limit = 100");
    reload(&server, "exercise[0].name: is missing");
    assert_eq!(exercises(&server), ["one", "two"]);
    server.post("/api/live", &small(1)).assert_problem(429);

    // The token is needed from the next reload on.
    write_catalogue(&catalogue, &["three"]);
    write(&format!("rate_limit = 100\ntoken = \"{TOKEN}\""));
    reload(&server, "the configuration was reloaded");
    server.post("/api/live", &small(1)).assert_problem(401);
    assert_eq!(exercises(&server), ["three"]);
    assert_eq!(session.status()["state"], "playing");
    session.end();
}

#[test]
fn a_session_survives_the_end_of_its_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("doc.json");
    fs::write(&document, small(600).to_string()).unwrap();
    let line = ["live", document.to_str().unwrap(), "--listen", "127.0.0.1:0", "--preset", "ultrafast"];
    let server = Server::run(&[&line[..], &["--drain-timeout", "0"]].concat());
    server.signal("HUP");
    until("frames are made after the signal", LIMIT, || {
        let text = server.get("/metrics").assert_status(200).text();
        let frames: f64 = text.lines().find_map(|line| line.strip_prefix("repcast_frames_total ")?.parse().ok())?;
        (frames > 45.0).then_some(())
    });
    server.signal("TERM");
    assert_eq!(server.wait(LIMIT).0, 0);
}

/// Runs `serve --check-config` with these options, and variables of the environment.
fn check(options: &[&str], environment: &[(&str, &str)]) -> ProcessOutput {
    let mut command = repcast();
    command.current_dir(root()).args(["serve", "--check-config"]).args(options).envs(environment.iter().copied());
    run(command, Duration::from_secs(60), |_| ())
}

#[test]
fn a_configuration_is_checked_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("repcast.toml");
    let write = |text: &str| fs::write(&config, text).unwrap();
    let options = ["--config", config.to_str().unwrap()];
    write("listen = 8123\nrate_limit = 3\nladder = \"720p,480p\"\n");
    let valid = check(&options, &[("REPCAST_PART", "0:0.4")]);
    assert_eq!((valid.exit, valid.stderr.as_str()), (Exit::Code(0), ""));
    assert!(String::from_utf8(valid.stdout).unwrap().contains("repcast.toml: everything is valid"));
    let cases = [
        ("listen = 8123\n\nladder = \"huge\"", "repcast.toml:3: ladder: "),
        ("media = \"nosuch\"", "repcast.toml:1: media: there is no folder"),
        ("listen = \":0\"", "repcast.toml:1: listen 0.0.0.0:0: other machines can reach this address"),
        ("tls_cert = \"c.pem\"\ntls_key = \"k.pem\"", "c.pem: cannot be read: no such file"),
        ("encoder = \"nosuch\"", "nosuch"),
        ("token_file = \"nosuch\"", "repcast.toml:1: token_file: "),
    ];
    for (text, message) in cases {
        write(text);
        let checked = check(&options, &[]);
        assert_eq!(checked.exit, Exit::Code(2), "{text}: {}", checked.stderr);
        assert!(checked.stderr.contains(message), "{text}: {}", checked.stderr);
    }
    let checked = check(&[], &[("REPCAST_RATE_LIMIT", "many")]);
    assert_eq!(checked.exit, Exit::Code(2));
    assert!(checked.stderr.starts_with("repcast: REPCAST_RATE_LIMIT: "), "{}", checked.stderr);
}

#[test]
fn the_packaged_configuration_is_valid_and_names_existing_options() {
    let packaged = fs::read_to_string(root().join("deploy/config/repcast.toml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("repcast.toml", &packaged);
    let path = folder.path().join("repcast.toml");
    assert_eq!(check(&["--config", path.to_str().unwrap()], &[]).exit, Exit::Code(0));
    // With every line in use, unknown options and wrong values would be reported before missing files.
    let lines =
        packaged.lines().map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line));
    write("repcast.toml", &lines.collect::<Vec<_>>().join("\n"));
    let checked = check(&["--config", path.to_str().unwrap()], &[]);
    assert!(!checked.stderr.contains("is not an option"), "{}", checked.stderr);
    assert!(checked.stderr.contains("/usr/share/repcast/catalogue") || checked.stderr.contains("no such file"));
    assert_eq!(json!(checked.stderr.lines().count()), json!(1), "{}", checked.stderr);
}
