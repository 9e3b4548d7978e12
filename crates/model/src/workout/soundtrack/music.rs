//! The music of a workout: its pieces one after the other, then those that loop, again and again.

use std::path::{Path, PathBuf};

use crate::audio::{
    AudioInfos, AudioRole, PitchMode, SampleSpan, Sound, SoundSource, fades, file_sound, overlapping, played_samples,
    samples, source_part,
};
use crate::document::{MusicBed, ValidationFault};
use crate::time::Rational;
use crate::timeline::SourceClock;

/// Shortest part of a piece, in seconds: the longest workout has at most 86,400 of them, of which half overlap.
const MIN_PIECE_SECS: i128 = 1;

/// A piece of music whose file has been probed.
struct Piece<'a> {
    bed: &'a MusicBed,
    path: PathBuf,
    clock: SourceClock,
    /// The whole file, in seconds.
    duration: Rational,
    /// Samples that it is heard for.
    samples: u64,
}

/// The music of a workout.
pub(super) struct Playlist<'a>(Vec<Piece<'a>>);

impl<'a> Playlist<'a> {
    /// # Errors
    /// Files without audio, trims after their end, pieces that are too short.
    pub(super) fn new(music: &'a [MusicBed], base: &Path, audio: &AudioInfos) -> Result<Self, Vec<ValidationFault>> {
        let mut faults = Vec::new();
        let mut pieces = Vec::with_capacity(music.len());
        for (index, bed) in music.iter().enumerate() {
            match Piece::new(bed, base, audio) {
                Ok(piece) => pieces.push(piece),
                Err((field, message)) => {
                    faults.push(ValidationFault { place: format!("audio.music[{index}].{field}"), message });
                }
            }
        }
        if faults.is_empty() { Ok(Self(pieces)) } else { Err(faults) }
    }

    /// The music of a workout of this length, in samples. Each piece starts where the one before it ends, less their
    /// crossfade.
    pub(super) fn sounds(&self, length: u64) -> Vec<Sound> {
        let Self(pieces) = self;
        let looping: Vec<usize> = (0..pieces.len()).filter(|index| pieces[*index].bed.looping).collect();
        let mut order = (0..pieces.len()).chain(looping.iter().copied().cycle()).enumerate().peekable();
        let mut sounds = Vec::new();
        let (mut start, mut crossfade_in) = (0, 0);
        while let Some((position, index)) = order.next() {
            let piece = &pieces[index];
            let is_last_of_list = position + 1 >= pieces.len();
            if is_last_of_list && looping == [index] {
                // Nothing else follows: the file itself loops.
                sounds.push(piece.sound(SampleSpan { start, end: length }, true, [crossfade_in, 0]));
                break;
            }
            let next = order.peek().map(|(_, next)| &pieces[*next]);
            let crossfade_out = next.map_or(0, |next| piece.crossfade(next));
            let end = (start + piece.samples).min(length);
            sounds.push(piece.sound(SampleSpan { start, end }, false, [crossfade_in, crossfade_out]));
            start = start + piece.samples - crossfade_out;
            crossfade_in = crossfade_out;
            if start >= length {
                break;
            }
        }
        sounds
    }
}

impl<'a> Piece<'a> {
    fn new(bed: &'a MusicBed, base: &Path, audio: &AudioInfos) -> Result<Self, (&'static str, String)> {
        let path = base.join(&bed.src);
        let duration = audio.get(&path).map(|info| info.duration);
        let duration = duration.ok_or_else(|| ("src", format!("{} has no audio", bed.src)))?;
        let (trim_in, trim_out) = source_part(&bed.trim, duration, "audio")?;
        if trim_out - trim_in < Rational::from_integer(MIN_PIECE_SECS) {
            return Err(("trim", format!("leaves less than {MIN_PIECE_SECS} s of the audio")));
        }
        let clock = SourceClock { trim_in, trim_out, speed: Rational::from_integer(1), looping: false };
        Ok(Self { bed, path, duration, samples: played_samples(&clock), clock })
    }

    /// Samples for which the end of this piece and the beginning of the next one are heard together.
    fn crossfade(&self, next: &Self) -> u64 {
        samples(self.bed.crossfade).min(self.samples / 2).min(next.samples / 2)
    }

    fn sound(&self, span: SampleSpan, looping: bool, [crossfade_in, crossfade_out]: [u64; 2]) -> Sound {
        let clock = overlapping(SourceClock { looping, ..self.clock }, self.duration, self.bed.crossfade);
        let asked = [self.bed.fade_in, self.bed.fade_out];
        let [fade_in, fade_out] = fades(&clock, self.duration, span, asked);
        let [fade_in, fade_out] =
            [fade_in.max(crossfade_in), fade_out.max(crossfade_out)].map(|fade| fade.min(span.len()));
        Sound {
            role: AudioRole::Music,
            span,
            source: SoundSource::File(file_sound(
                self.path.as_path().into(),
                clock,
                PitchMode::Keep,
                self.bed.crossfade,
            )),
            gain: self.bed.gain.0,
            pan: Rational::from_integer(0),
            fade_in,
            fade_out,
            ducks_music: false,
        }
    }
}
