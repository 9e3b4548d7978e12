//! The audio track of a movie: its length, edit list and encoder delay. The sample table is not expanded, because every
//! PCM sample is one of its samples.

use std::fs::File;
use std::io;
use std::path::Path;

use mp4_atom::{Co64, FourCC, Mdhd, Mvhd, Stco, Stts};

use super::boxes::{Child, Children, read_at, walk_file};
use super::fragments::Fragments;
use super::movie_patches::MoviePatches;
use super::track::{self, EditListEntry};
use super::{MAX_MOOF_BYTES, MAX_MOOV_BYTES, MAX_SAMPLES, Sample};
use crate::decode::DecodeError;
use crate::decode::byte_patches::BytePatches;

/// Bytes of an audio sample entry of version 0 before its child boxes (ISO/IEC 14496-12, 12.2.3).
const AUDIO_ENTRY_BYTES: usize = 28;

/// The audio track that is decoded.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::decode) struct AudioTrack {
    /// Ticks per second of the track.
    pub(in crate::decode) timescale: u32,
    /// Ticks per second of the movie, the unit of edit durations.
    pub(in crate::decode) movie_timescale: u32,
    /// Time of the first sample, in ticks.
    pub(in crate::decode) start: i64,
    /// Time at which the last sample ends, in ticks.
    pub(in crate::decode) end: i64,
    /// The edit list; empty if the track has none.
    pub(in crate::decode) edits: Vec<EditListEntry>,
    /// The encoder's delay and the PCM samples after it, from iTunes' metadata.
    pub(in crate::decode) gapless: Option<Gapless>,
    /// How many ticks later the demuxer sees all times.
    pub(in crate::decode) demuxer_shift: i64,
}

/// The part of a track that is heard, as iTunes states it (`iTunSMPB`), in PCM samples.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::decode) struct Gapless {
    /// Samples of the encoder's delay.
    pub(in crate::decode) delay: u32,
    /// Samples after it that are heard.
    pub(in crate::decode) samples: u64,
}

/// What reading the audio of a file needs.
#[derive(Default)]
pub(in crate::decode) struct AudioMovie {
    /// Whether a box or a chunk of the track extends past the end of the file.
    pub(in crate::decode) truncated: bool,
    /// The selected track: the first enabled one with samples. `None` when there is none, or the boxes are malformed.
    pub(in crate::decode) track: Option<AudioTrack>,
    /// Applied to everything the demuxer reads.
    pub(in crate::decode) patches: BytePatches,
}

/// Parses a file's boxes.
///
/// # Errors
/// When the file cannot be read, or has more than [`MAX_SAMPLES`] access units in fragments.
pub(in crate::decode) fn read_audio(path: &Path) -> Result<AudioMovie, DecodeError> {
    read(path).map_err(|error| DecodeError::io(path, &error))
}

fn read(path: &Path) -> io::Result<AudioMovie> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    let mut patches = MoviePatches::default();
    let mut selected: Option<Selected> = None;
    let mut in_fragments: Vec<Sample> = Vec::new();
    let mut truncated = walk_file(&mut file, len, |file, kind, at, size| {
        if kind == FourCC::new(b"moov") && size <= MAX_MOOV_BYTES && selected.is_none() {
            let bytes = read_at(file, at, size)?;
            let Some(moov) = Children::new(at, &bytes).next() else { return Ok(()) };
            selected = select(moov, len, &mut patches);
        } else if kind == FourCC::new(b"moof")
            && size <= MAX_MOOF_BYTES
            && let Some(Selected { fragments: Some(fragments), .. }) = &mut selected
        {
            let bytes = read_at(file, at, size)?;
            if let Some(moof) = Children::new(at, &bytes).next() {
                fragments.add(moof, &mut in_fragments);
            }
            if in_fragments.len() > MAX_SAMPLES {
                return Err(io::Error::other(format!("more than {MAX_SAMPLES} access units")));
            }
        } else if kind == FourCC::new(b"mfra") {
            patches.hide(at);
            if at.checked_add(size) == Some(len) {
                patches.hide_random_access(len);
            }
        }
        Ok(())
    })?;
    let Some(Selected { mut track, fragments, is_truncated, has_samples }) = selected else {
        return Ok(AudioMovie { truncated, ..AudioMovie::default() });
    };
    truncated |= is_truncated;
    let ends = in_fragments.iter().map(|sample| sample.pts.saturating_add(i64::from(sample.duration)));
    let starts = in_fragments.iter().map(|sample| sample.pts).min();
    track.end = ends.max().unwrap_or(0).max(track.end);
    track.start = starts.filter(|_| !has_samples).unwrap_or(0);
    if let Some(fragments) = fragments {
        track.demuxer_shift = fragments.raise_offsets(&mut file, &mut patches)?;
    }
    if track.end <= track.start {
        return Ok(AudioMovie { truncated, ..AudioMovie::default() });
    }
    let patches = patches.finish_at(track.end.saturating_add(track.demuxer_shift), track.timescale);
    Ok(AudioMovie { truncated, track: Some(track), patches })
}

