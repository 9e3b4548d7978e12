//! Courts with cameras: sessions in which someone uses one, and what is recorded there.
//!
//! ```text
//! terrains    courts and their cameras; passwords are encrypted
//! sessions    a camera that is open, until it is closed; one connection for all of its sessions
//! preview     pictures for those who watch
//! recordings  one MP4 a session
//! restart     what another process has left goes on
//! files       complete recordings
//! ```

mod clock;
mod files;
mod health;
mod login;
mod preview;
mod recordings;
mod restart;
mod sessions;
mod terrains;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use repcast_cameras::{GapPolicy, JpegSettings, Preview, Recorder};
use repcast_capture::{AddressRules, Camera};
use repcast_media::Cidr;
use tokio::sync::watch;

pub use files::{CameraClip, RecordedFile, RecordingDownload};
pub use health::CameraHealth;
pub use preview::{PreviewInfo, PreviewViewer};
pub use recordings::{Marker, RecordingReport, ReportedGap};
pub use sessions::CameraSession;
pub use terrains::{CameraSpec, Terrain, TerrainSpec};

/// How cameras are used.
#[derive(Clone, Debug)]
pub struct CameraConfig {
    /// Address ranges that cameras may have although they are not of the internet or a local network.
    pub allowed: Vec<Cidr>,
    /// Sessions at a time.
    pub max_sessions: usize,
    /// How long a recording is that states nothing.
    pub recording_time: Duration,
    /// Bytes that recordings leave free on the disk.
    pub free_bytes: u64,
    /// What becomes of times without pictures.
    pub gaps: GapPolicy,
    /// How previews look.
    pub preview: JpegSettings,
    /// Those who watch a camera at a time.
    pub max_viewers: usize,
}

impl Default for CameraConfig {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            max_sessions: 10,
            recording_time: Duration::from_secs(90 * 60),
            free_bytes: 2_000_000_000,
            gaps: GapPolicy::Hold,
            preview: JpegSettings::default(),
            max_viewers: 5,
        }
    }
}

/// The longest recording.
pub(crate) const MAX_RECORDING_TIME: Duration = Duration::from_secs(12 * 3600);

/// The cameras of a process.
#[derive(Debug)]
pub(crate) struct Cameras {
    config: CameraConfig,
    rules: AddressRules,
    /// The folder of recordings, one for each club.
    folder: PathBuf,
    /// Names the folder in the database, which others may share.
    server: String,
    sessions: Mutex<HashMap<String, Arc<OpenSession>>>,
    /// One clip is cut at a time: recordings come first.
    cutting: tokio::sync::Mutex<()>,
    /// The cameras that are open, by address and login.
    open: Mutex<HashMap<String, Weak<OpenCamera>>>,
}

/// A camera that is open, and its preview.
#[derive(Debug)]
pub(crate) struct OpenCamera {
    camera: Arc<Camera>,
    preview: Arc<Preview>,
}

/// A session that is open in this process.
#[derive(Debug)]
pub(crate) struct OpenSession {
    camera: Arc<OpenCamera>,
    /// Its receivers learn that the session is closed.
    open: watch::Sender<()>,
    recorder: Mutex<Option<Arc<Recorder>>>,
}

/// The name of the file that names a data folder.
const SERVER_FILE: &str = "server";

impl Cameras {
    /// The cameras of a data folder.
    pub(crate) fn new(config: CameraConfig, data: &Path) -> std::io::Result<Self> {
        let folder = data.join("videos");
        std::fs::create_dir_all(&folder)?;
        let path = data.join(SERVER_FILE);
        let server = match std::fs::read_to_string(&path) {
            Ok(server) if !server.trim().is_empty() => server.trim().to_owned(),
            _ => {
                let server = uuid::Uuid::new_v4().simple().to_string();
                std::fs::write(&path, &server)?;
                server
            }
        };
        let rules = AddressRules::new(config.allowed.clone());
        Ok(Self {
            config,
            rules,
            folder,
            server,
            sessions: Mutex::default(),
            cutting: tokio::sync::Mutex::default(),
            open: Mutex::default(),
        })
    }

    fn session(&self, id: &str) -> Option<Arc<OpenSession>> {
        self.sessions.lock().get(id).cloned()
    }
}
