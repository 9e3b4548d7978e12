//! Validation of JSON and TOML that comes from outside: exact values, or all faults with their paths.
//!
//! ```text
//! JSON, TOML -> Value (ordered tree) -> Node (value and its path) -> Document, Catalogue, Command
//!                                         \-> ValidationFault (path, message), all of them
//! ```
//!
//! Documents, the catalogue and session commands are read by it. serde alone would stop at the first fault, read 1.2 as
//! a binary fraction, accept a field given twice and suggest no name for a misspelt one. The rules of a field, such as
//! [`NumberRule`](number::NumberRule), also produce its JSON Schema, so that reader and schema cannot disagree.

pub(crate) mod choice;
mod fault;
pub(crate) mod node;
pub(crate) mod number;
pub(crate) mod scalar;
pub(crate) mod schema;
pub(crate) mod text;
pub(crate) mod value;

pub(crate) use fault::FaultList;
pub use fault::{MAX_FAULTS, ValidationFault};
pub use node::nearest;

use node::Node;
use value::Value;

/// The largest JSON text that is read, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 1 << 20;

/// The byte order mark of UTF-8, which some editors write first.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Parses JSON and reads its root with `read`.
pub(crate) fn read_json<T>(bytes: &[u8], read: impl FnOnce(&Node<'_>) -> Option<T>) -> Result<T, Vec<ValidationFault>> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        let message = format!("a document has at most {MAX_DOCUMENT_BYTES} bytes, this one more");
        return Err(vec![ValidationFault::of_document(message)]);
    }
    let json = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let value = Value::from_json(json)
        .map_err(|error| vec![ValidationFault::of_document(format!("is not valid JSON: {}", plain(json, &error)))])?;
    read_value(&value, read)
}

/// What is wrong with a JSON text, without the words of parsers' authors.
fn plain(json: &[u8], error: &serde_json::Error) -> String {
    if json.iter().all(u8::is_ascii_whitespace) {
        return "it is empty".to_owned();
    }
    let message = error.to_string();
    match message.strip_prefix("EOF while parsing ") {
        Some(rest) => format!("it ends in the middle of {rest}"),
        None => message,
    }
}

/// Reads a parsed tree with `read`.
pub(crate) fn read_value<T>(
    value: &Value,
    read: impl FnOnce(&Node<'_>) -> Option<T>,
) -> Result<T, Vec<ValidationFault>> {
    let faults = FaultList::default();
    let read = read(&Node::root(value, &faults));
    faults.into_result(read)
}
