//! The catalogue reader: every text is read or has faults, and what was read is written and read as the same.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use repcast_model::catalogue::{Catalogue, write};

fuzz_target!(|text: &str| {
    let folder = Path::new("catalogue");
    if let Ok(catalogue) = Catalogue::parse(text, folder) {
        assert_eq!(Catalogue::parse(&write(&catalogue), folder).as_ref(), Ok(&catalogue));
    }
});