struct Selected {
    track: AudioTrack,
    /// Parser of its fragments, if the movie may have any.
    fragments: Option<Fragments>,
    /// Whether a chunk of it begins past the end of the file.
    is_truncated: bool,
    /// Whether the `moov` itself has samples of it.
    has_samples: bool,
}

/// Selects the first enabled audio track with samples in a file of `len` bytes, and hides the others.
fn select(moov: Child<'_>, len: u64, patches: &mut MoviePatches) -> Option<Selected> {
    let Mvhd { timescale: movie_timescale, .. } = moov.get()?;
    for (trak, header) in track::tracks(moov, track::AUDIO) {
        let Some(media) = trak.find(b"mdia") else { continue };
        let Some(Mdhd { timescale, .. }) = media.get::<Mdhd>() else { continue };
        let Some(stbl) = media.path(&[b"minf", b"stbl"]) else { continue };
        let end = stbl.get::<Stts>().map_or(0, |times| length(&times));
        let fragments = Fragments::of(moov, header.track_id, end);
        if timescale == 0 || movie_timescale == 0 || (end == 0 && fragments.is_none()) {
            continue;
        }
        patches.hide_all_but(moov, trak.offset, track::AUDIO, fragments.is_some());
        if let Some(offset) = stbl.find(b"stsd").and_then(opus_pre_skip) {
            // The decoder would drop the delay without moving what follows; the edit list skips it.
            patches.replace(offset, vec![0; 2]);
        }
        let edits = trak.find(b"edts").map_or_else(Vec::new, track::edits);
        let gapless = gapless(moov);
        let track = AudioTrack { timescale, movie_timescale, start: 0, end, edits, gapless, demuxer_shift: 0 };
        return Some(Selected { track, fragments, is_truncated: is_truncated(stbl, len), has_samples: end > 0 });
    }
    None
}

/// Ticks of all samples; those of a last sample without a duration are taken from the one before.
fn length(times: &Stts) -> i64 {
    let ticks = |count: u32, delta: u32| i64::from(count).saturating_mul(i64::from(delta));
    let all = times.entries.iter().map(|entry| ticks(entry.sample_count, entry.sample_delta));
    let sum = all.fold(0_i64, i64::saturating_add);
    match &times.entries[..] {
        [.., before, last] if last.sample_delta == 0 => {
            sum.saturating_add(ticks(last.sample_count.min(1), before.sample_delta))
        }
        _ => sum,
    }
}

/// Whether a chunk begins past the end of a file of `len` bytes.
fn is_truncated(stbl: Child<'_>, len: u64) -> bool {
    let last = match (stbl.get::<Stco>(), stbl.get::<Co64>()) {
        (Some(short), _) => short.entries.into_iter().map(u64::from).max(),
        (None, Some(long)) => long.entries.into_iter().max(),
        (None, None) => None,
    };
    last.is_some_and(|last| last >= len)
}

/// Offset in the file of PreSkip in the OpusSpecificBox (Encapsulation of Opus in ISO Base Media File Format, 4.3.2), after
/// its version and channels.
fn opus_pre_skip(stsd: Child<'_>) -> Option<u64> {
    let entries = stsd.body.get(8..)?;
    let entry =
        Children::new(stsd.body_offset + 8, entries).next().filter(|entry| entry.kind == FourCC::new(b"Opus"))?;
    let boxes = entry.body.get(AUDIO_ENTRY_BYTES..)?;
    let specific = Children::new(entry.body_offset + AUDIO_ENTRY_BYTES as u64, boxes)
        .find(|child| child.kind == FourCC::new(b"dOps") && child.body.len() >= 4)?;
    Some(specific.body_offset + 2)
}

/// What `iTunSMPB` states: hexadecimal numbers, the second of which is the delay, and the fourth the samples heard.
fn gapless(moov: Child<'_>) -> Option<Gapless> {
    let meta = moov.path(&[b"udta", b"meta"])?;
    // A full box: its version and flags come before its children.
    let list = Child { body: meta.body.get(4..)?, body_offset: meta.body_offset + 4, ..meta }.find(b"ilst")?;
    let items = list.children().filter(|item| item.kind == FourCC::new(b"----"));
    let mut named = items.filter(|item| item.find(b"name").is_some_and(|name| name.body.ends_with(b"iTunSMPB")));
    let data = named.next()?.find(b"data")?;
    let text = std::str::from_utf8(data.body.get(8..)?).ok()?;
    let mut numbers = text.split_ascii_whitespace().map(|number| u64::from_str_radix(number, 16));
    let (_, delay, _, samples) = (numbers.next()?, numbers.next()?.ok()?, numbers.next()?, numbers.next()?.ok()?);
    let delay = u32::try_from(delay).ok().filter(|delay| *delay <= MAX_DELAY)?;
    (samples > 0 && samples <= u64::from(u32::MAX)).then_some(Gapless { delay, samples })
}

/// The longest encoder delay that is believed, in samples: four times the longest known, 4097 of HE-AAC.
const MAX_DELAY: u32 = 16_384;
