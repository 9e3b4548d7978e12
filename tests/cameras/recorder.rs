//! Recordings of cameras that go away and come back.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use repcast_cameras::{
    CameraRecordingState, CameraRecordingStatus, GapPolicy, Recorder, RecordingLimits, RecordingRequest, Resumed,
};
use repcast_capture::{AddressRules, Camera, CameraError, CameraRequest, CameraState, CameraUrl};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::http_camera::{HttpCamera, STYLES};
use super::proxy::{Network, Proxy};
use super::rtsp_camera::{AAC, CameraKind, H264, H265, PASSWORD, RtspCamera, USER};
use super::support::{ffmpeg, pcm};

/// How long the tests wait for what a busy machine may be slow with.
const LIMIT: Duration = Duration::from_secs(180);

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn open(runtime: &Runtime, url: &str) -> Arc<Camera> {
    let (url, credentials) = CameraUrl::parse(url).unwrap();
    let rules = AddressRules::new(vec!["127.0.0.1".parse().unwrap()]);
    Arc::new(Camera::open(CameraRequest { url, credentials, rules }, runtime.handle()))
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < limit, "{what} does not come true");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn request(target: &Path, gaps: GapPolicy) -> RecordingRequest {
    let limits = RecordingLimits { duration: Duration::from_secs(600), bytes: 1 << 30, free_bytes: 0 };
    RecordingRequest { target: target.to_owned(), limits, gaps, resumed: None }
}

fn record(runtime: &Runtime, camera: &Arc<Camera>, request: RecordingRequest) -> Recorder {
    Recorder::start(camera.clone(), request, runtime.handle().clone()).unwrap()
}

/// A complete file, as ffprobe sees it.
pub(crate) struct Checked {
    report: Value,
    /// Seconds at which the pictures are shown.
    pub(crate) times: Vec<f64>,
}

/// Checks what every recording has to be: it decodes without an error, its times increase, and its index is in front.
pub(crate) fn check(path: &Path) -> Checked {
    let decoded = ffmpeg::output_of(
        "ffmpeg",
        ["-v", "error", "-xerror", "-i", path.to_str().unwrap(), "-f", "null", "-"].map(std::ffi::OsStr::new),
    );
    assert!(decoded.is_empty());
    let report = ffmpeg::ffprobe_json(path);
    let packets = report["packets"].as_array().unwrap();
    let times: Vec<f64> = packets.iter().map(|packet| packet["pts_time"].as_str().unwrap().parse().unwrap()).collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "the times do not increase: {times:?}");
    let bytes = std::fs::read(path).unwrap();
    let place = |name: &[u8]| bytes.windows(4).position(|window| window == name).unwrap();
    assert!(place(b"moov") < place(b"mdat"));
    Checked { report, times }
}

fn wait_for_length(recorder: &Recorder, secs: f64) {
    until("the length of the recording", || recorder.status().length.as_secs_f64() >= secs);
}

fn done(recorder: Recorder) -> CameraRecordingStatus {
    recorder.stop();
    recorder.wait()
}

#[test]
fn a_camera_is_recorded_as_it_sends() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    for (name, video, codec) in [("h264", H264, "h264"), ("h265", H265, "hevc")] {
        let server = RtspCamera::start(CameraKind { video, audio: AAC, has_login: true });
        let camera = open(&runtime, &format!("rtsp://{USER}:{PASSWORD}@127.0.0.1:{}/live", server.port));
        let target = folder.path().join(format!("{name}.mp4"));
        let recorder = record(&runtime, &camera, request(&target, GapPolicy::Hold));
        wait_for_length(&recorder, 4.0);
        let status = done(recorder);
        assert_eq!((status.state, status.failure.as_deref()), (CameraRecordingState::Done, None));
        assert_eq!(status.lost, Duration::ZERO);
        let checked = check(&target);
        let stream = &checked.report["streams"][0];
        assert_eq!((&stream["codec_name"], &stream["width"]), (&codec.into(), &320.into()));
        assert_eq!(checked.report["format"]["nb_streams"], 2);
        assert_eq!(checked.times.len() as u64, status.frames);
        // A busy machine may skip a picture.
        let mut distances: Vec<f64> = checked.times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        distances.sort_by(f64::total_cmp);
        let median = distances[distances.len() / 2];
        assert!((median - 0.04).abs() < 0.002, "{distances:?}");
        assert_eq!(
            std::fs::read_dir(folder.path())
                .unwrap()
                .filter(|entry| {
                    entry.as_ref().unwrap().file_name().to_str().unwrap().contains(&format!("{name}.recording"))
                })
                .count(),
            0
        );
    }
}

