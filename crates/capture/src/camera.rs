//! A camera: one connection, opened again whenever it ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use repcast_media::Backoff;
use tokio::runtime::Handle;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::address::{CameraUrl, Credentials};
use super::clock::ConnectionClock;
use super::connection::{Connection, ReceivedFrame};
use super::error::CameraError;
use super::frame::{AudioFormat, CameraFrame, TrackFormat, VideoFormat};
use super::rules::AddressRules;
use super::subscription::Subscription;

/// How long connecting and asking for the stream may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
/// How long the first frame may take: encoders wait for their next key frame.
const FIRST_FRAME_TIMEOUT: Duration = Duration::from_secs(12);
/// How long a camera may send no picture. With the longest wait, recording goes on five seconds after a camera is back.
const STALL_TIMEOUT: Duration = Duration::from_secs(4);
/// Pictures of a slow camera that may be missing.
const STALL_FRAMES: u32 = 6;
/// Waits between connections.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// The wait after a wrong password: cameras lock out those who try too often.
const UNAUTHORIZED_WAIT: Duration = Duration::from_secs(60);
/// A connection that lasted this long was a good one: the next failure is not a consequence of the one before.
const GOOD_CONNECTION: Duration = Duration::from_secs(10);
/// Frames that a subscriber may be behind: half a minute of pictures and sound, so that a disk that stands still for that long
/// costs no frame.
const QUEUED_FRAMES: usize = 2048;

/// How to reach a camera.
#[derive(Clone, Debug)]
pub struct CameraRequest {
    /// Its address.
    pub url: CameraUrl,
    /// What it asks for.
    pub credentials: Option<Credentials>,
    /// Which addresses it may have.
    pub rules: AddressRules,
}

/// Whether a camera sends.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum CameraState {
    /// The first connection is being made.
    #[default]
    Connecting,
    /// Frames arrive.
    Streaming,
    /// They do not; the connection is being made again.
    Lost(CameraError),
}

/// What is known of a camera.
#[derive(Clone, Debug, Default)]
pub struct CameraStatus {
    /// Whether it sends.
    pub state: CameraState,
    /// How its video is coded, once there was a picture.
    pub video: Option<Arc<VideoFormat>>,
    /// How its sound is coded, once there was some.
    pub audio: Option<Arc<AudioFormat>>,
    /// Pictures that have arrived.
    pub frames: u64,
    /// Bytes of media that have arrived.
    pub bytes: u64,
    /// Connections that have delivered a picture.
    pub connections: u64,
    /// When the last picture arrived.
    pub last_frame: Option<Instant>,
    /// Time between the last key frames.
    pub key_distance: Option<Duration>,
}

impl CameraStatus {
    /// How old the last picture is.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.last_frame.map(|at| at.elapsed())
    }
}

/// A camera whose connection is kept up for as long as this exists.
#[derive(Debug)]
pub struct Camera {
    shared: Arc<CameraFeed>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct CameraFeed {
    opened: Instant,
    frames: broadcast::Sender<Arc<CameraFrame>>,
    status: Mutex<CameraStatus>,
}

impl Camera {
    /// Begins to connect, on a tokio runtime.
    #[must_use]
    pub fn open(request: CameraRequest, runtime: &Handle) -> Self {
        let (frames, _) = broadcast::channel(QUEUED_FRAMES);
        let shared = Arc::new(CameraFeed { opened: Instant::now(), frames, status: Mutex::default() });
        let task = runtime.spawn(keep_up(request, shared.clone()));
        Self { shared, task }
    }

    /// What is known now.
    #[must_use]
    pub fn status(&self) -> CameraStatus {
        self.shared.status.lock().clone()
    }

    /// The time of frames that are taken now.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.shared.opened.elapsed()
    }

    /// The frames from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        Subscription(self.shared.frames.subscribe())
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Connects for ever.
async fn keep_up(request: CameraRequest, shared: Arc<CameraFeed>) {
    let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
    for connection in 1.. {
        let started = Instant::now();
        let error = receive(&request, &shared, connection).await;
        tracing::debug!(camera = %request.url, %error, "the connection to a camera ended");
        let wait = if error == CameraError::Unauthorized { UNAUTHORIZED_WAIT } else { backoff.next() };
        shared.status.lock().state = CameraState::Lost(error);
        if started.elapsed() >= GOOD_CONNECTION {
            backoff.reset();
        }
        sleep(wait).await;
    }
}

/// One connection, until it ends.
async fn receive(request: &CameraRequest, shared: &CameraFeed, connection: u64) -> CameraError {
    let opened = match timeout(CONNECT_TIMEOUT, Connection::open(request)).await {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => return error,
        Err(_) => return CameraError::TimedOut(CONNECT_TIMEOUT),
    };
    let mut receiver = Receiver::new(shared, connection);
    match receiver.run(opened).await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

/// What one connection has received.
struct Receiver<'a> {
    shared: &'a CameraFeed,
    connection: u64,
    clock: ConnectionClock,
    last_picture: Option<Instant>,
    last_key: Option<Duration>,
    /// The usual time between pictures.
    distance: Duration,
}

impl<'a> Receiver<'a> {
    fn new(shared: &'a CameraFeed, connection: u64) -> Self {
        let clock = ConnectionClock::default();
        Self { shared, connection, clock, last_picture: None, last_key: None, distance: Duration::ZERO }
    }

    async fn run(&mut self, mut connection: Connection) -> Result<std::convert::Infallible, CameraError> {
        let opened = Instant::now();
        loop {
            let (since, allowed) = match self.last_picture {
                Some(last) => (last, STALL_TIMEOUT.max(self.distance * STALL_FRAMES)),
                None => (opened, FIRST_FRAME_TIMEOUT),
            };
            // Sound alone does not keep a connection.
            let left = allowed.saturating_sub(since.elapsed());
            match timeout(left, connection.next()).await {
                Ok(frame) => self.take(frame?),
                Err(_) => return Err(CameraError::Stalled(since.elapsed())),
            }
        }
    }

    fn take(&mut self, frame: ReceivedFrame) {
        let ReceivedFrame { format, media, arrived, is_key, follows_loss, data } = frame;
        let since_opening = arrived.saturating_duration_since(self.shared.opened);
        let at = match format {
            TrackFormat::Video(_) => self.clock.video(media, since_opening),
            TrackFormat::Audio(_) => self.clock.audio(media, since_opening),
        };
        self.note(&format, at, arrived, is_key, data.len());
        let frame = CameraFrame { format, at, is_key, follows_loss, connection: self.connection, data };
        // Without subscribers it is dropped.
        let _ = self.shared.frames.send(Arc::new(frame));
    }

    fn note(&mut self, format: &TrackFormat, at: Duration, arrived: Instant, is_key: bool, bytes: usize) {
        let mut status = self.shared.status.lock();
        status.bytes += bytes as u64;
        match format {
            TrackFormat::Audio(format) => status.audio = Some(format.clone()),
            TrackFormat::Video(format) => {
                status.frames += 1;
                status.state = CameraState::Streaming;
                status.last_frame = Some(arrived);
                status.video = Some(format.clone());
                match self.last_picture.replace(arrived) {
                    None => status.connections += 1,
                    Some(last) => {
                        let distance = arrived.saturating_duration_since(last);
                        self.distance = (self.distance * 7 + distance) / 8;
                    }
                }
                if is_key {
                    let before = self.last_key.replace(at);
                    status.key_distance = before.map(|before| at.saturating_sub(before)).or(status.key_distance);
                }
            }
        }
    }
}
