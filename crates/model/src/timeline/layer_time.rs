//! When a layer of a composition is seen or heard, and which part of its clip: the same for pictures and sound.

use super::item::Span;
use super::source_time::SourceClock;
use crate::audio::source_part;
use crate::clip::ClipInfo;
use crate::document::{ClipLayer, Composition, Layer};
use crate::time::Rational;

/// Number of frames of a composition.
pub(crate) fn composition_frames(composition: &Composition) -> u64 {
    composition.canvas.fps.boundary_at(composition.duration).max(1)
}

/// The frames of a layer, up to the end of the composition.
pub(crate) fn layer_span(composition: &Composition, layer: &Layer) -> Span {
    let frames = composition_frames(composition);
    let boundary = |secs: Rational| composition.canvas.fps.boundary_at(secs).min(frames);
    let end = layer.duration.map_or(frames, |duration| boundary(layer.start + duration));
    Span { start: boundary(layer.start), end }
}

/// The frames of a clip layer and the playback of its clip.
///
/// # Errors
/// The field that is wrong for this clip, and what is.
pub(crate) fn clip_time(
    composition: &Composition,
    layer: &Layer,
    clip: &ClipLayer,
    info: &ClipInfo,
) -> Result<(Span, SourceClock), (&'static str, String)> {
    let (trim_in, trim_out) = source_part(&clip.trim, info.duration, "clip")?;
    // A still image never ends.
    let looping = clip.looping || info.is_still;
    let clock = SourceClock { trim_in, trim_out, speed: clip.speed, looping };
    let mut span = layer_span(composition, layer);
    if !looping {
        span.end = span.end.min(span.start + clock.frames(composition.canvas.fps));
    }
    Ok((span, clock))
}
