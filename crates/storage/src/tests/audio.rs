//! Outputs with audio, read back by ffprobe and ffmpeg: every packet, every time, and the sound itself.

use std::fs;
use std::path::Path;

use mp4_atom::{Any, Moov};

use super::audio_source::{AUDIO_SOURCES, AudioSource, ENCODER_DELAY, pcm};
use super::probe::run;
use super::source::Source;
use super::{SharedBuffer, boxes_of, names_in};
use crate::hls_folder::HlsFolder;
use crate::mp4_file::Mp4File;
use repcast_media::{EncodedFrame, Sample, Timebase};
use repcast_mux::sink::{OutputSummary, Sink};
use repcast_mux::stream::FragmentedStream;

fn deliver(mut sink: Box<dyn Sink>, video: &Source, audio: &AudioSource) -> OutputSummary {
    let (tracks, samples) = audio.interleaved(video);
    sink.begin(&tracks).unwrap();
    samples.into_iter().for_each(|sample| sink.push(sample).unwrap());
    sink.finish().unwrap()
}

/// A packet as ffprobe prints it: presentation time, duration and bytes.
type Packet = (i64, u32, usize);

/// The packets of one stream, in ticks of its own.
fn packets(path: &Path, stream: &str) -> Vec<Packet> {
    let entries = "packet=pts,duration,size";
    let text = run("ffprobe", &["-select_streams", stream, "-show_entries", entries, "-of", "csv=p=0"], path);
    let packet = |line: &str| {
        let fields: Vec<_> = line.split(',').collect();
        // The last packet of a fragmented file may have no duration: N/A.
        (fields[0].parse().unwrap(), fields[1].parse().unwrap_or(0), fields[2].parse().unwrap())
    };
    text.lines().filter(|line| !line.is_empty()).map(packet).collect()
}

fn video_packets(video: &Source) -> Vec<Packet> {
    let timebase = Timebase::new(video.config.rate).unwrap();
    let packet = |frame: &EncodedFrame| (timebase.at(frame.frame) as i64, timebase.frame_ticks, frame.data.len());
    video.frames.iter().map(packet).collect()
}

/// One value per stream, as ffprobe prints it.
fn stream_values(path: &Path, name: &str) -> Vec<String> {
    let entries = format!("stream={name}");
    let text = run("ffprobe", &["-show_entries", &entries, "-of", "csv=p=0"], path);
    let mut values: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    // A playlist lists the streams of its programs once more.
    values.truncate(2);
    values
}

/// The tone that the audio was made from: of amplitude 1/8, with half of its power in each channel.
fn tone(index: usize, sample_rate: u32) -> f64 {
    (index as f64 * 440.0 * std::f64::consts::TAU / f64::from(sample_rate)).sin() * f64::from(i16::MAX) / 8.0
        * 0.5_f64.sqrt()
}

/// Asserts that decoded audio is the tone from its first sample on.
fn assert_tone(pcm: &[[i16; 2]], sample_rate: u32) {
    // The encoder's noise is far below a shift by one sample of the tone, 166 at its steepest.
    let error = |index: usize| (f64::from(pcm[index][0]) - tone(index, sample_rate)).powi(2);
    let count = pcm.len() - 2048;
    let noise = ((0..count).map(error).sum::<f64>() / count as f64).sqrt();
    assert!(noise < 60.0, "{noise}");
}

/// Packets without their durations: ffprobe prints the usual one or none for the last of a fragmented file.
fn times_and_sizes(packets: &[Packet]) -> Vec<(i64, usize)> {
    packets.iter().map(|&(pts, _, size)| (pts, size)).collect()
}

/// Asserts that the audio of a fragmented output is that of the source from its first whole access unit on: the unit
/// before 0 is left out, and the first one overlaps with it.
fn assert_fragmented_audio(path: &Path, audio: &AudioSource) {
    assert_eq!(times_and_sizes(&packets(path, "a")), times_and_sizes(&audio.packets()[1..]));
    let pcm = pcm(path);
    assert_eq!(pcm.len(), audio.pcm.len());
    assert!(pcm[1024..] == audio.pcm[1024..]);
}

fn movie(boxes: &[Any]) -> &Moov {
    boxes.iter().find_map(|atom| if let Any::Moov(moov) = atom { Some(moov) } else { None }).unwrap()
}

