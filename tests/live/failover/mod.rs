//! Encoders that fail in mid-stream: GStreamer elements under the names of hardware encoders that work at first, and then
//! report an error, stall, hang, end, or output garbage. The stream must continue without a lost frame.

mod encoder;
mod stream;

use encoder::Failure;
use stream::{Outcome, decoded_frames, run_session};

/// Frames of the session. Its encoder fails after about a third of them.
const FRAMES: u64 = 300;

/// One encoder name for each failure, so that the tests can run in parallel.
const ENCODERS: [(&str, Failure); 5] = [
    ("nvh264enc", Failure::Error),
    ("nvcudah264enc", Failure::Stall),
    ("vah264enc", Failure::Garbage),
    ("vah264lpenc", Failure::Hang),
    ("qsvh264enc", Failure::EndOfStream),
];

fn check_replacement(index: usize) {
    encoder::register_all(&ENCODERS);
    // One of them has sound.
    let outcome = run_session(ENCODERS[index].0, FRAMES, index == 0);
    let Outcome { failovers, encoder, playlist, audio_playlist, media, longest_gap } = outcome;
    assert_eq!((failovers, encoder), (1, "x264enc"), "{playlist}");
    // The replacement has other parameter sets, which the playlist announces as a discontinuity.
    assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{playlist}");
    assert!(playlist.contains("#EXT-X-MAP:URI=\"init-1.mp4\""), "{playlist}");
    assert_eq!(audio_playlist.is_some(), index == 0);
    if let Some(audio) = audio_playlist {
        // The audio goes on, but players expect as many discontinuities of it.
        assert_eq!(audio.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{audio}");
        assert!(!audio.contains("init-1.mp4") && audio.ends_with("#EXT-X-ENDLIST\n"), "{audio}");
    }
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n"), "{playlist}");
    // Every frame exists once.
    let (frames, errors) = decoded_frames(&media);
    assert_eq!((frames, errors.as_str()), (FRAMES, ""));
    let shown: f64 =
        playlist.lines().filter_map(|line| line.strip_prefix("#EXTINF:")?.strip_suffix(',')?.parse::<f64>().ok()).sum();
    assert!((shown - FRAMES as f64 / 30.0).abs() < 1e-4, "{shown} s: {playlist}");
    // Printed only: the longest gap between two parts depends on the load of the machine.
    println!("{}: longest wait for a part {:.2} s", ENCODERS[index].0, longest_gap.as_secs_f64());
}

#[test]
fn an_encoder_that_reports_an_error_is_replaced() {
    check_replacement(0);
}

#[test]
fn an_encoder_that_stalls_is_replaced() {
    check_replacement(1);
}

#[test]
fn an_encoder_that_outputs_garbage_is_replaced() {
    check_replacement(2);
}

#[test]
fn an_encoder_that_hangs_is_replaced() {
    check_replacement(3);
}

#[test]
fn an_encoder_that_ends_its_stream_is_replaced() {
    check_replacement(4);
}
