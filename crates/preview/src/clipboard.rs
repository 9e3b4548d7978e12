//! Copies text to the system's clipboard, on a thread of its own: a display that hangs must not block the window.

use crossbeam_channel::{Receiver, Sender, bounded};

/// Texts that may wait for the display, and notices for the window: the newest is enough.
const MAX_PENDING: usize = 1;

/// The clipboard, from the first text that is copied. On X11 the program that copies a text has to provide it as long as
/// it is in the clipboard: the thread runs until the window is closed.
#[derive(Default)]
pub(crate) struct Clipboard {
    worker: Option<(Sender<String>, Receiver<String>)>,
}

impl Clipboard {
    /// Copies a text; returns a notice when that cannot be started.
    pub(crate) fn copy(&mut self, text: String) -> Option<String> {
        if self.worker.is_none() {
            match start() {
                Ok(worker) => self.worker = Some(worker),
                Err(error) => return Some(format!("not copied: {error}")),
            }
        }
        let (texts, _) = self.worker.as_ref()?;
        texts.try_send(text).is_err().then(|| "not copied: the display does not answer".to_owned())
    }

    /// The notice about the last text, once it is copied.
    pub(crate) fn poll(&mut self) -> Option<String> {
        let (_, notices) = self.worker.as_ref()?;
        notices.try_recv().ok()
    }
}

fn start() -> std::io::Result<(Sender<String>, Receiver<String>)> {
    let (texts, pending) = bounded::<String>(MAX_PENDING);
    let (done, notices) = bounded(MAX_PENDING);
    let work = move || {
        let mut clipboard = arboard::Clipboard::new();
        for text in pending {
            let copied = clipboard.as_mut().map_err(|error| error.to_string());
            let copied = copied.and_then(|clipboard| clipboard.set_text(text).map_err(|error| error.to_string()));
            let notice =
                copied.map_or_else(|error| format!("not copied: {error}"), |()| "the link is copied".to_owned());
            // Full: the notice before has not been shown yet, and says the same.
            let _ = done.try_send(notice);
        }
    };
    // Not joined: it may wait for a display that never answers.
    std::thread::Builder::new().name("clipboard".to_owned()).spawn(work)?;
    Ok((texts, notices))
}
