//! `repcast doctor --camera`: what a camera sends, and what would be done with it.

use serde_json::json;

use crate::commands::{Failure, print_json, print_line};
use repcast_cameras::{CameraProbe, probe};
use repcast_capture::{AddressRules, CameraRequest, CameraUrl};
use repcast_media::Cidr;

/// The user of this machine reaches every address from here anyway.
const EVERYWHERE: [&str; 2] = ["0.0.0.0/0", "::/0"];

/// Looks at a camera, and prints what it sends.
///
/// # Errors
/// When the address is wrong, or the camera sends no picture.
pub(super) fn run(url: &str, is_json: bool) -> Result<(), Failure> {
    let (url, credentials) = CameraUrl::parse(url).map_err(|error| Failure::wrong(format!("--camera: {error}")))?;
    let allowed: Vec<Cidr> = EVERYWHERE.iter().filter_map(|range| range.parse().ok()).collect();
    let request = CameraRequest { url, credentials, rules: AddressRules::new(allowed) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::failed)?;
    let found = runtime.block_on(probe(request)).map_err(Failure::failed)?;
    if is_json { print_json(&report(&found), true) } else { print_line(&lines(&found).join("\n")) }
}

fn report(found: &CameraProbe) -> serde_json::Value {
    let (size, (video_plan, audio_plan)) = (found.video.size(), found.plan());
    json!({
        "codec": found.video.name(),
        "width": size.width,
        "height": size.height,
        "fps": (found.rate * 100.0).round() / 100.0,
        "key_interval": found.key_distance.map(|secs| (secs * 1000.0).round() / 1000.0),
        "bits_per_second": found.bits_per_second.round(),
        "audio": found.audio.as_ref().map(|format| format.name()),
        "video_plan": video_plan,
        "audio_plan": audio_plan,
        "advice": found.advice(),
    })
}

fn lines(found: &CameraProbe) -> Vec<String> {
    let (size, (video_plan, audio_plan)) = (found.video.size(), found.plan());
    let keys = match found.key_distance {
        Some(secs) => format!("a key frame every {secs:.1} s"),
        None => "one key frame".to_owned(),
    };
    let mut lines = vec![
        format!(
            "video: {} {}x{}, {:.1} pictures a second, {keys}",
            found.video.name(),
            size.width,
            size.height,
            found.rate
        ),
        format!("sound: {}", found.audio.as_ref().map_or("none", |format| format.name())),
        format!(
            "together: {:.1} Mbit/s, {:.1} GB an hour",
            found.bits_per_second / 1e6,
            found.bits_per_second * 450e-9
        ),
        format!("a recording: video {video_plan}; sound {audio_plan}"),
    ];
    lines.extend(found.advice().iter().map(|advice| format!("  -> {advice}")));
    lines
}
