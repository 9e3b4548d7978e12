use std::io::Cursor;

use mp4_atom::{Any, DecodeMaybe, Moov};

use super::*;
use crate::test_media::{aac_sample, aac_track, video_track};
use repcast_media::{EncodedFrame, Timebase};
use repcast_model::time::FrameRate;

type Recording = RecordingMuxer<Cursor<Vec<u8>>>;

fn recording(expected_secs: u64) -> Recording {
    let tracks = [video_track(), aac_track()];
    RecordingMuxer::new(Cursor::new(Vec::new()), PathBuf::new(), &tracks, expected_secs).unwrap()
}

/// Frames from a number to another, half a second at most, the first a key frame at every second.
fn frames(numbers: std::ops::Range<u64>) -> Vec<Sample> {
    let timebase = Timebase::new(FrameRate::new(30, 1).unwrap()).unwrap();
    let frame = |frame: u64| {
        let (is_key, data) = (frame.is_multiple_of(30), vec![0, 0, 0, 1, frame as u8]);
        timebase.sample(EncodedFrame { frame, is_key, data }, frame)
    };
    numbers.map(frame).collect()
}

fn units(numbers: std::ops::Range<i64>) -> Vec<Sample> {
    numbers.map(|number| aac_sample(number * 1024, number * 1024)).collect()
}

fn boxes(mut bytes: &[u8]) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    while let Some((size, _)) = bytes.split_first_chunk::<4>() {
        let name = String::from_utf8(bytes[4..8].to_vec()).unwrap();
        let size = match u32::from_be_bytes(*size) {
            1 => u64::from_be_bytes(bytes[8..16].try_into().unwrap()),
            size => u64::from(size),
        };
        found.push((name, size));
        bytes = &bytes[usize::try_from(size).unwrap()..];
    }
    found
}

fn names(bytes: &[u8]) -> Vec<String> {
    boxes(bytes).into_iter().map(|(name, _)| name).collect()
}

fn movie_of(bytes: &[u8]) -> Moov {
    let mut at = 0;
    for (name, size) in boxes(bytes) {
        if name == "moov" {
            let Some(Any::Moov(moov)) = Any::decode_maybe(&mut &bytes[at..]).unwrap() else { panic!("no moov") };
            return moov;
        }
        at += usize::try_from(size).unwrap();
    }
    panic!("no moov")
}

/// Every sample that an index names: the first byte of each is found where it says.
fn samples_of(bytes: &[u8], track: usize) -> Vec<Vec<u8>> {
    let stbl = &movie_of(bytes).trak[track].mdia.minf.stbl;
    let mp4_atom::StszSamples::Different { sizes } = &stbl.stsz.samples else { panic!("sizes") };
    let chunks: Vec<u64> = match (&stbl.stco, &stbl.co64) {
        (Some(stco), _) => stco.entries.iter().copied().map(u64::from).collect(),
        (_, Some(co64)) => co64.entries.clone(),
        _ => panic!("no chunks"),
    };
    let mut sizes = sizes.iter();
    let mut samples = Vec::new();
    for (number, chunk) in (1..).zip(chunks) {
        let runs = stbl.stsc.entries.iter().rev();
        let count = runs.clone().find(|entry| entry.first_chunk <= number).unwrap().samples_per_chunk;
        let mut at = chunk as usize;
        for _ in 0..count {
            let size = *sizes.next().unwrap() as usize;
            samples.push(bytes[at..at + size].to_vec());
            at += size;
        }
    }
    assert_eq!(sizes.next(), None);
    samples
}

