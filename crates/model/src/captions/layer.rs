//! The cues of subtitles layers, on the times of their composition.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{CaptionCue, CaptionRuns, caption_lines};
use crate::audio::{SampleSpan, samples, samples_of};
use crate::document::rules::{MAX_LETTER_PIXELS, MAX_SUBTITLE_CUES};
use crate::document::{Composition, Layer, LayerContent, SubtitleCue, SubtitlesLayer, ValidationFault};
use crate::time::{Rational, to_f64};
use crate::timeline::layer_span;

/// The subtitle files of a composition, relative to `base`, each with the path of the field that refers to it.
#[must_use]
pub fn composition_subtitles(composition: &Composition, base: &Path) -> Vec<(String, PathBuf)> {
    let files = composition.layers.iter().enumerate().filter_map(|(index, layer)| match &layer.content {
        LayerContent::Subtitles(SubtitlesLayer { src: Some(src), .. }) => {
            Some((format!("layers[{index}].src"), base.join(src)))
        }
        _ => None,
    });
    files.collect()
}

/// The composition with the cues of its subtitle files, which [`composition_subtitles`] names, instead of their paths. A
/// layer whose file is missing from `files` is left as it is, and shows nothing. So are those that follow when there are
/// more cues than a document may have, which compiling it reports: a thousand layers may name one large file.
#[must_use]
pub fn with_subtitles(
    mut composition: Composition,
    base: &Path,
    files: &HashMap<PathBuf, Arc<[SubtitleCue]>>,
) -> Composition {
    let mut count = 0;
    for layer in &mut composition.layers {
        if let LayerContent::Subtitles(subtitles) = &mut layer.content
            && let Some(src) = &subtitles.src
            && let Some(cues) = files.get(&base.join(src))
            && count <= MAX_SUBTITLE_CUES
        {
            count += cues.len();
            (subtitles.src, subtitles.cues) = (None, Some(cues.to_vec()));
        }
    }
    composition
}

/// The faults of a composition's subtitles that depend on their files: too many cues in all, a burnt-in text that is too
/// large.
pub(crate) fn check_subtitles(
    composition: &Composition,
    font_sizes: impl Fn(&SubtitlesLayer) -> Rational,
) -> Vec<ValidationFault> {
    let mut faults = Vec::new();
    let mut count = 0;
    for (index, layer) in composition.layers.iter().enumerate() {
        let LayerContent::Subtitles(subtitles) = &layer.content else { continue };
        count += subtitles.cues.iter().flatten().count();
        let runs = if subtitles.burn { burnt_cues(composition, layer, subtitles) } else { CaptionRuns::default() };
        let letters = runs.runs().iter().map(|run| run.text.chars().count() as u64).max().unwrap_or(0);
        let size = to_f64(font_sizes(subtitles)).ceil() as u64;
        if letters * size * size > MAX_LETTER_PIXELS {
            let message = format!("shows {letters} letters of {size} pixels at once; use a smaller size");
            faults.push(ValidationFault { place: format!("layers[{index}].size"), message });
        }
    }
    if count > MAX_SUBTITLE_CUES {
        let message = format!("the subtitles have {count} cues; at most {MAX_SUBTITLE_CUES} can be");
        faults.push(ValidationFault { place: "layers".to_owned(), message });
    }
    faults
}

/// The cues of a layer, in order of their starts, up to the layer's end.
pub(super) fn track_cues(composition: &Composition, layer: &Layer, subtitles: &SubtitlesLayer) -> Vec<CaptionCue> {
    let bounds = samples_of(layer_span(composition, layer), composition.canvas.fps);
    let place = |secs: Rational| samples(layer.start + secs).clamp(bounds.start, bounds.end.max(bounds.start));
    let cue = |SubtitleCue { start, end, text }: &SubtitleCue| CaptionCue {
        span: SampleSpan { start: place(*start), end: place(*end) },
        text: caption_lines(text).into(),
    };
    let mut cues: Vec<CaptionCue> = subtitles.cues.iter().flatten().map(cue).collect();
    cues.retain(|cue| !cue.span.is_empty() && !cue.text.is_empty());
    cues.sort_by_key(|cue| cue.span.start);
    cues
}

/// The texts of a layer that is burnt in.
pub(crate) fn burnt_cues(composition: &Composition, layer: &Layer, subtitles: &SubtitlesLayer) -> CaptionRuns {
    CaptionRuns::new(&track_cues(composition, layer, subtitles))
}
