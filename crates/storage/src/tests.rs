//! Every output, read back by ffprobe and ffmpeg, which must be installed: with and without reordered frames, at whole
//! and at fractional rates.

mod audio;
mod audio_source;
mod failures;
mod golden;
mod probe;
mod source;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use mp4_atom::{Any, Decode, DecodeMaybe, Moov};

use crate::hls_folder::HlsFolder;
use crate::mp4_file::Mp4File;
use probe::Probe;
use repcast_media::VideoSampler;
use repcast_mux::fragment::Fragmenter;
use repcast_mux::sink::{OutputSummary, Sink};
use repcast_mux::stream::FragmentedStream;
use source::{SOURCES, Source};

fn every_source(mut check: impl FnMut(&Source, &Path)) {
    for source in SOURCES.iter() {
        let folder = tempfile::tempdir().unwrap();
        check(source, folder.path());
    }
}

fn deliver(mut sink: Box<dyn Sink>, source: &Source) -> OutputSummary {
    let mut sampler = VideoSampler::new(source.config.clone()).unwrap();
    sink.begin(&[sampler.track().clone()]).unwrap();
    source.frames.iter().for_each(|frame| sink.push(sampler.sample(frame.clone())).unwrap());
    sink.finish().unwrap()
}

/// A writer whose bytes can be read afterwards.
#[derive(Clone, Default)]
struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

impl SharedBuffer {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl std::io::Write for SharedBuffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn boxes_of(mut bytes: &[u8]) -> Vec<Any> {
    std::iter::from_fn(|| Any::decode_maybe(&mut bytes).unwrap()).collect()
}

fn names_of(boxes: &[Any]) -> Vec<String> {
    boxes.iter().map(|atom| atom.kind().to_string()).collect()
}

fn names_in(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn files_play_from_their_first_bytes() {
    every_source(|source, folder| {
        let path = folder.join("out.mp4");
        let sink = Mp4File::create(&path, source.frames.len() as u64).unwrap().with_title("Échauffement");
        let summary = deliver(Box::new(sink), source);
        let bytes = fs::read(&path).unwrap();
        assert_eq!(summary, OutputSummary { frames: source.frames.len() as u64, bytes: bytes.len() as u64 });
        assert_eq!(names_of(&boxes_of(&bytes)), ["ftyp", "moov", "free", "mdat"]);
        let probe = Probe::of(&path);
        probe.assert_shows(source);
        assert_eq!(probe.value("TAG:title"), "Échauffement");
        assert_eq!(probe.value("TAG:language"), "und");
        assert_eq!(probe.value("nb_frames"), source.frames.len().to_string());
        let secs: f64 = probe.value("duration").parse().unwrap();
        assert!((secs - source.secs()).abs() < 1e-6, "{secs}");
    });
}

#[test]
fn a_file_with_more_frames_than_announced_is_as_good() {
    let folder = tempfile::tempdir().unwrap();
    let source = &SOURCES[5];
    // The space for the boxes of no frames does not hold those of several hundred.
    let path = folder.path().join("out.mp4");
    deliver(Box::new(Mp4File::create(&path, 0).unwrap()), source);
    assert_eq!(names_of(&boxes_of(&fs::read(&path).unwrap())), ["ftyp", "moov", "free", "mdat"]);
    Probe::of(&path).assert_shows(source);
}

#[test]
fn streams_play_without_seeking() {
    every_source(|source, folder| {
        let written = SharedBuffer::default();
        let summary = deliver(Box::new(FragmentedStream::new(written.clone())), source);
        let bytes = written.bytes();
        assert_eq!(summary, OutputSummary { frames: source.frames.len() as u64, bytes: bytes.len() as u64 });
        let boxes = boxes_of(&bytes);
        assert_eq!(names_of(&boxes)[..4], ["ftyp", "moov", "moof", "mdat"]);
        assert_fragments_count_frames(&boxes);
        let path = folder.join("out.mp4");
        fs::write(&path, bytes).unwrap();
        Probe::of(&path).assert_shows_signed(source);
    });
}

/// Every fragment's decode time is the number of frames before it, and the presentation times are those of an even
/// sequence from 0 on, in ticks.
fn assert_fragments_count_frames(boxes: &[Any]) {
    let (mut frames, mut ticks, mut shown) = (0, 0, Vec::new());
    for atom in boxes {
        let Any::Moof(moof) = atom else { continue };
        let traf = &moof.traf[0];
        ticks = i64::from(traf.tfhd.default_sample_duration.unwrap());
        assert_eq!(traf.tfdt.as_ref().unwrap().base_media_decode_time, (frames * ticks) as u64);
        for sample in &traf.trun[0].samples {
            shown.push(frames * ticks + sample.cts.unwrap());
            frames += 1;
        }
    }
    shown.sort_unstable();
    assert_eq!(shown, (0..frames).map(|number| number * ticks).collect::<Vec<_>>());
}

#[test]
fn hls_folders_play_from_their_master_playlist() {
    every_source(|source, folder| {
        let path = folder.join("out.m3u8");
        let summary = deliver(Box::new(HlsFolder::create(&path).unwrap()), source);
        let media = folder.join("out");
        let expected = ["init.mp4", "media.m3u8", "segment_00001.m4s", "segment_00002.m4s", "segment_00003.m4s"];
        assert_eq!(names_in(&media), expected);
        let sizes = names_in(&media).iter().map(|name| fs::metadata(media.join(name)).unwrap().len()).sum::<u64>();
        assert_eq!(summary.bytes, sizes + fs::metadata(&path).unwrap().len());
        for name in &expected[2..] {
            let boxes = boxes_of(&fs::read(media.join(name)).unwrap());
            assert_eq!(names_of(&boxes)[..3], ["styp", "moof", "mdat"]);
        }
        Probe::of(&path).assert_shows_signed(source);
        Probe::of(&media.join("media.m3u8")).assert_shows_signed(source);
    });
}

#[test]
fn an_earlier_hls_output_is_replaced_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.m3u8");
    let (longer, shorter) = (&SOURCES[2], &SOURCES[6]);
    deliver(Box::new(HlsFolder::create(&path).unwrap()), longer);
    let sink = HlsFolder::create(&path).unwrap();
    Probe::of(&path).assert_shows_signed(longer);
    deliver(Box::new(sink), shorter);
    Probe::of(&path).assert_shows_signed(shorter);
    assert_eq!(names_in(folder.path()), ["out", "out.m3u8"]);
}

#[test]
fn init_segments_leave_the_duration_to_the_fragments() {
    let sampler = VideoSampler::new(SOURCES[0].config.clone()).unwrap();
    let init = Fragmenter::new([sampler.track()]).unwrap().init_segment().unwrap();
    let mut bytes = init.as_slice();
    mp4_atom::Ftyp::decode(&mut bytes).unwrap();
    let moov = Moov::decode(&mut bytes).unwrap();
    assert_eq!((moov.mvhd.duration, moov.trak[0].mdia.mdhd.duration, moov.trak[0].edts.is_some()), (0, 0, false));
}
