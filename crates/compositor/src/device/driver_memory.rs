//! Memory that drivers leave on the heap.

/// Returns free heap memory to the system. A software driver compiles kernels in tens of megabytes, which glibc keeps
/// because of small allocations above them.
pub(crate) fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: glibc allows the call at any time, on any thread.
        #[expect(unsafe_code, reason = "the standard library has no interface to glibc's heap")]
        unsafe {
            libc::malloc_trim(0);
        }
    }
}
