//! Pictures: PNG, JPEG, WebP and GIF, with the metadata that repcast reads itself.

#![no_main]

mod input_file;

use input_file::with_file;
use libfuzzer_sys::fuzz_target;
use repcast_gstreamer::decode::read_picture;

fuzz_target!(|bytes: &[u8]| with_file(bytes, |path| drop(read_picture(path))));
