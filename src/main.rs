//! The `repcast` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    quiet_mesa();
    return_pictures();
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

/// Pictures are let go of by other threads than those that asked for them, and glibc keeps such memory apart for each
/// thread, the more of it the longer a program runs. With these settings what is as large as a picture goes back to the
/// system at once, and smaller things have one heap for each core.
fn return_pictures() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// What glibc itself begins with, before it learns from what is let go of.
        const LARGE_BYTES: libc::c_int = 128 << 10;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        // SAFETY: glibc takes any values here, at any time; what it refuses stays as it was.
        #[expect(unsafe_code, reason = "the only way to glibc's settings from inside")]
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BYTES);
            libc::mallopt(libc::M_ARENA_MAX, cores.min(64) as libc::c_int);
        }
    }
}
