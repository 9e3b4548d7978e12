//! Parts of a complete recording, without encoding anything again.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use mp4_atom::{Any, Moov, Stbl, StszSamples, Trak};

use super::resume::{READ, Reader, track};
use crate::MuxError;
use crate::sample_table::SampleShape;
use repcast_media::{Sample, Track, TrackKind};

/// Most bytes of an index: that of two days.
const MAX_INDEX: u64 = 96 << 20;
/// Seconds of a track that are read at once.
const CHUNK_SECS: u64 = 1;

/// A complete recording that is read.
#[derive(Debug)]
pub struct RecordingReader<F> {
    input: F,
    path: PathBuf,
    tracks: Vec<ReadTrack>,
}

#[derive(Debug)]
struct ReadTrack {
    track: Track,
    /// Places in the file, and times in it.
    samples: Vec<(u64, SampleShape)>,
}

impl<F: Read + Seek> RecordingReader<F> {
    /// Reads the index of a recording.
    ///
    /// # Errors
    /// When the file is no complete recording, or storage fails.
    pub fn open(mut input: F, path: PathBuf) -> Result<Self, MuxError> {
        let mut reader = Reader { output: &mut input, target: &path };
        let file_len = reader.output.seek(SeekFrom::End(0)).map_err(MuxError::storage(&path, READ))?;
        let (name, mut at) = reader.header(0)?;
        if &name != b"ftyp" {
            return Err(MuxError::Fragment("the file is not a recording"));
        }
        // An index that was too large for its space is behind the media data.
        if let Some(len) = reader.large_mdat(at)? {
            at += len;
        }
        let (Any::Moov(movie), _) = reader.any_box(at, file_len, MAX_INDEX)? else {
            return Err(MuxError::Fragment("the file has no index"));
        };
        if movie.mvex.is_some() {
            return Err(MuxError::Fragment("the recording is not complete"));
        }
        let tracks = movie.trak.iter().map(|trak| read_track(&movie, trak, file_len)).collect::<Result<_, _>>()?;
        Ok(Self { input, path, tracks })
    }

    /// The tracks, as a recording of the clip has them.
    pub fn tracks(&self) -> Vec<Track> {
        self.tracks.iter().map(|track| track.track.clone()).collect()
    }

    /// Gives the samples between two times to `push`, in runs of one track: from the key frame at or before `from` on, up to
    /// `to`. Returns the times of the first frame and of the end.
    ///
    /// # Errors
    /// When there is no frame between them, or storage fails; and those of `push`.
    pub fn clip(
        &mut self,
        from: Duration,
        to: Duration,
        mut push: impl FnMut(Vec<Sample>) -> Result<(), MuxError>,
    ) -> Result<(Duration, Duration), MuxError> {
        let video = self.tracks.iter().find(|track| track.track.kind() == TrackKind::Video);
        let video = video.ok_or(MuxError::Tracks("there is no video"))?;
        let start = video.samples.iter().filter(|(_, shape)| shape.is_sync).map(|(_, shape)| video.time(shape.dts));
        let start = start.take_while(|start| *start <= from).last().ok_or(MuxError::Empty)?;
        let end = video.samples.last().map_or(start, |(_, shape)| video.time(shape.dts + u64::from(shape.duration)));
        if from >= end || to <= from {
            return Err(MuxError::Empty);
        }
        let end = to.min(end);
        if end <= start {
            return Err(MuxError::Empty);
        }
        let mut window = start;
        while window < end {
            let next = (window + Duration::from_secs(CHUNK_SECS)).min(end);
            for index in 0..self.tracks.len() {
                let samples = self.samples(index, window, next, end)?;
                if !samples.is_empty() {
                    push(samples)?;
                }
            }
            window = next;
        }
        Ok((start, end))
    }

    /// The samples of a track that begin between two times. None lasts longer than `end`.
    fn samples(&mut self, index: usize, from: Duration, to: Duration, end: Duration) -> Result<Vec<Sample>, MuxError> {
        let read = &self.tracks[index];
        let first = read.samples.partition_point(|(_, shape)| read.time(shape.dts) < from);
        let last = read.samples.partition_point(|(_, shape)| read.time(shape.dts) < to);
        let mut samples = Vec::with_capacity(last.saturating_sub(first));
        for (place, shape) in read.samples.get(first..last).unwrap_or_default() {
            let mut data = vec![0; shape.size as usize];
            let input = &mut self.input;
            let done = input.seek(SeekFrom::Start(*place)).and_then(|_| input.read_exact(&mut data));
            done.map_err(MuxError::storage(&self.path, READ))?;
            let left = read.ticks(end).saturating_sub(shape.dts).max(1);
            let duration = u32::try_from(left).unwrap_or(u32::MAX).min(shape.duration);
            let SampleShape { dts, pts, is_sync, .. } = *shape;
            samples.push(Sample { track: read.track.id, dts, pts, duration, is_sync, data });
        }
        Ok(samples)
    }
}

