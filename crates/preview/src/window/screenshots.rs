//! Saves the frame on the screen as a PNG in the working directory.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use repcast_compositor::{Capture, Gpu, GpuError, LatestFrame};
use repcast_storage::{StorageError, write_png_file};

/// Screenshots with the same session time that get distinct names.
const MAX_NAMES: u32 = 1000;

/// Why a screenshot was not saved.
#[derive(Debug, thiserror::Error)]
enum ScreenshotError {
    #[error(transparent)]
    Capture(#[from] GpuError),
    #[error("there are {MAX_NAMES} screenshots of this moment already")]
    TooMany,
    #[error(transparent)]
    Write(#[from] StorageError),
}

/// Saves screenshots on a background thread, one at a time.
#[derive(Default)]
pub(crate) struct Screenshots {
    /// Receives the notice for the user when the pending screenshot is done.
    pending: Option<Receiver<String>>,
}

impl Screenshots {
    /// Starts to save the newest frame of `source`; returns a notice when it cannot be started.
    pub(crate) fn save(&mut self, gpu: &Arc<Gpu>, source: Option<&LatestFrame>, secs: f64) -> Option<String> {
        if self.pending.is_some() {
            return Some("the previous screenshot is still being saved".to_owned());
        }
        let Some(source) = source else { return Some("there is no frame to save yet".to_owned()) };
        let capture = match Capture::begin(gpu, source) {
            Ok(capture) => capture,
            Err(error) => return Some(format!("not saved: {error}")),
        };
        let (done, pending) = bounded(1);
        let work = move || {
            let notice = match save(capture, secs) {
                Ok(path) => format!("saved {}", path.display()),
                Err(error) => format!("not saved: {error}"),
            };
            // The window may have been closed meanwhile; the file exists in any case.
            let _ = done.send(notice);
        };
        match std::thread::Builder::new().name("screenshot".to_owned()).spawn(work) {
            Ok(_) => self.pending = Some(pending),
            Err(error) => return Some(format!("not saved: {error}")),
        }
        None
    }

    /// The notice about the pending screenshot, once it is done.
    pub(crate) fn poll(&mut self) -> Option<String> {
        let notice = match self.pending.as_ref()?.try_recv() {
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => "not saved: the thread that saves it panicked".to_owned(),
            Ok(notice) => notice,
        };
        self.pending = None;
        Some(notice)
    }
}

fn save(capture: Capture, secs: f64) -> Result<PathBuf, ScreenshotError> {
    let frame = capture.wait()?;
    let path = unused_path(secs).ok_or(ScreenshotError::TooMany)?;
    write_png_file(&path, &frame)?;
    Ok(path)
}

/// The first name of the form `repcast-12m34s567[-N].png` that no file has.
fn unused_path(secs: f64) -> Option<PathBuf> {
    let millis = (secs.max(0.0) * 1000.0).round() as u64;
    let stem = format!("repcast-{:02}m{:02}s{:03}", millis / 60_000, millis / 1000 % 60, millis % 1000);
    let mut paths = (1..MAX_NAMES).map(|number| match number {
        1 => PathBuf::from(format!("{stem}.png")),
        number => PathBuf::from(format!("{stem}-{number}.png")),
    });
    paths.find(|path| !path.exists())
}
