//! The document reader: every body is read or has faults, and what was read is written and read as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use repcast_model::document::{MAX_DOCUMENT_BYTES, parse, write};

fuzz_target!(|body: &[u8]| {
    if let Ok(document) = parse(body) {
        let written = write(&document);
        if written.len() <= MAX_DOCUMENT_BYTES {
            assert_eq!(parse(written.as_bytes()).as_ref(), Ok(&document), "{written}");
        }
    }
});
