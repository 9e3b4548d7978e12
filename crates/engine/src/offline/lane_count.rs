//! The number of lanes of a render, and the number of threads of an encoder that has the machine alone.

use crate::offline::memory_limit::available_bytes;
use repcast_gstreamer::encode::EncoderSettings;
use repcast_model::geometry::Size;

/// Pixels of all lanes' canvases together, with any amount of memory: each lane has surfaces on the device as well.
const LANE_PIXELS: u64 = 64 << 20;

/// Bytes of a render without its lanes: driver, fonts, loops and tiles shared by all lanes.
const SHARED_BYTES: u64 = 450 << 20;

/// Bytes of a lane per pixel of its canvas: surfaces, tiles and frames in flight.
const LANE_BYTES_PER_PIXEL: f64 = 32.0;

/// Bytes per pixel of a picture that x264 holds: its planes with their interpolated and scaled copies, and the input.
const HELD_BYTES_PER_PIXEL: f64 = 5.5;

/// The share of the free memory that a render plans with: other processes need memory, and each lane decodes clips that do
/// not loop itself.
const SHARE: f64 = 0.75;

/// The number of lanes of a render with independent GOPs: `wanted`, or as many as cores and memory allow; at most the number
/// of GOPs.
pub(super) fn count(settings: &EncoderSettings, frames: u64, wanted: Option<usize>) -> usize {
    let by_length = frames.div_ceil(u64::from(settings.key_interval).max(1));
    let wanted = wanted.map_or_else(|| fitting(settings, cores(), available_bytes()), |wanted| wanted as u64);
    wanted.min(by_length).max(1) as usize
}

/// The number of lanes for this many cores and this much memory.
fn fitting(settings: &EncoderSettings, cores: usize, available: Option<u64>) -> u64 {
    let Size { width, height } = settings.source;
    let pixels = (u64::from(width) * u64::from(height)).max(1);
    let planned = available.map(|bytes| ((bytes as f64 * SHARE) as u64).saturating_sub(SHARED_BYTES));
    let by_memory = planned.map_or(u64::MAX, |bytes| bytes / lane_bytes(settings.preset, pixels));
    (cores as u64).min(LANE_PIXELS / pixels).min(by_memory).max(1)
}

/// Bytes of a lane with a single-threaded encoder.
fn lane_bytes(preset: &str, pixels: u64) -> u64 {
    let per_pixel = LANE_BYTES_PER_PIXEL + HELD_BYTES_PER_PIXEL * f64::from(held_pictures(preset));
    (per_pixel * pixels as f64) as u64
}

/// Pictures that x264 holds at a preset: lookahead, delayed B-frames and references (x264, `common/base.c`,
/// `param_apply_preset`).
fn held_pictures(preset: &str) -> u32 {
    match preset {
        "ultrafast" => 1,
        "superfast" => 3 + 1,
        "veryfast" => 10 + 3 + 1,
        "faster" => 20 + 3 + 2,
        "fast" => 30 + 3 + 2,
        "medium" => 40 + 3 + 3,
        "slow" => 50 + 3 + 5,
        "slower" => 60 + 3 + 8,
        "veryslow" => 60 + 8 + 16,
        _ => 60 + 16 + 16,
    }
}

/// Threads of an encoder that has the machine alone: the number that x264 chooses itself.
pub(super) fn all_threads() -> usize {
    match cores() {
        1 => 1,
        cores => cores * 3 / 2,
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;
    use repcast_gstreamer::encode::{PRESETS, Purpose, Quality};
    use repcast_model::time::FrameRate;

    fn settings(preset: &'static str, (width, height): (u32, u32)) -> EncoderSettings {
        let size = Size { width, height };
        EncoderSettings {
            source: size,
            size,
            rate: FrameRate::new(30, 1).unwrap(),
            quality: Quality::Crf(23),
            preset,
            key_interval: 60,
            reorder: true,
            purpose: Purpose::File,
            threads: 0,
        }
    }

    const FULL: (u32, u32) = (1920, 1080);

    #[test]
    fn lanes_fit_the_available_memory() {
        let lanes = |preset, size, available: Option<u64>| fitting(&settings(preset, size), 16, available);
        assert_eq!(lanes("veryfast", FULL, None), 16);
        assert_eq!(lanes("veryfast", FULL, Some(64 << 30)), 16);
        // Three quarters of two gigabytes less the shared memory, at 226 MB per lane.
        assert_eq!(lanes("veryfast", FULL, Some(2 << 30)), 5);
        assert_eq!(lanes("ultrafast", FULL, Some(2 << 30)), 14);
        assert_eq!(lanes("ultrafast", FULL, Some(1 << 30)), 4);
        assert_eq!(lanes("medium", FULL, Some(4 << 30)), 4);
        assert_eq!(lanes("veryfast", (1280, 720), Some(2 << 30)), 11);
        assert_eq!(lanes("veryfast", (3840, 2160), Some(64 << 30)), 8);
        for preset in PRESETS {
            // One lane is needed in any case.
            assert_eq!(lanes(preset, FULL, Some(0)), 1, "{preset}");
            for available in (0..64).map(|step| step << 28) {
                let fitting = lanes(preset, FULL, Some(available));
                let planned = SHARED_BYTES + fitting * lane_bytes(preset, 1920 * 1080);
                assert!(
                    fitting == 1 || planned as f64 <= available as f64 * SHARE,
                    "{preset}: {fitting} in {available}"
                );
            }
        }
    }

    #[test]
    fn the_wanted_number_is_limited_by_the_number_of_gops() {
        let settings = settings("veryfast", FULL);
        assert_eq!(count(&settings, 36_000, Some(40)), 40);
        assert_eq!(count(&settings, 301, Some(40)), 6);
        assert_eq!(count(&settings, 1, None), 1);
        assert_eq!(count(&settings, 0, Some(3)), 1);
    }
}
