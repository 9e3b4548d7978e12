//! Sessions on a simulated clock: hours pass in seconds.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::metrics::Counter;
use crate::open::OpenDocument;
use repcast_compositor::Gpu;
use repcast_gstreamer::encode::Quality;
use repcast_media::Segmentation;
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_model::session::{Command, SessionState};
use repcast_model::time::Rational;
use repcast_mux::hls::LivePlaylistKind;

/// Longer than any wait on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);

fn project(json: &str) -> OpenDocument {
    let document = document::parse(json.as_bytes()).unwrap();
    OpenDocument::open(&document, Path::new(""), &Catalogue::default()).unwrap()
}

/// A document so small that rendering it takes hardly any time.
pub(super) fn small(secs: u32) -> OpenDocument {
    project(&format!(
        r##"{{"canvas": {{"width": 64, "height": 64, "fps": 30, "background": "#204060"}}, "duration": {secs}, "layers": [
            {{"type": "progress", "rect": [2, 50, 60, 8]}}]}}"##
    ))
}

pub(super) fn engine(ladder: &str) -> Engine {
    let settings = LiveSettings {
        quality: Quality::Crf(30),
        preset: "ultrafast",
        ladder: if ladder.is_empty() { Ladder::default() } else { Ladder::parse(ladder).unwrap() },
        segmentation: Segmentation { part_secs: Rational::new(1, 2), parts_per_segment: 4 },
    };
    let gpu = Gpu::open(None).unwrap();
    Engine::new(&gpu, Some("x264enc"), settings, Capacity::new(u64::MAX)).unwrap()
}

pub(super) fn start(engine: &Engine, project: &OpenDocument, clock: Arc<dyn Clock>, kind: LivePlaylistKind) -> Stream {
    let lease = engine.capacity.take(1).unwrap();
    engine.start_with_clock("test".to_owned(), project, kind, lease, clock).unwrap()
}

pub(super) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LIMIT, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Every part that a reader of the growing MP4 receives from the start.
fn read_all(window: &Window) -> Vec<u8> {
    let Lookup::Ready(init) = window.init(0) else { panic!("no init segment") };
    let mut bytes = init.to_vec();
    let mut place = StreamPosition::START;
    while let (Lookup::Ready(data), next) = window.read(place) {
        bytes.extend_from_slice(&data);
        place = next;
    }
    bytes
}

#[test]
fn a_session_runs_to_its_end() {
    let engine = engine("");
    let stream = start(&engine, &small(9), Arc::new(SimulatedClock::default()), LivePlaylistKind::Event);
    let names: HashMap<_, _> = stream.renditions().iter().map(|it| (it.name.clone(), it.window.clone())).collect();
    assert_eq!(names.len(), 1);
    wait_until("the end", || *stream.over().borrow());
    let window = &stream.renditions()[0].window;
    let edge = *window.edge().borrow();
    assert!(edge.is_ended);
    // 9 s are four segments of half a second, three of two seconds, and one of a second.
    assert_eq!(edge.next_sequence, FIRST_SEQUENCE + 8);
    let playlist = window.playlist(&[], false);
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n"), "{playlist}");
    assert_eq!(playlist.matches("#EXTINF:2.000000").count(), 3, "{playlist}");
    assert_eq!(stream.metrics().get(Counter::Frames), 270);
    assert!(!read_all(window).is_empty());
    assert_eq!(stream.report().status.state, SessionState::Ended);
    assert!(stream.command(&Command::Pause).is_err());
}

#[test]
fn an_event_keeps_all_segments_and_a_sliding_window_does_not() {
    let engine = engine("");
    let project = small(120);
    for kind in [LivePlaylistKind::Event, LivePlaylistKind::Sliding] {
        let stream = start(&engine, &project, Arc::new(SimulatedClock::default()), kind);
        wait_until("the end", || *stream.over().borrow());
        let window = &stream.renditions()[0].window;
        let playlist = window.playlist(&[], false);
        assert_eq!(playlist.matches("#EXTINF").count(), if kind == LivePlaylistKind::Event { 63 } else { 12 });
        assert!(matches!(window.segment(63), Lookup::Ready(_)));
        match (kind, window.segment(FIRST_SEQUENCE)) {
            (LivePlaylistKind::Event, Lookup::OnDisk(spooled)) => assert_eq!(spooled.read(4..8).unwrap(), "moof"),
            (LivePlaylistKind::Sliding, Lookup::Gone) => {
                assert!(playlist.contains("#EXT-X-MEDIA-SEQUENCE:52"), "{playlist}")
            }
            (_, found) => panic!("{kind:?}: {found:?}"),
        }
        assert_eq!(window.segment(64), Lookup::Never);
    }
}

/// The clock of a machine that is busy for three seconds in all, ten times in a row: each time before a frame that does
/// not start a part.
#[derive(Default)]
struct BusyClock {
    clock: SimulatedClock,
    frames: AtomicU64,
}

