//! The HTTP server: the API, live streams, the player page.
//!
//! ```text
//! http        connections, time-outs, limits, errors; knows nothing of video
//! app         what all handlers share
//! hub         the live sessions by their ids
//! routes      every address and who answers it; the API's description
//!   exercises   the catalogue
//!   generate    a document in, a growing MP4 out
//!   sessions    live sessions: begin, look, steer, end
//!   events      what happens in a session, as server-sent events
//!   stream      playlists, segments, the growing MP4 (growth: its bytes)
//!   player      the page that plays a stream
//!   home        the page at `/`
//!   health      liveness, metrics
//!   openapi     the API's description
//! ```
//!
//! Handlers read and answer. Whatever takes time or threads is done by `live` and `render`.

mod answer;
mod app;
mod audience;
mod documents;
mod events;
mod exercises;
mod generate;
mod growth;
mod health;
mod home;
mod hub;
mod openapi;
mod player;
mod routes;
mod server;
mod sessions;
mod stream;
mod writer;

pub use server::{Server, ServerConfig, Sessions};
