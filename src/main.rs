//! The `repcast` program.

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    configure_mesa();
    configure_allocator();
    commands::main()
}

/// Configures Mesa, which reads environment variables.
fn configure_mesa() {
    /// Up to this number of cores llvmpipe is fastest without threads of its own when several sessions use all cores: the
    /// handover to its threads costs more than the work. Without them it draws for all sessions one after the other, which
    /// would waste a larger machine.
    const FEW_CORES: usize = 4;
    let is_unset = |name: &str| std::env::var_os(name).is_none();
    // `doctor` measures the capacity of `serve`.
    let is_server = std::env::args_os().skip(1).any(|argument| argument == "serve" || argument == "doctor");
    // SAFETY: no other thread runs yet that could read the environment at the same time.
    #[expect(unsafe_code, reason = "the only way to reach a library that reads the environment")]
    unsafe {
        // Mesa's device selection layer prints a warning where there is no Wayland display, as on every server. repcast
        // selects the device itself.
        if is_unset("XDG_RUNTIME_DIR") {
            std::env::set_var("NODEVICE_SELECT", "1");
        }
        if is_server && cores() <= FEW_CORES && is_unset("LP_NUM_THREADS") {
            std::env::set_var("LP_NUM_THREADS", "0");
        }
    }
}

/// Configures glibc's allocator. Frames are freed by other threads than those that allocated them, and glibc keeps freed
/// memory per thread, so that a long run would hold more and more. With these settings allocations of the size of a frame
/// are returned to the system at once, and smaller ones share one heap per core.
fn configure_allocator() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// The initial value of glibc, which it would raise with each large allocation that is freed.
        const LARGE_BYTES: libc::c_int = 128 << 10;
        // SAFETY: glibc accepts any values at any time; it ignores invalid ones.
        #[expect(unsafe_code, reason = "glibc has no other interface for these settings")]
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BYTES);
            libc::mallopt(libc::M_ARENA_MAX, cores().min(64) as libc::c_int);
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
