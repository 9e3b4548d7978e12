//! Encoded frames to package: made by ffmpeg with x264, taken out of the MP4 file that it writes.

use std::fs;
use std::process::Command;
use std::sync::LazyLock;

use mp4_atom::{Any, Atom, Codec, StszSamples, Trak};

use super::boxes_of;
use super::probe::hash;
use repcast_media::{EncodedFrame, StreamConfig};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

const SIZE: Size = Size { width: 160, height: 90 };

/// An encoded stream of five seconds, with a key frame every two.
pub(super) struct Source {
    /// What it is.
    pub(super) config: StreamConfig,
    /// Its frames in decode order.
    pub(super) frames: Vec<EncodedFrame>,
    /// The hash of its decoded frames.
    pub(super) hash: String,
}

/// A stream of every rate, without and with reordering, in this order. Made once for all tests.
pub(super) static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let rates = [(30, 1), (30000, 1001), (60, 1), (24, 1)];
    rates.into_iter().flat_map(|rate| [0, 2].map(|reorder| Source::encode(rate, reorder))).collect()
});

impl Source {
    /// Encodes a test picture without color information, with up to `reorder` B-frames in a row.
    fn encode((numerator, denominator): (u32, u32), reorder: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("source.mp4");
        let rate = FrameRate::new(numerator, denominator).unwrap();
        let key_distance = (2 * rate.ceil()).to_string();
        let input = format!("testsrc2=size={}x{}:rate={rate}", SIZE.width, SIZE.height);
        let status = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i", &input, "-frames:v", &(5 * rate.ceil()).to_string()])
            .args(["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-threads", "1"])
            .args(["-g", &key_distance, "-keyint_min", &key_distance, "-sc_threshold", "0"])
            .args(["-bf", &reorder.to_string()])
            .arg(&path)
            .status()
            .expect("ffmpeg must be installed");
        assert!(status.success());
        let (avcc, frames) = samples(&fs::read(&path).unwrap());
        Self { config: StreamConfig { size: SIZE, rate, avcc }, frames, hash: hash(&path) }
    }

    /// The largest number of frames by which one is decoded after the time at which it should be shown.
    pub(super) fn reorder_delay(&self) -> u64 {
        (0..).zip(&self.frames).map(|(index, frame): (u64, _)| index.saturating_sub(frame.frame)).max().unwrap()
    }

    /// Seconds it lasts.
    pub(super) fn secs(&self) -> f64 {
        repcast_model::time::to_f64(self.config.rate.secs_at(self.frames.len() as u64))
    }
}

/// The `avcC` record and the samples of the only track of a file.
fn samples(file: &[u8]) -> (Vec<u8>, Vec<EncodedFrame>) {
    let boxes = boxes_of(file);
    let moov = boxes.iter().find_map(|atom| if let Any::Moov(moov) = atom { Some(moov) } else { None }).unwrap();
    let track = &moov.trak[0];
    let stbl = &track.mdia.minf.stbl;
    let Codec::Avc1(entry) = &stbl.stsd.codecs[0] else { panic!("not H.264") };
    let mut avcc = Vec::new();
    entry.avcc.encode_body(&mut avcc).unwrap();

    let StszSamples::Different { sizes } = &stbl.stsz.samples else { panic!("equal sizes") };
    let keys = &stbl.stss.as_ref().unwrap().entries;
    // The chunks of a single track follow each other without a gap.
    let mut start = stbl.stco.as_ref().unwrap().entries[0] as usize;
    let mut take = |size: usize| {
        start += size;
        file[start - size..start].to_vec()
    };
    let frame = |(index, (&size, frame)): (usize, (&u32, u64))| EncodedFrame {
        frame,
        is_key: keys.contains(&(index as u32 + 1)),
        data: take(size as usize),
    };
    (avcc, sizes.iter().zip(presentation(track)).enumerate().map(frame).collect())
}

/// The presentation numbers of a track's samples in decode order.
fn presentation(track: &Trak) -> Vec<u64> {
    let stbl = &track.mdia.minf.stbl;
    let [stts] = &stbl.stts.entries[..] else { panic!("not constant") };
    let edit = track.edts.as_ref().and_then(|edts| edts.elst.as_ref());
    let skipped = edit.and_then(|elst| elst.entries[0].media_time).unwrap_or(0) as i64;
    let repeat = |offset, count: u32| std::iter::repeat_n(offset, count as usize);
    let offsets: Vec<i64> = match &stbl.ctts {
        Some(ctts) => ctts.entries.iter().flat_map(|run| repeat(run.sample_offset, run.sample_count)).collect(),
        None => repeat(0, stts.sample_count).collect(),
    };
    let delta = i64::from(stts.sample_delta);
    (0..).zip(offsets).map(|(index, offset): (i64, i64)| ((index * delta + offset - skipped) / delta) as u64).collect()
}
