//! Survives an X server that goes away.
//!
//! Xlib ends the whole process when its connection breaks, twice over: in the handler that says so (`XSetIOErrorHandler`)
//! and, should that return, after it (`XSetIOErrorExitHandler`, libX11 1.7 of 2020, display by display). With both
//! replaced its calls return as if nothing had happened; the event loop then asks [`is_lost`] and leaves. While a
//! connection is being made there is no display yet to replace the second for: whoever asked for it says what to do then.

#![cfg_attr(target_os = "linux", allow(unsafe_code, reason = "Xlib takes function pointers"))]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

static LOST: AtomicBool = AtomicBool::new(false);

/// Never returns; called when the display goes away while it is being opened.
pub type Leave = fn() -> !;

static LEAVE: Mutex<Option<Leave>> = Mutex::new(None);

/// Whether the display has gone away.
pub(crate) fn is_lost() -> bool {
    LOST.load(Ordering::Acquire)
}

/// What to do from now on, on the thread that speaks to the display, should it go away; nothing means to go on.
pub(crate) fn when_lost(leave: Option<Leave>) {
    *LEAVE.lock().unwrap_or_else(PoisonError::into_inner) = leave;
    #[cfg(target_os = "linux")]
    linux::replace_handler();
}

#[cfg(target_os = "linux")]
pub(crate) use linux::outlive;

/// Keeps the process alive when the display goes away: other systems do that by themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn outlive(_display: &impl winit::raw_window_handle::HasDisplayHandle) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_int, c_void};
    use std::sync::OnceLock;
    use std::sync::atomic::Ordering;

    use libloading::Library;
    use winit::raw_window_handle::{HasDisplayHandle, RawDisplayHandle};

    use super::{LEAVE, LOST, PoisonError};

    type Broken = extern "C" fn(*mut c_void) -> c_int;
    type SetBroken = unsafe extern "C" fn(Broken) -> Option<Broken>;
    type Exit = extern "C" fn(*mut c_void, *mut c_void);
    type SetExit = unsafe extern "C" fn(*mut c_void, Exit, *mut c_void);

    extern "C" fn broken(_display: *mut c_void) -> c_int {
        LOST.store(true, Ordering::Release);
        let leave = *LEAVE.lock().unwrap_or_else(PoisonError::into_inner);
        match leave {
            Some(leave) => leave(),
            None => 0,
        }
    }

    extern "C" fn stay(_display: *mut c_void, _data: *mut c_void) {}

    /// Xlib, where it is; winit loads the same.
    fn library() -> Option<&'static Library> {
        static LIBRARY: OnceLock<Option<Library>> = OnceLock::new();
        // SAFETY: libX11 does nothing when it is loaded, and is never unloaded.
        LIBRARY.get_or_init(|| unsafe { Library::new("libX11.so.6") }.ok()).as_ref()
    }

    /// Replaces the handler that says that a connection is broken.
    pub(crate) fn replace_handler() {
        let has_display = std::env::var_os("DISPLAY").is_some_and(|display| !display.is_empty());
        let Some(library) = has_display.then(library).flatten() else { return };
        // SAFETY: the type is that of Xlib.h, and the handler stays where it is.
        if let Ok(set) = unsafe { library.get::<SetBroken>(b"XSetIOErrorHandler\0") } {
            // SAFETY: the handler may be called on any thread at any time.
            unsafe { set(broken) };
        }
    }

    /// Keeps the process alive when the display goes away. Does nothing where the display is not one of Xlib's.
    pub(in super::super) fn outlive(display: &impl HasDisplayHandle) {
        let Ok(handle) = display.display_handle() else { return };
        let RawDisplayHandle::Xlib(xlib) = handle.as_raw() else { return };
        let (Some(display), Some(library)) = (xlib.display, library()) else { return };
        // SAFETY: the type is that of Xlib.h.
        match unsafe { library.get::<SetExit>(b"XSetIOErrorExitHandler\0") } {
            // SAFETY: the display is open, and the handler does nothing.
            Ok(set) => unsafe { set(display.as_ptr(), stay, std::ptr::null_mut()) },
            Err(_) => tracing::warn!("libX11 is older than 1.7: the session ends if the display goes away"),
        }
    }
}
