//! Keeps the process alive when the connection to the X server breaks.
//!
//! Xlib exits the process in two places: in the I/O error handler (`XSetIOErrorHandler`) and, when that returns, in the
//! exit handler of the display (`XSetIOErrorExitHandler`, since libX11 1.7). With both replaced, Xlib's calls return as
//! if they had succeeded; the event loop then checks [`is_lost`] and ends. While a connection is being opened there is no
//! display whose exit handler could be replaced, so a [`DisplayLostHandler`] that never returns is called instead.

#![cfg_attr(target_os = "linux", allow(unsafe_code, reason = "Xlib takes function pointers"))]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

static LOST: AtomicBool = AtomicBool::new(false);

/// Called when the connection to the display breaks while it is being opened. It must not return, because Xlib would
/// exit the process.
pub type DisplayLostHandler = fn() -> !;

static HANDLER: Mutex<Option<DisplayLostHandler>> = Mutex::new(None);

/// Whether the connection to the display is broken.
pub(crate) fn is_lost() -> bool {
    LOST.load(Ordering::Acquire)
}

/// Sets what is called on the display's thread when the connection breaks; `None` lets Xlib's call return.
pub(crate) fn set_lost_handler(handler: Option<DisplayLostHandler>) {
    *HANDLER.lock().unwrap_or_else(PoisonError::into_inner) = handler;
    #[cfg(target_os = "linux")]
    linux::replace_io_error_handler();
}

#[cfg(target_os = "linux")]
pub(crate) use linux::survive_display;

/// Only Xlib exits the process when the display disappears.
#[cfg(not(target_os = "linux"))]
pub(crate) fn survive_display(_display: &impl winit::raw_window_handle::HasDisplayHandle) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_int, c_void};
    use std::sync::OnceLock;
    use std::sync::atomic::Ordering;

    use libloading::Library;
    use winit::raw_window_handle::{HasDisplayHandle, RawDisplayHandle};

    use super::{HANDLER, LOST, PoisonError};

    type IoErrorHandler = extern "C" fn(*mut c_void) -> c_int;
    type SetIoErrorHandler = unsafe extern "C" fn(IoErrorHandler) -> Option<IoErrorHandler>;
    type ExitHandler = extern "C" fn(*mut c_void, *mut c_void);
    type SetExitHandler = unsafe extern "C" fn(*mut c_void, ExitHandler, *mut c_void);

    extern "C" fn handle_io_error(_display: *mut c_void) -> c_int {
        LOST.store(true, Ordering::Release);
        let handler = *HANDLER.lock().unwrap_or_else(PoisonError::into_inner);
        match handler {
            Some(handler) => handler(),
            None => 0,
        }
    }

    extern "C" fn ignore_exit(_display: *mut c_void, _data: *mut c_void) {}

    /// Xlib, when it is installed; winit loads the same library.
    fn library() -> Option<&'static Library> {
        static LIBRARY: OnceLock<Option<Library>> = OnceLock::new();
        // SAFETY: libX11 has no initializers with side effects, and is never unloaded.
        LIBRARY.get_or_init(|| unsafe { Library::new("libX11.so.6") }.ok()).as_ref()
    }

    /// Replaces the process-wide handler of broken connections.
    pub(crate) fn replace_io_error_handler() {
        let has_display = std::env::var_os("DISPLAY").is_some_and(|display| !display.is_empty());
        let Some(library) = has_display.then(library).flatten() else { return };
        // SAFETY: the type is that of Xlib.h, and the library is never unloaded.
        if let Ok(set) = unsafe { library.get::<SetIoErrorHandler>(b"XSetIOErrorHandler\0") } {
            // SAFETY: the handler may be called on any thread at any time.
            unsafe { set(handle_io_error) };
        }
    }

    /// Keeps the process alive when the display disappears. Does nothing for displays other than Xlib's.
    pub(in super::super) fn survive_display(display: &impl HasDisplayHandle) {
        let Ok(handle) = display.display_handle() else { return };
        let RawDisplayHandle::Xlib(xlib) = handle.as_raw() else { return };
        let (Some(display), Some(library)) = (xlib.display, library()) else { return };
        // SAFETY: the type is that of Xlib.h.
        match unsafe { library.get::<SetExitHandler>(b"XSetIOErrorExitHandler\0") } {
            // SAFETY: the display is open, and the handler has no effects.
            Ok(set) => unsafe { set(display.as_ptr(), ignore_exit, std::ptr::null_mut()) },
            Err(_) => tracing::warn!("libX11 is older than 1.7: the session will end if the display disappears"),
        }
    }
}
