//! Stills: the picture that is on the screen, as a PNG in the working folder.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use repcast_compositor::{Capture, Gpu, PictureSource};
use repcast_storage::write_picture;

/// Stills of the same moment that get a name of their own.
const MAX_NAMES: u32 = 1000;

/// Saves stills, one at a time.
#[derive(Default)]
pub(crate) struct Stills {
    /// Speaks when the still under way is saved, or is not.
    saving: Option<Receiver<String>>,
}

impl Stills {
    /// Saves the picture as it is now; says why not.
    pub(crate) fn save(&mut self, gpu: &Arc<Gpu>, source: Option<&PictureSource>, secs: f64) -> Option<String> {
        if self.saving.is_some() {
            return Some("the picture before is still being saved".to_owned());
        }
        let Some(source) = source else { return Some("there is no picture yet".to_owned()) };
        let capture = match Capture::begin(gpu, source) {
            Ok(capture) => capture,
            Err(error) => return Some(format!("not saved: {error}")),
        };
        let (done, saving) = bounded(1);
        let work = move || {
            // The window may be gone meanwhile; the still is there all the same.
            let _ = done.send(match save(capture, secs) {
                Ok(path) => format!("saved {}", path.display()),
                Err(reason) => format!("not saved: {reason}"),
            });
        };
        match std::thread::Builder::new().name("still".to_owned()).spawn(work) {
            Ok(_) => self.saving = Some(saving),
            Err(error) => return Some(format!("not saved: {error}")),
        }
        None
    }

    /// What came of the still under way.
    pub(crate) fn told(&mut self) -> Option<String> {
        let told = match self.saving.as_ref()?.try_recv() {
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => "not saved: its thread broke down".to_owned(),
            Ok(told) => told,
        };
        self.saving = None;
        Some(told)
    }
}

fn save(capture: Capture, secs: f64) -> Result<PathBuf, String> {
    let picture = capture.wait().map_err(|error| error.to_string())?;
    let path = free_name(secs).ok_or("there are too many stills of this moment")?;
    write_picture(&path, &picture).map_err(|error| error.to_string())?;
    Ok(path)
}

/// A name in the working folder that nothing has, by the session's time.
fn free_name(secs: f64) -> Option<PathBuf> {
    let millis = (secs.max(0.0) * 1000.0).round() as u64;
    let stem = format!("repcast-{:02}m{:02}s{:03}", millis / 60_000, millis / 1000 % 60, millis % 1000);
    let mut names = (1..MAX_NAMES).map(|number| match number {
        1 => PathBuf::from(format!("{stem}.png")),
        number => PathBuf::from(format!("{stem}-{number}.png")),
    });
    names.find(|name| !name.exists())
}
