//! Encoded samples and captions in; MP4 files, fragmented MP4, WebVTT and HLS playlists out. Pure: bytes and text in memory, apart from the
//! writers that callers pass in.
//!
//! ```text
//! Sample (each track in decode order)
//!    +--> cmaf: parts and segments of a live stream
//!    |      `--> fragment_reader: their samples --> recording: a file that plays while it grows, with its index in front in the end
//!    +--> audio_muxer: an MP4 file of audio alone
//!    +--> interleaver: is the order possible? groups of about half a second
//!           +--> muxer      an MP4 file, moov in front      (sample_table)
//!           +--> fragment   moof + mdat
//!                  +--> stream   any writer, standard output
//!                  +--> segment files of an HLS folder      (hls)
//! ```
//!
//! `picture_movie` makes a QuickTime movie of PNG images, which are its samples as they are. `subtitles` reads and writes WebVTT.
//! `boxes` and `track_box` build what every shape of MP4 shares; `tracks` checks what an output can hold. No thread is started: a
//! sink works on the thread that pushes.

pub mod audio_muxer;
mod boxes;
pub mod cmaf;
pub mod codec;
mod error;
pub mod fragment;
mod fragment_reader;
pub mod hls;
pub mod interleaver;
mod movie_file;
pub mod muxer;
mod picture_movie;
pub mod recording;
mod sample_order;
mod sample_table;
pub mod sink;
pub mod stream;
pub mod subtitles;
#[cfg(test)]
mod test_media;
mod track_box;
pub mod tracks;

pub use error::{ErrorOrigin, MuxError};
pub use fragment_reader::read_fragment;
pub use picture_movie::{picture_movie_head, picture_movie_index};