#[test]
fn a_finished_recording_has_its_index_in_front_and_its_samples_where_they_were() {
    let mut recording = recording(3600);
    for half in 0..4 {
        recording.push(frames(half * 15..half * 15 + 15)).unwrap();
        recording.push(units(half as i64 * 24..half as i64 * 24 + 24)).unwrap();
    }
    let grown = recording.output().get_ref().clone();
    assert_eq!(grown.len() as u64, recording.len());
    assert_eq!(names(&grown)[..4], ["ftyp", "free", "moov", "moof"]);
    assert_eq!((recording.frames(), recording.secs()), (60, Rational::from_integer(2)));
    let mut states = Vec::new();
    let sync = |output: &mut Cursor<Vec<u8>>| {
        states.push(output.get_ref().clone());
        Ok(())
    };
    let (output, summary) = recording.finish(sync).unwrap();
    let bytes = output.into_inner();
    assert_eq!(summary, OutputSummary { frames: 60, bytes: bytes.len() as u64 });
    assert_eq!(names(&bytes), ["ftyp", "moov", "free", "mdat"]);
    // Until the first eight bytes of the space change, it is the file that grew, whose space is not read.
    assert_eq!(boxes(&states[0]), boxes(&grown));
    assert_eq!(states[1], bytes);
    assert_eq!(bytes.len(), grown.len());
    let video: Vec<_> = frames(0..60).into_iter().map(|sample| sample.data).collect();
    assert_eq!(samples_of(&bytes, 0), video);
    assert_eq!(samples_of(&bytes, 1).len(), 96);
    let moov = movie_of(&bytes);
    assert!(moov.trak.iter().all(|track| track.edts.is_none()) && moov.mvex.is_none());
    assert_eq!(moov.trak[0].mdia.mdhd.duration, 60 * 512);
}

#[test]
fn a_recording_that_begins_later_begins_at_0_and_keeps_its_tracks_in_step() {
    let mut recording = recording(60);
    // The first unit of audio from 10 s on begins 256 samples later: 10 s are 468.75 units.
    recording.push(frames(300..315)).unwrap();
    recording.push(units(468..492)).unwrap();
    let (output, _) = recording.finish(|_| Ok(())).unwrap();
    let moov = movie_of(output.get_ref());
    assert!(moov.trak[0].edts.is_none());
    let edits = moov.trak[1].edts.clone().unwrap().elst.unwrap().entries;
    let timescale = u64::from(moov.mvhd.timescale);
    let edits: Vec<_> = edits.iter().map(|edit| (edit.segment_duration, edit.media_time)).collect();
    assert_eq!(edits, [(timescale * 256 / 48_000, None), (timescale * 23 * 1024 / 48_000, Some(0))]);
    assert_eq!(samples_of(output.get_ref(), 1).len(), 23);
    assert_eq!(moov.mvhd.duration, timescale / 2);
}

#[test]
fn a_frame_before_dropped_ones_is_shown_for_longer() {
    let mut recording = recording(60);
    recording.push(frames(0..15)).unwrap();
    recording.push(frames(20..30)).unwrap();
    let (output, _) = recording.finish(|_| Ok(())).unwrap();
    let moov = movie_of(output.get_ref());
    let durations = &moov.trak[0].mdia.minf.stbl.stts.entries;
    let durations: Vec<_> = durations.iter().map(|entry| (entry.sample_count, entry.sample_delta)).collect();
    assert_eq!(durations, [(14, 512), (1, 6 * 512), (10, 512)]);
    assert_eq!(moov.trak[0].mdia.mdhd.duration, 30 * 512);
    assert_eq!(moov.trak.len(), 1, "there was no audio");
}

#[test]
fn an_index_that_outgrows_its_space_is_at_the_end() {
    let mut recording = recording(0);
    (0..600).for_each(|half| recording.push(frames(half * 15..half * 15 + 15)).unwrap());
    let (output, _) = recording.finish(|_| Ok(())).unwrap();
    let bytes = output.into_inner();
    assert_eq!(names(&bytes), ["ftyp", "mdat", "moov"]);
    assert_eq!(samples_of(&bytes, 0).len(), 9000);
}

