//! Turns panics of the windowing libraries into errors: they panic when a display disappears or lacks an extension.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static IS_SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Calls `work` on this thread. A panic in it is returned as its first line and logged at debug level only.
pub(crate) fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous_hook = take_hook();
        set_hook(Box::new(move |info| {
            if IS_SILENT.get() {
                tracing::debug!("{info}");
            } else {
                previous_hook(info);
            }
        }));
    });
    IS_SILENT.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IS_SILENT.set(false);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        text.and_then(|text| text.lines().next()).unwrap_or("a panic without a message").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_returned_as_its_first_line() {
        assert_eq!(catch_panic(|| 7), Ok(7));
        assert_eq!(catch_panic(|| -> u8 { panic!("no {}\nat all", "display") }), Err("no display".to_owned()));
        assert!(!IS_SILENT.get());
    }
}
