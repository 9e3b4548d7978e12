//! Settings of an encoder.

use std::time::Duration;

use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// Names of the x264 presets, the fastest first.
pub const PRESETS: [&str; 10] =
    ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"];

/// The largest CRF that x264 accepts.
pub const MAX_CRF: u32 = 50;

/// The rate control mode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quality {
    /// Constant rate factor, 1 (best) to [`MAX_CRF`]. 0 is excluded: x264 then uses a lossless profile that players do
    /// not decode.
    Crf(u32),
    /// Constant bit rate, in kbit/s.
    Bitrate(u32),
}

/// What the encoder is optimised for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A small file. The encoder may look ahead and take its time.
    File,
    /// Low latency. The encoder neither looks ahead nor reorders frames.
    Live {
        /// How long an encoder with pending pictures may deliver nothing before it counts as failed.
        stall: Duration,
    },
}

/// Settings of an encoder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncoderSettings {
    /// Size of the pushed pictures, in pixels.
    pub source: Size,
    /// Size of the encoded frames, in pixels.
    pub size: Size,
    /// Frames per second.
    pub rate: FrameRate,
    /// The rate control mode.
    pub quality: Quality,
    /// One of [`PRESETS`]; only x264 has presets.
    pub preset: &'static str,
    /// Frames between two key frames.
    pub key_interval: u32,
    /// Whether B-frames are allowed, which make the stream smaller; decoding order then differs from presentation
    /// order.
    pub reorder: bool,
    /// What the encoder is optimised for.
    pub purpose: Purpose,
    /// Threads of x264; 0 for a number that depends on the CPU cores.
    pub threads: usize,
}

impl EncoderSettings {
    /// The settings that affect the encoded stream, in the format documented at [`fingerprint`](super::fingerprint).
    pub(super) fn canonical_text(&self) -> String {
        let Self { source, size, rate, quality, preset, key_interval, reorder, purpose, threads } = self;
        let quality = match quality {
            Quality::Crf(crf) => format!("crf {crf}"),
            Quality::Bitrate(kbps) => format!("bitrate {kbps}"),
        };
        let purpose = match purpose {
            Purpose::File => "file",
            Purpose::Live { stall: _ } => "live",
        };
        let threads = if *threads == 0 { "auto".to_owned() } else { threads.to_string() };
        format!(
            "source {}x{}\nsize {}x{}\nrate {}/{}\n{quality}\npreset {preset}\nkey-interval {key_interval}\n\
             reorder {reorder}\npurpose {purpose}\nthreads {threads}\n",
            source.width,
            source.height,
            size.width,
            size.height,
            rate.numerator(),
            rate.denominator(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_text_has_the_documented_format() {
        let settings = EncoderSettings {
            source: Size { width: 1920, height: 1080 },
            size: Size { width: 1280, height: 720 },
            rate: FrameRate::new(30_000, 1001).unwrap(),
            quality: Quality::Crf(23),
            preset: "medium",
            key_interval: 60,
            reorder: true,
            purpose: Purpose::File,
            threads: 1,
        };
        let lines = "source 1920x1080\nsize 1280x720\nrate 30000/1001\ncrf 23\npreset medium\nkey-interval 60\n\
                     reorder true\npurpose file\nthreads 1\n";
        assert_eq!(settings.canonical_text(), lines);
        // The stall timeout does not affect the stream.
        let live = |millis| EncoderSettings {
            quality: Quality::Bitrate(4000),
            purpose: Purpose::Live { stall: Duration::from_millis(millis) },
            threads: 0,
            ..settings.clone()
        };
        assert_eq!(live(500).canonical_text(), live(900).canonical_text());
        assert!(live(500).canonical_text().ends_with("purpose live\nthreads auto\n"));
        assert!(live(500).canonical_text().contains("\nbitrate 4000\n"));
    }
}
