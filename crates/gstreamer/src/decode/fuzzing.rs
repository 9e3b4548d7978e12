//! The readers of bytes alone, for the fuzz targets: what is read of a file before a demuxer is given it, and the headers
//! of coded streams.

use std::path::Path;

use super::DecodeError;
use super::audio::read_audio_headers;
use super::color::read_coded_headers;
use super::edits;
use super::file_format::{FileFormat, sniff};
use super::iso::read_movie;
use super::matroska;

/// Recognises a file and reads its boxes or elements.
///
/// # Errors
/// As [`probe`](super::probe()).
pub fn read_container(path: &Path) -> Result<(), DecodeError> {
    read_audio_headers(path)?;
    match sniff(path)?.format {
        FileFormat::IsoMedia => {
            let movie = read_movie(path)?;
            drop(movie.video.map(|video| (edits::timing(path, &video), edits::clip_start(&video))));
        }
        FileFormat::Matroska => {
            let io = |error| DecodeError::io(path, &error);
            drop(matroska::read(path).map_err(io)?);
        }
        FileFormat::Picture => {}
    }
    Ok(())
}

/// Reads the color in the headers of H.264, H.265, AV1, VP9 and ProRes: a configuration record of that many bytes, and the
/// first packet.
pub fn read_stream_headers(bytes: &[u8]) {
    let (config, packet) = bytes.split_at(bytes.len() / 2);
    read_coded_headers(config, packet);
}