#[test]
fn images_over_http_are_recorded_as_video_however_a_camera_writes_them() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("images");
    std::fs::create_dir(&source).unwrap();
    ffmpeg::make(&["-f", "lavfi", "-i", "testsrc=size=321x241:rate=20:duration=1"], &source.join("%02d.jpg"));
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&source).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let images: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    for style in STYLES {
        // user:pass
        let camera = HttpCamera::start(style, images.clone(), Some("dXNlcjpwYXNz"));
        let opened = open(&runtime, &format!("http://user:pass@127.0.0.1:{}/video.mjpg", camera.port));
        let target = folder.path().join(format!("{style:?}.mp4"));
        let recorder = record(&runtime, &opened, request(&target, GapPolicy::Hold));
        wait_for_length(&recorder, 2.0);
        let status = done(recorder);
        assert_eq!((status.state, status.failure.as_deref()), (CameraRecordingState::Done, None), "{style:?}");
        let checked = check(&target);
        let stream = &checked.report["streams"][0];
        assert_eq!(
            (&stream["codec_name"], &stream["width"], &stream["height"]),
            (&"h264".into(), &320.into(), &240.into())
        );
        assert!(checked.times.len() >= 30, "{style:?}: {}", checked.times.len());
        let wrong = open(&runtime, &format!("http://user:wrong@127.0.0.1:{}/video.mjpg", camera.port));
        until("the error", || wrong.status().state == CameraState::Lost(CameraError::Unauthorized));
    }
}

/// Hertz of a tone: half of the changes of its sign in a second.
fn hertz(samples: &[f32]) -> f64 {
    let changes = samples.windows(2).filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0)).count();
    changes as f64 / 2.0 / (samples.len() as f64 / 48_000.0)
}

#[test]
fn the_sound_of_telephones_becomes_aac() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let cases = [("pcma", "alawenc ! rtppcmapay name=pay1 pt=8"), ("pcmu", "mulawenc ! rtppcmupay name=pay1 pt=0")];
    for (name, encoder) in cases {
        let audio =
            format!("audiotestsrc is-live=true freq=440 volume=0.5 ! audio/x-raw,rate=8000,channels=1 ! {encoder}");
        let server = RtspCamera::start(CameraKind { video: H264, audio: audio.leak(), has_login: false });
        let camera = open(&runtime, &format!("rtsp://127.0.0.1:{}/live", server.port));
        let target = folder.path().join(format!("{name}.mp4"));
        let recorder = record(&runtime, &camera, request(&target, GapPolicy::Hold));
        wait_for_length(&recorder, 4.0);
        assert_eq!(camera.status().audio.unwrap().name(), name);
        assert_eq!(done(recorder).state, CameraRecordingState::Done);
        let checked = check(&target);
        assert_eq!(checked.report["format"]["nb_streams"], 2);
        let samples = pcm::decode_mono(&target);
        let middle = &samples[48_000..144_000];
        assert!((hertz(middle) - 440.0).abs() < 2.0, "{name}: {}", hertz(middle));
        let level = pcm::level_db(middle);
        // A sine of half the full scale.
        assert!((level + 9.0).abs() < 0.5, "{name}: {level} dB");
    }
}

#[test]
fn a_wrong_password_and_a_wrong_path_are_named() {
    let runtime = runtime();
    let server = RtspCamera::start(CameraKind { video: H264, audio: "", has_login: true });
    let cases = [
        (format!("rtsp://{USER}:wrong@127.0.0.1:{}/live", server.port), CameraError::Unauthorized),
        (format!("rtsp://127.0.0.1:{}/live", server.port), CameraError::Unauthorized),
        (format!("rtsp://{USER}:{PASSWORD}@127.0.0.1:{}/other", server.port), CameraError::NotFound),
        (format!("rtsp://127.0.0.2:{}/live", server.port), CameraError::NotAllowed),
    ];
    for (url, error) in cases {
        let camera = open(&runtime, &url);
        let mut found = CameraState::Connecting;
        until("the error", || {
            found = camera.status().state;
            found != CameraState::Connecting
        });
        assert_eq!(found, CameraState::Lost(error), "{url}");
    }
}

/// A recording during which the network does something for a while.
fn interrupted(
    fault: impl Fn(&Proxy),
    repaired: impl Fn(&Proxy),
    gaps: GapPolicy,
) -> (CameraRecordingStatus, Checked, PathBuf, tempfile::TempDir) {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let server = RtspCamera::start(CameraKind { video: H264, audio: AAC, has_login: false });
    let proxy = Proxy::start(server.port);
    let camera = open(&runtime, &format!("rtsp://127.0.0.1:{}/live", proxy.port));
    let target = folder.path().join("match.mp4");
    let recorder = record(&runtime, &camera, request(&target, gaps));
    wait_for_length(&recorder, 2.0);
    let connections = camera.status().connections;
    fault(&proxy);
    until("the loss", || matches!(camera.status().state, CameraState::Lost(_)));
    std::thread::sleep(Duration::from_secs(3));
    repaired(&proxy);
    until("the camera", || camera.status().connections > connections);
    let length = recorder.status().length.as_secs_f64();
    wait_for_length(&recorder, length + 2.0);
    let status = done(recorder);
    let checked = check(&target);
    (status, checked, target, folder)
}