#[test]
fn the_space_holds_the_index_of_the_expected_length() {
    for (secs, part) in [(1, 6), (60, 15), (600, 6)] {
        let mut recording = recording(secs);
        let mut unit = 0;
        for start in (0..secs * 30).step_by(part) {
            let end = start + part as u64;
            recording.push(frames(start..end)).unwrap();
            let reached = i64::try_from((end * 48_000 / 30).div_ceil(1024)).unwrap();
            recording.push(units(unit..reached)).unwrap();
            unit = reached;
        }
        let (output, _) = recording.finish(|_| Ok(())).unwrap();
        assert_eq!(names(output.get_ref()), ["ftyp", "moov", "free", "mdat"], "{secs} s");
    }
}

#[test]
fn samples_that_cannot_follow_are_rejected_and_change_nothing() {
    let mut recording = recording(60);
    assert!(matches!(recording.push(units(0..1)), Err(MuxError::Tracks(_))));
    assert!(matches!(recording.push(frames(1..2)), Err(MuxError::FirstNotKey { .. })));
    recording.push(frames(0..15)).unwrap();
    let len = recording.len();
    assert!(matches!(recording.push(frames(10..20)), Err(MuxError::DecodeTime { .. })));
    assert_eq!(recording.len(), len);
    let empty = self::recording(60);
    assert!(matches!(empty.finish(|_| Ok(())), Err(MuxError::Empty)));
}

/// Two seconds of both tracks, and where each pair of fragments ends.
fn grown() -> (Vec<u8>, Vec<usize>) {
    let mut recording = recording(60);
    let mut ends = vec![recording.len() as usize];
    for half in 0..4 {
        recording.push(frames(half * 15..half * 15 + 15)).unwrap();
        ends.push(recording.len() as usize);
        recording.push(units(half as i64 * 24..half as i64 * 24 + 24)).unwrap();
        ends.push(recording.len() as usize);
    }
    (recording.output().get_ref().clone(), ends)
}

fn resumed(bytes: &[u8]) -> Result<(Recording, Vec<Track>), MuxError> {
    RecordingMuxer::resume(Cursor::new(bytes.to_vec()), PathBuf::new())
}

#[test]
fn a_recording_that_ended_anywhere_is_continued_after_its_last_whole_fragment() {
    let (bytes, ends) = grown();
    let video: Vec<_> = frames(0..60).into_iter().map(|sample| sample.data).collect();
    for len in ends[0]..=bytes.len() {
        let (mut recording, tracks) = resumed(&bytes[..len]).unwrap();
        assert_eq!(tracks, [video_track(), aac_track()]);
        let whole = ends.iter().rposition(|end| *end <= len).unwrap();
        assert_eq!(recording.len() as usize, ends[whole], "{len}");
        let halves = whole.div_ceil(2);
        assert_eq!(recording.frames() as usize, halves * 15);
        recording.output.get_mut().truncate(ends[whole]);
        // Ten seconds later.
        recording.push(frames(360..375)).unwrap();
        let (output, _) = recording.finish(|_| Ok(())).unwrap();
        let samples = samples_of(output.get_ref(), 0);
        assert_eq!(samples[..halves * 15], video[..halves * 15]);
        assert_eq!(samples.len(), halves * 15 + 15);
        let moov = movie_of(output.get_ref());
        let edits = moov.trak[0].edts.as_ref().and_then(|edts| edts.elst.as_ref()).map_or(0, |elst| elst.entries.len());
        // A file that had no frame begins with an edit that waits for the first.
        assert_eq!(edits, if halves == 0 { 2 } else { 0 });
        assert_eq!(moov.mvhd.duration * 2 / u64::from(moov.mvhd.timescale), 25);
    }
}

#[test]
fn a_resumed_recording_is_the_recording_that_was_not_interrupted() {
    let (bytes, ends) = grown();
    let (mut recording, _) = resumed(&bytes[..ends[4]]).unwrap();
    for half in 2..4 {
        recording.push(frames(half * 15..half * 15 + 15)).unwrap();
        recording.push(units(half as i64 * 24..half as i64 * 24 + 24)).unwrap();
    }
    assert_eq!(recording.output().get_ref(), &bytes);
    let complete = |recording: Recording| recording.finish(|_| Ok(())).unwrap().0.into_inner();
    assert_eq!(complete(recording), complete(resumed(&bytes).unwrap().0));
}

