//! Where `repcast live` sends a session besides its viewers: recordings, and receivers that it is pushed to.

mod push;
mod recording;
mod session;

use crate::support;
