//! Decoding a file at its key frames, and the beginning of its audio, to find out whether decoding it ends.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gst::prelude::*;
use gstreamer as gst;

use super::DecodeError;
use super::audio::{self, AudioFile, is_audio};
use super::decoder::limit_threads;
use super::file_format::{FileFormat, sniff};
use super::pictures;
use super::probe::{ClipSource, probe_within};
use super::reader::Reader;

/// Key frames that are decoded after the first frame: the last one, and those between at equal distances. Each takes a
/// few milliseconds at usual sizes.
const MAX_CHECKED_KEYS: usize = 9;

/// Time after which no further key frame is decoded: frames of the largest sizes take a second each.
const KEY_FRAME_BUDGET: Duration = Duration::from_millis(500);

/// Elements of every pipeline in addition to decoders and parsers.
const ELEMENTS: [&str; 6] = ["filesrc", "qtdemux", "matroskademux", "decodebin", "videoconvertscale", "appsink"];

/// Samples of audio that are decoded: a few seconds, or half a second of the highest rate at the least.
const CHECKED_SAMPLES: usize = 96_000;

/// Whether a file is decoded by GStreamer: it is a movie, or has audio alone. Images are decoded by memory-safe code with
/// bounds of its own, and files of other formats are rejected by their first bytes.
#[must_use]
pub fn is_movie(path: &Path) -> bool {
    !pictures::is_numbered(path)
        && match sniff(path) {
            Ok(sniffed) => sniffed.format != FileFormat::Picture,
            Err(_) => is_audio(path),
        }
}

/// Probes a file, decodes its key frames and the frames between that a decoder needs, and the beginning of its audio.
///
/// # Errors
/// The first error. [`DecodeError::Stalled`] when a decoder delivers nothing for `stall_timeout`.
pub(crate) fn decode_samples(path: &Path, stall_timeout: Duration) -> Result<(), DecodeError> {
    let video = if is_audio(path) { Ok(()) } else { decode_key_frames(path, stall_timeout) };
    // One that does not respond is reported, whatever the other does.
    match (video, decode_audio(path, stall_timeout)) {
        (Err(error @ DecodeError::Stalled { .. }), _) | (_, Err(error @ DecodeError::Stalled { .. })) => Err(error),
        (video, audio) => video.and(audio),
    }
}

fn decode_audio(path: &Path, stall_timeout: Duration) -> Result<(), DecodeError> {
    match AudioFile::open(path, stall_timeout) {
        Ok(mut file) => file.read_samples(&mut vec![[0.0; 2]; CHECKED_SAMPLES]).map(drop),
        Err(DecodeError::NoAudio(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

fn decode_key_frames(path: &Path, stall_timeout: Duration) -> Result<(), DecodeError> {
    let probed = probe_within(path, stall_timeout)?;
    let ClipSource::Stream(_, timing) = &probed.source else { return Ok(()) };
    let started = Instant::now();
    let mut reader = Reader::new(path, &probed, stall_timeout);
    for index in spread(timing.keys.len(), MAX_CHECKED_KEYS).take_while(|_| started.elapsed() < KEY_FRAME_BUDGET) {
        reader.seek(timing.keys[index])?;
        reader.next()?;
    }
    Ok(())
}

/// At most `count` indices of `0..len` without the first, at equal distances, from the last.
fn spread(len: usize, count: usize) -> impl Iterator<Item = usize> {
    let last = len.saturating_sub(1);
    let count = count.min(last);
    (1..=count).rev().map(move |step| last * step / count)
}

/// Threads of a decoder in the process of one file. With frame threading each holds frames, and the memory of a check
/// must not depend on the number of cores.
const CHECK_THREADS: i32 = 2;

/// Prepares a process that only checks files: loads every plugin that decodes in software, and disables decoders that use hardware: they need devices, and their
/// drivers do not survive a fork. Returns the folders of the plugins.
pub(crate) fn load_decoders() -> Vec<PathBuf> {
    use gst::ElementFactoryType as Type;
    limit_threads(CHECK_THREADS);
    let find = |kind: Type| gst::ElementFactory::factories_with_type(kind | Type::MEDIA_VIDEO, gst::Rank::MARGINAL);
    for factory in find(Type::DECODER) {
        let is_hardware = factory.metadata("klass").is_some_and(|class| class.contains("Hardware"));
        if is_hardware {
            factory.set_rank(gst::Rank::NONE);
        } else {
            // A plugin that cannot be loaded is not used either.
            let _ = factory.load();
        }
    }
    for factory in find(Type::PARSER) {
        let _ = factory.load();
    }
    for factory in ELEMENTS.iter().filter_map(|name| gst::ElementFactory::find(name)) {
        let _ = factory.load();
    }
    for factory in audio::ELEMENTS.iter().filter_map(|name| gst::ElementFactory::find(name)) {
        let _ = factory.load();
    }
    // The format of each stream is found by this plugin, which is not an element.
    let _ = gst::Plugin::load_by_name("typefindfunctions");
    let plugins = gst::Registry::get().plugins();
    let folders = plugins.iter().filter_map(|plugin| plugin.filename()?.parent().map(Path::to_owned));
    let folders: std::collections::BTreeSet<PathBuf> = folders.collect();
    folders.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_audio::{SWEEP_48, VIDEO, ffmpeg, file};

    #[test]
    fn audio_is_checked_with_and_without_video() {
        let video = ["-f", "lavfi", "-i", VIDEO, "-c:v", "libx264"];
        let audio = ["-f", "lavfi", "-i", SWEEP_48];
        let files = [
            ffmpeg("checked.mp3", &audio),
            ffmpeg("checked-video.mp4", &video),
            ffmpeg("checked-both.mp4", &[&audio[..], &video].concat()),
        ];
        for path in &files {
            assert!(is_movie(path), "{}", path.display());
            decode_samples(path, Duration::from_secs(30)).unwrap();
        }
        assert!(!is_movie(&file("checked.txt", b"neither a movie nor audio")));
        let mut bytes = std::fs::read(&files[2]).unwrap();
        let media = bytes.windows(4).position(|window| window == b"mdat").unwrap() + 4;
        bytes[media..media + 20_000].fill(0xff);
        let result = decode_samples(&file("checked-damaged.mp4", &bytes), Duration::from_secs(30));
        assert!(matches!(result, Err(DecodeError::Broken { .. })), "{result:?}");
    }

    /// The decoder fails in the frames that follow each key frame, at any time during the next seek.
    #[test]
    fn a_seek_from_damage_always_delivers_frames() {
        let options = ["-f", "lavfi", "-i", VIDEO, "-c:v", "png", "-pix_fmt", "rgb24"];
        let mut bytes = std::fs::read(ffmpeg("checked-png.mov", &options)).unwrap();
        let pictures: Vec<usize> =
            bytes.windows(4).enumerate().filter(|(_, w)| w == b"IDAT").map(|(at, _)| at).collect();
        for at in pictures.iter().skip(1).step_by(3) {
            bytes[at + 4..at + 24].fill(0xff);
        }
        let path = file("checked-png-damaged.mov", &bytes);
        for _ in 0..40 {
            decode_samples(&path, Duration::from_secs(2)).unwrap();
        }
    }

    #[test]
    fn key_frames_are_spread_from_the_last_to_the_second() {
        let spread = |len, count| spread(len, count).collect::<Vec<_>>();
        assert!(spread(0, 9).is_empty() && spread(1, 9).is_empty());
        assert_eq!(spread(4, 9), [3, 2, 1]);
        assert_eq!(spread(101, 4), [100, 75, 50, 25]);
    }
}
