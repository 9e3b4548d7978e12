//! The reader of session commands: every body is read or has faults, and what was read is written and read as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use repcast_model::session::Command;

fuzz_target!(|body: &[u8]| {
    if let Ok(command) = Command::parse(body) {
        assert_eq!(Command::parse(command.write().as_bytes()).as_ref(), Ok(&command));
    }
});
