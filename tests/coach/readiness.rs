//! `/readyz`: apart from whether the server is alive, and not before the tables are up to date.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::HttpResponse;
use super::databases::postgres_url;
use super::server::Server;
use super::support::postgres::Postgres;
use super::support::process::{LIMIT, until};

/// The parts of a server that are not ready.
pub(crate) fn unready(answer: &HttpResponse) -> Vec<String> {
    answer.assert_problem(503);
    assert_eq!(answer.header("retry-after"), "2");
    let faults = answer.json()["faults"].as_array().unwrap().clone();
    faults.iter().map(|fault| fault["place"].as_str().unwrap().to_owned()).collect()
}

fn value_of(metrics: &str, name: &str) -> String {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is missing:\n{metrics}")).to_owned()
}

#[test]
fn a_server_is_ready_at_both_addresses() {
    let server = Server::start(&["--admin-listen", "127.0.0.1:0"]);
    assert_eq!(server.get("/readyz").assert_status(200).json(), json!({"status": "ready"}));
    let metrics = server.stderr_lines().iter().find_map(|line| Some(line.strip_prefix("metrics on ")?.to_owned()));
    let admin = metrics.unwrap();
    let text = |url: &str| ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap();
    assert_eq!(value_of(&text(&admin), "repcast_database_ready"), "1.0");
    let answer: Value = serde_json::from_str(&text(&admin.replace("/metrics", "/readyz"))).unwrap();
    assert_eq!(answer["status"], "ready");
}

#[test]
fn a_server_that_shuts_down_is_not_ready() {
    // A viewer, for whom the server waits.
    let server = Server::start(&["--drain-timeout", "60"]);
    let layers = json!([{"type": "timer"}]);
    let document = json!({"canvas": {"width": 320, "height": 180}, "duration": 600, "layers": layers});
    let session = server.post("/api/live", &document).assert_status(201).json();
    let stream = server.open("GET", &format!("/live/{}/stream.mp4", session["id"].as_str().unwrap()), &[]);
    assert_eq!(stream.status().as_u16(), 200);
    server.signal("TERM");
    let answer =
        until("the server is not ready", LIMIT, || Some(server.get("/readyz")).filter(|answer| answer.status != 200));
    assert_eq!(unready(&answer), ["server"]);
}

/// Migrations wait for another process that changes tables; until they have run, nothing is answered.
#[test]
fn a_server_listens_when_its_tables_are_up_to_date() {
    let url = postgres_url();
    // The name that migrations use is taken by a transaction that is then undone.
    let sql = "BEGIN; CREATE TABLE _sqlx_migrations (a int); SELECT pg_sleep(4); ROLLBACK";
    let mut holder = Postgres::client(&url, sql).spawn().unwrap();
    until("the transaction has begun", LIMIT, || {
        let sleeping =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
        (output(&url, sleeping) == "1").then_some(())
    });
    let server = Server::start(&["--database-url", &url]);
    assert!(holder.try_wait().unwrap().is_some(), "the server listens before its tables are up to date");
    server.get("/readyz").assert_status(200);
    assert_eq!(output(&url, "SELECT count(*) > 0 AND bool_and(success) FROM _sqlx_migrations"), "t");
}

fn output(url: &str, sql: &str) -> String {
    let output = Postgres::client(url, sql).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Many probes cost the database one statement a second.
#[test]
fn probes_share_the_answer_of_the_database() {
    let url = postgres_url();
    let server = Server::start(&["--database-url", &url]);
    let statements = || -> i64 {
        let sql = "SELECT pg_stat_clear_snapshot(); SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
        output(&url, sql).lines().last().unwrap().parse().unwrap()
    };
    let before = statements();
    for _ in 0..200 {
        server.get("/readyz").assert_status(200);
    }
    // Connections report what they did up to a second later.
    std::thread::sleep(Duration::from_millis(1500));
    server.get("/readyz").assert_status(200);
    std::thread::sleep(Duration::from_millis(1500));
    let after = statements();
    // Others are those of the connections that count them, and of the server's own upkeep.
    assert!(after - before < 100, "{} statements for 200 probes", after - before);
}
