//! The model: exact time, geometry, color, documents, catalogues, timelines, workouts and live sessions. Pure: no I/O, no
//! threads, no clocks.
//!
//! ```text
//! JSON, TOML -- validation --> document, catalogue -> workout, timeline -> plan(frame n)
//!           <-- canonical ---                                   ^ session: commands of a live session
//! ```

pub mod audio;
mod canonical;
pub mod captions;
pub mod catalogue;
pub mod chroma_key;
pub mod clip;
pub mod color;
pub mod document;
pub mod font;
pub mod geometry;
pub mod localization;
pub mod qr;
pub mod session;
mod span_index;
pub mod time;
pub mod timeline;
mod validation;
pub mod workout;
