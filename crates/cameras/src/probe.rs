//! A look at a camera: what it sends, and what would be done with it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use repcast_capture::{
    AudioFormat, Camera, CameraError, CameraFrame, CameraRequest, CameraState, Received, VideoFormat,
};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How long the first picture may take.
const FIRST_PICTURE: Duration = Duration::from_secs(10);
/// How long it is looked at.
const LOOK: Duration = Duration::from_secs(6);
/// How often its state is looked at while nothing arrives.
const POLL: Duration = Duration::from_millis(100);

/// What a camera sends.
#[derive(Clone, Debug)]
pub struct CameraProbe {
    /// How its video is coded.
    pub video: Arc<VideoFormat>,
    /// How its sound is coded; none if it sends none, or of a kind that is not recorded.
    pub audio: Option<Arc<AudioFormat>>,
    /// Pictures a second.
    pub rate: f64,
    /// Seconds between key frames; none if there was only one.
    pub key_distance: Option<f64>,
    /// Bits a second.
    pub bits_per_second: f64,
    /// Whether frames were lost on the way.
    pub has_losses: bool,
}

/// What is found.
#[derive(Default)]
struct Seen {
    pictures: Vec<Duration>,
    keys: Vec<Duration>,
    bytes: usize,
    has_losses: bool,
}

impl Seen {
    fn add(&mut self, frame: &CameraFrame) {
        self.bytes += frame.data.len();
        self.has_losses |= frame.follows_loss;
        if frame.is_video() {
            self.pictures.push(frame.at);
            if frame.is_key {
                self.keys.push(frame.at);
            }
        }
    }
}

/// The mean distance of increasing times.
fn distance(times: &[Duration]) -> Option<f64> {
    let (first, last) = (times.first()?, times.last()?);
    (times.len() > 1).then(|| (*last - *first).as_secs_f64() / (times.len() - 1) as f64)
}

/// Looks at a camera for some seconds. Must be called within a tokio runtime.
///
/// # Errors
/// When it sends no picture.
pub async fn probe(request: CameraRequest) -> Result<CameraProbe, CameraError> {
    let camera = Camera::open(request, &Handle::current());
    let mut frames = camera.subscribe();
    let (opened, mut seen) = (Instant::now(), Seen::default());
    let mut since: Option<Instant> = None;
    while since.is_none_or(|since| since.elapsed() < LOOK) {
        match timeout(POLL, frames.next()).await {
            Ok(Received::Frame(frame)) => {
                since.get_or_insert_with(Instant::now);
                seen.add(&frame);
            }
            Ok(Received::Missed(_)) => seen.has_losses = true,
            Ok(Received::Closed) => return Err(CameraError::Ended),
            Err(_) if seen.pictures.is_empty() => match camera.status().state {
                CameraState::Lost(error) => return Err(error),
                _ if opened.elapsed() > FIRST_PICTURE => return Err(CameraError::TimedOut(FIRST_PICTURE)),
                _ => {}
            },
            Err(_) => {}
        }
    }
    let status = camera.status();
    let video = status.video.ok_or(CameraError::NoVideo)?;
    let secs = since.map_or(0.0, |since| since.elapsed().as_secs_f64()).max(0.001);
    Ok(CameraProbe {
        video,
        audio: status.audio,
        rate: distance(&seen.pictures).map_or(0.0, |distance| 1.0 / distance.max(0.000_001)),
        key_distance: distance(&seen.keys),
        bits_per_second: seen.bytes as f64 * 8.0 / secs,
        has_losses: seen.has_losses,
    })
}

impl CameraProbe {
    /// What a recording does with the video, and with the sound.
    #[must_use]
    pub fn plan(&self) -> (&'static str, &'static str) {
        let video = match *self.video {
            VideoFormat::H264(_) | VideoFormat::H265(_) => "stored as it is",
            VideoFormat::Jpeg { .. } => "encoded as H.264, which takes processor time",
        };
        let audio = match self.audio.as_deref() {
            Some(AudioFormat::Aac(_)) => "stored as it is",
            Some(AudioFormat::G711 { .. }) => "converted to AAC",
            None => "none",
        };
        (video, audio)
    }

    /// What should be changed at the camera, for people.
    #[must_use]
    pub fn advice(&self) -> Vec<&'static str> {
        let mut advice = Vec::new();
        if self.key_distance.is_none_or(|distance| distance > 4.0) {
            advice.push("key frames are more than four seconds apart: previews and recordings begin late; set one or two seconds");
        }
        if matches!(*self.video, VideoFormat::H265(_)) {
            advice.push("H.265 does not play in every browser; H.264 does");
        }
        if matches!(*self.video, VideoFormat::Jpeg { .. }) {
            advice.push("images need many times the network of H.264; look for an rtsp address of this camera");
        }
        if self.has_losses {
            advice.push("frames were lost on the way: look at the network");
        }
        advice
    }
}
