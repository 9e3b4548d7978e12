//! The HTTP server: the API, live streams, the player page.
//!
//! ```text
//! server      startup and graceful shutdown
//! state       what all handlers share
//! credentials the token of a request, the cookie of the control page
//! problems    the HTTP status of each error of the service
//! routes      every address with its handler
//!   exercises    the catalogue
//!   generate     a workout in, a growing MP4 out
//!   sessions     live sessions: start, status, commands, end
//!   events       the state of a session as server-sent events
//!   stream       playlists, segments (spooled_segment: from disk), the growing MP4 (growing_mp4: its bytes)
//!   player       the page that plays a stream
//!   home         the page at `/`
//!   health       liveness, metrics
//!   openapi      the API's description
//! ```
//!
//! Handlers translate between HTTP and `repcast_service`; connections are handled by `repcast_http`.

mod content_type;
mod credentials;
mod events;
mod exercises;
mod generate;
mod growing_mp4;
mod health;
mod home;
mod openapi;
mod player;
mod problems;
mod pushes;
mod recordings;
mod response;
mod routes;
mod server;
mod sessions;
mod spooled_segment;
mod state;
mod stream;

pub use server::{Server, ServerConfig};
pub use sessions::CONTROL_QUERY;
