//! A database on a disk that is full: nothing is half written, reading continues, and saving works when there is space again.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::server::Server;
use super::support::process::LIMIT;

/// Space of the file system: the tables of the demo catalogue and their write-ahead log need less than half of it.
const DISK: &str = "size=12m";

/// A document of some pages of the database.
fn workout(title: &str) -> Value {
    let exercises: Vec<Value> = (0..200).map(|_| json!({"id": "air_squat", "duration": 20, "rest": 7.5})).collect();
    json!({"title": title, "resolution": "720p", "exercises": exercises})
}

/// The script that runs a program with a small file system at a folder, which the program alone sees.
fn script() -> [&'static str; 2] {
    ["-c", "mount -t tmpfs -o \"$1\" tmpfs \"$2\" || exit 9; shift 2; exec \"$@\""]
}

/// A server whose data folder is on a file system of its own, and the folder as others see it.
fn server(data: &Path) -> (Server, PathBuf) {
    let folder = data.to_str().unwrap();
    let [option, script] = script();
    let options =
        ["serve", "--listen", "127.0.0.1:0", "--capacity", "1000000", "--rate-limit", "100000", "--data", folder];
    // Without root, a user namespace allows the mount.
    let namespaces: &[&str] = if is_root() { &["--mount"] } else { &["--map-root-user", "--mount"] };
    let wrapper = [&["unshare"], namespaces, &["sh", option, script, "sh", DISK, folder]].concat();
    let server = Server::run_within(&wrapper, &options);
    let seen = PathBuf::from(format!("/proc/{}/root{folder}", server.pid));
    (server, seen)
}

fn is_root() -> bool {
    std::process::Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}

/// Takes all space that is left.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    // Smaller pieces at the end, for the last pages.
    for piece in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![7; piece]).is_ok() {}
    }
}

#[test]
fn a_full_disk_costs_what_cannot_be_saved_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let (server, folder) = server(data.path());
    let first = server.post("/api/workouts", &workout("First")).assert_status(201);
    let path = first.header("location").to_owned();
    let filler = folder.join("filler");
    fill(&filler);
    // The write-ahead log has some room left.
    let mut saved = BTreeSet::from(["First".to_owned()]);
    let mut refused = None;
    for number in 0..500 {
        let title = format!("W{number}");
        let answer = server.post("/api/workouts", &workout(&title));
        if answer.status == 201 {
            saved.insert(title);
            continue;
        }
        refused = Some(answer);
        break;
    }
    let refused = refused.expect("the disk does not fill");
    refused.assert_problem(507);
    assert!(refused.text().contains("disk"), "{}", refused.text());
    assert!(!refused.text().contains(data.path().to_str().unwrap()), "{}", refused.text());
    for number in 0..5 {
        server.post("/api/workouts", &workout(&format!("No{number}"))).assert_problem(507);
    }
    let etag = first.header("etag").to_owned();
    let headers = [("if-match", &*etag), ("content-type", "application/json")];
    server.exchange("PUT", &path, &headers, workout("Changed").to_string().into_bytes()).assert_problem(507);

    // What was saved is whole.
    let read = server.get(&path).assert_status(200);
    assert_eq!((read.header("etag"), read.json()), (&*etag, first.json()));
    let titles = || {
        let list = server.get("/api/workouts?size=200").assert_status(200).json();
        let workouts = list["workouts"].as_array().unwrap().iter();
        workouts.map(|workout| workout["title"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(titles(), saved);
    server.get("/readyz").assert_status(200);

    fs::remove_file(filler).unwrap();
    server.post("/api/workouts", &workout("After")).assert_status(201);
    server.exchange("PUT", &path, &headers, workout("Changed").to_string().into_bytes()).assert_status(200);
    saved.remove("First");
    saved.extend(["After", "Changed"].map(str::to_owned));
    assert_eq!(titles(), saved);
    server.signal("TERM");
    assert_eq!(server.wait(LIMIT).0, 0);
}
