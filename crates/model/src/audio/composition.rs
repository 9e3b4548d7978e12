//! The soundtrack of a composition: the audio of its clips, audio files, tones and speech.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{
    AudioFile, AudioInfos, AudioRole, PitchMode, SampleSpan, Sound, SoundSource, Soundtrack, SpeechText, fades,
    file_sound, overlapping, played_samples, sample_at, samples, samples_of, source_part,
};
use crate::document::{
    AudioLayer, ClipAudio, ClipLayer, Composition, Gain, Layer, LayerContent, SpeechLayer, ToneLayer, ValidationFault,
};
use crate::time::Rational;
use crate::timeline::{ClipInfos, SourceClock, clip_time, composition_frames, layer_span};

/// The files of a composition that may be heard, each with the path of the field that refers to it. They are relative to
/// `base`.
#[must_use]
pub fn composition_audio_files(composition: &Composition, base: &Path) -> Vec<AudioFile> {
    let files = composition.layers.iter().enumerate().filter_map(|(index, layer)| {
        let place = format!("layers[{index}].src");
        match &layer.content {
            LayerContent::Audio(AudioLayer { src, .. }) => Some(AudioFile::named(place, base, src)),
            LayerContent::Clip(ClipLayer { src, audio, .. }) if is_heard(audio) => {
                Some(AudioFile::of_clip(place, base.join(src)))
            }
            _ => None,
        }
    });
    files.collect()
}

/// Compiles the sound of a composition whose files have been probed: the clips that are shown into `infos`, and the audio
/// of [`composition_audio_files`] into `audio`. `None` if there is nothing to hear: no layer of its own, and no clip with
/// audio.
///
/// A clip without audio is silent, and one that is missing from `infos` or wrongly trimmed is skipped, since
/// [`compile_composition`](crate::timeline::compile_composition) reports it.
///
/// # Errors
/// All faults that depend on the files: an audio layer whose file is missing from `audio`, because it has none or has been
/// reported already; a trim after its end; too many sounds at once.
pub fn compile_composition_soundtrack(
    composition: &Composition,
    base: &Path,
    infos: &ClipInfos,
    audio: &AudioInfos,
) -> Result<Option<Soundtrack>, Vec<ValidationFault>> {
    let mut compiler = Compiler { composition, base, infos, audio, sounds: Vec::new(), faults: Vec::new() };
    let mut has_sound_layer = false;
    for (index, layer) in composition.layers.iter().enumerate() {
        has_sound_layer |= compiler.layer(index, layer);
    }
    let Compiler { sounds, mut faults, .. } = compiler;
    if faults.is_empty() && sounds.is_empty() && !has_sound_layer {
        return Ok(None);
    }
    let length = sample_at(composition_frames(composition), composition.canvas.fps);
    let assembled = Soundtrack::assemble(length, sounds, composition.audio.ducking, composition.audio.loudness);
    match assembled {
        Ok(soundtrack) if faults.is_empty() => Ok(Some(soundtrack)),
        Ok(_) => Err(faults),
        Err(message) => {
            faults.push(ValidationFault { place: "layers".to_owned(), message });
            Err(faults)
        }
    }
}

/// Whether the audio of a clip can be heard.
fn is_heard(audio: &ClipAudio) -> bool {
    !audio.mute && audio.gain.0.is_some()
}

struct Compiler<'a> {
    composition: &'a Composition,
    base: &'a Path,
    infos: &'a ClipInfos,
    audio: &'a AudioInfos,
    sounds: Vec<Sound>,
    faults: Vec<ValidationFault>,
}

