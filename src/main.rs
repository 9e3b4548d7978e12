//! The `repcast` program.

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    tell_mesa();
    return_pictures();
    commands::main()
}

/// Mesa reads how it is to work from the environment.
fn tell_mesa() {
    /// Cores up to which llvmpipe works best without threads of its own where sessions have work for all of them: it hands
    /// each piece of work over and waits for it, which costs more than the work itself, and draws for all sessions one
    /// after the other, which a larger machine must not do on one core.
    const FEW_CORES: usize = 4;
    let is_unset = |name: &str| std::env::var_os(name).is_none();
    // What `doctor` counts is what `serve` will carry.
    let is_server = std::env::args_os().skip(1).any(|word| word == "serve" || word == "doctor");
    // SAFETY: no other thread runs yet that could read the environment at the same time.
    #[expect(unsafe_code, reason = "the only way to reach a library that reads the environment")]
    unsafe {
        // Its layer for choosing among several GPUs looks for a Wayland display and complains on standard error where
        // there is none, which is on every server. repcast chooses by itself.
        if is_unset("XDG_RUNTIME_DIR") {
            std::env::set_var("NODEVICE_SELECT", "1");
        }
        if is_server && cores() <= FEW_CORES && is_unset("LP_NUM_THREADS") {
            std::env::set_var("LP_NUM_THREADS", "0");
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
        // SAFETY: glibc takes any values here, at any time; what it refuses stays as it was.
        #[expect(unsafe_code, reason = "the only way to glibc's settings from inside")]
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BYTES);
            libc::mallopt(libc::M_ARENA_MAX, cores().min(64) as libc::c_int);
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
