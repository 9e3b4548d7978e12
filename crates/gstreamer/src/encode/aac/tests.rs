use std::io::Cursor;

use proptest::prelude::*;
use repcast_media::{CompositedFrame, FrameFormat, VideoSampler};
use repcast_mux::muxer::{Muxer, Plan};
use repcast_mux::sink::Sink;
use repcast_mux::stream::FragmentedStream;

use super::*;
use crate::decode::{AudioFile, STALL_TIMEOUT, probe_audio};
use crate::encode::{Encoder, EncoderSettings, FALLBACK, Purpose, Quality, SelectedEncoder};
use crate::test_audio::{ffmpeg_pcm, file, lag};
use repcast_model::geometry::Size;
use repcast_model::time::{FrameRate, Rational};

/// Sweeps that resemble themselves at no other time.
fn sweep(samples: usize) -> Vec<Stereo> {
    let at = |index: usize| {
        let secs = index as f32 / SAMPLE_RATE as f32;
        let tone = |hertz: f32, rise: f32| 0.5 * (std::f32::consts::TAU * (hertz * secs + rise * secs * secs)).sin();
        [tone(300.0, 250.0), tone(2500.0, -350.0)]
    };
    (0..samples).map(at).collect()
}

fn encode_by(samples: &[Stereo], count: usize) -> Vec<Sample> {
    let mut encoder = AacEncoder::start(AacSettings::default()).unwrap();
    let mut units: Vec<Sample> = samples.chunks(count).flat_map(|block| encoder.push(block).unwrap()).collect();
    units.extend(encoder.finish().unwrap());
    units
}

/// A video track of this many black frames at 30 per second, and its samples.
fn video(frames: u64) -> (VideoSampler, Vec<Sample>) {
    let (size, rate) = (Size { width: 64, height: 64 }, FrameRate::new(30, 1).unwrap());
    let settings = EncoderSettings {
        source: size,
        size,
        rate,
        quality: Quality::Crf(30),
        preset: "ultrafast",
        key_interval: 60,
        reorder: false,
        purpose: Purpose::File,
        threads: 1,
    };
    let (input, mut output) = Encoder::start(&SelectedEncoder { name: FALLBACK }, &settings).unwrap();
    let data = std::sync::Arc::new(vec![16; CompositedFrame::len_of(FrameFormat::Nv12, size)]);
    let stride = CompositedFrame::stride_of(FrameFormat::Nv12, size.width);
    let picture = CompositedFrame { format: FrameFormat::Nv12, size, stride, data };
    let mut encoded = Vec::new();
    for frame in 0..frames {
        input.push(&picture, frame, false).unwrap();
        if frame >= 2 {
            encoded.push(output.receive().unwrap().unwrap());
        }
    }
    input.finish().unwrap();
    while let Some(frame) = output.receive().unwrap() {
        encoded.push(frame);
    }
    let mut sampler = VideoSampler::new(output.config().unwrap().clone()).unwrap();
    let samples = encoded.into_iter().map(|frame| sampler.sample(frame)).collect();
    (sampler, samples)
}

/// An MP4 file with these access units and as many frames as fit.
fn mp4(name: &str, length: usize, units: Vec<Sample>) -> std::path::PathBuf {
    let (sampler, frames) = video((length as u64 * 30).div_ceil(u64::from(SAMPLE_RATE)));
    let plan = Plan { output: Cursor::new(Vec::new()), target: name.into(), expected_frames: 100, title: None };
    let mut muxer = Muxer::new(plan, &[sampler.track().clone(), AacEncoder::track()]).unwrap();
    frames.into_iter().chain(units).for_each(|sample| muxer.push(sample).unwrap());
    file(name, &muxer.finish().unwrap().0.into_inner())
}

#[test]
fn access_units_follow_one_another_and_end_with_the_last_sample() {
    for length in [1, 1023, 1024, 1025, 5000, 48_000] {
        let units = encode_by(&sweep(length), 700);
        assert_eq!(units.len(), length.div_ceil(UNIT) + 1, "{length}");
        for (index, unit) in (0..).zip(&units) {
            assert_eq!((unit.track, unit.dts, unit.pts), (TrackId::AUDIO, index * 1024, index as i64 * 1024 - 1024));
            assert!(unit.is_sync && !unit.data.is_empty() && !unit.data.starts_with(&[0xff, 0xf1]));
        }
        let (last, others) = units.split_last().unwrap();
        assert!(others.iter().all(|unit| unit.duration == 1024));
        assert_eq!(last.pts + i64::from(last.duration), length as i64);
    }
    assert!(encode_by(&[], 1).is_empty());
}

#[test]
fn units_come_out_of_the_push_that_completes_the_next() {
    let mut encoder = AacEncoder::start(AacSettings::default()).unwrap();
    let block = sweep(512);
    let counts: Vec<usize> = (0..8).map(|_| encoder.push(&block).unwrap().len()).collect();
    assert_eq!(counts, [0, 0, 0, 1, 0, 1, 0, 1]);
}

