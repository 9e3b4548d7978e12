//! Live streams to CMAF chunks (ISO/IEC 23000-19, 6.6.5), each a part of a segment. Pure.
//!
//! ```text
//! frames  |k . . . . . . . . . . . . . .|. . . . .|k . . . . . . . .|      k: key frame
//! parts   |    0    |    1    |    2    |  3      |    4    |    5    |
//! segments|              0              |         |         1
//! ```
//!
//! Boundaries are on a grid of frame numbers, so that every rendition of a stream has the same and nothing drifts. A key
//! frame elsewhere, with which an encoder begins that replaces another, ends its part and its segment early; the next ones
//! end on the grid again. Dropped frames leave no gap: the one before is shown for longer.
//!
//! Every rendition is a stream of its own, of one track: [`Segmenter`] cuts video, [`AudioSegmenter`] audio. Their chunks
//! carry different track numbers, so that one stream of both is an init segment of both tracks and the chunks in turn.

mod audio;
#[cfg(test)]
mod tests;

pub use audio::AudioSegmenter;

use super::MuxError;
use super::codec::{codec_string, parse_avcc};
use super::fragment::Fragmenter;
use repcast_media::{CodecConfig, EncodedFrame, Grid, Sample, StreamConfig, Timebase, Track, TrackId};
use repcast_model::time::Rational;

/// What a player needs before the chunks that follow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Init {
    /// The init segment.
    pub data: Vec<u8>,
    /// The track that it describes.
    pub track: Track,
    /// Codecs as RFC 6381 writes them.
    pub codecs: String,
}

/// The init segment of one stream of several tracks, for the chunks of each in turn.
///
/// # Errors
/// When the configuration of a track cannot be written as MP4.
pub fn joint_init(tracks: &[Track]) -> Result<Vec<u8>, MuxError> {
    Fragmenter::new(tracks)?.init_segment()
}

/// A part: one `moof` and one `mdat`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// The bytes.
    pub data: Vec<u8>,
    /// The bytes of the segment up to and with it, if they are not those of its parts in a row.
    pub whole: Option<Vec<u8>>,
    /// The video frame with whose start it begins; audio begins with the first access unit from there on.
    pub start: u64,
    /// The video frame before which it ends, one past the last.
    pub end: u64,
    /// Seconds from the start of the program to its first sample. That of audio is up to an access unit after the frame.
    pub begins_at: Rational,
    /// Seconds that its samples last. Of audio they differ from the frames' by less than an access unit.
    pub duration: Rational,
    /// Whether a segment begins with it.
    pub begins_segment: bool,
    /// Whether decoding can begin with it: video at a key frame, audio anywhere.
    pub is_independent: bool,
    /// Whether the segment is known to be complete with it; one that is not is complete when the next begins.
    pub ends_segment: bool,
    /// The init segment, where it is the first or differs from the one before.
    pub init: Option<Init>,
}

/// Cuts the video of one rendition. Its frames are never reordered, so that they are decoded when they are shown.
#[derive(Debug)]
pub struct Segmenter {
    grid: Grid,
    current: Option<Current>,
    /// The init segment of the next chunk.
    init: Option<Init>,
    part: Vec<Sample>,
    begins_segment: bool,
}

/// The configuration in force.
#[derive(Debug)]
struct Current {
    config: StreamConfig,
    timebase: Timebase,
    fragmenter: Fragmenter,
    /// The parameter sets as a key frame carries them, each after its length; empty where they are in the first init segment.
    in_band: Vec<u8>,
}

impl Segmenter {
    /// A segmenter at the beginning of a stream.
    #[must_use]
    pub const fn new(grid: Grid) -> Self {
        Self { grid, current: None, init: None, part: Vec::new(), begins_segment: true }
    }

    /// Adds the next frame, and passes the chunks that are complete with it to `publish`.
    ///
    /// # Errors
    /// When the stream does not begin with a key frame, frames come twice or out of order, or a box cannot be built.
    pub fn push(
        &mut self,
        config: &StreamConfig,
        frame: EncodedFrame,
        mut publish: impl FnMut(Chunk),
    ) -> Result<(), MuxError> {
        let number = frame.frame;
        let is_fresh = self.current.as_ref().is_none_or(|current| current.config != *config);
        // Nothing has changed yet when a frame is rejected here, so that the caller can send it again.
        let begins_segment = self.part.is_empty() && self.begins_segment;
        if (is_fresh || begins_segment) && !frame.is_key {
            return Err(MuxError::FirstNotKey { frame: number });
        }
        if let Some(last) = self.last_frame() {
            if number <= last {
                return Err(MuxError::Repeated { frame: number });
            }
            let boundary = self.grid.part_end(last);
            // A part whose last frame was dropped is known to be complete when the next one comes.
            if number >= boundary || frame.is_key {
                let boundary = boundary.min(number);
                publish(self.cut(boundary, frame.is_key || self.grid.begins_segment(boundary))?);
            }
        }
        // A key frame off the grid begins a segment too, also where no part had to be cut for it.
        self.begins_segment |= frame.is_key;
        if is_fresh {
            self.configure(config)?;
        }
        let Current { timebase, in_band, .. } = self.current.as_ref().ok_or(MuxError::Empty)?;
        let data = if frame.is_key && !in_band.is_empty() { [in_band, &*frame.data].concat() } else { frame.data };
        let timebase = *timebase;
        self.part.push(timebase.sample(EncodedFrame { data, ..frame }, number));
        let boundary = self.grid.part_end(number);
        if number + 1 == boundary {
            publish(self.cut(boundary, self.grid.begins_segment(boundary))?);
        }
        Ok(())
    }

