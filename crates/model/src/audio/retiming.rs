//! Parts of soundtracks, and soundtracks at another speed, for live sessions: music keeps its own tempo, everything else
//! follows the session.

use std::mem::discriminant;

use num_traits::ToPrimitive;

use super::{AudioRole, SampleSpan, Sound, SoundSource, Soundtrack};
use crate::time::{Rational, round};

impl Sound {
    /// Whether it lasts as long at every speed of a session: signals and speech do.
    #[must_use]
    pub fn keeps_length(&self) -> bool {
        matches!(self.source, SoundSource::Cue(_) | SoundSource::Speech(_))
    }
}

impl Soundtrack {
    /// The music alone, with the sounds that duck it left out.
    #[must_use]
    pub fn music(&self) -> Self {
        self.filtered(|sound| sound.role == AudioRole::Music)
    }

    /// Everything but the music.
    #[must_use]
    pub fn without_music(&self) -> Self {
        self.filtered(|sound| sound.role != AudioRole::Music)
    }

    /// The soundtrack at `speed` times its speed, which is above 0: sample `n` becomes `n / speed`, rounded to the nearest.
    /// Files play at a multiple of their speed. Signals and speech sound as before: they start at their new times and
    /// keep their lengths, up to the next of their type and to the end, so that speech overlaps no other speech that it did
    /// not overlap before.
    #[must_use]
    pub fn retimed(&self, speed: Rational) -> Self {
        let at = |sample: u64| round(Rational::from_integer(i128::from(sample)) / speed).to_u64().unwrap_or(u64::MAX);
        let samples = at(self.samples);
        let mut sounds: Vec<Sound> = self.sounds.iter().map(|sound| retimed(sound, speed, at)).collect();
        // The start of the next sound of each type, going backwards.
        let mut next_starts = Vec::new();
        for (sound, old) in sounds.iter_mut().zip(&self.sounds).rev() {
            let source = discriminant(&sound.source);
            let next = next_starts.iter_mut().find(|(other, _)| *other == source);
            if sound.keeps_length() {
                let limit = next.as_ref().map_or(samples, |(_, start)| *start);
                sound.span.end = sound.span.end.min(limit.max(at(old.span.end))).min(samples);
            }
            match next {
                Some((_, start)) => *start = sound.span.start,
                None => next_starts.push((source, sound.span.start)),
            }
        }
        Self { samples, sounds, ..*self }
    }

    fn filtered(&self, is_kept: impl Fn(&Sound) -> bool) -> Self {
        Self { sounds: self.sounds.iter().filter(|sound| is_kept(sound)).cloned().collect(), ..*self }
    }
}

fn retimed(sound: &Sound, speed: Rational, at: impl Fn(u64) -> u64) -> Sound {
    let mut sound = sound.clone();
    let SampleSpan { start, end } = sound.span;
    sound.span.start = at(start);
    sound.span.end = if sound.keeps_length() { at(start).saturating_add(end - start) } else { at(end) };
    if !sound.keeps_length() {
        (sound.fade_in, sound.fade_out) = (at(sound.fade_in), at(sound.fade_out));
    }
    if let SoundSource::File(file) = &mut sound.source {
        file.clock.speed *= speed;
    }
    sound
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::test_sounds::soundtrack;
    use super::*;

    fn speeds() -> impl Strategy<Value = Rational> {
        (25_i128..=400).prop_map(|percent| Rational::new(percent, 100))
    }

    proptest! {
        #[test]
        fn music_and_the_rest_are_the_whole(soundtrack in soundtrack()) {
            let (music, rest) = (soundtrack.music(), soundtrack.without_music());
            prop_assert!(music.sounds.iter().all(|sound| sound.role == AudioRole::Music));
            prop_assert!(rest.sounds.iter().all(|sound| sound.role != AudioRole::Music));
            prop_assert_eq!(music.sounds.len() + rest.sounds.len(), soundtrack.sounds.len());
            prop_assert_eq!((music.samples, rest.ducking), (soundtrack.samples, soundtrack.ducking));
        }

        #[test]
        fn spans_are_divided_by_the_speed_and_files_follow_it(soundtrack in soundtrack(), speed in speeds()) {
            let fast = soundtrack.retimed(speed);
            let nearest = |sample: u64| {
                // The nearest integer to sample / speed, halves up, in whole numbers.
                let (numerator, denominator) = (i128::from(sample) * *speed.denom(), *speed.numer());
                ((numerator * 2 + denominator) / (denominator * 2)) as u64
            };
            prop_assert_eq!(fast.samples, nearest(soundtrack.samples));
            prop_assert_eq!(fast.sounds.len(), soundtrack.sounds.len());
            for (new, old) in fast.sounds.iter().zip(&soundtrack.sounds) {
                prop_assert_eq!(new.span.start, nearest(old.span.start));
                prop_assert!(new.span.end <= fast.samples);
                match (&new.source, &old.source) {
                    (SoundSource::File(new_file), SoundSource::File(old_file)) => {
                        prop_assert_eq!(new.span.end, nearest(old.span.end));
                        prop_assert_eq!(new_file.clock.speed, old_file.clock.speed * speed);
                        prop_assert_eq!(new_file.clock.trim_in, old_file.clock.trim_in);
                        prop_assert_eq!(new_file.crossfade, old_file.crossfade);
                        prop_assert_eq!(new.fade_out, nearest(old.fade_out));
                    }
                    (SoundSource::Tone { .. }, _) => prop_assert_eq!(new.span.end, nearest(old.span.end)),
                    _ => prop_assert!(new.span.len() <= old.span.len()),
                }
            }
        }

        /// Speech that does not overlap speech does not do so at another speed.
        #[test]
        fn speech_never_overlaps_speech_at_any_speed(soundtrack in soundtrack(), speed in speeds()) {
            let mut soundtrack = soundtrack;
            let mut end = 0;
            soundtrack.sounds.retain(|sound| {
                let is_kept = !matches!(sound.source, SoundSource::Speech(_)) || sound.span.start >= end;
                end = if is_kept && matches!(sound.source, SoundSource::Speech(_)) { sound.span.end } else { end };
                is_kept
            });
            let fast = soundtrack.retimed(speed);
            let spans: Vec<SampleSpan> = fast.sounds.iter()
                .filter(|sound| matches!(sound.source, SoundSource::Speech(_))).map(|sound| sound.span).collect();
            prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start), "{:?}", spans);
        }

        #[test]
        fn the_speed_1_changes_nothing(soundtrack in soundtrack()) {
            prop_assert_eq!(soundtrack.retimed(Rational::from_integer(1)), soundtrack);
        }
    }
}
