//! The music of the demo: four loops for training, composed for repcast.

mod calm;
mod epic;
mod romantic;
mod score;
mod song;
mod upbeat;

pub(crate) use score::ScoreError;
pub(crate) use song::{LOUDNESS, Song};

/// The songs.
pub(crate) fn songs() -> Result<[Song; 4], ScoreError> {
    Ok([upbeat::song()?, calm::song()?, epic::song()?, romantic::song()?])
}