impl Clock for BusyClock {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn sleep_until(&self, at: Duration) {
        self.clock.sleep_until(at);
        let frame = self.frames.fetch_add(1, Ordering::Relaxed);
        if (100..400).contains(&frame) && frame % 30 == 10 {
            self.clock.advance(Duration::from_millis(300));
        }
    }

    fn origin_unix_nanos(&self) -> i128 {
        self.clock.origin_unix_nanos()
    }
}

#[test]
fn a_busy_machine_drops_frames_and_stays_in_real_time() {
    let engine = engine("");
    let stream = start(&engine, &small(20), Arc::new(BusyClock::default()), LivePlaylistKind::Event);
    wait_until("the end", || *stream.over().borrow());
    let metrics = stream.metrics();
    assert_eq!(metrics.get(Counter::Frames), 600);
    let late = metrics.get(Counter::LateFrames);
    assert!(late >= 10, "{late} frames were late");
    // Every part is published with its full length, and the playlist adds up to twenty seconds.
    let playlist = stream.renditions()[0].window.playlist(&[], false);
    assert_eq!(playlist.matches("#EXTINF:2.000000").count(), 9, "{playlist}");
}

/// The clock of a machine on which each frame takes a second.
#[derive(Default)]
struct SlowClock(SimulatedClock);

impl Clock for SlowClock {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep_until(&self, at: Duration) {
        self.0.sleep_until(at);
        self.0.advance(Duration::from_secs(1));
    }

    fn origin_unix_nanos(&self) -> i128 {
        0
    }
}

#[test]
fn a_session_that_stays_behind_ends_with_a_reason() {
    let engine = engine("");
    let stream = start(&engine, &small(600), Arc::new(SlowClock::default()), LivePlaylistKind::Event);
    wait_until("the end", || *stream.over().borrow());
    let report = stream.report();
    assert_eq!(report.status.state, SessionState::Ended);
    assert!(report.failure.is_some_and(|reason| reason.starts_with("nearly all frames were late for 30 seconds")));
    assert!(stream.metrics().get(Counter::Frames) < 200, "it does not run to its end");
    // Its stream is closed, and its capacity free.
    assert!(stream.renditions()[0].window.playlist(&[], false).ends_with("#EXT-X-ENDLIST\n"));
    assert_eq!(engine.capacity.used(), 0);
}

#[test]
fn commands_take_effect_while_the_stream_continues() {
    let engine = engine("");
    let stream = start(&engine, &small(600), Arc::new(SystemClock::default()), LivePlaylistKind::Sliding);
    let made = |count| stream.metrics().get(Counter::Frames) >= count;
    wait_until("the first frames", || made(70));
    stream.command(&Command::Pause).unwrap();
    assert!(stream.command(&Command::Pause).is_err());
    let held = stream.report().status.position_secs;
    let frames = stream.metrics().get(Counter::Frames);
    wait_until("a paused stream continues", || made(frames + 20));
    let status = stream.report().status;
    assert_eq!((status.state, status.position_secs), (SessionState::Paused, held));
    stream.command(&Command::Seek { to: Rational::from_integer(500) }).unwrap();
    stream.command(&Command::Resume).unwrap();
    wait_until("the seek", || stream.report().status.position_secs > 500.0);
    stream.end();
    wait_until("the end", || *stream.over().borrow());
    assert_eq!(engine.capacity.used(), 0, "an ended session releases its capacity");
}

#[test]
fn sessions_shorter_than_a_segment_are_complete_streams() {
    let engine = engine("");
    for frames in [1, 14, 15, 16, 59, 60, 61] {
        let json = format!(
            r##"{{"canvas": {{"width": 64, "height": 64, "fps": 30}}, "duration": "{frames}/30",
                "layers": [{{"type": "progress", "rect": [2, 50, 60, 8]}}]}}"##
        );
        let stream = start(&engine, &project(&json), Arc::new(SimulatedClock::default()), LivePlaylistKind::Sliding);
        wait_until("the end", || *stream.over().borrow());
        let window = &stream.renditions()[0].window;
        let playlist = window.playlist(&[], false);
        let shown: f64 = playlist
            .lines()
            .filter_map(|line| line.strip_prefix("#EXTINF:")?.strip_suffix(',')?.parse::<f64>().ok())
            .sum();
        assert!((shown - f64::from(frames) / 30.0).abs() < 1e-5, "{frames}: {playlist}");
        assert!(stream.master().is_some());
    }
}

/// Readers wait for the edge and read the window, while the package thread publishes: neither may block the other.
#[test]
fn waiting_readers_do_not_block_the_stream() {
    let engine = engine("");
    let stream = start(&engine, &small(30), Arc::new(SimulatedClock::default()), LivePlaylistKind::Sliding);
    let window = stream.renditions()[0].window.clone();
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (window, mut edge) = (window.clone(), window.edge());
            std::thread::spawn(move || {
                while !edge.borrow_and_update().is_ended {
                    let next = edge.borrow().next_sequence;
                    let _ = (window.part(StreamPosition { sequence: next, part: 0 }), window.playlist(&[], false));
                    // Leaves the core to the stream on a machine with few cores.
                    std::thread::yield_now();
                }
            })
        })
        .collect();
    wait_until("the end", || *stream.over().borrow());
    // Each reader sees the end.
    readers.into_iter().for_each(|reader| reader.join().unwrap());
}

