//! Stills: the picture that is on the screen, as a PNG in the working folder.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};

use crate::gpu::{Capture, Gpu, PictureSource};
use crate::storage::write_picture;

/// Stills of the same moment that get a name of their own.
const MAX_NAMES: u32 = 1000;

/// Saves stills, one at a time.
#[derive(Default)]
pub(super) struct Stills {
    /// Speaks when the still under way is saved, or is not.
    saving: Option<Receiver<String>>,
}

impl Stills {
    /// Saves the picture as it is now; says why not.
    pub(super) fn save(&mut self, gpu: &Arc<Gpu>, source: Option<&PictureSource>, secs: f64) -> Option<String> {
        if self.saving.is_some() {
            return Some("the picture before is still being saved".to_owned());
        }
        let Some(source) = source else { return Some("there is no picture yet".to_owned()) };
        let capture = Capture::begin(gpu, source);
        let (done, saving) = bounded(1);
        let save = move || {
            let path = free_name(secs);
            let saved = capture.wait().map_err(|error| error.to_string());
            let saved = saved.and_then(|picture| write_picture(&path, &picture).map_err(|error| error.to_string()));
            // The window may be gone meanwhile; the still is there all the same.
            let _ = done.send(match saved {
                Ok(()) => format!("saved {}", path.display()),
                Err(reason) => format!("not saved: {reason}"),
            });
        };
        match std::thread::Builder::new().name("still".to_owned()).spawn(save) {
            Ok(_) => self.saving = Some(saving),
            Err(error) => return Some(format!("not saved: {error}")),
        }
        None
    }

    /// What came of the still under way.
    pub(super) fn told(&mut self) -> Option<String> {
        let told = self.saving.as_ref()?.try_recv().ok()?;
        self.saving = None;
        Some(told)
    }
}

/// A name in the working folder that nothing has, by the session's time.
fn free_name(secs: f64) -> PathBuf {
    let millis = (secs.max(0.0) * 1000.0).round() as u64;
    let stem = format!("repcast-{:02}m{:02}s{:03}", millis / 60_000, millis / 1000 % 60, millis % 1000);
    let names = (1..MAX_NAMES).map(|number| match number {
        1 => PathBuf::from(format!("{stem}.png")),
        number => PathBuf::from(format!("{stem}-{number}.png")),
    });
    let mut free = names.filter(|name| !name.exists());
    free.next().unwrap_or_else(|| PathBuf::from(format!("{stem}.png")))
}
