//! Encoders that die in mid-stream: real GStreamer elements under the names of hardware encoders that deliver, and then
//! fail, stall or return garbage. The stream must go on without a frame lost.


mod encoder;
mod stream;

use encoder::Ill;
use stream::{Outcome, decoded_frames, run_session};

/// Frames of the session. Its encoder falls ill after about a third of them.
const FRAMES: u64 = 300;

/// One encoder for each way to fail, so that the tests can run side by side.
const ENCODERS: [(&str, Ill); 5] = [
    ("nvh264enc", Ill::Fails),
    ("nvcudah264enc", Ill::Stalls),
    ("vah264enc", Ill::ReturnsGarbage),
    ("vah264lpenc", Ill::Hangs),
    ("qsvh264enc", Ill::Ends),
];

fn survives(index: usize) {
    encoder::register_all(&ENCODERS);
    let Outcome { failovers, encoder, playlist, media, longest_gap } = run_session(ENCODERS[index].0, FRAMES);
    assert_eq!((failovers, encoder), (1, "x264enc"), "{playlist}");
    // The other encoder has other parameter sets, so that players are told.
    assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{playlist}");
    assert!(playlist.contains("#EXT-X-MAP:URI=\"init-1.mp4\""), "{playlist}");
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n"), "{playlist}");
    // Every frame is there once.
    let (frames, errors) = decoded_frames(&media);
    assert_eq!((frames, errors.as_str()), (FRAMES, ""));
    let shown: f64 =
        playlist.lines().filter_map(|line| line.strip_prefix("#EXTINF:")?.strip_suffix(',')?.parse::<f64>().ok()).sum();
    assert!((shown - FRAMES as f64 / 30.0).abs() < 1e-4, "{shown} s: {playlist}");
    // How long viewers had to wait at most is a matter of the machine's mood.
    println!("{}: longest wait for a part {:.2} s", ENCODERS[index].0, longest_gap.as_secs_f64());
}

#[test]
fn an_encoder_that_fails_is_replaced() {
    survives(0);
}

#[test]
fn an_encoder_that_stalls_is_replaced() {
    survives(1);
}

#[test]
fn an_encoder_that_returns_garbage_is_replaced() {
    survives(2);
}

#[test]
fn an_encoder_that_hangs_is_replaced() {
    survives(3);
}

#[test]
fn an_encoder_that_ends_by_itself_is_replaced() {
    survives(4);
}
