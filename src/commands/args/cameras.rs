//! The options of cameras.

use std::time::Duration;

use clap::{Args, ValueEnum};
use repcast_http::Cidr;
use repcast_service::{CameraConfig, GapPolicy, JpegSettings};

/// How cameras are used.
#[derive(Debug, Args)]
pub(crate) struct CameraArgs {
    /// Address range that cameras may have although it is not of the internet or a local network, such as 127.0.0.1; repeatable.
    #[arg(long, help_heading = "Cameras", value_name = "CIDR")]
    pub(crate) camera_allow: Vec<Cidr>,
    /// Camera sessions at a time.
    #[arg(long, help_heading = "Cameras", value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) camera_sessions: u16,
    /// Longest time of a recording that states none, in minutes.
    #[arg(long, help_heading = "Cameras", value_name = "MINUTES", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=720))]
    pub(crate) recording_minutes: u16,
    /// Megabytes that recordings leave free on the disk: with less, none starts, and those that run end.
    #[arg(long, help_heading = "Cameras", value_name = "MB", default_value_t = 2000)]
    pub(crate) recording_free_mb: u64,
    /// People who may watch a camera at a time.
    #[arg(long, help_heading = "Cameras", value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) preview_viewers: u16,
    /// Pictures a second of a preview.
    #[arg(long, help_heading = "Cameras", value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) preview_fps: u32,
    /// Width of a preview in pixels, at most.
    #[arg(long, help_heading = "Cameras", value_name = "PIXELS", default_value_t = 960, value_parser = clap::value_parser!(u32).range(64..=3840))]
    pub(crate) preview_width: u32,
    /// What a recording shows while its camera is away: the last picture, or nothing.
    #[arg(long, help_heading = "Cameras", value_name = "WHAT", default_value = "hold")]
    pub(crate) recording_gaps: Gaps,
}

/// What becomes of times without pictures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Gaps {
    /// The last picture stands: the recording is as long as the match.
    Hold,
    /// They are left out.
    Cut,
}

impl CameraArgs {
    /// How the service uses cameras.
    pub(crate) fn config(&self) -> CameraConfig {
        CameraConfig {
            allowed: self.camera_allow.clone(),
            max_sessions: self.camera_sessions.into(),
            recording_time: Duration::from_secs(60 * u64::from(self.recording_minutes)),
            preview: JpegSettings { max_width: self.preview_width, rate: self.preview_fps, ..JpegSettings::default() },
            max_viewers: self.preview_viewers.into(),
            free_bytes: self.recording_free_mb.saturating_mul(1_000_000),
            gaps: match self.recording_gaps {
                Gaps::Hold => GapPolicy::Hold,
                Gaps::Cut => GapPolicy::Cut,
            },
        }
    }
}
