//! A network between a camera and a server, which fails on command.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the network does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Network {
    /// It passes everything.
    Works,
    /// It passes nothing, and says nothing.
    Stalls,
    /// Connections are refused.
    Refuses,
    /// What comes from the camera is garbage.
    Garbles,
}

/// A proxy for TCP.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: Arc<State>,
}

struct State {
    network: Mutex<Network>,
    connections: Mutex<Vec<TcpStream>>,
    is_over: AtomicBool,
    upstream: u16,
}

impl Proxy {
    pub(crate) fn start(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            network: Mutex::new(Network::Works),
            connections: Mutex::default(),
            is_over: AtomicBool::new(false),
            upstream,
        });
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                if shared.is_over.load(Ordering::Relaxed) {
                    return;
                }
                shared.connect(client.unwrap());
            }
        });
        Self { port, state }
    }

    /// Changes what the network does, for open connections too.
    pub(crate) fn set(&self, network: Network) {
        *self.state.network.lock().unwrap() = network;
    }

    /// Ends all open connections.
    pub(crate) fn cut(&self) {
        for connection in self.state.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::Relaxed);
        self.cut();
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl State {
    fn network(&self) -> Network {
        *self.network.lock().unwrap()
    }

    fn connect(self: &Arc<Self>, client: TcpStream) {
        if self.network() == Network::Refuses {
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
        let Ok(camera) = TcpStream::connect(("127.0.0.1", self.upstream)) else { return };
        let both = [client.try_clone().unwrap(), camera.try_clone().unwrap()];
        self.connections.lock().unwrap().extend(both);
        for (from, to, is_camera) in
            [(client.try_clone().unwrap(), camera.try_clone().unwrap(), false), (camera, client, true)]
        {
            let state = self.clone();
            thread::spawn(move || state.pass(from, to, is_camera));
        }
    }

    fn pass(&self, mut from: TcpStream, mut to: TcpStream, is_camera: bool) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(len @ 1..) = from.read(&mut buffer) {
            while self.network() == Network::Stalls && !self.is_over.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(10));
            }
            if is_camera && self.network() == Network::Garbles {
                buffer[..len].iter_mut().for_each(|byte| *byte = byte.wrapping_mul(31).wrapping_add(7));
            }
            if to.write_all(&buffer[..len]).is_err() {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}
