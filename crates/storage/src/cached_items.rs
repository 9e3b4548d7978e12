//! What a segment store holds: groups of pictures, and audio tracks. Numbers in files are big-endian.

use repcast_media::{EncodedFrame, StreamConfig};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

use crate::segments::CachedItem;

/// A closed group of pictures: frames in decode order, with numbers from 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CachedSegment {
    /// The parameters of its stream.
    pub config: StreamConfig,
    /// The encoded frames.
    pub frames: Vec<EncodedFrame>,
}

/// The audio track of a whole video.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CachedAudio {
    /// The access units in order.
    pub units: Vec<Vec<u8>>,
    /// Ticks that the last one lasts; the others last as long as access units do.
    pub last_duration: u32,
}

impl CachedItem for CachedSegment {
    const MAGIC: [u8; 8] = *b"rcseg001";

    /// Stream parameters, frame headers, `avcC`, frame data.
    fn to_bytes(&self) -> Vec<u8> {
        let Self { config, frames } = self;
        let mut bytes = Vec::new();
        let mut number = |number: u32| bytes.extend_from_slice(&number.to_be_bytes());
        let (numerator, denominator) = (config.rate.numerator(), config.rate.denominator());
        [config.size.width, config.size.height, numerator, denominator].into_iter().for_each(&mut number);
        [config.avcc.len(), frames.len()].into_iter().for_each(|length| number(length as u32));
        for frame in frames {
            [frame.frame as u32, u32::from(frame.is_key), frame.data.len() as u32].into_iter().for_each(&mut number);
        }
        bytes.extend_from_slice(&config.avcc);
        frames.iter().for_each(|frame| bytes.extend_from_slice(&frame.data));
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let size = Size { width: reader.number()?, height: reader.number()? };
        let rate = FrameRate::new(reader.number()?, reader.number()?)?;
        let (avcc, count) = (reader.number()?, reader.number()?);
        // Twelve bytes per frame header: bounds the allocation by the length of the file.
        if u64::from(count) * 12 > bytes.len() as u64 {
            return None;
        }
        let mut header = || Some((reader.number()?, reader.number()?, reader.number()?));
        let headers = (0..count).map(|_| header()).collect::<Option<Vec<_>>>()?;
        let avcc = reader.take(avcc as usize)?.to_vec();
        let frames = headers.into_iter().map(|(frame, is_key, length)| {
            let data = reader.take(length as usize)?.to_vec();
            Some(EncodedFrame { frame: u64::from(frame), is_key: is_key == 1, data })
        });
        let frames = frames.collect::<Option<Vec<_>>>()?;
        Some(Self { config: StreamConfig { size, rate, avcc }, frames })
    }
}

impl CachedItem for CachedAudio {
    const MAGIC: [u8; 8] = *b"rcaud001";

    /// The last duration, the number of units, their lengths, their data.
    fn to_bytes(&self) -> Vec<u8> {
        let Self { units, last_duration } = self;
        let lengths = units.iter().map(|unit| unit.len() as u32);
        let numbers = [*last_duration, units.len() as u32].into_iter().chain(lengths);
        let mut bytes: Vec<u8> = numbers.flat_map(u32::to_be_bytes).collect();
        units.iter().for_each(|unit| bytes.extend_from_slice(unit));
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let (last_duration, count) = (reader.number()?, reader.number()?);
        if u64::from(count) * 4 > bytes.len() as u64 {
            return None;
        }
        let lengths = (0..count).map(|_| reader.number()).collect::<Option<Vec<_>>>()?;
        let units = lengths.into_iter().map(|length| Some(reader.take(length as usize)?.to_vec()));
        Some(Self { units: units.collect::<Option<_>>()?, last_duration })
    }
}

/// What is left of the bytes of a file.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        Some(head)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_is_read_as_it_was_written_and_damage_is_seen() {
        let audio = CachedAudio { units: vec![vec![1, 2, 3], Vec::new(), vec![4]], last_duration: 512 };
        let bytes = audio.to_bytes();
        assert_eq!(CachedAudio::from_bytes(&bytes), Some(audio));
        assert_eq!(CachedAudio::from_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(CachedAudio::from_bytes(&[0xff; 64]), None);
    }
}
