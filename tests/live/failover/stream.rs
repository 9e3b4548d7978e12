//! A live session with a given encoder, from its first part to its last.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use repcast_compositor::Gpu;
use repcast_engine::live::{Capacity, Clock, Engine, Ladder, LiveSettings, Lookup, StreamPosition, Window};
use repcast_engine::metrics::Counter;
use repcast_engine::open::OpenDocument;
use repcast_gstreamer::encode::Quality;
use repcast_media::Segmentation;
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_model::time::Rational;
use repcast_mux::hls::LivePlaylistKind;

/// More than a session takes on a busy machine.
const SESSION_LIMIT: Duration = Duration::from_secs(600);

/// The result of a session.
pub(crate) struct Outcome {
    pub(crate) failovers: u64,
    pub(crate) encoder: &'static str,
    pub(crate) playlist: String,
    /// That of the audio; `None` without sound.
    pub(crate) audio_playlist: Option<String>,
    pub(crate) media: Vec<u8>,
    pub(crate) longest_gap: Duration,
}

/// A clock that advances in real time while a thread waits for it, and stands still while threads work: no frame is late,
/// however slow the machine is, and every frame is encoded.
#[derive(Default)]
struct WaitingClock(Mutex<Duration>);

impl Clock for WaitingClock {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn sleep_until(&self, at: Duration) {
        std::thread::sleep(at.saturating_sub(self.now()));
        let mut now = self.0.lock().unwrap();
        *now = at.max(*now);
    }

    fn origin_unix_nanos(&self) -> i128 {
        0
    }
}

/// Runs a session of a composition with this many frames at 30 frames per second, and with a tone if wanted.
pub(crate) fn run_session(encoder: &str, frames: u64, has_sound: bool) -> Outcome {
    let tone = if has_sound { r#", {"type": "tone", "frequency": 440}"# } else { "" };
    let json = format!(
        r##"{{"canvas": {{"width": 320, "height": 180, "fps": 30, "background": "#204060"}}, "duration": "{frames}/30",
            "layers": [{{"type": "progress", "rect": [20, 150, 280, 20]}},
                {{"type": "timer", "position": [160, 80], "anchor": "center", "size": 48, "format": "mm:ss.t"}}{tone}]}}"##
    );
    let parsed = document::parse(json.as_bytes()).unwrap();
    let project = OpenDocument::open(&parsed, Path::new(""), &Catalogue::default()).unwrap();
    assert_eq!(project.timeline.frames, frames);
    let settings = LiveSettings {
        quality: Quality::Crf(25),
        preset: "ultrafast",
        ladder: Ladder::default(),
        segmentation: Segmentation { part_secs: Rational::new(1, 2), parts_per_segment: 4 },
    };
    let engine = Engine::new(&Gpu::open(None).unwrap(), Some(encoder), settings, Capacity::new(u64::MAX)).unwrap();
    assert_eq!(engine.encoders.current(), encoder);
    let lease = engine.capacity.take(1).unwrap();
    let clock = Arc::new(WaitingClock::default());
    let stream =
        engine.start_with_clock("failover".to_owned(), &project, LivePlaylistKind::Event, lease, clock).unwrap();
    let window = stream.renditions()[0].window.clone();
    let (mut edge, over) = (window.edge(), stream.over());
    let (began, mut last, mut longest_gap) = (Instant::now(), Instant::now(), Duration::ZERO);
    while !*over.borrow() {
        assert!(began.elapsed() < SESSION_LIMIT, "the session does not end");
        if edge.has_changed().unwrap() {
            edge.mark_unchanged();
            longest_gap = longest_gap.max(last.elapsed());
            last = Instant::now();
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let report = stream.report();
    assert_eq!(report.failure, None);
    Outcome {
        failovers: stream.metrics().get(Counter::Failovers),
        encoder: report.encoder.unwrap_or_default(),
        playlist: window.playlist(&[], false),
        audio_playlist: stream.audio().map(|audio| audio.playlist(&[], false)),
        media: growing_file(&window),
        longest_gap,
    }
}

/// What a reader of the growing MP4 from its start receives: one init segment and every part.
fn growing_file(window: &Window) -> Vec<u8> {
    let Lookup::Ready(init) = window.init(0) else { panic!("no init segment") };
    let (mut bytes, mut place) = (init.to_vec(), StreamPosition::START);
    while let (Lookup::Ready(part), next) = window.read(place) {
        bytes.extend_from_slice(&part);
        place = next;
    }
    bytes
}

/// Number of frames that ffmpeg decodes, and its error messages.
pub(crate) fn decoded_frames(media: &[u8]) -> (u64, String) {
    let mut ffprobe = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-select_streams", "v", "-of", "default=nk=1:nw=1"])
        .args(["-show_entries", "stream=nb_read_frames", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = ffprobe.stdin.take().unwrap();
    let media = media.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&media));
    let output = ffprobe.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let frames = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
    (frames, String::from_utf8_lossy(&output.stderr).into_owned())
}
