//! Survives an X server that goes away.
//!
//! Xlib ends the whole process when its connection breaks, twice over: in the handler that says so (`XSetIOErrorHandler`)
//! and, should that return, after it (`XSetIOErrorExitHandler`, libX11 1.7 of 2020, display by display). With both
//! replaced its calls return as if nothing had happened; the event loop then asks [`is_lost`] and leaves.

#![cfg_attr(target_os = "linux", allow(unsafe_code, reason = "Xlib takes a function pointer for one of its displays"))]

use std::sync::atomic::{AtomicBool, Ordering};

static LOST: AtomicBool = AtomicBool::new(false);

/// Whether the display has gone away.
pub(super) fn is_lost() -> bool {
    LOST.load(Ordering::Acquire)
}

/// Keeps the process alive when the display goes away. Does nothing where the display is not one of Xlib's.
#[cfg(target_os = "linux")]
pub(super) fn outlive(display: &impl winit::raw_window_handle::HasDisplayHandle) {
    use std::ffi::{c_int, c_void};

    use winit::raw_window_handle::RawDisplayHandle;

    extern "C" fn broken(_display: *mut c_void) -> c_int {
        LOST.store(true, Ordering::Release);
        0
    }
    extern "C" fn stay(_display: *mut c_void, _data: *mut c_void) {}
    type Broken = extern "C" fn(*mut c_void) -> c_int;
    type SetBroken = unsafe extern "C" fn(Broken) -> Option<Broken>;
    type Exit = extern "C" fn(*mut c_void, *mut c_void);
    type SetExit = unsafe extern "C" fn(*mut c_void, Exit, *mut c_void);

    let Ok(handle) = display.display_handle() else { return };
    let RawDisplayHandle::Xlib(xlib) = handle.as_raw() else { return };
    let Some(display) = xlib.display else { return };
    // SAFETY: the library is loaded already, by the connection whose display this is, and stays so.
    let Ok(library) = (unsafe { libloading::Library::new("libX11.so.6") }) else { return };
    // SAFETY: the types are those of Xlib.h.
    let setters = unsafe {
        (library.get::<SetBroken>(b"XSetIOErrorHandler\0"), library.get::<SetExit>(b"XSetIOErrorExitHandler\0"))
    };
    match setters {
        (Ok(set_broken), Ok(set_exit)) => {
            // SAFETY: the display is open, and the handlers touch nothing but a flag.
            unsafe {
                set_broken(broken);
                set_exit(display.as_ptr(), stay, std::ptr::null_mut());
            }
        }
        _ => tracing::warn!("libX11 is older than 1.7: the session ends if the display goes away"),
    }
    // Unloading it would only count down its users, but there is no need to.
    std::mem::forget(library);
}

/// Keeps the process alive when the display goes away: other systems do that by themselves.
#[cfg(not(target_os = "linux"))]
pub(super) fn outlive(_display: &impl winit::raw_window_handle::HasDisplayHandle) {}
