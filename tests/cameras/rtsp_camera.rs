//! A camera that speaks RTSP: GStreamer's server, on a thread with a main loop of its own.

use std::sync::mpsc;
use std::thread;

use gstreamer::glib;
use gstreamer_rtsp_server as server;
use gstreamer_rtsp_server::prelude::*;

/// What a camera sends.
pub(crate) struct CameraKind {
    /// The video, down to its payloader.
    pub(crate) video: &'static str,
    /// The sound, down to its payloader.
    pub(crate) audio: &'static str,
    /// A user name and a password.
    pub(crate) login: Option<(&'static str, &'static str)>,
}

/// 25 pictures a second, of which one in twelve is a key frame.
pub(crate) const H264: &str = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=25/1 \
     ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=12 ! video/x-h264,profile=main ! rtph264pay name=pay0 pt=96";
pub(crate) const H265: &str = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=25/1 \
     ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=12 ! rtph265pay name=pay0 pt=96";
pub(crate) const AAC: &str = "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=48000,channels=1 ! avenc_aac \
     ! rtpmp4gpay name=pay1 pt=97";

/// A camera that runs until it is dropped.
pub(crate) struct RtspCamera {
    pub(crate) port: u16,
    main_loop: glib::MainLoop,
    thread: Option<thread::JoinHandle<()>>,
}

impl RtspCamera {
    /// Starts a camera at a free port, or at this one.
    pub(crate) fn start(kind: &CameraKind, port: u16) -> Self {
        gstreamer::init().unwrap();
        let launch = format!("( {} {} )", kind.video, kind.audio);
        let login = kind.login;
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || {
            let context = glib::MainContext::new();
            let main_loop = glib::MainLoop::new(Some(&context), false);
            context
                .with_thread_default(|| {
                    let server = server::RTSPServer::new();
                    server.set_address("127.0.0.1");
                    server.set_service(&port.to_string());
                    let factory = server::RTSPMediaFactory::new();
                    factory.set_launch(&launch);
                    factory.set_shared(true);
                    if let Some((user, password)) = login {
                        protect(&server, &factory, user, password);
                    }
                    server.mount_points().unwrap().add_factory("/live", factory);
                    let source = server.attach(Some(&context)).unwrap();
                    sender.send((server.bound_port() as u16, main_loop.clone())).unwrap();
                    main_loop.run();
                    // Its clients are closed with it.
                    server.client_filter(Some(|_: &server::RTSPServer, _: &server::RTSPClient| {
                        server::RTSPFilterResult::Remove
                    }));
                    source.remove();
                })
                .unwrap();
        });
        let (port, main_loop) = receiver.recv().unwrap();
        Self { port, main_loop, thread: Some(thread) }
    }
}

impl Drop for RtspCamera {
    fn drop(&mut self) {
        self.main_loop.quit();
        let _ = self.thread.take().unwrap().join();
    }
}

/// Only this user may see and play.
fn protect(server: &server::RTSPServer, factory: &server::RTSPMediaFactory, user: &str, password: &str) {
    let auth = server::RTSPAuth::new();
    auth.set_supported_methods(gstreamer_rtsp_server::gst_rtsp::RTSPAuthMethod::Digest);
    let token = server::RTSPToken::new(&[(server::RTSP_TOKEN_MEDIA_FACTORY_ROLE.as_str(), &"coach")]);
    auth.add_digest(user, password, &token);
    server.set_auth(Some(&auth));
    let permissions = server::RTSPPermissions::new();
    let _ = (&permissions, factory);
    factory.add_role_from_structure(
        &gstreamer::Structure::builder("coach")
            .field(server::RTSP_PERM_MEDIA_FACTORY_ACCESS.as_str(), true)
            .field(server::RTSP_PERM_MEDIA_FACTORY_CONSTRUCT.as_str(), true)
            .build(),
    );
}
