//! An audio file in MP4 (`.m4a`): one AAC track, the movie box in front.
//!
//! The edit list removes the delay of the encoder and states the exact length, as in a file with video.

use std::io::{Read, Seek, Write};
use std::path::PathBuf;

use mp4_atom::Ftyp;

use super::MuxError;
use super::boxes::{encode, movie};
use super::movie_file::MovieFile;
use super::sample_order::AudioOrder;
use super::sample_table::SampleTable;
use super::track_box::TrackBox;
use repcast_media::{CodecConfig, Sample, Track, TrackKind};

/// Access units in a chunk: half a second at 48 kHz, as much as players read at a time.
const CHUNK_UNITS: usize = 24;

/// Bytes of everything in front of the media data that does not grow with the number of samples.
const FIXED_BOXES: u64 = 2048;

/// Most bytes reserved for tables: those of about a week.
const MAX_RESERVE: u64 = 64 << 20;

/// The destination, expected length and title of an audio file.
#[derive(Debug)]
pub struct AudioPlan<F> {
    /// Receives the bytes.
    pub output: F,
    /// Named in errors.
    pub target: PathBuf,
    /// Access units for whose tables space is reserved.
    pub expected_units: u64,
    /// The title that players show; may be empty.
    pub title: String,
}

/// An audio file under construction.
#[derive(Debug)]
pub struct AudioMuxer<F: Write> {
    file: MovieFile<F>,
    title: String,
    track: TrackBox,
    table: SampleTable,
    order: AudioOrder,
    /// Of the chunk that grows.
    chunk: Vec<Sample>,
}

impl<F: Read + Write + Seek> AudioMuxer<F> {
    /// Reserves space for the boxes, and is ready for the first access unit.
    ///
    /// # Errors
    /// When the track is not AAC or cannot be written, or storage fails.
    pub fn new(plan: AudioPlan<F>, track: &Track) -> Result<Self, MuxError> {
        let AudioPlan { output, target, expected_units, title } = plan;
        let CodecConfig::Aac(config) = &track.codec else { return Err(MuxError::Tracks("an audio file holds AAC")) };
        if config.sample_rate != track.timescale {
            return Err(MuxError::Tracks("the ticks of the audio are not its samples"));
        }
        let texts = (config.audio_specific_config.len() + title.len()) as u64;
        let tables = SampleTable::estimate_audio(expected_units, expected_units / CHUNK_UNITS as u64 + 1);
        Ok(Self {
            file: MovieFile::new(output, target, FIXED_BOXES + texts + tables.min(MAX_RESERVE))?,
            title,
            track: TrackBox::new(track)?,
            table: SampleTable::new(TrackKind::Audio),
            order: AudioOrder::default(),
            chunk: Vec::with_capacity(CHUNK_UNITS),
        })
    }

    /// Adds the next access unit.
    ///
    /// # Errors
    /// When it cannot follow the one before it, or storage fails.
    pub fn push(&mut self, unit: Sample) -> Result<(), MuxError> {
        if unit.track != self.track.id {
            return Err(MuxError::Tracks("a sample belongs to none of its tracks"));
        }
        self.order.accept(&unit)?;
        self.chunk.push(unit);
        if self.chunk.len() < CHUNK_UNITS { Ok(()) } else { self.write_chunk() }
    }

    /// Writes the boxes in front of the media data. Returns the output and its size in bytes.
    ///
    /// # Errors
    /// When there is no access unit, or storage fails.
    pub fn finish(mut self) -> Result<(F, u64), MuxError> {
        self.order.finish()?;
        if !self.chunk.is_empty() {
            self.write_chunk()?;
        }
        let Self { file, title, track, table, .. } = self;
        file.finish(|data_start| {
            // QuickTime and most players tell audio files from others by this brand.
            let ftyp = Ftyp {
                major_brand: b"M4A ".into(),
                minor_version: 512,
                compatible_brands: vec![b"M4A ".into(), b"isom".into(), b"iso2".into(), b"mp42".into()],
            };
            let tables = std::iter::once((&track, table.presentation(), table.boxes(data_start)));
            let movie = movie(tables, Some(&*title).filter(|title| !title.is_empty()))?;
            let mut bytes = encode(&ftyp)?;
            bytes.extend(encode(&movie)?);
            Ok(bytes)
        })
    }

    fn write_chunk(&mut self) -> Result<(), MuxError> {
        self.table.push_chunk(self.file.data_len(), &self.chunk)?;
        for unit in self.chunk.drain(..) {
            self.file.append(&unit.data)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use mp4_atom::{Any, DecodeMaybe};

    use super::*;
    use crate::test_media::{aac_sample, aac_track, video_track};

    fn muxer(expected_units: u64) -> AudioMuxer<Cursor<Vec<u8>>> {
        let plan = AudioPlan {
            output: Cursor::new(Vec::new()),
            target: PathBuf::new(),
            expected_units,
            title: "Bed".to_owned(),
        };
        AudioMuxer::new(plan, &aac_track()).unwrap()
    }

    fn moov_of(bytes: &[u8]) -> mp4_atom::Moov {
        let mut rest = bytes;
        let boxes: Vec<Any> = std::iter::from_fn(|| Any::decode_maybe(&mut rest).unwrap()).collect();
        assert!(rest.is_empty() && matches!(boxes.last(), Some(Any::Mdat(_))));
        boxes.into_iter().find_map(|found| if let Any::Moov(moov) = found { Some(moov) } else { None }).unwrap()
    }

    #[test]
    fn the_length_is_exact_however_much_space_was_reserved() {
        for expected in [0, 100, 100_000] {
            let mut muxer = muxer(expected);
            for index in 0..100 {
                let unit = aac_sample(index * 1024, (index - 1) * 1024);
                muxer.push(Sample { duration: if index == 99 { 7 } else { 1024 }, ..unit }).unwrap();
            }
            let (file, bytes) = muxer.finish().unwrap();
            let file = file.into_inner();
            assert_eq!((file.len() as u64, &file[4..12]), (bytes, &b"ftypM4A "[..]));
            let moov = moov_of(&file);
            assert!(moov.udta.is_some(), "it has no title");
            let edit = &moov.trak[0].edts.as_ref().unwrap().elst.as_ref().unwrap().entries[0];
            assert_eq!((edit.media_time, edit.segment_duration), (Some(1024), 98 * 1024 + 7));
            let offsets = &moov.trak[0].mdia.minf.stbl.stco.as_ref().unwrap().entries;
            assert_eq!(offsets.len(), 5);
            assert_eq!(file.len() - offsets[0] as usize, 100 * 3);
        }
    }

    #[test]
    fn only_one_aac_track_without_gaps_is_accepted() {
        let plan = AudioPlan {
            output: Cursor::new(Vec::new()),
            target: PathBuf::new(),
            expected_units: 1,
            title: String::new(),
        };
        assert!(matches!(AudioMuxer::new(plan, &video_track()), Err(MuxError::Tracks(_))));
        assert!(matches!(muxer(1).finish(), Err(MuxError::EmptyAudio)));
        let mut gap = muxer(1);
        gap.push(aac_sample(0, -1024)).unwrap();
        assert!(matches!(gap.push(aac_sample(1024, 1)), Err(MuxError::AudioGap { .. })));
        let other = Sample { track: repcast_media::TrackId::VIDEO, ..aac_sample(0, -1024) };
        assert!(matches!(muxer(1).push(other), Err(MuxError::Tracks(_))));
    }
}
