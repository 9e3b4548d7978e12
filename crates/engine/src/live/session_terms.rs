//! How a session runs, apart from its document.

use repcast_mux::hls::LivePlaylistKind;

/// How a session runs, apart from its document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionTerms {
    /// Which segments its playlists keep.
    pub playlist: LivePlaylistKind,
    /// Whether it waits at its first frame for the command to start.
    pub is_waiting: bool,
    /// Whether it starts again at its end.
    pub is_looping: bool,
}

impl From<LivePlaylistKind> for SessionTerms {
    /// A session that plays at once and ends.
    fn from(playlist: LivePlaylistKind) -> Self {
        Self { playlist, is_waiting: false, is_looping: false }
    }
}