    /// The rest, as the last chunk of a stream of `end` frames.
    ///
    /// # Errors
    /// When a box cannot be built.
    pub fn finish(&mut self, end: u64) -> Result<Option<Chunk>, MuxError> {
        match self.last_frame() {
            Some(last) => {
                let end = end.clamp(last + 1, self.grid.part_end(last));
                self.cut(end, true).map(Some)
            }
            None => Ok(None),
        }
    }

    /// The newest frame of the open part.
    fn last_frame(&self) -> Option<u64> {
        let timebase = self.current.as_ref()?.timebase;
        self.part.last().map(|sample| sample.dts / u64::from(timebase.frame_ticks))
    }

    /// Begins a new configuration. Where it replaces another, each of its key frames carries its parameter sets: the growing
    /// file has one init segment, the first, and is read from any key frame on.
    fn configure(&mut self, config: &StreamConfig) -> Result<(), MuxError> {
        let timebase = Timebase::new(config.rate)?;
        let codec = CodecConfig::H264(config.clone());
        let track = Track { id: TrackId::VIDEO, timescale: timebase.timescale, codec };
        let fragmenter = match self.current.take() {
            Some(before) => before.fragmenter.reconfigured([&track])?,
            None => Fragmenter::new_in_order([&track])?,
        };
        let in_band = if fragmenter.has_begun() { parameter_sets(&config.avcc)? } else { Vec::new() };
        let (init, codecs) = (fragmenter.init_segment()?, codec_string(&config.avcc)?);
        self.init = Some(Init { data: init, track, codecs });
        self.current = Some(Current { config: config.clone(), timebase, fragmenter, in_band });
        Ok(())
    }

    /// Ends the open part before frame `end`. A frame is shown until the next one of the part.
    fn cut(&mut self, end: u64, ends_segment: bool) -> Result<Chunk, MuxError> {
        let Some(Current { config, timebase, fragmenter, .. }) = &mut self.current else {
            return Err(MuxError::Empty);
        };
        let mut samples = std::mem::take(&mut self.part);
        let start = samples.first().map_or(end, |first| first.dts / u64::from(timebase.frame_ticks));
        let ends: Vec<u64> = samples.iter().skip(1).map(|sample| sample.dts).chain([timebase.at(end)]).collect();
        for (sample, end) in samples.iter_mut().zip(ends) {
            sample.duration = duration(*timebase, sample.dts, end)?;
        }
        let data = fragmenter.fragment(&[&samples])?;
        let begins_segment = std::mem::replace(&mut self.begins_segment, ends_segment);
        let (begins_at, duration) = (config.rate.secs_at(start), config.rate.secs_at(end - start));
        let (is_independent, init) = (begins_segment, self.init.take());
        let whole = None;
        Ok(Chunk { data, whole, start, end, begins_at, duration, begins_segment, is_independent, ends_segment, init })
    }
}

/// The parameter sets of a configuration record, each after its length in four bytes, as in a sample (ISO/IEC 14496-15, 5.3.2).
fn parameter_sets(avcc: &[u8]) -> Result<Vec<u8>, MuxError> {
    let record = parse_avcc(avcc)?;
    let sets = record.sequence_parameter_sets.iter().chain(&record.picture_parameter_sets);
    Ok(sets.flat_map(|set| (set.len() as u32).to_be_bytes().into_iter().chain(set.iter().copied())).collect())
}

/// Ticks from one frame to a later one.
fn duration(timebase: Timebase, start: u64, end: u64) -> Result<u32, MuxError> {
    let frame_ticks = u64::from(timebase.frame_ticks);
    let ticks = end.checked_sub(start).filter(|&ticks| ticks > 0);
    let ticks = ticks.ok_or(MuxError::Repeated { frame: start / frame_ticks })?;
    u32::try_from(ticks)
        .map_err(|_| MuxError::Unrepresentable { what: "a gap in frames", value: (ticks / frame_ticks).to_string() })
}