impl ReadTrack {
    fn time(&self, ticks: u64) -> Duration {
        let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(self.track.timescale.max(1));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    fn ticks(&self, time: Duration) -> u64 {
        u64::try_from(time.as_nanos() * u128::from(self.track.timescale) / 1_000_000_000).unwrap_or(u64::MAX)
    }
}

/// A track and its samples, all of which lie in the file.
fn read_track(movie: &Moov, trak: &Trak, file_len: u64) -> Result<ReadTrack, MuxError> {
    let tables = &trak.mdia.minf.stbl;
    let track = track(trak, usual_duration(tables))?;
    let edits = trak.edts.iter().flat_map(|edts| &edts.elst).flat_map(|elst| &elst.entries);
    // The first sample is shown after an empty edit, and in reordered video after the time that this takes.
    let (mut delay, mut media_start) = (0, 0);
    for edit in edits {
        match edit.media_time {
            None => {
                let ticks = u128::from(edit.segment_duration) * u128::from(track.timescale);
                delay = u64::try_from(ticks / u128::from(movie.mvhd.timescale.max(1))).unwrap_or(u64::MAX);
            }
            Some(time) => media_start = i64::try_from(time).unwrap_or(i64::MAX),
        }
    }
    let broken = || MuxError::Fragment("the index of the recording is damaged");
    let sizes: Vec<u32> = match &tables.stsz.samples {
        StszSamples::Different { sizes } => sizes.clone(),
        // No recording here has samples of equal size.
        StszSamples::Identical { .. } => return Err(broken()),
    };
    let places = places(tables, &sizes).ok_or_else(broken)?;
    let durations =
        tables.stts.entries.iter().flat_map(|run| std::iter::repeat_n(run.sample_delta, run.sample_count as usize));
    let offsets = tables.ctts.iter().flat_map(|ctts| &ctts.entries);
    let offsets = offsets.flat_map(|run| std::iter::repeat_n(run.sample_offset, run.sample_count as usize));
    let mut offsets = offsets.chain(std::iter::repeat(0));
    let sync: Option<std::collections::HashSet<u32>> =
        tables.stss.as_ref().map(|stss| stss.entries.iter().copied().collect());
    let mut dts = delay;
    let mut samples = Vec::with_capacity(sizes.len());
    for (((number, size), place), duration) in (1_u32..).zip(&sizes).zip(places).zip(durations) {
        if place.checked_add(u64::from(*size)).is_none_or(|end| end > file_len) {
            return Err(broken());
        }
        let offset = offsets.next().unwrap_or_default().saturating_sub(media_start);
        let pts = i64::try_from(dts).unwrap_or(i64::MAX).saturating_add(offset);
        let is_sync = sync.as_ref().is_none_or(|sync| sync.contains(&number));
        samples.push((place, SampleShape { dts, pts, duration, is_sync, size: *size }));
        dts = dts.saturating_add(u64::from(duration));
    }
    if samples.len() == sizes.len() { Ok(ReadTrack { track, samples }) } else { Err(broken()) }
}

/// Where each sample begins in the file.
fn places(tables: &Stbl, sizes: &[u32]) -> Option<Vec<u64>> {
    let chunks: Vec<u64> = match (&tables.stco, &tables.co64) {
        (Some(stco), _) => stco.entries.iter().copied().map(u64::from).collect(),
        (_, Some(co64)) => co64.entries.clone(),
        _ => return None,
    };
    let mut runs = tables.stsc.entries.iter().peekable();
    let mut in_chunk = 0;
    let mut places = Vec::with_capacity(sizes.len());
    for (number, chunk) in (1_u32..).zip(chunks) {
        while let Some(run) = runs.next_if(|run| run.first_chunk <= number) {
            in_chunk = run.samples_per_chunk;
        }
        let mut place = chunk;
        for _ in 0..in_chunk {
            let size = sizes.get(places.len())?;
            places.push(place);
            place = place.checked_add(u64::from(*size))?;
        }
    }
    (places.len() == sizes.len()).then_some(places)
}

/// The most frequent duration of a sample.
fn usual_duration(tables: &Stbl) -> u32 {
    let mut counts: HashMap<u32, u64> = HashMap::new();
    for run in &tables.stts.entries {
        *counts.entry(run.sample_delta).or_default() += u64::from(run.sample_count);
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(0, |(delta, _)| delta)
}