#[test]
fn bytes_that_were_not_stored_are_not_used() {
    let (mut bytes, ends) = grown();
    // The size of the file is kept, and not what was written last.
    let last_video = ends[7] - 20;
    bytes[last_video..].fill(0);
    let (recording, _) = resumed(&bytes).unwrap();
    assert_eq!((recording.len() as usize, recording.frames()), (ends[6], 45));
}

#[test]
fn only_recordings_that_grow_are_resumed() {
    let (bytes, ends) = grown();
    let finished = resumed(&bytes).unwrap().0.finish(|_| Ok(())).unwrap().0.into_inner();
    for other in
        [&finished[..], b"", b"text that is no movie at all", &bytes[..ends[0] - 1], &vec![0; 4096], &vec![255; 4096]]
    {
        assert!(resumed(other).is_err());
    }
}

#[test]
fn a_clip_has_the_samples_between_two_times_from_a_key_frame_on() {
    for secs in [60, 0] {
        let mut recording = recording(secs);
        for half in 0..120 {
            recording.push(frames(half * 15..half * 15 + 15)).unwrap();
            recording.push(units(half as i64 * 24..half as i64 * 24 + 24)).unwrap();
        }
        let bytes = recording.finish(|_| Ok(())).unwrap().0.into_inner();
        let mut reader = RecordingReader::open(Cursor::new(bytes), PathBuf::new()).unwrap();
        assert_eq!(reader.tracks(), [video_track(), aac_track()]);
        let mut clip = self::recording(60);
        let times =
            reader.clip(Duration::from_millis(10_700), Duration::from_millis(13_250), |samples| clip.push(samples));
        assert_eq!(times.unwrap(), (Duration::from_secs(10), Duration::from_millis(13_250)));
        assert_eq!((clip.frames(), clip.secs()), (98, Rational::new(13, 4)));
        let output = clip.finish(|_| Ok(())).unwrap().0.into_inner();
        let wanted: Vec<_> = frames(300..398).into_iter().map(|sample| sample.data).collect();
        assert_eq!(samples_of(&output, 0), wanted);
        // The units that begin from 10 s on and before 13.25 s: 469 to 621.
        assert_eq!(samples_of(&output, 1).len(), 153);
        let ends = [(0, 0), (5, 5), (70, 80)]
            .map(|(from, to)| reader.clip(Duration::from_secs(from), Duration::from_secs(to), |_| Ok(())).is_err());
        assert_eq!(ends, [true, true, true]);
        let all = reader.clip(Duration::ZERO, Duration::from_secs(1000), |_| Ok(())).unwrap();
        assert_eq!(all, (Duration::ZERO, Duration::from_secs(60)));
    }
}

#[test]
fn only_complete_recordings_are_cut_and_damage_is_an_error() {
    let (bytes, _) = grown();
    let open = |bytes: &[u8]| RecordingReader::open(Cursor::new(bytes.to_vec()), PathBuf::new());
    assert!(open(&bytes).is_err());
    let complete = resumed(&bytes).unwrap().0.finish(|_| Ok(())).unwrap().0.into_inner();
    open(&complete).unwrap();
    let index = boxes(&complete)[..2].iter().map(|(_, size)| *size as usize).sum::<usize>();
    for at in 0..index {
        for value in [0, 0xff, complete[at] ^ 1] {
            let mut damaged = complete.clone();
            damaged[at] = value;
            // An error, or other samples that lie in the file; never a panic.
            if let Ok(mut reader) = open(&damaged) {
                let _ = reader.clip(Duration::ZERO, Duration::from_secs(5), |_| Ok(()));
            }
        }
    }
    for len in [0, 7, 8, 30, index, complete.len() - 1] {
        assert!(open(&complete[..len]).is_err(), "{len}");
    }
}
