//! Limits of what clients run.

use clap::Args;
use repcast_service::ClientQuota;

/// The most that one client may run at the same time.
#[derive(Debug, Args)]
pub(crate) struct QuotaArgs {
    /// Live sessions that one address may run at the same time, without the server's token.
    #[arg(long, help_heading = "Limits", value_name = "N", default_value_t = ClientQuota::default().sessions)]
    pub(crate) max_sessions_per_address: u32,
    /// Hours that the live sessions of one address may last together, if there are several.
    #[arg(long, help_heading = "Limits", value_name = "HOURS", default_value_t = ClientQuota::default().session_time.as_secs() / 3600, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    pub(crate) max_hours_per_address: u64,
    /// Videos that one address may have generated at the same time, without the server's token.
    #[arg(long, help_heading = "Limits", value_name = "N", default_value_t = ClientQuota::default().videos)]
    pub(crate) max_videos_per_address: u32,
}

/// The limits of each generated video.
#[derive(Debug, Args)]
pub(crate) struct GenerationArgs {
    /// Megabytes that each video being made may add to the memory of the process; beyond, the newest ends early.
    #[arg(long, help_heading = "Limits", value_name = "MB", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) generation_memory: u64,
    /// Seconds that a video being made may take for one frame, and its client for nothing.
    #[arg(long, help_heading = "Limits", value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) generation_stall: u64,
}
