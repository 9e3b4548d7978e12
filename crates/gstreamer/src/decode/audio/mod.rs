//! The audio of files as stereo PCM in their own sample rate.
//!
//! [`probe_audio`] finds out whether a file has audio and how long it is. [`FileAudioSources`] opens it. Sample 0 is heard
//! with the clip's first frame: edit lists, encoder delays and padding are applied here, in exact arithmetic, and not by
//! the demuxer, which loses the end. Only the audio track is decoded.
//!
//! ```text
//! path --probe--> ProbedAudio --AudioFile::open--> AudioFile --read--> samples
//!          |                                         |
//!   format, mp3, ogg, wave, flac (headers)      reader (placement) --> timeline (gaps, overlaps) --> stream (GStreamer)
//!   iso, matroska --> placement                                                             linker, codecs (decoders)
//! ```

mod codecs;
mod file;
mod flac;
mod format;
mod linker;
mod mp3;
mod ogg;
mod placement;
mod probe;
mod reader;
mod stream;
mod timeline;
mod wave;

pub(in crate::decode) use codecs::ELEMENTS;
pub use file::{AudioFile, FileAudioSources};
pub(in crate::decode) use format::is_audio;
pub(in crate::decode) use probe::read_audio_headers;
pub use probe::{probe_audio, probe_audio_within};

#[cfg(test)]
mod tests;
