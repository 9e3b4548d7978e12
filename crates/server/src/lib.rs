//! The HTTP server: the API, live streams, the player page.
//!
//! ```text
//! server      startup and graceful shutdown
//! reload      another configuration while the server runs
//! state       what all handlers share
//! credentials the token of a request, the cookie of the control page
//! links       the addresses of a session
//! pages       HTML pages in two languages, errors as pages
//! json_body   bodies with fixed fields
//! time        points in time in responses
//! demo        the document that pages and examples start
//! problems    the HTTP status of each error of the service
//! routes      every address with its handler
//!   accounts     registration and sign-in
//!   own_account  who is signed in, the password, the devices
//!   administration accounts and clubs of others
//!   exercises    the catalogue
//!   workouts     saved workouts
//!   assistant    workouts from words
//!   language     the language of its texts
//!   generate     a document in, a growing MP4 out
//!   frames       frames of documents, sessions and exercises as images
//!   sessions     live sessions: start, status, commands, end
//!   session_body what responses and events say of a session
//!   session_items the items of a session in these
//!   events       the state of a session as server-sent events
//!   stream       playlists, segments (spooled_segment: from disk), the growing MP4 (growing_mp4: its bytes)
//!   player       the page that plays a stream
//!   app          the web application
//!   files        files of pages, with their compressed forms
//!   home         the page at `/` of a server without the application
//!   join         from the code of a session to its page
//!   qr           the address of a session as a QR code
//!   health       liveness, metrics
//!   readiness    whether requests of every kind can be served
//!   openapi      the API's description
//! ```
//!
//! Handlers translate between HTTP and `repcast_service`; connections are handled by `repcast_http`.

mod accounts;
mod administration;
mod app;
mod assistant;
mod cameras;
mod compressed_files;
mod content_type;
mod credentials;
mod demo;
mod events;
mod exercise_changes;
mod exercises;
mod files;
mod frames;
mod generate;
mod growing_mp4;
mod health;
mod home;
mod join;
mod json_body;
mod language;
mod links;
mod openapi;
mod own_account;
mod pages;
mod player;
mod problems;
mod pushes;
mod qr;
mod readiness;
mod recorded_file;
mod recordings;
mod reload;
mod response;
mod routes;
mod server;
mod session_body;
mod session_items;
mod sessions;
mod spooled_segment;
mod state;
mod stream;
mod time;
mod upload_body;
mod upload_form;
mod uploads;
mod workouts;
mod written_catalogue;

pub use links::{Links, SessionLinks};
pub use reload::{ReloadedServer, Reloader};
pub use server::{Server, ServerConfig, ServerError};
