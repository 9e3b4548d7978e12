//! More connections than the process may have, while a session opens clips.

use std::fs;
use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::server::Server;
use super::session::Session;
use super::support::process::{LIMIT, until};
use super::support::socket::connect_from;

/// Connections that are kept open, from each of so many addresses.
const IDLE: usize = 100;
const ADDRESSES: u8 = 3;

/// How often closed connections are replaced.
const PAUSE: Duration = Duration::from_millis(50);

/// Seconds of each exercise, and number of different clips.
const EXERCISE_SECS: f64 = 3.0;
const EXERCISES: [&str; 4] = ["pushups", "air_squat", "jumping_jacks", "reverse_lunges"];

/// Keeps idle connections from an address open until `stop` is set. Returns how many were closed by the server.
fn crowd(server: SocketAddr, address: [u8; 4], stop: &AtomicBool) -> usize {
    let (mut open, mut closed) = (Vec::<TcpStream>::new(), 0);
    while !stop.load(Ordering::Relaxed) {
        let before = open.len();
        open.retain_mut(|stream| stream.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
        closed += before - open.len();
        open.extend((open.len()..IDLE).filter_map(|_| connect_from(address, server).ok()).inspect(|stream| {
            stream.set_nonblocking(true).unwrap();
        }));
        thread::sleep(PAUSE);
    }
    closed
}

/// Sets a flag when it is dropped, also when a test fails.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn idle_connections_take_no_file_from_clips_and_do_not_lock_out_other_clients() {
    let options = ["serve", "--listen", "127.0.0.1:0", "--preset", "ultrafast", "--capacity", "1000000"];
    let server = Server::run_with_open_files(200, 400, &options);
    // The soft limit is raised to the hard one.
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.pid)).unwrap();
    let open_files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    assert_eq!(open_files.split_whitespace().take(2).collect::<Vec<_>>(), ["400", "400"], "{limits}");

    // It opens its clips one after the other.
    let exercises = EXERCISES.map(|id| json!({"id": id, "duration": EXERCISE_SECS, "rest": 0}));
    let session = Session::start(&server, &json!({"exercises": exercises, "resolution": "720p", "fps": 24}));
    let address: SocketAddr = server.address.parse().unwrap();
    let stop = AtomicBool::new(false);
    let closed: usize = thread::scope(|scope| {
        let guard = SetOnDrop(&stop);
        let stop = &stop;
        let crowds: Vec<_> =
            (1..=ADDRESSES).map(|last| scope.spawn(move || crowd(address, [127, 0, 1, last], stop))).collect();
        // On a busy machine evicted connections are closed late, and until then a client may have to try again.
        let get = |path: String| -> Value {
            until("a response", LIMIT, || {
                ureq::get(format!("http://{address}{path}")).call().ok()?.body_mut().read_json().ok()
            })
        };
        let status = until("the last clip is shown", LIMIT, || {
            assert_eq!(get("/healthz".to_owned())["status"], "ok");
            let status = get(format!("/api/live/{}", session.id));
            let position = status["position_secs"].as_f64().unwrap();
            (position > EXERCISE_SECS * (EXERCISES.len() as f64 - 0.5)).then_some(status)
        });
        assert_eq!(status["broken_clips"], json!([]), "{status}");
        drop(guard);
        crowds.into_iter().map(|crowd| crowd.join().unwrap()).sum()
    });
    assert!(closed > 0, "there were as many connections as the idle ones");
    let stderr = server.stderr_lines();
    assert!(!stderr.iter().any(|line| line.contains("open files")), "{stderr:?}");
}
