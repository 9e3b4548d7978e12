//! An MP4 file of video and audio, whose movie box is in front, written in one pass to anything that can seek.

use std::io::{Read, Seek, Write};
use std::path::PathBuf;

use mp4_atom::Ftyp;

use super::MuxError;
use super::boxes::{encode, movie};
use super::interleaver::{GroupBoundary, Interleaver, SampleGroup};
use super::movie_file::MovieFile;
use super::sample_table::SampleTable;
use super::sink::OutputSummary;
use super::track_box::TrackBox;
use super::tracks::OutputTracks;
use repcast_media::{AAC_FRAME_SAMPLES, CodecConfig, Sample, Track, fragment_frames};
use repcast_model::time::Rational;

/// Bytes of everything in front of the media data that does not grow with the number of samples.
const FIXED_BOXES: u64 = 2048;
/// Most bytes reserved for tables: those of about a week at 30 frames a second.
const MAX_RESERVE: u64 = 256 << 20;

/// The destination, expected length and title of a file.
#[derive(Debug)]
pub struct Plan<F> {
    /// Receives the bytes.
    pub output: F,
    /// Named in errors.
    pub target: PathBuf,
    /// Frames for whose tables space is reserved.
    pub expected_frames: u64,
    /// The title that players show.
    pub title: Option<String>,
}

/// An MP4 file under construction. Its media data is chunks of about half a second, one of each track in turn.
#[derive(Debug)]
pub struct Muxer<F: Write> {
    file: MovieFile<F>,
    title: Option<String>,
    interleaver: Interleaver,
    /// Video first.
    tracks: Vec<(TrackBox, SampleTable)>,
}

impl<F: Read + Write + Seek> Muxer<F> {
    /// Reserves space for the boxes, and is ready for the first sample.
    ///
    /// # Errors
    /// When the tracks cannot be written, or storage fails.
    pub fn new(plan: Plan<F>, tracks: &[Track]) -> Result<Self, MuxError> {
        let Plan { output, target, expected_frames, title } = plan;
        let tracks = OutputTracks::new(tracks)?;
        let texts = (tracks.stream_config().avcc.len() + title.as_ref().map_or(0, String::len)) as u64;
        let reserve = FIXED_BOXES + texts + tables_estimate(&tracks, expected_frames).min(MAX_RESERVE);
        let table = |track: &Track| Ok((TrackBox::new(track)?, SampleTable::new(track.kind())));
        Ok(Self {
            file: MovieFile::new(output, target, reserve)?,
            title,
            interleaver: Interleaver::new(&tracks, GroupBoundary::Length),
            tracks: tracks.iter().map(table).collect::<Result<_, MuxError>>()?,
        })
    }

    /// Adds the next sample of its track, and writes the chunks that are complete with it.
    ///
    /// # Errors
    /// When the sample cannot follow the one before it, or storage fails.
    pub fn push(&mut self, sample: Sample) -> Result<(), MuxError> {
        self.interleaver.push(sample)?;
        self.write_groups()
    }