impl Compiler<'_> {
    /// Adds the sound of a layer. Returns whether the layer is one of sound.
    fn layer(&mut self, index: usize, layer: &Layer) -> bool {
        match &layer.content {
            LayerContent::Clip(clip) => {
                self.clip(layer, clip);
                return false;
            }
            LayerContent::Audio(audio) => self.file(index, layer, audio),
            LayerContent::Tone(ToneLayer { frequency, wave, gain, pan, role }) => {
                let source = SoundSource::Tone { frequency: *frequency, wave: *wave };
                self.push(*role, self.span(layer), source, (*gain, *pan), self.layer_fades(layer));
            }
            LayerContent::Speech(SpeechLayer { text, language, speaker, gain, pan, role }) => {
                let (text, language, speaker) = (text.clone(), language.clone(), speaker.clone());
                let rate = Rational::from_integer(1);
                let source = SoundSource::Speech(Arc::new(SpeechText { text, language, speaker, rate }));
                self.push(*role, self.span(layer), source, (*gain, *pan), self.layer_fades(layer));
            }
            _ => return false,
        }
        true
    }

    /// The audio of a clip, by the clock of its frames.
    fn clip(&mut self, layer: &Layer, clip: &ClipLayer) {
        let ClipAudio { gain, pan, pitch, fade_in, fade_out, .. } = clip.audio;
        let path = self.base.join(&clip.src);
        let (Some(info), true) = (self.infos.get(&path), self.audio.contains_key(&path)) else { return };
        if info.is_still || !is_heard(&clip.audio) {
            return;
        }
        let Ok((span, clock)) = clip_time(self.composition, layer, clip, info) else { return };
        let span = samples_of(span, self.composition.canvas.fps);
        let asked = [fade_in.unwrap_or(layer.fade_in), fade_out.unwrap_or(layer.fade_out)];
        let fades = fades(&clock, info.duration, span, asked);
        self.push(AudioRole::Effect, span, self.source(path, clock, pitch, None), (gain, pan), fades);
    }

    fn file(&mut self, index: usize, layer: &Layer, file: &AudioLayer) {
        let AudioLayer { src, trim, speed, pitch, looping, crossfade, gain, pan, role } = file;
        let path = self.base.join(src);
        let Some(info) = self.audio.get(&path) else {
            return self.fault(index, "src", format!("{src} has no audio"));
        };
        let (trim_in, trim_out) = match source_part(trim, info.duration, "audio") {
            Ok(part) => part,
            Err((field, message)) => return self.fault(index, field, message),
        };
        let clock = SourceClock { trim_in, trim_out, speed: *speed, looping: *looping };
        let clock = overlapping(clock, info.duration, *crossfade);
        let mut span = self.span(layer);
        if !looping {
            span.end = span.end.min(span.start.saturating_add(played_samples(&clock)));
        }
        let fades = fades(&clock, info.duration, span, [layer.fade_in, layer.fade_out]);
        self.push(*role, span, self.source(path, clock, *pitch, Some(*crossfade)), (*gain, *pan), fades);
    }

    fn source(&self, path: PathBuf, clock: SourceClock, pitch: PitchMode, crossfade: Option<Rational>) -> SoundSource {
        SoundSource::File(file_sound(path.into(), clock, pitch, crossfade.unwrap_or_default()))
    }

    fn span(&self, layer: &Layer) -> SampleSpan {
        samples_of(layer_span(self.composition, layer), self.composition.canvas.fps)
    }

    fn layer_fades(&self, layer: &Layer) -> [u64; 2] {
        let len = self.span(layer).len();
        [layer.fade_in, layer.fade_out].map(|fade| samples(fade).min(len))
    }

    fn push(
        &mut self,
        role: AudioRole,
        span: SampleSpan,
        source: SoundSource,
        (Gain(gain), pan): (Gain, Rational),
        [fade_in, fade_out]: [u64; 2],
    ) {
        let ducks_music = role == AudioRole::Voice;
        self.sounds.push(Sound { role, span, source, gain, pan, fade_in, fade_out, ducks_music });
    }

    fn fault(&mut self, index: usize, field: &str, message: String) {
        self.faults.push(ValidationFault { place: format!("layers[{index}].{field}"), message });
    }
}

#[cfg(test)]
mod tests;
