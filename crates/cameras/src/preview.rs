//! The pictures of a camera for those who watch it: decoded once, and only while someone watches. Who is slow misses pictures; the
//! others do not wait.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use repcast_capture::{Camera, CameraFrame, Received, TrackFormat, VideoFormat};
use repcast_gstreamer::jpeg::{JpegError, JpegPicture, JpegSettings, JpegStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long decoding goes on without a viewer: a page that is loaded again does not wait for a key frame.
const LINGER: Duration = Duration::from_secs(5);

/// The preview of a camera.
#[derive(Debug)]
pub struct Preview {
    camera: Arc<Camera>,
    max_viewers: usize,
    settings: JpegSettings,
    pictures: watch::Sender<Option<Arc<JpegPicture>>>,
    state: Mutex<ViewerCount>,
}

#[derive(Debug, Default)]
struct ViewerCount {
    viewers: usize,
    /// Counts arrivals, so that a decoder that is to stop sees whether someone came meanwhile.
    arrivals: u64,
    decoder: Option<JoinHandle<()>>,
}

/// As many watch as may.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0} people watch this camera, which is as many as may")]
pub struct PreviewFull(pub usize);

/// Someone who watches. Dropping it ends that.
#[derive(Debug)]
pub struct Viewer {
    preview: Arc<Preview>,
    pictures: watch::Receiver<Option<Arc<JpegPicture>>>,
}

impl Preview {
    /// The preview of a camera, for so many viewers at most.
    #[must_use]
    pub fn new(camera: Arc<Camera>, settings: JpegSettings, max_viewers: usize) -> Arc<Self> {
        let (pictures, _) = watch::channel(None);
        Arc::new(Self { camera, max_viewers, settings, pictures, state: Mutex::default() })
    }

    /// Begins to watch. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When as many watch as may.
    pub fn view(self: &Arc<Self>) -> Result<Viewer, PreviewFull> {
        let mut state = self.state.lock();
        if state.viewers >= self.max_viewers {
            return Err(PreviewFull(self.max_viewers));
        }
        state.viewers += 1;
        state.arrivals += 1;
        if state.decoder.as_ref().is_none_or(JoinHandle::is_finished) {
            // A picture of before is not one of now.
            self.pictures.send_replace(None);
            state.decoder = Some(Handle::current().spawn(decode(self.clone())));
        }
        Ok(Viewer { preview: self.clone(), pictures: self.pictures.subscribe() })
    }

    /// Those who watch.
    #[must_use]
    pub fn viewers(&self) -> usize {
        self.state.lock().viewers
    }

    /// How long ago the last picture was taken that is shown.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.pictures.borrow().as_ref().map(|picture| self.camera.now().saturating_sub(picture.at))
    }

    /// Completes when no one has watched for a while.
    async fn unused(&self) {
        loop {
            tokio::time::sleep(LINGER / 5).await;
            let arrivals = {
                let state = self.state.lock();
                if state.viewers > 0 {
                    continue;
                }
                state.arrivals
            };
            tokio::time::sleep(LINGER).await;
            let mut state = self.state.lock();
            if state.viewers == 0 && state.arrivals == arrivals {
                // Who comes now starts another.
                state.decoder = None;
                return;
            }
        }
    }
}

impl Viewer {
    /// Waits for the next picture; those that came meanwhile are left out. None after the camera was closed.
    pub async fn next(&mut self) -> Option<Arc<JpegPicture>> {
        loop {
            self.pictures.changed().await.ok()?;
            let picture = self.pictures.borrow_and_update().clone();
            if picture.is_some() {
                return picture;
            }
        }
    }

    /// The last picture, or the first if there is none yet.
    pub async fn latest(&mut self) -> Option<Arc<JpegPicture>> {
        let now = self.pictures.borrow_and_update().clone();
        match now {
            Some(picture) => Some(picture),
            None => self.next().await,
        }
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.preview.state.lock().viewers -= 1;
    }
}

/// Decodes for as long as someone watches.
async fn decode(preview: Arc<Preview>) {
    let mut frames = preview.camera.subscribe();
    let mut stream: Option<(JpegStream, u64)> = None;
    let unused = preview.unused();
    tokio::pin!(unused);
    loop {
        tokio::select! {
            () = &mut unused => return,
            received = frames.next() => match received {
                Received::Frame(frame) => {
                    if let Err(error) = show(&preview, &mut stream, &frame) {
                        tracing::debug!(%error, "a camera cannot be previewed");
                        stream = None;
                    }
                }
                Received::Missed(_) => stream = None,
                Received::Closed => return,
            },
        }
    }
}

/// Gives a picture to the decoder, a new one after another connection.
fn show(preview: &Arc<Preview>, stream: &mut Option<(JpegStream, u64)>, frame: &CameraFrame) -> Result<(), JpegError> {
    let TrackFormat::Video(format) = &frame.format else { return Ok(()) };
    if let VideoFormat::Jpeg { size, .. } = **format {
        // Images are shown as they are.
        let picture = JpegPicture { data: frame.data.clone(), at: frame.at, size };
        let distance = Duration::from_secs(1) / preview.settings.rate.max(1);
        preview.pictures.send_if_modified(|shown| {
            let is_due = shown.as_ref().is_none_or(|shown| picture.at.saturating_sub(shown.at) >= distance);
            if is_due {
                *shown = Some(Arc::new(picture));
            }
            is_due
        });
        return Ok(());
    }
    if stream.as_ref().is_none_or(|(_, connection)| *connection != frame.connection) {
        if !frame.is_key {
            return Ok(());
        }
        let codec = format.codec().ok_or(JpegError::Codec)?;
        let pictures = preview.pictures.clone();
        let shown = move |picture| {
            pictures.send_replace(Some(Arc::new(picture)));
        };
        *stream = Some((JpegStream::start(&codec, preview.settings, shown)?, frame.connection));
    }
    match stream {
        Some((stream, _)) => stream.push(&frame.data, frame.at, frame.is_key),
        None => Ok(()),
    }
}