    fn write_groups(&mut self) -> Result<(), MuxError> {
        while let Some(SampleGroup { video, audio }) = self.interleaver.pop() {
            for ((_, table), chunk) in self.tracks.iter_mut().zip([video, audio]) {
                if chunk.is_empty() {
                    continue;
                }
                table.push_chunk(self.file.data_len(), &chunk)?;
                for sample in &chunk {
                    self.file.append(&sample.data)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the boxes in front of the media data. Returns the output and its size.
    ///
    /// # Errors
    /// When samples are missing, or storage fails.
    pub fn finish(mut self) -> Result<(F, OutputSummary), MuxError> {
        let frames = self.interleaver.finish()?;
        self.write_groups()?;
        let Self { file, title, tracks, .. } = self;
        let (output, bytes) = file.finish(|data_start| front(&tracks, title.as_deref(), data_start))?;
        Ok((output, OutputSummary { frames, bytes }))
    }
}

/// File type and movie, for media data whose first byte is at `data_start`.
fn front(tracks: &[(TrackBox, SampleTable)], title: Option<&str>, data_start: u64) -> Result<Vec<u8>, MuxError> {
    let ftyp = Ftyp {
        major_brand: b"isom".into(),
        minor_version: 512,
        compatible_brands: vec![b"isom".into(), b"iso2".into(), b"avc1".into(), b"mp41".into()],
    };
    let tables = tracks.iter().map(|(track, table)| (track, table.presentation(), table.boxes(data_start)));
    let mut bytes = encode(&ftyp)?;
    bytes.extend(encode(&movie(tables, title)?)?);
    Ok(bytes)
}

/// An estimate of the bytes of all tables, with audio as long as the video.
fn tables_estimate(tracks: &OutputTracks, expected_frames: u64) -> u64 {
    let rate = tracks.stream_config().rate;
    let video = SampleTable::estimate(expected_frames, fragment_frames(rate));
    let audio = tracks.audio().map_or(0, |track| {
        let CodecConfig::Aac(config) = &track.codec else { return 0 };
        let units = Rational::new(i128::from(config.sample_rate), i128::from(AAC_FRAME_SAMPLES))
            * rate.secs_at(expected_frames.min(u64::from(u32::MAX)));
        let chunks = expected_frames / fragment_frames(rate) + 1;
        let texts = FIXED_BOXES / 2 + config.audio_specific_config.len() as u64;
        texts + SampleTable::estimate_audio(u64::try_from(units.ceil().to_integer()).unwrap_or(0) + 2, chunks)
    });
    video.saturating_add(audio)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use mp4_atom::{Any, DecodeMaybe};

    use super::*;
    use crate::test_media::video_config;
    use repcast_media::{EncodedFrame, VideoSampler};
    use repcast_model::time::FrameRate;

    /// Writes frames of `data_len` bytes after their length, each filled with its own number, and checks the file.
    fn check(expected_frames: u64, frames: u64, data_len: u32) {
        let mut sampler = VideoSampler::new(video_config(FrameRate::new(30, 1).unwrap())).unwrap();
        let plan = Plan { output: Cursor::new(Vec::new()), target: PathBuf::new(), expected_frames, title: None };
        let mut muxer = Muxer::new(plan, &[sampler.track().clone()]).unwrap();
        let mut expected = Vec::new();
        for number in 0..frames {
            let mut data = data_len.to_be_bytes().to_vec();
            data.resize(data.len() + data_len as usize, number as u8);
            expected.extend_from_slice(&data);
            let frame = EncodedFrame { frame: number, is_key: number == 0, data };
            muxer.push(sampler.sample(frame)).unwrap();
        }
        let (file, summary) = muxer.finish().unwrap();
        let file = file.into_inner();
        assert_eq!(summary, OutputSummary { frames, bytes: file.len() as u64 });

        let mut rest = file.as_slice();
        let boxes: Vec<Any> = std::iter::from_fn(|| Any::decode_maybe(&mut rest).unwrap()).collect();
        assert!(rest.is_empty());
        let Any::Moov(moov) = &boxes[1] else { panic!("moov is not second") };
        let first = moov.trak[0].mdia.minf.stbl.stco.as_ref().unwrap().entries[0] as usize;
        assert_eq!(first, file.len() - expected.len());
        assert!(file[first..] == expected, "{frames} frames in space for {expected_frames}");
    }

    #[test]
    fn media_data_is_moved_in_blocks_when_the_tables_need_more_space() {
        check(0, 3000, 1020);
    }

    #[test]
    fn the_space_that_is_left_is_filled_to_the_byte() {
        // Each frame takes four bytes of space, so that among these some leave none, and some too little for a box.
        (300..600).for_each(|frames| check(0, frames, 1));
    }
}
