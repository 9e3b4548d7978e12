//! The sound of a document that is played: which frame is mixed when, ahead of the picture.
//!
//! ```text
//! frames shown  ... 7 8 9|
//! frames mixed  ... 7 8 9 10 11 12 13|   as the transport goes on if nothing is commanded
//! ```
//!
//! Frames are numbered as they are shown, through jumps and pauses. What was mixed before a command is heard to its end: a
//! command is heard a tenth of a second after it is seen.

use std::sync::Arc;
use std::time::{Duration, Instant};

use repcast_engine::monitor::{DocumentMix, MixFeed};
use repcast_engine::open::OpenDocument;
use repcast_model::audio::sample_at;
use repcast_model::session::Transport;
use repcast_model::time::FrameRate;

/// How far the sound is mixed ahead of the picture: the buffer of a sound device, the delay of the limiter, and some time to
/// mix.
const LEAD: Duration = Duration::from_millis(120);

/// The sound of the document that is open.
pub(crate) struct DocumentSound {
    feed: Arc<MixFeed>,
    /// `None` without sound.
    mix: Option<DocumentMix>,
    /// Mixes of documents before, whose threads have not ended.
    ending: Vec<DocumentMix>,
    rate: FrameRate,
    /// Frames that are mixed ahead.
    lead: u64,
    /// The number of the frame that is shown.
    shown: u64,
    /// One past the last frame that is mixed.
    mixed: u64,
    /// The transport as it is in frame `mixed`, if nothing is commanded.
    ahead: Transport,
    /// Whether the transport played when it was last looked at.
    is_playing: bool,
}

impl DocumentSound {
    /// The sound of a document; nothing is heard before [`Self::restart`].
    pub(crate) fn new(feed: &Arc<MixFeed>, document: &OpenDocument, transport: &Transport) -> Self {
        let mut sound = Self {
            feed: feed.clone(),
            mix: None,
            ending: Vec::new(),
            rate: document.timeline.rate,
            lead: 0,
            shown: 0,
            mixed: 0,
            ahead: transport.clone(),
            is_playing: false,
        };
        sound.open(document);
        sound
    }

    /// Begins the sound of another document, or of another version.
    pub(crate) fn open(&mut self, document: &OpenDocument) {
        if let Some(mut mix) = self.mix.take() {
            // Not waited for: a decoder may be slow, and the picture goes on.
            mix.stop();
            self.ending.push(mix);
        }
        self.ending.retain(|mix| !mix.has_ended());
        self.rate = document.timeline.rate;
        self.lead = (1..u64::MAX).find(|frames| self.rate.nanos_at(*frames) >= LEAD.as_nanos() as u64).unwrap_or(1);
        (self.shown, self.mixed, self.is_playing) = (0, 0, false);
        self.mix = document.audio.as_ref().and_then(|audio| DocumentMix::start(audio, self.rate, &self.feed));
        if self.mix.is_none() {
            self.feed.clear();
        }
    }

    /// Follows a transport that has been commanded, or that plays another document.
    pub(crate) fn restart(&mut self, transport: &Transport) {
        if self.mix.is_none() {
            return;
        }
        let was_playing = std::mem::replace(&mut self.is_playing, transport.is_playing());
        if !was_playing && !self.is_playing {
            return;
        }
        if !was_playing {
            // What is left of the sound before the pause is past.
            self.shown = self.mixed;
        }
        self.ahead = transport.clone();
        (self.shown..self.mixed).for_each(|_| _ = self.ahead.tick());
        if self.is_playing {
            self.mix_ahead();
        } else {
            self.mix_next();
        }
    }

    /// A frame has passed; `is_playing` after it.
    pub(crate) fn tick(&mut self, is_playing: bool) {
        if self.mix.is_some() {
            self.shown += 1;
            self.is_playing = is_playing;
            self.mix_ahead();
        }
    }

    /// The current frame was due at `due` and is drawn now.
    pub(crate) fn frame_shown(&self, due: Instant) {
        if self.is_playing {
            self.feed.show(sample_at(self.shown, self.rate), due, Instant::now());
        }
    }

    /// Messages about sounds that became silent since the last call.
    pub(crate) fn take_failures(&self) -> Vec<String> {
        let failures = self.mix.iter().flat_map(DocumentMix::take_failures);
        failures.map(|failure| failure.to_string()).collect()
    }

    fn mix_ahead(&mut self) {
        while self.mixed <= self.shown + self.lead {
            self.mix_next();
        }
    }

    fn mix_next(&mut self) {
        self.mix.iter().for_each(|mix| mix.push(self.mixed, self.ahead.playhead()));
        self.mixed += 1;
        self.ahead.tick();
    }
}
