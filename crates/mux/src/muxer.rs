//! The bytes of an MP4 file whose movie box stands in front, written in one pass to anything that can seek.
//!
//! ```text
//! 0        ftyp, moov, free     written last, into room left for them
//! reserve  mdat (64-bit size)   written as frames come
//! ```
//!
//! When the movie box outgrows its room, because more frames came than were announced, the frames are moved back.

use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use mp4_atom::Ftyp;

use super::PackageError;
use super::boxes::{Video, encode};
use super::grouper::half_second;
use super::intake::Intake;
use super::sample_table::SampleTable;
use super::sink::Summary;
use repcast_media::{EncodedFrame, StreamConfig};

/// Bytes of `mdat` with a 64-bit size (ISO/IEC 14496-12, 4.2): the size field holds 1, the size follows the name.
const MDAT_HEADER: u64 = 16;
/// Bytes of the header of a box that fills room.
const FREE_HEADER: u64 = 8;
/// Everything in front of the frames that does not grow with their number.
const FIXED_BOXES: u64 = 2048;
/// Bytes collected before they are handed to the system: frames are often of a few hundred bytes.
const WRITE_BUFFER: usize = 256 << 10;
/// Bytes moved at once when frames must make room.
const MOVE_BUFFER: u64 = 1 << 20;

/// More room than this is never kept: it holds the tables of about a week at 30 frames a second.
const MAX_RESERVE: u64 = 256 << 20;

/// What a file is to become.
#[derive(Debug)]
pub struct Plan<F> {
    /// Where the bytes go.
    pub output: F,
    /// Named in errors.
    pub target: PathBuf,
    /// Frames for whose tables room is left.
    pub expected_frames: u64,
    /// Shown by players.
    pub title: Option<String>,
}

/// An MP4 file in the making.
#[derive(Debug)]
pub struct Muxer<F: Write> {
    output: BufWriter<F>,
    /// Named in errors.
    target: PathBuf,
    video: Video,
    title: Option<String>,
    intake: Intake,
    table: SampleTable,
    /// Bytes kept free in front of `mdat`.
    reserve: u64,
}

impl<F: Read + Write + Seek> Muxer<F> {
    /// Leaves room for the boxes, and is ready for the first frame.
    pub fn new(plan: Plan<F>, config: &StreamConfig) -> Result<Self, PackageError> {
        let Plan { output, target, expected_frames, title } = plan;
        let chunk = half_second(config.rate);
        let texts = (config.avcc.len() + title.as_ref().map_or(0, String::len)) as u64;
        let tables = SampleTable::estimate(expected_frames, chunk).min(MAX_RESERVE);
        let reserve = FIXED_BOXES + texts + tables;
        let mut muxer = Self {
            output: BufWriter::with_capacity(WRITE_BUFFER, output),
            target,
            video: Video::new(config)?,
            title,
            intake: Intake::default(),
            table: SampleTable::new(chunk),
            reserve,
        };
        muxer.write_at(reserve, &mdat_header(0))?;
        Ok(muxer)
    }

    /// Writes the next frame.
    pub fn push(&mut self, frame: &EncodedFrame) -> Result<(), PackageError> {
        self.intake.admit(frame)?;
        self.table.push(frame)?;
        self.output.write_all(&frame.data).map_err(PackageError::storage(&self.target, "write a frame"))
    }

    /// Writes what stands in front of the frames, and gives the output back.
    pub fn finish(mut self) -> Result<(F, Summary), PackageError> {
        let frames = self.intake.finish()?;
        let mut mdat_start = self.reserve;
        let mut front = self.front(mdat_start)?;
        // Moving the frames can turn 32-bit offsets into 64-bit ones, so the boxes may grow once more, but only once.
        while mdat_start != front.len() as u64 && mdat_start < front.len() as u64 + FREE_HEADER {
            mdat_start = front.len() as u64 + FREE_HEADER;
            front = self.front(mdat_start)?;
        }
        let data_len = self.table.data_len();
        if mdat_start > self.reserve {
            self.move_frames(mdat_start - self.reserve, data_len)?;
        }
        let room = mdat_start - front.len() as u64;
        if room > 0 {
            let size = u32::try_from(room)
                .map_err(|_| PackageError::Unrepresentable { what: "the reserved room", value: room.to_string() })?;
            front.extend_from_slice(&size.to_be_bytes());
            front.extend_from_slice(b"free");
        }
        self.write_at(0, &front)?;
        self.write_at(mdat_start, &mdat_header(data_len))?;
        let action = "write the file";
        let output = self
            .output
            .into_inner()
            .map_err(|error| PackageError::storage(&self.target, action)(error.into_error()))?;
        Ok((output, Summary { frames, bytes: mdat_start + MDAT_HEADER + data_len }))
    }