#[test]
fn files_have_every_sample_in_its_place() {
    for length in [20_000, 48_000, 96_001, 110_592, 132_299] {
        let samples = sweep(length);
        let path = mp4(&format!("encoded{length}.mp4"), length, encode_by(&samples, 1600));
        let theirs = ffmpeg_pcm(&path);
        // ffmpeg 5.1 does not cut the last access unit at the end that the file states.
        assert!(theirs.len() >= length && theirs.len() < length + UNIT, "{length}: {}", theirs.len());
        let (found, correlation) = lag(&samples, &theirs);
        assert!(found == 0 && correlation > 0.99, "{length}: {found} {correlation}");
        let mut ours = AudioFile::open(&path, STALL_TIMEOUT).unwrap();
        let mut read = vec![[0.0; 2]; length + 10];
        assert_eq!(ours.read_samples(&mut read).unwrap(), length);
        assert!(read[..length] == theirs[..length]);
        let stated = probe_audio(&path).unwrap().unwrap().duration;
        assert_eq!(stated, Rational::new(length as i128, SAMPLE_RATE.into()));
    }
}

#[test]
fn a_click_is_heard_at_its_sample() {
    for at in [9999, 24_000, 31_234] {
        // A millisecond and a half of 2 kHz that rises and falls.
        let mut samples = vec![[0.0; 2]; 2 * at];
        for (index, sample) in samples[at..at + 72].iter_mut().enumerate() {
            let phase = index as f32 / 72.0;
            *sample = [0.9 * (std::f32::consts::PI * phase).sin() * (std::f32::consts::TAU * 3.0 * phase).sin(); 2];
        }
        let path = mp4(&format!("click{at}.mp4"), samples.len(), encode_by(&samples, 1000));
        let (found, correlation) = lag(&samples, &ffmpeg_pcm(&path));
        assert!(found == 0 && correlation > 0.9, "{at}: {found} {correlation}");
    }
}

#[test]
fn the_channels_stay_apart() {
    for silent in [0, 1] {
        let mut samples = sweep(48_000);
        samples.iter_mut().for_each(|sample| sample[silent] = 0.0);
        let decoded = ffmpeg_pcm(&mp4(&format!("one-side{silent}.mp4"), 48_000, encode_by(&samples, 4800)));
        let peak =
            |channel: usize| decoded[4800..43_200].iter().map(|sample| sample[channel].abs()).fold(0.0, f32::max);
        assert!(peak(silent) < 0.01 && peak(1 - silent) > 0.45, "{} {}", peak(0), peak(1));
    }
}

#[test]
fn fragmented_streams_have_every_sample_in_its_place() {
    let samples = sweep(100_000);
    let (sampler, frames) = video(63);
    let mut bytes = Vec::new();
    let mut stream = Box::new(FragmentedStream::new(&mut bytes));
    stream.begin(&[sampler.track().clone(), AacEncoder::track()]).unwrap();
    frames.into_iter().chain(encode_by(&samples, 1600)).for_each(|sample| stream.push(sample).unwrap());
    stream.finish().unwrap();
    let path = file("encoded-fragments.mp4", &bytes);
    let mut read = vec![[0.0; 2]; 110_000];
    let count = AudioFile::open(&path, STALL_TIMEOUT).unwrap().read_samples(&mut read).unwrap();
    let (ours, correlation) = lag(&samples, &read[..count]);
    assert!(ours == 0 && correlation > 0.99 && count.abs_diff(100_000) <= UNIT, "{ours} {correlation} {count}");
    assert_eq!(lag(&samples, &ffmpeg_pcm(&path)).0, 0);
}

#[test]
fn an_encoder_that_stops_is_an_error_and_not_a_wait() {
    let settings = AacSettings { stall_timeout: Duration::from_millis(100), ..AacSettings::default() };
    let mut encoder = AacEncoder::start(settings).unwrap();
    // Blocks everything between the source and the encoder.
    let pad = encoder.pipeline.source.static_pad("src").unwrap();
    pad.add_probe(gst::PadProbeType::BLOCK_DOWNSTREAM, |_, _| gst::PadProbeReturn::Ok);
    let result = (0..20).try_for_each(|_| encoder.push(&sweep(1024)).map(drop));
    assert!(matches!(result, Err(EncodeError::Failed { .. })), "{result:?}");
}

#[test]
fn samples_that_are_no_numbers_are_silence() {
    let mut samples = sweep(4096);
    samples[2000] = [f32::NAN, f32::INFINITY];
    let mut silent = sweep(4096);
    silent[2000] = [0.0; 2];
    assert!(encode_by(&samples, 4096) == encode_by(&silent, 4096));
}

#[test]
fn the_fingerprint_names_encoder_and_bit_rate() {
    let text = AacEncoder::fingerprint(AacSettings::default()).unwrap();
    assert!(text.starts_with("encoder avenc_aac plugin libav 1.") && text.ends_with("\nbit-rate 192000\n"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn bytes_do_not_depend_on_how_many_samples_are_pushed_at_a_time(length in 1_usize..20_000, count in 1_usize..5000) {
        let samples = sweep(length);
        prop_assert!(encode_by(&samples, count) == encode_by(&samples, length));
    }
}
