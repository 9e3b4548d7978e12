//! What is read of a media file before a demuxer is given it: its format, its boxes or elements, and the headers of coded
//! streams.

#![no_main]

mod input_file;

use input_file::with_file;
use libfuzzer_sys::fuzz_target;
use repcast_gstreamer::decode::fuzzing::{read_container, read_stream_headers};

fuzz_target!(|bytes: &[u8]| {
    with_file(bytes, |path| drop(read_container(path)));
    read_stream_headers(bytes);
});