    /// File type and movie, for an `mdat` that begins at `mdat_start`.
    fn front(&self, mdat_start: u64) -> Result<Vec<u8>, PackageError> {
        let ftyp = Ftyp {
            major_brand: b"isom".into(),
            minor_version: 512,
            compatible_brands: vec![b"isom".into(), b"iso2".into(), b"avc1".into(), b"mp41".into()],
        };
        let timebase = self.video.timebase;
        let tables = self.table.boxes(timebase, mdat_start + MDAT_HEADER);
        let movie = self.video.movie(self.table.presentation(timebase), tables, self.title.as_deref())?;
        let mut bytes = encode(&ftyp)?;
        bytes.extend(encode(&movie)?);
        Ok(bytes)
    }

    /// Moves the frames `by` bytes back, the last first so that none is overwritten before it was read.
    fn move_frames(&mut self, by: u64, data_len: u64) -> Result<(), PackageError> {
        let start = self.reserve + MDAT_HEADER;
        let mut block = Vec::new();
        let mut left = data_len;
        while left > 0 {
            let len = left.min(MOVE_BUFFER);
            left -= len;
            block.resize(len as usize, 0);
            let file = &mut self.output;
            // A BufWriter writes what it holds before it seeks, so that what lies below it is complete.
            file.seek(SeekFrom::Start(start + left))
                .and_then(|_| file.get_mut().read_exact(&mut block))
                .map_err(PackageError::storage(&self.target, "move the frames"))?;
            self.write_at(start + left + by, &block)?;
        }
        Ok(())
    }

    fn write_at(&mut self, position: u64, bytes: &[u8]) -> Result<(), PackageError> {
        let file = &mut self.output;
        file.seek(SeekFrom::Start(position))
            .and_then(|_| file.write_all(bytes))
            .map_err(PackageError::storage(&self.target, "write the file"))
    }
}

fn mdat_header(data_len: u64) -> [u8; MDAT_HEADER as usize] {
    let mut header = *b"\0\0\0\x01mdat\0\0\0\0\0\0\0\0";
    header[8..].copy_from_slice(&(MDAT_HEADER + data_len).to_be_bytes());
    header
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use mp4_atom::{Any, DecodeMaybe};

    use super::*;
    use repcast_model::geometry::Size;
    use repcast_model::time::FrameRate;

    /// Writes frames of `data_len` bytes behind their length, each filled with its own number, and checks the file.
    fn check(expected_frames: u64, frames: u64, data_len: u32) {
        let config = StreamConfig {
            size: Size { width: 64, height: 64 },
            rate: FrameRate::new(30, 1).unwrap(),
            avcc: vec![1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x28, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2],
        };
        let plan = Plan { output: Cursor::new(Vec::new()), target: PathBuf::new(), expected_frames, title: None };
        let mut muxer = Muxer::new(plan, &config).unwrap();
        let mut expected = Vec::new();
        for number in 0..frames {
            let mut data = data_len.to_be_bytes().to_vec();
            data.resize(data.len() + data_len as usize, number as u8);
            expected.extend_from_slice(&data);
            muxer.push(&EncodedFrame { frame: number, is_key: number == 0, data }).unwrap();
        }
        let (file, summary) = muxer.finish().unwrap();
        let file = file.into_inner();
        assert_eq!(summary, Summary { frames, bytes: file.len() as u64 });

        let mut rest = file.as_slice();
        let boxes: Vec<Any> = std::iter::from_fn(|| Any::decode_maybe(&mut rest).unwrap()).collect();
        assert!(rest.is_empty());
        let Any::Moov(moov) = &boxes[1] else { panic!("moov is not second") };
        let first = moov.trak[0].mdia.minf.stbl.stco.as_ref().unwrap().entries[0] as usize;
        assert_eq!(first, file.len() - expected.len());
        assert!(file[first..] == expected, "{frames} frames in room for {expected_frames}");
    }

    #[test]
    fn frames_are_moved_in_blocks_when_their_tables_need_more_room() {
        check(0, 3000, 1020);
    }

    #[test]
    fn the_room_that_is_left_is_filled_to_the_byte() {
        // Each frame takes four bytes of room, so that among these some leave none, and some too little for a box.
        (300..600).for_each(|frames| check(0, frames, 1));
    }
}
