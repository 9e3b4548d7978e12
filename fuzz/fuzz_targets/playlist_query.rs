//! The directives of playlist requests: every query is read or has an error, and every request has a decision, however far
//! the stream is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use repcast_mux::hls::{Decision, PlaylistEdge, Reload};

fuzz_target!(|query: &str| {
    let Ok(reload) = Reload::parse(Some(query)) else { return };
    let (sequence, part) = (reload.sequence.unwrap_or(0), reload.part.unwrap_or(0));
    for next_sequence in [0, sequence, sequence.saturating_add(1), u64::MAX] {
        for (parts, previous_parts) in [(0, 0), (part, part), (1, u64::MAX), (u64::MAX, 1)] {
            let edge = PlaylistEdge { next_sequence, parts, previous_parts, is_ended: false };
            let _ = reload.decide(edge);
            assert_eq!(reload.decide(PlaylistEdge { is_ended: true, ..edge }), Decision::Ready);
        }
    }
});
