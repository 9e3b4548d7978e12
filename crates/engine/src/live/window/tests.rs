//! Windows of streams that keep all segments, on disks that do not take them.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use repcast_gstreamer::encode::AacEncoder;
use repcast_media::{CodecConfig, StreamConfig, Track, TrackId};
use repcast_model::geometry::Size;
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
    let part_target = rate.secs_at(FRAMES);
    let (longest_part_target, format) = (part_target, SegmentFormat::Mp4);
    let terms = WindowConfig { rate, part_target, longest_part_target, segment_frames: FRAMES, kind, format };
    let window = Window::with_spool(terms, spool);
    window.open(0);
    window
}

/// Publishes a segment, whose bytes are its number.
fn publish(window: &Window, sequence: u64) -> io::Result<()> {
    publish_track(window, sequence, &AacEncoder::track())
}

fn publish_track(window: &Window, sequence: u64, track: &Track) -> io::Result<()> {
    let start = (sequence - FIRST_SEQUENCE) * FRAMES;
    window.publish(Chunk {
        data: vec![sequence as u8; BYTES],
        whole: None,
        start,
        end: start + FRAMES,
        begins_at: Rational::from_integer(2 * (i128::from(sequence) - 1)),
        duration: Rational::from_integer(2),
        begins_segment: true,
        is_independent: true,
        ends_segment: true,
        init: (start == 0).then(|| Init { data: Vec::new(), track: track.clone(), codecs: String::new() }),
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

#[test]
fn a_reader_of_both_tracks_begins_where_there_is_audio() {
    let windows = || {
        let [video, audio] = [(); 2].map(|()| Arc::new(event_window(tempfile::tempfile, 100)));
        let rate = FrameRate::new(30, 1).unwrap();
        let avcc = vec![1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x28, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2];
        let config = StreamConfig { size: Size { width: 64, height: 64 }, rate, avcc };
        let track = Track { id: TrackId::VIDEO, timescale: 30, codec: CodecConfig::H264(config) };
        (1..=4).for_each(|sequence| publish_track(&video, sequence, &track).unwrap());
        (video, audio)
    };
    // The audio is behind the video, then in step, then ahead of it.
    for (audio_segments, expected) in [(1, 1), (3, 3), (4, 4), (6, 4)] {
        let (video, audio) = windows();
        assert!(JointReader::new(&video, Some(&audio)).is_none(), "there is no audio yet");
        (1..=audio_segments).for_each(|sequence| publish(&audio, sequence).unwrap());
        let mut reader = JointReader::new(&video, Some(&audio)).unwrap();
        for _ in 0..2 {
            let JointPart::Ready(data) = reader.next_part() else { panic!("{audio_segments}") };
            assert_eq!(data[0], expected, "{audio_segments}");
        }
    }
}

#[test]
fn discontinuities_of_other_renditions_are_those_of_the_next_segments() {
    let window = event_window(tempfile::tempfile, 100);
    let tagged = |window: &Window| {
        let text = window.playlist(&[], false);
        let segments = text.split(".m4s\n").filter(|segment| segment.contains("#EXTINF"));
        let tagged = segments.map(|segment| segment.contains("#EXT-X-DISCONTINUITY\n"));
        (1..).zip(tagged).filter(|(_, is_tagged)| *is_tagged).map(|(sequence, _)| sequence).collect::<Vec<u64>>()
    };
    (1..=2).for_each(|sequence| publish(&window, sequence).unwrap());
    assert_eq!(tagged(&window), [0; 0]);
    window.add_discontinuity();
    window.add_discontinuity();
    (3..=6).for_each(|sequence| publish(&window, sequence).unwrap());
    assert_eq!(tagged(&window), [3, 4]);
}

#[test]
fn a_rendition_of_text_has_no_init_segment_and_its_own_segments() {
    let rate = FrameRate::new(30, 1).unwrap();
    let (part_target, kind, format) = (Rational::from_integer(1), LivePlaylistKind::Sliding, SegmentFormat::WebVtt);
    let (longest_part_target, segment_frames) = (part_target, 60);
    let window = Window::new(WindowConfig { rate, part_target, longest_part_target, segment_frames, kind, format });
    window.open(0);
    for part in 0..5 {
        let ends_segment = part % 2 == 1;
        let chunk = Chunk {
            data: format!("part {part}").into_bytes(),
            whole: Some(format!("segment of {part}").into_bytes()),
            start: part * 30,
            end: part * 30 + 30,
            begins_at: rate.secs_at(part * 30),
            duration: Rational::from_integer(1),
            begins_segment: part % 2 == 0,
            is_independent: true,
            ends_segment,
            init: None,
        };
        window.publish(chunk).unwrap();
    }
    let text = window.playlist(&[], false);
    assert!(!text.contains("#EXT-X-MAP"), "{text}");
    for line in [
        "#EXT-X-PART:DURATION=1.000000,URI=\"1.0.vtt\",INDEPENDENT=YES",
        "1.vtt",
        "2.vtt",
        "#EXT-X-PART:DURATION=1.000000,URI=\"3.0.vtt\",INDEPENDENT=YES",
        "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"3.1.vtt\"",
    ] {
        assert!(text.lines().any(|listed| listed == line), "{line}: {text}");
    }
    let ready = |text: &str| Lookup::Ready(Bytes::from(text.to_owned()));
    assert_eq!(window.segment(2), ready("segment of 3"));
    assert_eq!(window.part(StreamPosition { sequence: 2, part: 1 }), ready("part 3"));
    assert_eq!(window.init(0), Lookup::NotYet);
    // A segment that the end of the stream closes is whole, too.
    window.end();
    assert_eq!(window.segment(3), ready("segment of 4"));
}