#[test]
fn files_hold_both_tracks_at_their_exact_times() {
    for (video, audio) in AUDIO_SOURCES.iter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mp4");
        let frames = video.frames.len() as u64;
        deliver(Box::new(Mp4File::create(&path, frames).unwrap()), video, audio);
        assert_eq!(packets(&path, "v"), video_packets(video));
        assert_eq!(packets(&path, "a"), audio.packets());
        assert_eq!(stream_values(&path, "start_time"), ["0.000000", "0.000000"]);
        let pcm = pcm(&path);
        assert_tone(&pcm, audio.track.timescale);
        assert!(pcm == audio.pcm);

        let bytes = fs::read(&path).unwrap();
        let boxes = boxes_of(&bytes);
        let moov = movie(&boxes);
        assert_eq!(moov.trak[0].edts.is_some(), video.reorder_delay() > 0);
        let edit = &moov.trak[1].edts.as_ref().unwrap().elst.as_ref().unwrap().entries[0];
        assert_eq!(edit.media_time, Some(ENCODER_DELAY.unsigned_abs()));
        let movie_ticks = u64::from(moov.mvhd.timescale) / u64::from(audio.track.timescale);
        let last = audio.samples.last().unwrap();
        assert_eq!(edit.segment_duration, (last.pts.unsigned_abs() + u64::from(last.duration)) * movie_ticks);
        // Chunks of half a second of each track in turn: what a player needs at one time is read together.
        let chunks = |index: usize| moov.trak[index].mdia.minf.stbl.stco.as_ref().unwrap().entries.clone();
        let (video_chunks, audio_chunks) = (chunks(0), chunks(1));
        assert_eq!(video_chunks.len(), audio_chunks.len());
        assert!(video_chunks.iter().zip(&audio_chunks).all(|(video, audio)| video < audio));
        assert!(video_chunks.iter().skip(1).zip(&audio_chunks).all(|(video, audio)| video > audio));
    }
}

#[test]
fn the_space_reserved_for_the_tables_of_both_tracks_suffices() {
    let (video, audio) = &AUDIO_SOURCES[0];
    let folder = tempfile::tempdir().unwrap();
    let sizes = [video.frames.len() as u64, 0].map(|expected_frames| {
        let path = folder.path().join("out.mp4");
        deliver(Box::new(Mp4File::create(&path, expected_frames).unwrap()), video, audio);
        assert_eq!(packets(&path, "a"), audio.packets());
        boxes_of(&fs::read(&path).unwrap()).iter().any(|atom| matches!(atom, Any::Free(_)))
    });
    assert_eq!(sizes, [true, true]);
}

/// The sources without reordering: libavformat delays fragments with negative composition offsets, see
/// [`Probe::assert_shows_signed`](super::probe::Probe::assert_shows_signed).
fn in_order() -> impl Iterator<Item = &'static (&'static Source, AudioSource)> {
    AUDIO_SOURCES.iter().filter(|(video, _)| video.reorder_delay() == 0)
}

#[test]
fn streams_carry_both_tracks_in_each_fragment() {
    for (video, audio) in in_order() {
        let folder = tempfile::tempdir().unwrap();
        let written = SharedBuffer::default();
        deliver(Box::new(FragmentedStream::new(written.clone())), video, audio);
        let path = folder.path().join("out.mp4");
        fs::write(&path, written.bytes()).unwrap();
        assert_eq!(packets(&path, "v"), video_packets(video));
        assert_fragmented_audio(&path, audio);
        assert_eq!(stream_values(&path, "start_time"), ["0.000000", "0.000000"]);

        let boxes = boxes_of(&written.bytes());
        assert!(movie(&boxes).trak.iter().all(|trak| trak.edts.is_none()));
        let (mut decoded, mut fragments) = ([0, 0], 0);
        for atom in &boxes {
            let Any::Moof(moof) = atom else { continue };
            fragments += 1;
            assert_eq!(moof.traf.len(), 2);
            for (traf, decoded) in moof.traf.iter().zip(&mut decoded) {
                assert_eq!(traf.tfdt.as_ref().unwrap().base_media_decode_time, *decoded);
                let usual = traf.tfhd.default_sample_duration.unwrap();
                let duration = |sample: mp4_atom::TrunEntry| u64::from(sample.duration.unwrap_or(usual));
                *decoded += traf.trun[0].samples.iter().map(duration).sum::<u64>();
            }
        }
        assert!(fragments >= 10);
        let last = audio.samples.last().unwrap();
        assert_eq!(decoded[1], last.pts.unsigned_abs() + u64::from(last.duration));
    }
}

