//! Windows of streams that keep all segments, on disks that do not take them.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use repcast_mux::cmaf::Init;

/// Frames per segment, each of which is one part.
const FRAMES: u64 = 60;
/// Bytes of a segment.
const BYTES: usize = 1000;
/// Segments that are never on disk.
const IN_MEMORY: u64 = 24;

fn event_window(create: impl Fn() -> io::Result<File> + Send + 'static, segments_per_file: u64) -> Window {
    let rate = FrameRate::new(30, 1).unwrap();
    let kind = LivePlaylistKind::Event;
    let spool = Spool::new(Box::new(create), segments_per_file * BYTES as u64);
    let window = Window::with_spool(WindowConfig { rate, part_frames: FRAMES, segment_frames: FRAMES, kind }, spool);
    window.open(0);
    window
}

/// Publishes a segment, whose bytes are its number.
fn publish(window: &Window, sequence: u64) -> io::Result<()> {
    let start = (sequence - FIRST_SEQUENCE) * FRAMES;
    window.publish(Chunk {
        data: vec![sequence as u8; BYTES],
        start,
        end: start + FRAMES,
        duration: Rational::from_integer(2),
        begins_segment: true,
        ends_segment: true,
        init: (start == 0).then(|| Init { data: Vec::new(), codecs: String::new() }),
    })
}

/// The segments in the playlist, each of which must be available with its bytes.
fn listed(window: &Window) -> Vec<u64> {
    let text = window.playlist(&[], false);
    let names = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.strip_suffix(".m4s"));
    let listed: Vec<u64> = names.map(|number| number.parse().unwrap()).collect();
    assert!(text.contains(&format!("#EXT-X-MEDIA-SEQUENCE:{}\n", listed[0])), "{text}");
    for sequence in &listed {
        let data = match window.segment(*sequence) {
            Lookup::Ready(data) => data,
            Lookup::OnDisk(spooled) => spooled.read(0..spooled.length()).unwrap(),
            other => panic!("{sequence}: {other:?}"),
        };
        assert!(data == vec![*sequence as u8; BYTES], "{sequence}");
    }
    listed
}

fn is_event(window: &Window) -> bool {
    window.playlist(&[], false).contains("#EXT-X-PLAYLIST-TYPE:EVENT")
}

#[test]
fn a_stream_keeps_all_segments_while_there_is_room() {
    let window = event_window(tempfile::tempfile, 4);
    (1..=60).for_each(|sequence| publish(&window, sequence).unwrap());
    assert_eq!(listed(&window), (1..=60).collect::<Vec<_>>());
    assert!(is_event(&window));
}

#[test]
fn without_room_old_segments_leave_the_playlist() {
    let window = event_window(|| File::options().write(true).open("/dev/full"), 4);
    (1..=IN_MEMORY).for_each(|sequence| publish(&window, sequence).unwrap());
    assert!(is_event(&window));
    for sequence in IN_MEMORY + 1..=60 {
        let error = publish(&window, sequence).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(listed(&window), (sequence - IN_MEMORY + 1..=sequence).collect::<Vec<_>>());
        // Nothing may leave an event playlist.
        assert!(!is_event(&window));
    }
    assert_eq!(window.segment(36), Lookup::Gone);
    window.end();
    assert_eq!(listed(&window), (37..=60).collect::<Vec<_>>());
}

#[test]
fn the_oldest_file_makes_room_for_new_segments() {
    // The third file cannot be written to; there is room again when the first is gone.
    let created = Arc::new(AtomicUsize::new(0));
    let window = event_window(
        move || match created.fetch_add(1, Ordering::Relaxed) {
            2 => File::options().write(true).open("/dev/full"),
            _ => tempfile::tempfile(),
        },
        4,
    );
    let on_disk = |sequence: u64| sequence - IN_MEMORY;
    for sequence in 1..=60 {
        let is_refused = on_disk(sequence.max(IN_MEMORY)) == 9;
        assert_eq!(publish(&window, sequence).is_err(), is_refused, "{sequence}");
        let first = if sequence < 9 + IN_MEMORY { 1 } else { 5 };
        assert_eq!(listed(&window), (first..=sequence).collect::<Vec<_>>());
        assert_eq!(is_event(&window), first == 1);
    }
}

#[test]
fn segments_that_cannot_be_read_back_harm_no_others() {
    let file = tempfile::tempfile().unwrap();
    let truncated = file.try_clone().unwrap();
    let window = event_window(move || file.try_clone(), 100);
    (1..=30).for_each(|sequence| publish(&window, sequence).unwrap());
    truncated.set_len(BYTES as u64 * 3 / 2).unwrap();
    let read = |sequence| match window.segment(sequence) {
        Lookup::OnDisk(spooled) => {
            spooled.read(0..spooled.length()).map(|data| data.len()).map_err(|error| error.kind())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!([read(1), read(2)], [Ok(BYTES), Err(io::ErrorKind::UnexpectedEof)]);
    publish(&window, 31).unwrap();
    assert_eq!(read(7), Ok(BYTES));
}
