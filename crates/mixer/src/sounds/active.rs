//! A sound that is being heard, with what it has opened.

use std::sync::Arc;

use repcast_media::{AudioSources, Stereo};
use repcast_model::audio::{FileSound, SAMPLE_RATE, SpeechText};
use repcast_model::time::Rational;

use super::SoundLibrary;
use super::looped::LoopedClip;
use super::placement::Content;
use super::tone::Tone;
use crate::failure::{FailureLog, SoundName};
use crate::streams::{FileReader, Resampler, SILENCE, SampleReader, SampleStream, StoreKey, Stores, open_clip};

/// What sounds are read from.
pub(crate) struct Library {
    pub(crate) sources: Arc<dyn AudioSources>,
    pub(crate) sounds: Arc<dyn SoundLibrary>,
    pub(crate) log: FailureLog,
    pub(crate) stores: Stores,
}

/// A sound that is being heard.
pub(crate) enum ActiveSound {
    Clip(SampleReader),
    Loop(LoopedClip),
    Tone(Tone),
    Cue(Arc<[Stereo]>),
    /// It could not be opened.
    Silent,
}

impl ActiveSound {
    /// Opens what the sound is read from.
    pub(crate) fn open(content: &Content, library: &mut Library) -> Self {
        let opened = match content {
            Content::Clip(file, len) => library.open_file(file, 0, *len as i64).map(Self::Clip),
            Content::Loop(file, timing) => {
                let reader = library.open_file(file, timing.first(), timing.end());
                reader.map(|reader| Self::Loop(LoopedClip::new(reader, *timing)))
            }
            Content::Tone(tone) => Some(Self::Tone(tone.clone())),
            Content::Cue(samples) => Some(Self::Cue(Arc::clone(samples))),
            Content::Speech(speech) => {
                library.open_speech(speech).map(|stream| Self::Clip(SampleReader::Streamed(stream)))
            }
        };
        opened.unwrap_or(Self::Silent)
    }

    /// The samples from `start` on, counted from the beginning of the sound.
    pub(crate) fn fill(&mut self, start: u64, out: &mut [Stereo]) {
        match self {
            Self::Clip(reader) => reader.read_at(start as i64, out),
            Self::Loop(clip) => clip.fill(start as i64, out),
            Self::Tone(tone) => tone.fill(start, out),
            Self::Cue(samples) => {
                let rest = usize::try_from(start).ok().and_then(|start| samples.get(start..)).unwrap_or_default();
                let count = rest.len().min(out.len());
                out[..count].copy_from_slice(&rest[..count]);
                out[count..].fill(SILENCE);
            }
            Self::Silent => out.fill(SILENCE),
        }
    }
}

impl Library {
    /// The samples of a clip from `first` to `end`, counted from the start of its trim.
    fn open_file(&mut self, file: &FileSound, first: i64, end: i64) -> Option<SampleReader> {
        let (sources, log) = (&self.sources, &self.log);
        let open = || {
            let name = SoundName::File(Arc::clone(&file.path));
            let reader = FileReader::new(sources.open(&file.path), &name, log)?;
            open_clip(reader, file, first)
        };
        let len = usize::try_from(end - first).unwrap_or(usize::MAX);
        self.stores.open(StoreKey::new(file, first, len), open)
    }

    fn open_speech(&self, speech: &Arc<SpeechText>) -> Option<Box<dyn SampleStream>> {
        let name = SoundName::Speech(Arc::clone(speech));
        let reader = FileReader::new(Ok(self.sounds.speech(speech)?), &name, &self.log)?;
        let step = Rational::new(i128::from(reader.rate()), i128::from(SAMPLE_RATE));
        let stream: Box<dyn SampleStream> = Box::new(reader);
        if step == Rational::from_integer(1) { Some(stream) } else { Some(Box::new(Resampler::new(stream, step, 0)?)) }
    }
}
