//! The newest media playlist of a window, rendered once for all requests.
//!
//! A playlist that keeps all segments grows to megabytes, and a response holds it until its client has read it. With a copy
//! for each request, clients that request often and read slowly could take any amount of memory.

use bytes::Bytes;

use repcast_mux::hls::{PlaylistEdge, RenditionReport};

/// What the text of a playlist depends on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct PlaylistVersion {
    /// `None` before the window is open.
    pub(super) edge: Option<PlaylistEdge>,
    pub(super) first_listed: u64,
    pub(super) reports: Vec<RenditionReport>,
}

/// The newest complete playlist and the newest delta update.
#[derive(Debug, Default)]
pub(super) struct PlaylistCache {
    complete: Option<(PlaylistVersion, Bytes)>,
    delta: Option<(PlaylistVersion, Bytes)>,
}

impl PlaylistCache {
    /// The playlist of this version, rendered if it is not cached.
    pub(super) fn get(&mut self, version: PlaylistVersion, is_delta: bool, render: impl FnOnce() -> String) -> Bytes {
        let cached = if is_delta { &mut self.delta } else { &mut self.complete };
        match cached {
            // Before the window is open its playlist changes without a new version.
            Some((known, text)) if known.edge.is_some() && *known == version => text.clone(),
            _ => cached.insert((version, render().into())).1.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_rendered_once_and_shared() {
        let mut cache = PlaylistCache::default();
        let edge = |parts| Some(PlaylistEdge { next_sequence: 9, parts, previous_parts: 4, is_ended: false });
        let version = |edge, first_listed| PlaylistVersion { edge, first_listed, reports: Vec::new() };
        let mut rendered = 0;
        let mut get = |version: PlaylistVersion, is_delta| {
            cache.get(version, is_delta, || {
                rendered += 1;
                rendered.to_string()
            })
        };
        let first = get(version(edge(1), 1), false);
        assert_eq!(get(version(edge(1), 1), false).as_ptr(), first.as_ptr());
        assert_eq!(get(version(edge(1), 1), true), "2");
        assert_eq!(get(version(edge(1), 1), true), "2");
        assert_eq!(get(version(edge(2), 1), false), "3");
        assert_eq!(get(version(edge(2), 2), false), "4");
        let report = RenditionReport { uri: "a".to_owned(), last_sequence: 1, last_part: 1 };
        let other = PlaylistVersion { reports: vec![report], ..version(edge(2), 2) };
        assert_eq!(get(other, false), "5");
        assert_eq!(get(version(None, 1), false), "6");
        assert_eq!(get(version(None, 1), false), "7");
    }
}
