//! The end of the process: not while a thread is inside a driver, whose exit handlers free what the thread is using.

use std::io::Write;
use std::time::Duration;

use repcast_compositor as gpu;
use repcast_gstreamer::is_any_pipeline_stopping;

/// How long threads that hold a device are waited for; each ends with its frame. A server has ten seconds to shut down, of
/// which its sessions take nine and a half.
const DEVICE_TIMEOUT: Duration = Duration::from_millis(400);

/// The exit code of a panic on the main thread, as in the standard library.
const PANICKED: u8 = 101;

/// Held by the main thread while a command runs. After it is dropped every device is closed, or the process has ended.
pub(super) struct ExitGuard {
    pub(super) code: u8,
}

impl ExitGuard {
    pub(super) const fn new() -> Self {
        Self { code: PANICKED }
    }
}

impl Drop for ExitGuard {
    fn drop(&mut self) {
        let is_closed = gpu::wait_until_closed(DEVICE_TIMEOUT);
        if !is_closed {
            tracing::warn!("a thread still uses the graphics device; the process ends without waiting for it");
        }
        if !is_closed || is_any_pipeline_stopping() {
            exit_now(self.code);
        }
    }
}

/// Ends the process at once, whatever its threads are doing, without exit handlers.
pub(super) fn exit_now(code: u8) -> ! {
    // Their readers may be gone.
    let _ = std::io::stdout().flush();
    let _ = std::io::stderr().flush();
    signal_hook::low_level::exit(code.into())
}
