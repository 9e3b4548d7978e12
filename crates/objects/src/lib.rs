//! Files under keys, in a folder of this machine or in a store that speaks S3.
//!
//! A key is a path of lower-case names that the server makes, such as `clips/4f1c….mov`. A file appears as a whole or not at
//! all, and is never changed.

mod address;
mod error;
mod objects;

pub use address::{ObjectsAddress, S3Address};
pub use error::ObjectError;
pub use objects::{Object, Objects};
