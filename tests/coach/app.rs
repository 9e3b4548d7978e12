//! The web application: its page, its files, and what people do with it in a browser.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::server::{Server, root};
use super::support::process::{Exit, run};

/// So long a script may take: a browser that draws without a GPU shares its cores with the other tests.
const SCRIPT_LIMIT: Duration = Duration::from_secs(900);

/// The folder of the tests in JavaScript.
fn folder() -> PathBuf {
    root().join("tests/app")
}

/// Runs a program in the folder of the tests; it must succeed.
fn succeed(program: &str, arguments: &[&str]) {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder());
    let output = run(command, SCRIPT_LIMIT, |_| ());
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.exit, Exit::Code(0), "{program} {arguments:?}:\n{printed}\n{}", output.stderr);
}

#[test]
fn all_its_addresses_have_the_page() {
    let server = Server::shared();
    for path in ["/", "/library", "/train", "/train/abc", "/live", "/assistant", "/account", "/admin"] {
        let page = server.get(path).assert_status(200);
        assert!(page.text().contains("assets/app/main.js"), "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        server.request("GET", path, &[("if-none-match", page.header("etag"))]).assert_status(304);
    }
    let worker = server.get("/assets/app/sw.js").assert_status(200);
    assert_eq!(worker.header("service-worker-allowed"), "/");
    for hidden in ["README.md", "vendor/preact.d.mts", "..%2fplayer%2fplayer.js", "nothing.js", "train"] {
        server.get(&format!("/assets/app/{hidden}")).assert_problem(404);
    }
}

#[test]
fn a_wall_screen_waits_for_its_session() {
    let server = Server::shared();
    let page = server.get("/wall/unknown").assert_status(200);
    assert!(page.text().contains("assets/player/wall.js"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    server.get("/assets/player/wall.js").assert_status(200);
    server.get("/wall/").assert_problem(404);
}

#[test]
fn modules_dictionaries_and_types_are_right() {
    let tests: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".test.mjs"))
        .collect();
    let arguments: Vec<&str> = ["--test"].into_iter().chain(tests.iter().map(String::as_str)).collect();
    succeed("node", &arguments);
    succeed("npx", &["tsc", "--project", "tsconfig.json"]);
}

/// Each script starts a browser and does what people do: with the keyboard, by touch, in two windows.
#[test]
fn people_build_and_lead_workouts_in_a_browser() {
    let server = Server::start(&["--rate-limit", "100000"]);
    let base = format!("http://{}/", server.address);
    let mut scripts: Vec<String> = std::fs::read_dir(folder().join("browser"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "support.mjs")
        .collect();
    scripts.sort();
    for script in &scripts {
        succeed("node", &[&format!("browser/{script}"), &base]);
    }
}
