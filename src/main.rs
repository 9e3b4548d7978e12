//! The `repcast` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    quiet_mesa();
    repcast::cli::main()
}

/// Mesa's layer for choosing among several GPUs looks for a Wayland display and complains on standard error where there
/// is none, which is on every server. repcast chooses by itself.
fn quiet_mesa() {
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: no other thread runs yet that could read the environment at the same time.
        #[expect(unsafe_code, reason = "the only way to reach a library that reads the environment")]
        unsafe {
            std::env::set_var("NODEVICE_SELECT", "1");
        }
    }
}
