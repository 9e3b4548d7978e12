//! The HTTP server: the API, live streams, the player page.
//!
//! ```text
//! server      startup and graceful shutdown
//! reload      another configuration while the server runs
//! state       what all handlers share
//! credentials the token of a request, the cookie of the control page
//! links       the addresses of a session
//! pages       HTML pages in two languages, errors as pages
//! demo        the document that pages and examples start
//! problems    the HTTP status of each error of the service
//! routes      every address with its handler
//!   exercises    the catalogue
//!   language     the language of its texts
//!   generate     a document in, a growing MP4 out
//!   frames       frames of documents, sessions and exercises as images
//!   sessions     live sessions: start, status, commands, end
//!   session_body what responses and events say of a session
//!   events       the state of a session as server-sent events
//!   stream       playlists, segments (spooled_segment: from disk), the growing MP4 (growing_mp4: its bytes)
//!   player       the page that plays a stream
//!   home         the page at `/`
//!   join         from the code of a session to its page
//!   qr           the address of a session as a QR code
//!   health       liveness, metrics
//!   openapi      the API's description
//! ```
//!
//! Handlers translate between HTTP and `repcast_service`; connections are handled by `repcast_http`.

mod content_type;
mod credentials;
mod demo;
mod events;
mod exercises;
mod frames;
mod generate;
mod growing_mp4;
mod health;
mod home;
mod join;
mod language;
mod links;
mod openapi;
mod pages;
mod player;
mod problems;
mod pushes;
mod qr;
mod recordings;
mod reload;
mod response;
mod routes;
mod server;
mod session_body;
mod sessions;
mod spooled_segment;
mod state;
mod stream;

pub use links::{Links, SessionLinks};
pub use reload::{ReloadedServer, Reloader};
pub use server::{Server, ServerConfig};
