//! Standard output, which may be closed.
//!
//! Before `main`, Rust opens `/dev/null` in place of a closed one, so that no file takes its number: whatever is written to
//! it afterwards disappears without an error. Whether it was closed must be found out before that.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

static WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Runs before the runtime of Rust, like the initializer by which the standard library gets the program's arguments.
#[cfg(target_os = "linux")]
#[used]
#[expect(unsafe_code, reason = "the only place that the loader calls before the runtime of Rust starts")]
// SAFETY: the section holds addresses of functions, which the loader calls once. This one reads a flag of the system and
// writes a static; it needs nothing of the runtime.
#[unsafe(link_section = ".init_array")]
static INITIALIZER: extern "C" fn() = {
    extern "C" fn check() {
        // SAFETY: it has no effect.
        if unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) } == -1 {
            WAS_CLOSED.store(true, Ordering::Relaxed);
        }
    }
    check
};

/// Checks that standard output was open when the process started.
///
/// # Errors
/// If it was closed.
pub(super) fn check() -> io::Result<()> {
    if WAS_CLOSED.load(Ordering::Relaxed) { Err(io::Error::other("it is closed")) } else { Ok(()) }
}

/// Writes text to standard output.
///
/// # Errors
/// If it is closed or full.
pub(super) fn write(text: &str) -> io::Result<()> {
    check()?;
    let mut stdout = io::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
