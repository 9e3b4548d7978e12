//! Parses fragmented MP4 while it arrives: checks that boxes are complete, and measures the duration of the video.
//!
//! Only boxes with times are read: `moov` for timescale and default duration, `moof` for decode time and durations. Other boxes
//! are skipped and not buffered.

use crate::Result;

/// Largest accepted `moov` or `moof`.
const MAX_BUFFERED: u64 = 4 << 20;

/// A parser of a stream of boxes.
#[derive(Default)]
pub(crate) struct FragmentWalker {
    /// The header of the current box, and the body of boxes that are read.
    buffered: Vec<u8>,
    /// Bytes of the current box that are still to be skipped.
    skip: u64,
    /// A `moof` was read whose `mdat` is not complete.
    awaits_mdat: bool,
    mdat: bool,
    /// Complete pairs of `moof` and `mdat`.
    pub(crate) fragments: u64,
    /// Fragments that do not start at the end of the one before.
    pub(crate) jumps: u64,
    track: Option<Track>,
    begin: Option<u64>,
    end: u64,
}

#[derive(Clone, Copy)]
struct Track {
    id: u32,
    timescale: u32,
    default_duration: u64,
}

impl FragmentWalker {
    /// Parses the next bytes of the stream.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<()> {
        loop {
            let passed = bytes.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
            bytes = &bytes[passed..];
            self.skip -= passed as u64;
            if self.skip > 0 {
                return Ok(());
            }
            if self.mdat {
                self.mdat = false;
                self.fragments += u64::from(std::mem::take(&mut self.awaits_mdat));
            }
            let needed = self.needed_bytes()?;
            let Some(missing) = needed.checked_sub(self.buffered.len()).filter(|missing| *missing > 0) else {
                self.take_box()?;
                continue;
            };
            if bytes.is_empty() {
                return Ok(());
            }
            let (now, later) = bytes.split_at(missing.min(bytes.len()));
            self.buffered.extend_from_slice(now);
            bytes = later;
        }
    }

    /// Whether all boxes and fragments are complete.
    pub(crate) fn is_complete(&self) -> bool {
        self.buffered.is_empty() && self.skip == 0 && !self.awaits_mdat
    }

    /// Seconds of video so far.
    pub(crate) fn video_secs(&self) -> f64 {
        let ticks = self.end.saturating_sub(self.begin.unwrap_or(self.end));
        self.track.map_or(0.0, |track| ticks as f64 / f64::from(track.timescale.max(1)))
    }

    /// Bytes of the current box that are needed to read or skip it.
    fn needed_bytes(&self) -> Result<usize> {
        let Some(size) = number(&self.buffered, 0, 4) else { return Ok(8) };
        if size == 1 && self.buffered.len() < 16 {
            return Ok(16);
        }
        if self.buffered.len() < 8 || !matches!(&self.buffered[4..8], b"moov" | b"moof") {
            return Ok(if size == 1 { 16 } else { 8 });
        }
        if !(8..=MAX_BUFFERED).contains(&size) {
            return Err(format!("a moov or moof of {size} bytes").into());
        }
        Ok(usize::try_from(size)?)
    }

    /// Reads or skips the current box.
    fn take_box(&mut self) -> Result<()> {
        let buffered = std::mem::take(&mut self.buffered);
        let kind = &buffered[4..8];
        if !kind.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
            return Err(format!("a box called {:?}", String::from_utf8_lossy(kind)).into());
        }
        match kind {
            b"moov" => self.track = video_track(&buffered[8..]).or(self.track),
            b"moof" => {
                self.take_times(&buffered[8..]);
                self.awaits_mdat = true;
            }
            _ => {
                let size = number(&buffered, 0, 4).filter(|size| *size != 1).or(number(&buffered, 8, 8)).unwrap_or(0);
                let rest = size.checked_sub(buffered.len() as u64);
                self.skip = rest.ok_or(format!("a box of {size} bytes, its head included"))?;
                self.mdat = kind == b"mdat";
            }
        }
        Ok(())
    }

    /// Without a `moov`, which a part does not have, the first track is used.
    fn take_times(&mut self, moof: &[u8]) {
        for traf in children(moof).filter(|(kind, _)| kind == b"traf").map(|(_, body)| body) {
            let Some(tfhd) = child(traf, b"tfhd") else { continue };
            let id = number(tfhd, 4, 4);
            if self.track.is_some_and(|track| id != Some(u64::from(track.id))) {
                continue;
            }
            let Some(tfdt) = child(traf, b"tfdt") else { continue };
            let begin = if tfdt.first() == Some(&1) { number(tfdt, 4, 8) } else { number(tfdt, 4, 4) };
            let Some(begin) = begin else { continue };
            let default = default_of(tfhd).unwrap_or(self.track.map_or(0, |track| track.default_duration));
            let truns = children(traf).filter(|(kind, _)| kind == b"trun");
            let duration = truns.map(|(_, trun)| duration_of(trun, default)).sum::<u64>();
            self.jumps += u64::from(self.begin.is_some() && begin != self.end);
            self.begin.get_or_insert(begin);
            self.end = begin.saturating_add(duration);
            return;
        }
    }
}