#[test]
fn captions_have_the_segments_and_the_times_of_the_video() {
    let engine = engine("");
    let json = r##"{"canvas": {"width": 64, "height": 64, "fps": "30000/1001", "background": "#204060"}, "duration": 9, "layers": [
        {"type": "progress", "rect": [2, 50, 60, 8]},
        {"type": "subtitles", "cues": [{"start": 1, "end": 6.5, "text": "Hips back"}]},
        {"type": "subtitles", "language": "fr-CA", "cues": [{"start": 8, "end": 9, "text": "Fin"}]}]}"##;
    let stream = start(&engine, &project(json), Arc::new(SimulatedClock::default()), LivePlaylistKind::Event);
    wait_until("the end", || *stream.over().borrow());
    let names: Vec<&str> = stream.windows().map(|(name, _)| name).collect();
    assert_eq!(names[1..], ["captions-en", "captions-fr-ca"]);
    let lines = |window: &Window| -> Vec<String> {
        let playlist = window.playlist(&[], false);
        let is_common = |line: &&str| !line.starts_with("#EXT-X-MAP") && (line.starts_with('#'));
        playlist.lines().filter(is_common).map(str::to_owned).collect()
    };
    let video = lines(&stream.renditions()[0].window);
    for captions in stream.captions() {
        wait_until("the end of the captions", || captions.window.edge().borrow().is_ended);
        assert_eq!(lines(&captions.window), video);
    }
    let master = stream.master().unwrap();
    assert!(master.contains("NAME=\"Français (fr-ca)\",LANGUAGE=\"fr-ca\""), "{master}");
    let Lookup::Ready(segment) = stream.captions()[0].window.segment(FIRST_SEQUENCE + 4) else { panic!("no segment") };
    let read = repcast_mux::subtitles::read(&segment).unwrap();
    assert_eq!((read.cues.len(), read.cues[0].text.as_str()), (1, "Hips back"));
    assert_eq!(read.cues[0].end - read.cues[0].start, Rational::new(2002, 1000));
    // A document without captions has no such rendition.
    let plain = start(&engine, &small(1), Arc::new(SimulatedClock::default()), LivePlaylistKind::Event);
    wait_until("the end", || *plain.over().borrow());
    assert!(plain.captions().is_empty() && !plain.master().unwrap().contains("SUBTITLES"));
}

/// A file of ten minutes of silence, which takes no space on the disk.
fn long_file(folder: &Path) -> std::path::PathBuf {
    const BYTES: u32 = 600 * 48_000 * 4;
    let mut header = Vec::new();
    header.extend_from_slice(b"RIFF");
    header.extend_from_slice(&(BYTES + 36).to_le_bytes());
    header.extend_from_slice(b"WAVEfmt ");
    header.extend_from_slice(&16_u32.to_le_bytes());
    // PCM, two channels of 16 bits.
    header.extend_from_slice(&[1, 0, 2, 0]);
    header.extend_from_slice(&48_000_u32.to_le_bytes());
    header.extend_from_slice(&(48_000_u32 * 4).to_le_bytes());
    header.extend_from_slice(&[4, 0, 16, 0]);
    header.extend_from_slice(b"data");
    header.extend_from_slice(&BYTES.to_le_bytes());
    let path = folder.join("long.wav");
    std::fs::write(&path, &header).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(u64::from(BYTES) + 44).unwrap();
    path
}

/// Each piece is measured on its own: minutes of work, during which the session ends.
#[test]
fn a_session_that_ends_does_not_wait_until_its_sounds_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    let file = long_file(folder.path());
    let piece = |index: u32| {
        let (start, trim_in) = (f64::from(index) * 0.1, f64::from(index) / 10.0);
        format!(
            r#"{{"type": "audio", "src": {:?}, "start": {start}, "duration": 0.1, "trim": {{"in": {trim_in}}}}}"#,
            file.to_str().unwrap()
        )
    };
    let document = project(&format!(
        r##"{{"canvas": {{"width": 64, "height": 64, "fps": 30}}, "duration": 20, "audio": {{"loudness": {{}}}},
            "layers": [{}]}}"##,
        (0..150).map(piece).collect::<Vec<_>>().join(", ")
    ));
    let stream = start(&engine(""), &document, Arc::new(SystemClock::default()), LivePlaylistKind::Event);
    let audio = stream.audio().unwrap().clone();
    stream.join();
    assert!(audio.edge().borrow().is_ended);
    // What had been measured to its end would have been heard.
    assert!(!matches!(audio.init(0), Lookup::Ready(_)));
}