#[test]
fn a_network_that_fails_leaves_one_file_with_a_gap() {
    let faults: [fn(&Proxy); 3] = [
        |proxy| {
            proxy.set(Network::Refuses);
            proxy.cut();
        },
        |proxy| proxy.set(Network::Stalls),
        |proxy| proxy.set(Network::Garbles),
    ];
    let results: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> = faults
            .into_iter()
            .map(|fault| {
                scope.spawn(move || {
                    let repaired = |proxy: &Proxy| {
                        proxy.cut();
                        proxy.set(Network::Works);
                    };
                    interrupted(fault, repaired, GapPolicy::Hold)
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for (status, checked, _, _folder) in results {
        assert_eq!(status.state, CameraRecordingState::Done, "{status:?}");
        let gap = status.gaps.iter().max_by_key(|gap| gap.to - gap.from).expect("a gap");
        let (from, to) = (gap.from.as_secs_f64(), gap.to.as_secs_f64());
        assert!(to - from >= 3.0, "{gap:?}");
        // The file has the same gap, in which the last picture stands.
        let held = checked.times.windows(2).max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0]))).unwrap();
        assert!((held[0] + 0.04 - from).abs() < 0.05 && (held[1] - to).abs() < 0.05, "{held:?} {gap:?}");
        let length = status.length.as_secs_f64();
        assert!((length - status.elapsed.as_secs_f64()).abs() < 2.0, "{status:?}");
    }
}

#[test]
fn gaps_are_left_out_where_that_is_wished() {
    let fault = |proxy: &Proxy| {
        proxy.set(Network::Refuses);
        proxy.cut();
    };
    let (status, checked, _, _folder) = interrupted(fault, |proxy| proxy.set(Network::Works), GapPolicy::Cut);
    assert!(status.state == CameraRecordingState::Done && !status.gaps.is_empty(), "{status:?}");
    assert!(checked.times.windows(2).all(|pair| pair[1] - pair[0] < 0.5), "{:?}", checked.times);
    assert!(status.elapsed - status.length >= Duration::from_secs(3), "{status:?}");
}

/// What a process leaves that is killed while it records: the growing file at some moment, and its journal.
#[test]
fn a_recording_goes_on_after_its_process_was_killed() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let server = RtspCamera::start(CameraKind { video: H264, audio: AAC, has_login: false });
    let camera = open(&runtime, &format!("rtsp://127.0.0.1:{}/live", server.port));
    let first = folder.path().join("first.mp4");
    let started = Instant::now();
    let recorder = record(&runtime, &camera, request(&first, GapPolicy::Hold));
    wait_for_length(&recorder, 2.0);
    let (growing, target) = (folder.path().join("match.recording.mp4"), folder.path().join("match.mp4"));
    // The journal first, so that it does not know of frames that the file cannot have.
    std::fs::copy(folder.path().join("first.recording.arrived"), growing.with_extension("arrived")).unwrap();
    std::fs::copy(folder.path().join("first.recording.mp4"), &growing).unwrap();
    let killed = Instant::now();
    done(recorder);
    std::thread::sleep(Duration::from_secs(4));
    let again = RecordingRequest {
        resumed: Some(Resumed { growing: growing.clone(), elapsed: started.elapsed(), lost: Duration::from_secs(7) }),
        ..request(&target, GapPolicy::Hold)
    };
    let recorder = record(&runtime, &camera, again);
    let before = recorder.status();
    // What was lost before counts too.
    assert!((7..8).contains(&before.lost.as_secs()), "{before:?}");
    wait_for_length(&recorder, (killed - started).as_secs_f64() + 6.0);
    let status = done(recorder);
    assert!(status.state == CameraRecordingState::Recovered && !status.gaps.is_empty(), "{status:?}");
    let checked = check(&target);
    assert!(checked.times.last().unwrap() > &6.0);
    assert!(!growing.exists() && !growing.with_extension("arrived").exists());
}

#[test]
fn a_recording_has_a_longest_time_and_a_first_picture() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    let server = RtspCamera::start(CameraKind { video: H264, audio: "", has_login: false });
    let camera = open(&runtime, &format!("rtsp://127.0.0.1:{}/live", server.port));
    let target = folder.path().join("short.mp4");
    let mut short = request(&target, GapPolicy::Hold);
    short.limits.duration = Duration::from_secs(3);
    let recorder = record(&runtime, &camera, short);
    until("its end", || recorder.status().state == CameraRecordingState::Done);
    let status = recorder.wait();
    assert!((status.length.as_secs_f64() - 3.0).abs() <= 0.25, "{status:?}");
    check(&target);
    // A camera that does not exist.
    drop(server);
    let camera = open(&runtime, "rtsp://127.0.0.1:9/live");
    let target = folder.path().join("none.mp4");
    let recorder = record(&runtime, &camera, request(&target, GapPolicy::Hold));
    std::thread::sleep(Duration::from_millis(300));
    let status = done(recorder);
    assert_eq!(
        (status.state, status.failure.as_deref()),
        (CameraRecordingState::Failed, Some("the camera has sent no picture"))
    );
    assert!(!target.exists());
    let full = RecordingLimits { free_bytes: u64::MAX, ..request(&target, GapPolicy::Hold).limits };
    let refused = RecordingRequest { limits: full, ..request(&target, GapPolicy::Hold) };
    assert!(Recorder::start(camera, refused, runtime.handle().clone()).is_err());
}
