//! What is wrong with a document, and where.

use std::cell::RefCell;
use std::fmt;

/// Faults told of one document: enough to mend it, and an answer stays short whatever was sent.
pub const MAX_FAULTS: usize = 100;

/// One thing wrong with a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The path of the value, such as `exercises[2].duration`; empty for the whole document.
    pub place: String,
    /// What is wrong, and what is wanted.
    pub message: String,
}

impl Fault {
    /// A fault of the whole document.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self { place: String::new(), message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(formatter, "{}: ", self.place)?;
        }
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

/// Collects the faults of one document, in whatever order its parts are read.
#[derive(Default)]
pub(crate) struct Faults(RefCell<Vec<(usize, Fault)>>);

impl Faults {
    /// Notes a fault of the value that stands at `at`.
    pub(crate) fn push(&self, at: usize, fault: Fault) {
        self.0.borrow_mut().push((at, fault));
    }

    /// What was read if nothing was wrong with it, else the faults in the order of the document.
    pub(crate) fn settle<T>(self, read: Option<T>) -> Result<T, Vec<Fault>> {
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
