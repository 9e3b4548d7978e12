//! Where each sound of a soundtrack is heard, and how loud: all that is known without reading a file.

use std::sync::Arc;

use repcast_media::Stereo;
use repcast_model::audio::{AudioRole, FileSound, SampleSpan, Sound, SoundSource, SpeechText, samples};
use repcast_model::time::to_f64;

use super::SoundLibrary;
use super::envelope::{Envelope, MIN_RAMP, factor, pan_factors};
use super::looped::LoopTiming;
use super::tone::Tone;
use crate::failure::{FailureLog, SoundError, SoundName};
use crate::streams::is_playable;

/// A sound that can be heard.
#[derive(Clone, Debug)]
pub(crate) struct PlacedSound {
    pub(crate) content: Content,
    pub(crate) envelope: Envelope,
    /// Whether it becomes quieter under the sounds that duck music.
    pub(crate) is_ducked: bool,
    pub(crate) ducks_music: bool,
}

/// What is heard.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// With its length in samples when it is not cut.
    Clip(FileSound, u64),
    Loop(FileSound, LoopTiming),
    Tone(Tone),
    Cue(Arc<[Stereo]>),
    Speech(Arc<SpeechText>),
}

impl Content {
    /// The name of what may fail.
    pub(crate) fn name(&self) -> Option<SoundName> {
        match self {
            Self::Clip(file, _) | Self::Loop(file, _) => Some(SoundName::File(Arc::clone(&file.path))),
            Self::Speech(speech) => Some(SoundName::Speech(Arc::clone(speech))),
            Self::Tone(_) | Self::Cue(_) => None,
        }
    }
}

/// A sound in a soundtrack of `total` samples, with a gain of `level_db` besides its own; nothing if it is silent.
pub(crate) fn place(
    sound: &Sound,
    total: u64,
    level_db: f64,
    library: &dyn SoundLibrary,
    log: &FailureLog,
) -> Option<PlacedSound> {
    let gain = factor(to_f64(sound.gain?) + level_db);
    let (content, len) = content(&sound.source, library, log)?;
    let start = sound.span.start;
    let cut = sound.span.end.min(total);
    let end = len.map_or(cut, |len| start.saturating_add(len).min(cut));
    let span = SampleSpan { start, end };
    // A wave that begins or ends in the middle is faded even where no fade is asked for.
    let (ramp_in, ramp_out) = match &content {
        Content::Clip(file, _) | Content::Loop(file, _) => (*file.clock.trim_in.numer() > 0, true),
        Content::Tone(_) => (true, true),
        Content::Cue(_) => (false, len.is_some_and(|len| len > span.len())),
        Content::Speech(_) => (false, true),
    };
    let at_least = |fade: u64, is_ramp: bool| if is_ramp { fade.max(MIN_RAMP) } else { fade };
    let envelope = Envelope {
        span,
        fade_in: at_least(sound.fade_in, ramp_in),
        fade_out: at_least(sound.fade_out, ramp_out),
        gains: pan_factors(to_f64(sound.pan)).map(|pan| (pan * gain) as f32),
    };
    let is_ducked = sound.role == AudioRole::Music;
    (!span.is_empty()).then_some(PlacedSound { content, envelope, is_ducked, ducks_music: sound.ducks_music })
}

/// What is heard of a source, and its length in samples where that is known.
fn content(source: &SoundSource, library: &dyn SoundLibrary, log: &FailureLog) -> Option<(Content, Option<u64>)> {
    match source {
        SoundSource::File(file) => {
            let name = SoundName::File(Arc::clone(&file.path));
            if !is_playable(file.clock.speed) {
                log.report(&name, SoundError::Speed(to_f64(file.clock.speed)));
                return None;
            }
            if !file.clock.looping {
                let len = samples((file.clock.trim_out - file.clock.trim_in) / file.clock.speed);
                return Some((Content::Clip(file.clone(), len), Some(len)));
            }
            let timing = LoopTiming::new(file);
            if timing.is_none() {
                log.report(&name, SoundError::ShortLoop);
            }
            Some((Content::Loop(file.clone(), timing?), None))
        }
        SoundSource::Tone { frequency, wave } => Some((Content::Tone(Tone::new(*frequency, *wave)?), None)),
        SoundSource::Cue(cue) => {
            let samples = library.cue(*cue);
            if samples.is_none() {
                log.report(&SoundName::Cue(*cue), SoundError::Missing);
            }
            let samples = samples?;
            let len = samples.len() as u64;
            Some((Content::Cue(samples), Some(len)))
        }
        SoundSource::Speech(speech) => {
            if library.speech(speech).is_none() {
                log.report(&SoundName::Speech(Arc::clone(speech)), SoundError::Missing);
                return None;
            }
            Some((Content::Speech(Arc::clone(speech)), None))
        }
    }
}
