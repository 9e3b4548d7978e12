//! Canonical text: the counterpart of `validation`, for values that are valid already.
//!
//! ```text
//! Document, Command -> CanonicalValue -> JSON
//! Catalogue         -> CanonicalValue -> TOML
//! ```

mod layout;
mod value;

pub(crate) use layout::{to_json, to_json_line, to_toml_lines};
pub(crate) use value::{CanonicalValue, FieldWriter, ToCanonical};
