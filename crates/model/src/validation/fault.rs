//! Faults of a document, each with its path.

use std::cell::RefCell;
use std::fmt;

/// Most faults that are reported for one document, so that an answer stays short for any input.
pub const MAX_FAULTS: usize = 100;

/// One fault of a document, a catalogue or a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidationFault {
    /// The path of the value, such as `exercises[2].duration`; empty for the whole document.
    pub place: String,
    /// What is wrong and what is allowed, as the end of a sentence that begins with the path.
    pub message: String,
}

impl ValidationFault {
    /// A fault of the whole document.
    pub(crate) fn of_document(message: impl Into<String>) -> Self {
        Self { place: String::new(), message: message.into() }
    }
}

impl fmt::Display for ValidationFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(formatter, "{}: ", self.place)?;
        }
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for ValidationFault {}

/// The faults of one document with the order numbers of their values. Values may be read in any order.
#[derive(Default)]
pub(crate) struct FaultList(RefCell<Vec<(usize, ValidationFault)>>);

impl FaultList {
    /// Adds a fault of the value with the order number `at`.
    pub(crate) fn push(&self, at: usize, fault: ValidationFault) {
        self.0.borrow_mut().push((at, fault));
    }

    /// The value that was read if there are no faults, else the first [`MAX_FAULTS`] in the order of the document.
    pub(crate) fn into_result<T>(self, read: Option<T>) -> Result<T, Vec<ValidationFault>> {
        let mut faults = self.0.into_inner();
        match read {
            Some(read) if faults.is_empty() => Ok(read),
            _ => {
                faults.sort_by_key(|(at, _)| *at);
                Err(faults.into_iter().take(MAX_FAULTS).map(|(_, fault)| fault).collect())
            }
        }
    }
}
