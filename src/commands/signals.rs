//! Signals, as flags.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::Failure;

/// How often flags are checked.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// A flag that SIGINT, SIGTERM and SIGHUP set. A second signal ends the process at once.
///
/// # Errors
/// When a signal cannot be handled.
pub(super) fn stop_on_signals() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    // A process that was started with `nohup` is to survive its terminal.
    let hangup = (!is_ignored(SIGHUP)).then_some(SIGHUP);
    [SIGINT, SIGTERM].into_iter().chain(hangup).try_for_each(|signal| stop_on(signal, &stop))?;
    Ok(stop)
}

/// The signals of a server: SIGINT and SIGTERM stop it, SIGHUP reloads its configuration.
#[derive(Clone)]
pub(super) struct ServerSignals {
    stop: Arc<AtomicBool>,
    /// The number of the signal that stopped the server; 0 for none.
    number: Arc<AtomicUsize>,
    hangup: Arc<AtomicBool>,
}

impl ServerSignals {
    /// Handles the signals from now on. A second signal to stop ends the process at once.
    ///
    /// # Errors
    /// When a signal cannot be handled.
    pub(super) fn handle() -> Result<Self, Failure> {
        let [stop, hangup] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        let number = Arc::new(AtomicUsize::new(0));
        for signal in [SIGINT, SIGTERM] {
            stop_on(signal, &stop)?;
            signal_hook::flag::register_usize(signal, number.clone(), signal as usize).map_err(Failure::failed)?;
        }
        // Under `nohup` it reloads all the same: it does not end the process.
        signal_hook::flag::register(SIGHUP, hangup.clone()).map_err(Failure::failed)?;
        Ok(Self { stop, number, hangup })
    }

    /// Resolves when the server is to stop. Calls `reload` on a thread of its own after each SIGHUP, one call at a time.
    pub(super) async fn stopped(&self, reload: Arc<dyn Fn() + Send + Sync>) {
        let mut reloading: Option<tokio::task::JoinHandle<()>> = None;
        while !self.stop.load(Ordering::Relaxed) {
            if reloading.as_ref().is_none_or(tokio::task::JoinHandle::is_finished)
                && self.hangup.swap(false, Ordering::Relaxed)
            {
                let reload = reload.clone();
                reloading = Some(tokio::task::spawn_blocking(move || reload()));
            }
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
    }

    /// The signal that stopped the server.
    pub(super) fn reason(&self) -> Option<&'static str> {
        match i32::try_from(self.number.load(Ordering::Relaxed)) {
            Ok(SIGINT) => Some("SIGINT"),
            Ok(SIGTERM) => Some("SIGTERM"),
            _ => None,
        }
    }
}

fn stop_on(signal: i32, stop: &Arc<AtomicBool>) -> Result<(), Failure> {
    let registered = signal_hook::flag::register_conditional_shutdown(signal, 1, stop.clone())
        .and_then(|_| signal_hook::flag::register(signal, stop.clone()));
    registered.map(drop).map_err(Failure::failed)
}

/// Whether the process was started with this signal ignored.
fn is_ignored(signal: i32) -> bool {
    // SAFETY: without a new action only the current one is written, to a variable for which zeros are valid.
    #[expect(unsafe_code, reason = "the standard library does not read the actions of signals")]
    unsafe {
        let mut action = std::mem::zeroed::<libc::sigaction>();
        libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0 && action.sa_sigaction == libc::SIG_IGN
    }
}
