//! Memory that drivers leave behind.

/// Gives the system back what lies free in the heap. A software driver compiles kernels in tens of megabytes, which glibc
/// keeps otherwise, because something small lies behind them.
pub(crate) fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: glibc allows it at any time, on any thread.
        #[expect(unsafe_code, reason = "the only way to glibc's heap from inside")]
        unsafe {
            libc::malloc_trim(0);
        }
    }
}
