//! The format of a file with audio, by its first bytes and never by its name.

use std::path::Path;

use crate::decode::DecodeError;
use crate::decode::file_format::{FileFormat, is_matroska_truncated, read_head, recognise};
use crate::decode::unsupported::{unsupported_brand, unsupported_format};

/// The containers that audio is read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AudioFormat {
    /// QuickTime or MP4.
    IsoMedia,
    /// WebM or Matroska.
    Matroska,
    /// Ogg (RFC 3533).
    Ogg,
    /// MPEG-1 or MPEG-2 audio, with or without an ID3 tag.
    Mpeg,
    /// AAC in ADTS (ISO/IEC 13818-7, 6.2).
    Adts,
    /// WAVE, and RF64 (EBU Tech 3306).
    Wave,
    /// FLAC (RFC 9639).
    Flac,
}

/// The result of [`sniff_audio`].
#[derive(Clone, Copy, Debug)]
pub(super) struct SniffedAudio {
    /// `None` for images, which have no audio.
    pub(super) format: Option<AudioFormat>,
    /// Whether a Matroska segment extends past the end of the file.
    pub(super) truncated: bool,
    /// Bytes in the file.
    pub(super) len: u64,
}

/// What the user can do with a format that is not read.
const ADVICE: &str = "convert it to WAV, FLAC, MP3 or MP4";

/// Recognises the format of a file.
///
/// # Errors
/// When the path is not a readable regular file, or its format is not read.
pub(super) fn sniff_audio(path: &Path) -> Result<SniffedAudio, DecodeError> {
    let (head, len) = read_head(path)?;
    let clip = recognise(&head);
    let format = match clip {
        Some(FileFormat::Picture) => return Ok(SniffedAudio { format: None, truncated: false, len }),
        Some(FileFormat::IsoMedia) if unsupported_brand(&head).is_some() => None,
        Some(FileFormat::IsoMedia) => Some(AudioFormat::IsoMedia),
        Some(FileFormat::Matroska) => Some(AudioFormat::Matroska),
        None => recognise_audio(&head),
    };
    let Some(format) = format else {
        let known = unsupported_brand(&head).or_else(|| unsupported_format(&head));
        return Err(match known {
            Some(known) => DecodeError::Unsupported { path: path.to_owned(), name: known.name, advice: ADVICE },
            None => DecodeError::UnknownAudio(path.to_owned()),
        });
    };
    let truncated = format == AudioFormat::Matroska && is_matroska_truncated(&head, len);
    Ok(SniffedAudio { format: Some(format), truncated, len })
}

/// Whether a file has a format of audio alone.
pub(in crate::decode) fn is_audio(path: &Path) -> bool {
    read_head(path).is_ok_and(|(head, _)| recognise(&head).is_none() && recognise_audio(&head).is_some())
}

/// The format of a file that is not a clip.
fn recognise_audio(head: &[u8]) -> Option<AudioFormat> {
    match head {
        [b'O', b'g', b'g', b'S', ..] => Some(AudioFormat::Ogg),
        [b'f', b'L', b'a', b'C', ..] => Some(AudioFormat::Flac),
        // RF64 (EBU Tech 3306) is WAVE without the limit of four gigabytes.
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..]
        | [b'R', b'F', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(AudioFormat::Wave),
        [b'I', b'D', b'3', ..] => Some(AudioFormat::Mpeg),
        // Twelve bits of synchronization, one of version, then a layer of 0.
        [0xff, second, ..] if second & 0xf6 == 0xf0 => Some(AudioFormat::Adts),
        // A layer other than 0, and a version that is not reserved.
        [0xff, second, ..] if second & 0xe0 == 0xe0 && second & 0x06 != 0 && second & 0x18 != 0x08 => {
            Some(AudioFormat::Mpeg)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_audio_are_recognised_by_their_first_bytes() {
        let cases: [(&[u8], Option<AudioFormat>); 11] = [
            (b"OggS\0\x02", Some(AudioFormat::Ogg)),
            (b"fLaC\0\0\0\x22", Some(AudioFormat::Flac)),
            (b"RIFF\x24\0\0\0WAVEfmt ", Some(AudioFormat::Wave)),
            (b"RF64\xff\xff\xff\xffWAVEds64", Some(AudioFormat::Wave)),
            (b"RIFF\x24\0\0\0AVI LIST", None),
            (b"ID3\x04\0", Some(AudioFormat::Mpeg)),
            (b"\xff\xfb\x90\x64", Some(AudioFormat::Mpeg)),
            (b"\xff\xf3\x90\x64", Some(AudioFormat::Mpeg)),
            (b"\xff\xf1\x50\x80", Some(AudioFormat::Adts)),
            (b"\xff\xd8\xff\xe0", None),
            (b"\xff\xeb\x90\x64", None),
        ];
        for (head, expected) in cases {
            assert_eq!(recognise_audio(head), expected, "{head:?}");
        }
    }
}
