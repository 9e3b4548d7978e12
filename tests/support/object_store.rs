//! A store that speaks S3, with one bucket, on free ports of this machine.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;

use super::process::{RunningProcess, until, until_input_ends};

/// The bucket that exists.
pub(crate) const BUCKET: &str = "repcast";

/// The key of its owner.
pub(crate) const KEY_ID: &str = "test-key";
pub(crate) const SECRET_KEY: &str = "test-secret-key";

/// How far the ports of the second protocol are from those of the first.
const SECOND_PORT: u16 = 10_000;

/// A running store; its files go with it.
pub(crate) struct ObjectStoreServer {
    pub(crate) endpoint: String,
    port: u16,
    ports: Vec<u16>,
    folder: tempfile::TempDir,
    process: Option<RunningProcess>,
}

impl ObjectStoreServer {
    /// Starts a store, and waits until it has its bucket.
    pub(crate) fn start() -> Self {
        let ports = free_ports();
        let port = ports[3];
        let endpoint = format!("http://127.0.0.1:{port}");
        let mut server = Self { endpoint, port, ports, folder: tempfile::tempdir().unwrap(), process: None };
        server.run();
        server
    }

    /// Starts it again after [`Self::stop`], with the same files.
    pub(crate) fn run(&mut self) {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/weed");
        assert!(program.exists(), "{} is missing; run script/bootstrap", program.display());
        let mut command = until_input_ends("KILL");
        command.arg(program).args(["mini", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]);
        command.arg(format!("-dir={}", self.folder.path().display())).arg(format!("-bucket={BUCKET}"));
        for (name, port) in ["master", "volume", "filer", "s3"].iter().zip(&self.ports) {
            command.arg(format!("-{name}.port={port}"));
        }
        command.args(["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]);
        command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        command.current_dir(self.folder.path()).stdout(Stdio::null());
        self.process = Some(RunningProcess::spawn(command));
        // The bucket exists when anonymous clients are refused.
        let url = format!("{}/{BUCKET}/none", self.endpoint);
        until("a bucket", super::process::LIMIT, || {
            let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
            (agent.get(&url).call().ok()?.status() == 403).then_some(())
        });
    }

    /// Kills it.
    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.child().stdin.take());
            process.wait(super::process::LIMIT);
        }
        until("a free port", super::process::LIMIT, || TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).ok());
    }
}

impl Drop for ObjectStoreServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Ports of which those of the second protocol are free as well.
fn free_ports() -> Vec<u16> {
    let listeners: Vec<TcpListener> = std::iter::repeat_with(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
        .filter(|listener| {
            let port = listener.local_addr().unwrap().port();
            port.checked_add(SECOND_PORT).is_some_and(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
        })
        .take(4)
        .collect();
    listeners.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}
