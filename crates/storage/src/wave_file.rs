//! A `.wav` file of PCM, which appears only when it is complete.
//!
//! ```text
//! RIFF size WAVE
//!   fmt   PCM, stereo, 48 kHz, 24 bits
//!   data  samples, left and right in turn
//! ```

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use repcast_media::Stereo;
use repcast_mux::MuxError;

use crate::partial::{PartialFile, target_error};

/// Bytes of a sample of both channels.
const FRAME_BYTES: u64 = 6;

/// Bytes before the samples.
const HEADER_BYTES: u64 = 44;

/// A WAV file under construction, in stereo with 24 bits a sample.
#[derive(Debug)]
pub struct WaveFile {
    // The file is closed before the guard removes it: fields are dropped in this order.
    file: BufWriter<File>,
    partial: PartialFile,
    /// Samples that are missing.
    missing: u64,
    bytes: u64,
}

impl WaveFile {
    /// Creates a temporary file next to `path` for this number of samples at a rate in hertz.
    ///
    /// # Errors
    /// When they do not fit the format, whose size has 32 bits (6 hours at 48 kHz), or the file cannot be created.
    pub fn create(path: &Path, rate: u32, samples: u64) -> Result<Self, MuxError> {
        let bytes = samples.checked_mul(FRAME_BYTES).and_then(|data| data.checked_add(HEADER_BYTES));
        let bytes = bytes.filter(|bytes| *bytes <= u64::from(u32::MAX));
        let bytes = bytes.ok_or_else(|| target_error(path, "would be larger than a WAV file can be"))?;
        let (partial, file) = PartialFile::create(path)?;
        let mut wave = Self { file: BufWriter::new(file), partial, missing: samples, bytes };
        let header = header(rate, (bytes - HEADER_BYTES) as u32);
        wave.file.write_all(&header).map_err(MuxError::storage(path, "write the file"))?;
        Ok(wave)
    }

    /// Adds samples; values beyond full scale are clipped.
    ///
    /// # Errors
    /// When there are more than were announced, or the file cannot be written.
    pub fn write(&mut self, samples: &[Stereo]) -> Result<(), MuxError> {
        let count = samples.len() as u64;
        self.missing = self.missing.checked_sub(count).ok_or(MuxError::CallOrder("it is complete already"))?;
        let scaled = samples.iter().flatten().map(|value| (f64::from(*value) * 8_388_608.0).round());
        let bytes = scaled.flat_map(|value| {
            let [low, middle, high, _] = (value.clamp(-8_388_608.0, 8_388_607.0) as i32).to_le_bytes();
            [low, middle, high]
        });
        let bytes: Vec<u8> = bytes.collect();
        self.file.write_all(&bytes).map_err(MuxError::storage(self.partial.target(), "write the file"))
    }

    /// Completes the file and puts it in place. Returns its size in bytes.
    ///
    /// # Errors
    /// When samples are missing, or storage fails. The path then holds what it held before.
    pub fn finish(self) -> Result<u64, MuxError> {
        if self.missing > 0 {
            return Err(MuxError::EmptyAudio);
        }
        let storage = MuxError::storage(self.partial.target(), "write the file");
        let file = self.file.into_inner().map_err(|error| storage(error.into_error()))?;
        self.partial.commit(file)?;
        Ok(self.bytes)
    }
}

/// The header for this number of bytes of samples (Multimedia Programming Interface and Data Specifications 1.0, 1991).
fn header(rate: u32, data: u32) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_BYTES as usize);
    header.extend_from_slice(b"RIFF");
    header.extend_from_slice(&(data + HEADER_BYTES as u32 - 8).to_le_bytes());
    header.extend_from_slice(b"WAVEfmt ");
    header.extend_from_slice(&16_u32.to_le_bytes());
    // PCM, two channels.
    header.extend_from_slice(&[1, 0, 2, 0]);
    header.extend_from_slice(&rate.to_le_bytes());
    header.extend_from_slice(&(rate * FRAME_BYTES as u32).to_le_bytes());
    header.extend_from_slice(&[FRAME_BYTES as u8, 0, 24, 0]);
    header.extend_from_slice(b"data");
    header.extend_from_slice(&data.to_le_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_all_of_its_samples_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.wav");
        let mut wave = WaveFile::create(&path, 48_000, 3).unwrap();
        wave.write(&[[0.0, 1.0], [-1.0, 0.5]]).unwrap();
        assert!(matches!(wave.finish(), Err(MuxError::EmptyAudio)));
        assert!(!path.exists());
        let mut wave = WaveFile::create(&path, 48_000, 2).unwrap();
        wave.write(&[[0.0, 1.5], [-1.0, 0.5]]).unwrap();
        assert!(matches!(wave.write(&[[0.0; 2]]), Err(MuxError::CallOrder(_))));
        let mut wave = WaveFile::create(&path, 48_000, 2).unwrap();
        wave.write(&[[0.0, 1.5], [-1.0, 0.5]]).unwrap();
        assert_eq!(wave.finish().unwrap(), 56);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes[4..8], 48_u32.to_le_bytes());
        assert_eq!(bytes[44..], [0, 0, 0, 0xff, 0xff, 0x7f, 0, 0, 0x80, 0, 0, 0x40]);
    }

    #[test]
    fn what_does_not_fit_the_format_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let hours = 12 * 3600 * 48_000;
        let created = WaveFile::create(&folder.path().join("out.wav"), 48_000, hours);
        assert!(matches!(created, Err(MuxError::Target { .. })));
    }
}