/// The first video track.
fn video_track(moov: &[u8]) -> Option<Track> {
    let traks = children(moov).filter(|(kind, _)| kind == b"trak").map(|(_, body)| body);
    let (trak, mdia) = traks
        .filter_map(|trak| Some((trak, child(trak, b"mdia")?)))
        .find(|(_, mdia)| child(mdia, b"hdlr").and_then(|hdlr| hdlr.get(8..12)) == Some(b"vide"))?;
    let tkhd = child(trak, b"tkhd")?;
    let id = number(tkhd, if tkhd.first() == Some(&1) { 20 } else { 12 }, 4)?;
    let mdhd = child(mdia, b"mdhd")?;
    let timescale = number(mdhd, if mdhd.first() == Some(&1) { 20 } else { 12 }, 4)?;
    let trexes = children(child(moov, b"mvex")?).filter(|(kind, _)| kind == b"trex").map(|(_, body)| body);
    let trex = { trexes }.find(|trex| number(trex, 4, 4) == Some(id));
    let default_duration = trex.and_then(|trex| number(trex, 12, 4)).unwrap_or(0);
    Some(Track { id: u32::try_from(id).ok()?, timescale: u32::try_from(timescale).ok()?, default_duration })
}

/// A fragment's own default duration, where it has one.
fn default_of(tfhd: &[u8]) -> Option<u64> {
    let flags = number(tfhd, 1, 3)?;
    let before = if flags & 0x1 != 0 { 8 } else { 0 } + if flags & 0x2 != 0 { 4 } else { 0 };
    if flags & 0x8 != 0 { number(tfhd, 8 + before, 4) } else { None }
}

/// The durations of a run of frames, summed.
fn duration_of(trun: &[u8], default: u64) -> u64 {
    let (Some(flags), Some(count)) = (number(trun, 1, 3), number(trun, 4, 4)) else { return 0 };
    if flags & 0x100 == 0 {
        return count.saturating_mul(default);
    }
    let first = 8 + if flags & 0x1 != 0 { 4 } else { 0 } + if flags & 0x4 != 0 { 4 } else { 0 };
    let stride = (flags >> 8 & 0xf).count_ones() as usize * 4;
    let frames = trun.get(first..).unwrap_or_default().chunks_exact(stride);
    frames.take(usize::try_from(count).unwrap_or(0)).filter_map(|frame| number(frame, 0, 4)).sum()
}

/// The boxes in a box; a broken one ends them.
fn children(mut body: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let size = usize::try_from(number(body, 0, 4)?).ok()?;
        let kind = body.get(4..8)?.try_into().ok()?;
        let content = body.get(8..size)?;
        body = &body[size..];
        Some((kind, content))
    })
}

fn child<'a>(body: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    children(body).find(|(kind, _)| kind == wanted).map(|(_, content)| content)
}

/// A big-endian number.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn init() -> Vec<u8> {
        let tkhd = boxed(b"tkhd", &words(&[0, 0, 0, 7]));
        let mdhd = boxed(b"mdhd", &words(&[0, 0, 0, 30_000]));
        let hdlr = boxed(b"hdlr", &words(&[0, 0, u32::from_be_bytes(*b"vide")]));
        let trak = boxed(b"trak", &[tkhd, boxed(b"mdia", &[mdhd, hdlr].concat())].concat());
        let mvex = boxed(b"mvex", &boxed(b"trex", &words(&[0, 7, 1, 1000, 0])));
        [boxed(b"ftyp", b"isom"), boxed(b"moov", &[trak, mvex].concat())].concat()
    }

    fn fragment(begin: u32, trun: &[u32]) -> Vec<u8> {
        let tfhd = boxed(b"tfhd", &words(&[0x02_0000, 7]));
        let traf = [tfhd, boxed(b"tfdt", &words(&[0, begin])), boxed(b"trun", &words(trun))].concat();
        [boxed(b"moof", &boxed(b"traf", &traf)), boxed(b"mdat", &[0; 33])].concat()
    }

    #[test]
    fn any_cut_of_the_bytes_gives_the_same_video() {
        let with_durations = [0x30a, 2, 0, 0, 500, 9, 700, 9];
        // Flags: durations and sizes, no data offset, no first sample flags.
        let with_durations = [&[0x300, 2][..], &with_durations[4..]].concat();
        let stream = [init(), fragment(60_000, &[0, 15]), fragment(75_000, &with_durations)].concat();
        for cut in [1, 7, 64, stream.len()] {
            let mut walker = FragmentWalker::default();
            stream.chunks(cut).for_each(|bytes| walker.push(bytes).unwrap());
            assert!(walker.is_complete(), "cut by {cut}");
            assert_eq!((walker.fragments, walker.jumps, walker.video_secs()), (2, 0, 0.54), "cut by {cut}");
        }
    }

    #[test]
    fn gaps_halves_and_nonsense_are_seen() {
        let mut walker = FragmentWalker::default();
        walker.push(&[init(), fragment(0, &[0, 15]), fragment(16_000, &[0, 15])].concat()).unwrap();
        assert_eq!(walker.jumps, 1);
        walker.push(&fragment(31_000, &[0, 15])[..100]).unwrap();
        assert!(!walker.is_complete());
        assert!(FragmentWalker::default().push(b"\0\0\0\x10\0\0\0\0").is_err());
        assert!(FragmentWalker::default().push(&[0, 0, 0, 3, b'f', b'r', b'e', b'e', 0]).is_err());
    }
}