#[test]
fn hls_folders_have_an_audio_rendition_in_step_with_the_video() {
    for (video, audio) in in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.m3u8");
        let summary = deliver(Box::new(HlsFolder::create(&path).unwrap()), video, audio);
        let media = folder.path().join("out");
        let expected = [
            "audio.m3u8",
            "audio_00001.m4s",
            "audio_00002.m4s",
            "audio_00003.m4s",
            "audio_init.mp4",
            "init.mp4",
            "media.m3u8",
            "segment_00001.m4s",
            "segment_00002.m4s",
            "segment_00003.m4s",
        ];
        assert_eq!(names_in(&media), expected);
        let sizes: u64 = expected.iter().map(|name| fs::metadata(media.join(name)).unwrap().len()).sum();
        assert_eq!(summary.bytes, sizes + fs::metadata(&path).unwrap().len());

        let master = fs::read_to_string(&path).unwrap();
        assert!(master.contains("TYPE=AUDIO,GROUP-ID=\"audio\""), "{master}");
        assert!(master.contains(",mp4a.40.2\",") && master.contains(",AUDIO=\"audio\"\n"), "{master}");
        assert_eq!(packets(&path, "v"), video_packets(video));
        assert_fragmented_audio(&path, audio);
        assert_eq!(stream_values(&path, "start_time"), ["0.000000", "0.000000"]);

        assert_segments_start_together(&media, audio);
        let targets = ["media.m3u8", "audio.m3u8"].map(|name| {
            let text = fs::read_to_string(media.join(name)).unwrap();
            text.lines().find(|line| line.starts_with("#EXT-X-TARGETDURATION:")).map(str::to_owned)
        });
        assert!(targets[0].is_some() && targets[0] == targets[1], "{targets:?}");
    }
}

/// Asserts that each audio segment begins with the first access unit at or after the start of its video segment.
fn assert_segments_start_together(media: &Path, audio: &AudioSource) {
    let start = |name: String| {
        let boxes = boxes_of(&fs::read(media.join(name)).unwrap());
        let Any::Moof(moof) = &boxes[1] else { panic!("no moof") };
        moof.traf[0].tfdt.as_ref().unwrap().base_media_decode_time
    };
    let init = boxes_of(&fs::read(media.join("init.mp4")).unwrap());
    let video_timescale = u64::from(movie(&init).trak[0].mdia.mdhd.timescale);
    for number in 1..=3 {
        let video = start(format!("segment_{number:05}.m4s")) * u64::from(audio.track.timescale);
        let delay = start(format!("audio_{number:05}.m4s")) * video_timescale;
        let unit = 1024 * video_timescale;
        assert!(delay >= video && delay - video < unit, "segment {number}: {video} {delay}");
    }
}

#[test]
fn outputs_do_not_depend_on_the_order_in_which_tracks_arrive() {
    let (video, audio) = &AUDIO_SOURCES[1];
    let (tracks, samples) = audio.interleaved(video);
    let write = |samples: &[Sample]| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mp4");
        let written = SharedBuffer::default();
        let sinks: [Box<dyn Sink>; 2] =
            [Box::new(Mp4File::create(&path, 100).unwrap()), Box::new(FragmentedStream::new(written.clone()))];
        for mut sink in sinks {
            sink.begin(&tracks).unwrap();
            samples.iter().for_each(|sample| sink.push(sample.clone()).unwrap());
            sink.finish().unwrap();
        }
        (fs::read(&path).unwrap(), written.bytes())
    };
    let expected = write(&samples);
    let (first, second): (Vec<_>, Vec<_>) = samples.iter().cloned().partition(|sample| sample.track == tracks[0].id);
    assert!(write(&[first.clone(), second.clone()].concat()) == expected);
    assert!(write(&[second, first].concat()) == expected);
}
