//! Files and errors that result when an output cannot be completed.

use std::fs;
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::names_in;
use crate::hls_folder::HlsFolder;
use crate::mp4_file::Mp4File;
use repcast_media::{CodecConfig, EncodedFrame, Sample, StreamConfig, Timebase, Track, VideoSampler};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;
use repcast_mux::muxer::{Muxer, Plan};
use repcast_mux::sink::Sink;
use repcast_mux::stream::FragmentedStream;
use repcast_mux::{ErrorOrigin, MuxError};

fn config() -> StreamConfig {
    StreamConfig {
        size: Size { width: 1920, height: 1080 },
        rate: FrameRate::new(30, 1).unwrap(),
        avcc: vec![1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x28, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2],
    }
}

fn track() -> Track {
    VideoSampler::new(config()).unwrap().track().clone()
}

/// Frame `number`, decoded at the start of frame `index`.
fn sample(number: u64, index: u64) -> Sample {
    let frame = EncodedFrame { frame: number, is_key: number.is_multiple_of(60), data: vec![0, 0, 0, 1, 0x65] };
    Timebase::new(config().rate).unwrap().sample(frame, index)
}

fn frame(number: u64) -> Sample {
    sample(number, number)
}

fn push_many(sink: &mut dyn Sink, frames: u64) -> Result<(), MuxError> {
    (0..frames).try_for_each(|number| sink.push(frame(number)))
}

#[test]
fn a_dropped_output_leaves_nothing_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, playlist) = (folder.path().join("out.mp4"), folder.path().join("out.m3u8"));
    fs::write(&file, "earlier").unwrap();
    fs::write(&playlist, "earlier").unwrap();
    let creations: [&dyn Fn() -> Box<dyn Sink>; 2] =
        [&|| Box::new(Mp4File::create(&file, 100).unwrap()), &|| Box::new(HlsFolder::create(&playlist).unwrap())];
    for create in creations {
        let mut sink = create();
        sink.begin(&[track()]).unwrap();
        push_many(&mut *sink, 100).unwrap();
        assert_eq!(names_in(folder.path()).iter().filter(|name| name.ends_with(".partial")).count(), 1);
        drop(sink);
        assert_eq!(names_in(folder.path()), ["out.m3u8", "out.mp4"]);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "earlier");
    assert_eq!(fs::read_to_string(&playlist).unwrap(), "earlier");
}

#[test]
fn an_incomplete_stream_is_no_output() {
    let folder = tempfile::tempdir().unwrap();
    let (file, playlist) = (folder.path().join("out.mp4"), folder.path().join("out.m3u8"));
    let sinks = || -> [Box<dyn Sink>; 3] {
        [
            Box::new(Mp4File::create(&file, 1).unwrap()),
            Box::new(HlsFolder::create(&playlist).unwrap()),
            Box::new(FragmentedStream::new(Vec::new())),
        ]
    };
    for mut sink in sinks() {
        sink.begin(&[track()]).unwrap();
        sink.push(frame(0)).unwrap();
        sink.push(sample(2, 1)).unwrap();
        assert!(matches!(sink.finish(), Err(MuxError::Missing { frame: 1 })));
    }
    for mut sink in sinks() {
        assert!(matches!(sink.push(frame(0)), Err(MuxError::CallOrder(_))));
        assert!(matches!(sink.finish(), Err(MuxError::Empty)));
    }
    for mut sink in sinks() {
        sink.begin(&[track()]).unwrap();
        assert!(matches!(sink.push(frame(1)), Err(MuxError::FirstNotKey { frame: 1 })));
        assert!(matches!(sink.push(frame(0)), Err(MuxError::CallOrder(_))));
        assert!(matches!(sink.finish(), Err(MuxError::CallOrder(_))));
    }
    for mut sink in sinks() {
        let codec = CodecConfig::H264(StreamConfig { avcc: vec![0], ..config() });
        let error = sink.begin(&[Track { codec, ..track() }]).unwrap_err();
        assert!(matches!(error, MuxError::Config(_)));
        assert_eq!(error.origin(), ErrorOrigin::Input);
    }
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn paths_that_cannot_be_outputs_are_rejected_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let origins_of = |path: &Path| {
        let file = Mp4File::create(path, 1).unwrap_err();
        let playlist = HlsFolder::create(&path.with_extension("m3u8")).unwrap_err();
        (file.origin(), playlist.origin(), file.to_string())
    };
    // No user can create files there, not even a privileged one.
    for path in [folder.path().join("absent/out.mp4"), PathBuf::from("/proc/out.mp4")] {
        let (file, playlist, message) = origins_of(&path);
        assert_eq!((file, playlist), (ErrorOrigin::Storage, ErrorOrigin::Storage));
        assert!(message.starts_with(&path.display().to_string()), "{message}");
    }
    fs::create_dir_all(folder.path().join("folder.mp4")).unwrap();
    fs::create_dir_all(folder.path().join("folder.m3u8")).unwrap();
    let (file, playlist, _) = origins_of(&folder.path().join("folder.mp4"));
    assert_eq!((file, playlist), (ErrorOrigin::Target, ErrorOrigin::Target));
    let nameless = HlsFolder::create(&folder.path().join("playlist")).unwrap_err();
    assert_eq!(nameless.origin(), ErrorOrigin::Target);
}

#[test]
fn a_folder_with_other_files_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let media = folder.path().join("out");
    fs::create_dir(&media).unwrap();
    for name in ["media.m3u8", "init.mp4", "holiday.jpg"] {
        fs::write(media.join(name), "").unwrap();
    }
    let error = HlsFolder::create(&folder.path().join("out.m3u8")).unwrap_err();
    assert_eq!(error.origin(), ErrorOrigin::Target);
    assert_eq!(names_in(&media).len(), 3);
}

/// Storage that is full after some bytes.
struct FullStorage {
    stored: Cursor<Vec<u8>>,
    capacity: u64,
}

impl Read for FullStorage {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.stored.read(bytes)
    }
}

impl Seek for FullStorage {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.stored.seek(position)
    }
}

impl Write for FullStorage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let fits = self.stored.position() + bytes.len() as u64 <= self.capacity;
        if fits { self.stored.write(bytes) } else { Err(ErrorKind::StorageFull.into()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn full_storage_is_an_error_that_names_the_output() {
    // Too little for the frames, which shows when the write buffer is full, and too little for what is buffered to the end.
    for (capacity, frames) in [(100_000, 100), (100_000, 2)] {
        let output = FullStorage { stored: Cursor::default(), capacity };
        let plan = Plan { output, target: PathBuf::from("out.mp4"), expected_frames: frames, title: None };
        let mut muxer = Muxer::new(plan, &[track()]).unwrap();
        let mut data = vec![0; 100_000];
        data[..4].copy_from_slice(&99_996_u32.to_be_bytes());
        let pushed = (0..frames).try_for_each(|number| muxer.push(Sample { data: data.clone(), ..frame(number) }));
        let error = pushed.and_then(|()| muxer.finish().map(drop)).unwrap_err();
        assert!(matches!(&error, MuxError::Storage { source, .. } if source.kind() == ErrorKind::StorageFull));
        assert!(error.to_string().starts_with("out.mp4: could not write"), "{error}");
    }
}

/// A pipe without a reader.
struct ClosedPipe;

impl Write for ClosedPipe {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_has_an_error_of_its_own() {
    let error = FragmentedStream::new(ClosedPipe).begin(&[track()]).unwrap_err();
    assert!(matches!(error, MuxError::ReaderGone));
    assert_eq!(error.origin(), ErrorOrigin::Reader);
}
