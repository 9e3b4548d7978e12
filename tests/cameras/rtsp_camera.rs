//! A camera that speaks RTSP: GStreamer's server in a process of its own, which is this test program, so that it can lose its power
//! at any moment.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use gstreamer::glib;
use gstreamer_rtsp_server as server;
use gstreamer_rtsp_server::prelude::*;

/// What a camera sends.
#[derive(Clone, Copy)]
pub(crate) struct CameraKind {
    /// The video, down to its payloader.
    pub(crate) video: &'static str,
    /// The sound, down to its payloader.
    pub(crate) audio: &'static str,
    /// Whether it asks for [`USER`] and [`PASSWORD`].
    pub(crate) has_login: bool,
}

pub(crate) const USER: &str = "coach";
pub(crate) const PASSWORD: &str = "s3cret";

/// 25 pictures a second, of which one in twelve is a key frame.
pub(crate) const H264: &str = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=25/1 \
     ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=12 ! video/x-h264,profile=main ! rtph264pay name=pay0 pt=96";
pub(crate) const H265: &str = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=25/1 \
     ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=12 ! rtph265pay name=pay0 pt=96";
pub(crate) const AAC: &str = "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=48000,channels=1 ! avenc_aac \
     ! rtpmp4gpay name=pay1 pt=97";

/// The variables that tell the process what it is.
const LAUNCH: &str = "REPCAST_TEST_CAMERA";
const LOGIN: &str = "REPCAST_TEST_CAMERA_LOGIN";
const PORT: &str = "REPCAST_TEST_CAMERA_PORT";
/// What it prints before the port that it has found.
const READY: &str = "camera at ";

/// A camera that runs until it is dropped.
pub(crate) struct RtspCamera {
    pub(crate) port: u16,
    process: Child,
    /// Open for as long as the process may write.
    _output: BufReader<ChildStdout>,
}

impl RtspCamera {
    /// Starts a camera at a free port.
    pub(crate) fn start(kind: CameraKind) -> Self {
        Self::start_at(kind, 0)
    }

    /// Starts a camera at this port.
    pub(crate) fn start_at(kind: CameraKind, port: u16) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "rtsp_camera::serve", "--nocapture"]);
        command.env(LAUNCH, format!("( {} {} )", kind.video, kind.audio)).env(PORT, port.to_string());
        if kind.has_login {
            command.env(LOGIN, "on");
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let found = output.by_ref().lines().map(Result::unwrap).find_map(|line| line.split_once(READY)?.1.parse().ok());
        Self { port: found.expect("the camera did not start"), process, _output: output }
    }
}

impl Drop for RtspCamera {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The process of a camera. It ends with its parent.
#[test]
#[ignore = "the process of a camera, which the other tests start"]
fn serve() {
    let Ok(launch) = std::env::var(LAUNCH) else { return };
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    gstreamer::init().unwrap();
    let server = server::RTSPServer::new();
    server.set_address("127.0.0.1");
    server.set_service(&std::env::var(PORT).unwrap());
    let factory = server::RTSPMediaFactory::new();
    factory.set_launch(&launch);
    factory.set_shared(true);
    if std::env::var(LOGIN).is_ok() {
        protect(&server, &factory);
    }
    server.mount_points().unwrap().add_factory("/live", factory);
    let _source = server.attach(None).unwrap();
    println!("{READY}{}", server.bound_port());
    glib::MainLoop::new(None, false).run();
}

/// Only the user may see and play.
fn protect(server: &server::RTSPServer, factory: &server::RTSPMediaFactory) {
    let auth = server::RTSPAuth::new();
    auth.set_supported_methods(gstreamer_rtsp_server::gst_rtsp::RTSPAuthMethod::Digest);
    let role = (server::RTSP_TOKEN_MEDIA_FACTORY_ROLE.as_str(), USER.to_send_value());
    auth.add_digest(USER, PASSWORD, &server::RTSPToken::from_iter([role]));
    server.set_auth(Some(&auth));
    factory.add_role_from_structure(
        &gstreamer::Structure::builder(USER)
            .field(server::RTSP_PERM_MEDIA_FACTORY_ACCESS.as_str(), true)
            .field(server::RTSP_PERM_MEDIA_FACTORY_CONSTRUCT.as_str(), true)
            .build(),
    );
}
