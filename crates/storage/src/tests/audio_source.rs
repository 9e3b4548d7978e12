//! Video with audio to package: H.264 and AAC by ffmpeg, taken out of the MP4 file that it writes.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use mp4_atom::{Any, Codec, StszSamples, Trak};

use super::boxes_of;
use super::source::{SOURCES, Source};
use repcast_media::{AacConfig, Sample, Track, TrackId, VideoSampler};

/// PCM samples that ffmpeg's encoder puts in front of the audio.
pub(super) const ENCODER_DELAY: i64 = 1024;

/// A tone of 440 Hz, as long as the video of a [`Source`].
pub(super) struct AudioSource {
    pub(super) track: Track,
    /// Its access units, the first before 0.
    pub(super) samples: Vec<Sample>,
    /// The audio that ffmpeg decodes from the file it wrote.
    pub(super) pcm: Vec<[i16; 2]>,
}

/// Audio for every source. Made once for all tests.
pub(super) static AUDIO_SOURCES: LazyLock<Vec<(&'static Source, AudioSource)>> = LazyLock::new(|| {
    let rates = [48_000, 48_000, 44_100, 44_100].into_iter().cycle();
    SOURCES.iter().zip(rates).map(|(video, rate)| (video, AudioSource::encode(rate, video.secs()))).collect()
});

impl AudioSource {
    fn encode(sample_rate: u32, secs: f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audio.mp4");
        let input = format!("sine=frequency=440:sample_rate={sample_rate}:duration={secs}");
        // Without noise substitution, whose noise depends on the number of access units decoded before.
        let status = Command::new("ffmpeg")
            .args([
                "-v", "error", "-f", "lavfi", "-i", &input, "-ac", "2", "-c:a", "aac", "-b:a", "128k", "-aac_pns", "0",
            ])
            .arg(&path)
            .status()
            .expect("ffmpeg must be installed");
        assert!(status.success());
        let file = fs::read(&path).unwrap();
        let boxes = boxes_of(&file);
        let moov = boxes.iter().find_map(|atom| if let Any::Moov(moov) = atom { Some(moov) } else { None }).unwrap();
        let trak = &moov.trak[0];
        let Codec::Mp4a(entry) = &trak.mdia.minf.stbl.stsd.codecs[0] else { panic!("not AAC") };
        let specific = entry.esds.es_desc.dec_config.dec_specific.as_ref().unwrap();
        let config = AacConfig { sample_rate, channels: 2, audio_specific_config: specific.raw.clone() };
        Self { track: Track::aac(config), samples: samples(trak, &file), pcm: pcm(&path) }
    }

    /// Presentation time, duration and size of each access unit.
    pub(super) fn packets(&self) -> Vec<(i64, u32, usize)> {
        let packet = |sample: &Sample| (sample.pts, sample.duration, sample.data.len());
        self.samples.iter().map(packet).collect()
    }

    /// Video and audio samples in the order of their decode times.
    pub(super) fn interleaved(&self, video: &Source) -> (Vec<Track>, Vec<Sample>) {
        let mut sampler = VideoSampler::new(video.config.clone()).unwrap();
        let timescales = (u64::from(sampler.track().timescale), u64::from(self.track.timescale));
        let tracks = vec![sampler.track().clone(), self.track.clone()];
        let mut all: Vec<Sample> = video.frames.iter().map(|frame| sampler.sample(frame.clone())).collect();
        all.extend(self.samples.iter().cloned());
        all.sort_by_key(|sample| match sample.track {
            TrackId::VIDEO => sample.dts * timescales.1,
            _ => sample.dts * timescales.0,
        });
        (tracks, all)
    }
}

/// The decoded audio of a file, as signed 16-bit stereo.
pub(super) fn pcm(path: &Path) -> Vec<[i16; 2]> {
    let output = Command::new("ffmpeg")
        .args(["-v", "warning", "-i"])
        .arg(path)
        .args(["-map", "0:a", "-f", "s16le", "-"])
        .output()
        .expect("ffmpeg must be installed");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let value = |bytes: &[u8]| i16::from_le_bytes([bytes[0], bytes[1]]);
    output.stdout.chunks_exact(4).map(|frame| [value(frame), value(&frame[2..])]).collect()
}

/// The samples of the only track of a file whose chunks follow each other.
fn samples(trak: &Trak, file: &[u8]) -> Vec<Sample> {
    let stbl = &trak.mdia.minf.stbl;
    let StszSamples::Different { sizes } = &stbl.stsz.samples else { panic!("equal sizes") };
    let durations =
        stbl.stts.entries.iter().flat_map(|run| std::iter::repeat_n(run.sample_delta, run.sample_count as usize));
    let mut start = stbl.stco.as_ref().unwrap().entries[0] as usize;
    let mut dts = 0;
    sizes
        .iter()
        .zip(durations)
        .map(|(&size, duration)| {
            let data = file[start..start + size as usize].to_vec();
            let pts = i64::try_from(dts).unwrap() - ENCODER_DELAY;
            let sample = Sample { track: TrackId::AUDIO, dts, pts, duration, is_sync: true, data };
            start += size as usize;
            dts += u64::from(duration);
            sample
        })
        .collect()
}
