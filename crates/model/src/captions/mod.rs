//! Captions: what is said, and the subtitles of a composition, as cues on the grid of samples that sound has.
//!
//! ```text
//! Soundtrack: speech --- spoken (pieces that can be read) ---\
//!                                                             -> CaptionTrack, one for each language
//! Composition: subtitles layers that are not burnt in -------/       -> CaptionRuns: the text at a sample
//!                               that are burnt in ------------------> timeline
//! ```
//!
//! They are a function of the document alone: speech has its estimated length here, whichever voice speaks it. Samples
//! state the milliseconds of subtitle files exactly.

mod language;
mod layer;
mod runs;
mod spoken;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use language::language_name;
pub(crate) use layer::{burnt_cues, check_subtitles};
pub use layer::{composition_subtitles, with_subtitles};
pub use runs::CaptionRuns;
pub(crate) use spoken::speech_samples;

use crate::audio::{SampleSpan, SoundSource, Soundtrack};
use crate::document::{Document, LayerContent, ValidationFault};
use crate::workout::caption_placement;

/// Most languages of a document's captions: each is a rendition of its own in live streams.
pub const MAX_CAPTION_TRACKS: usize = 16;

/// A text that is shown for a span of samples at 48 kHz, from the start of the timeline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaptionCue {
    /// When it is shown.
    pub span: SampleSpan,
    /// The text: lines without blank ones between them.
    pub text: Arc<str>,
}

/// Where captions are shown so that they cover nothing that is read: percentages of the frame, as WebVTT writes them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CaptionPlacement {
    /// The top of the first line, of the height.
    pub line: u32,
    /// The middle of the lines, of the width.
    pub position: u32,
    /// The longest line, of the width.
    pub size: u32,
}

/// The captions in one language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaptionTrack {
    /// The language as BCP 47 writes it, in lower case.
    pub language: String,
    /// Where they are shown; `None` leaves it to players.
    pub placement: Option<CaptionPlacement>,
    /// The cues, in order of their starts.
    pub cues: Vec<CaptionCue>,
}

/// The captions of a document, one track for each language, in the order in which the document uses them. Its soundtrack is the
/// compiled one; subtitles are those that [`with_subtitles`] has put into the document. Empty where nothing is said or
/// subtitled.
///
/// # Errors
/// If there are more than [`MAX_CAPTION_TRACKS`] languages.
pub fn compile_captions(
    document: &Document,
    soundtrack: Option<&Soundtrack>,
) -> Result<Vec<CaptionTrack>, Vec<ValidationFault>> {
    let mut tracks = TrackList::default();
    let (has_spoken, placement) = match document {
        Document::Workout(workout) => {
            let has_captions = workout.audio.as_ref().is_some_and(|audio| audio.captions);
            (has_captions, Some(caption_placement(workout.format)))
        }
        Document::Composition(composition) => {
            for layer in &composition.layers {
                if let LayerContent::Subtitles(subtitles) = &layer.content
                    && !subtitles.burn
                {
                    tracks.add(&subtitles.language, layer::track_cues(composition, layer, subtitles));
                }
            }
            (composition.audio.captions, None)
        }
    };
    if let Some(soundtrack) = soundtrack.filter(|_| has_spoken) {
        for language in spoken_languages(soundtrack) {
            tracks.add(&language, spoken::cues(soundtrack, &language));
        }
    }
    let tracks = tracks.0;
    if tracks.len() > MAX_CAPTION_TRACKS {
        let message = format!("captions are in {} languages; at most {MAX_CAPTION_TRACKS} can be", tracks.len());
        return Err(vec![ValidationFault { place: "layers".to_owned(), message }]);
    }
    Ok(tracks.into_iter().map(|(language, cues)| CaptionTrack { language, placement, cues }).collect())
}

/// The languages of a soundtrack's speech, in order.
fn spoken_languages(soundtrack: &Soundtrack) -> Vec<String> {
    let mut languages: Vec<String> = Vec::new();
    for sound in &soundtrack.sounds {
        if let SoundSource::Speech(speech) = &sound.source
            && !languages.contains(&speech.language)
        {
            languages.push(speech.language.clone());
        }
    }
    languages
}

/// The cues of each language. Tags are compared without their case (RFC 5646, 2.1.1).
#[derive(Default)]
struct TrackList(Vec<(String, Vec<CaptionCue>)>);

impl TrackList {
    fn add(&mut self, language: &str, cues: Vec<CaptionCue>) {
        if cues.is_empty() {
            return;
        }
        let language = language.to_ascii_lowercase();
        let known = match self.0.iter().position(|(known, _)| *known == language) {
            Some(index) => &mut self.0[index].1,
            None => {
                self.0.push((language, Vec::new()));
                let last = self.0.len() - 1;
                &mut self.0[last].1
            }
        };
        known.extend(cues);
        known.sort_by_key(|cue| cue.span.start);
    }
}

/// The lines of a text without white space at their ends, and without blank ones, which would end a cue in a file.
pub(crate) fn caption_lines(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}
