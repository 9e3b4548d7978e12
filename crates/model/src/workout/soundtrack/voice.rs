//! What the voice of a workout says, and when: words for signals, the names of exercises, and sentences about them.
//!
//! How long a text takes is known only when it has been spoken; until then it is estimated, generously. A text has its time
//! for itself: one that does not fit is left out, and its signal sounds as a tone. The end comes first, then the numbers
//! of countdowns, the names and sentences of exercises, rests, halves, and the next exercise.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::signals::Signal;
use super::tones::tone_samples;
use crate::audio::{AudioRole, Cue, SAMPLE_RATE, SEAM_SAMPLES, SampleSpan, Sound, SoundSource, SpeechText, sample_at};
use crate::captions::speech_samples;
use crate::catalogue::Exercise;
use crate::document::StepKind;
use crate::document::{Announcement, CueStyle, ValidationFault, Workout, WorkoutAudio};
use crate::localization::Messages;
use crate::time::Rational;
use crate::validation::choice::name_of;
use crate::workout::schedule::Step;

/// Most samples of a number in a countdown: it ends before the next one starts.
const NUMBER_SAMPLES: u64 = SAMPLE_RATE as u64;

/// Samples between the tone of a countdown and its number, in which the tone ends.
const NUMBER_OFFSET: u64 = SAMPLE_RATE as u64 * 3 / 20;

/// Samples of a pause between two texts.
const PAUSE: u64 = SAMPLE_RATE as u64 * 3 / 10;

/// Seconds before the end of an exercise at which the next one is announced if no rest follows, as it is on the screen.
const NEXT_SECS: i128 = 10;

/// The voice of a workout.
pub(super) struct Voice<'a> {
    workout: &'a Workout,
    settings: &'a WorkoutAudio,
    entries: &'a [&'a Exercise],
    steps: &'a [Step],
    messages: Messages,
    /// The texts by their first samples, each with one past its last.
    texts: BTreeMap<u64, (u64, String)>,
    /// Whether each signal has a word.
    words: Vec<bool>,
    faults: Vec<ValidationFault>,
}

impl<'a> Voice<'a> {
    pub(super) fn new(
        workout: &'a Workout,
        settings: &'a WorkoutAudio,
        entries: &'a [&'a Exercise],
        steps: &'a [Step],
    ) -> Self {
        let messages = Messages::new(workout.language);
        let (texts, words, faults) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { workout, settings, entries, steps, messages, texts, words, faults }
    }

    /// Finds the place of each text.
    pub(super) fn speak(&mut self, signals: &[Signal]) {
        self.words = vec![false; signals.len()];
        let has_words = matches!(self.settings.cues.style, CueStyle::Voice | CueStyle::Both);
        if has_words {
            self.signal_words(signals, |cue| cue == Cue::End);
            self.signal_words(signals, |cue| matches!(cue, Cue::Countdown | Cue::RestCountdown));
        }
        self.exercises(signals, has_words);
        if has_words {
            self.signal_words(signals, |cue| cue == Cue::Rest);
            self.signal_words(signals, |cue| cue == Cue::Halfway);
            self.next_exercises();
        }
    }

    /// Whether the signal of this index has a word.
    pub(super) fn has_word(&self, signal: usize) -> bool {
        self.words.get(signal).copied().unwrap_or(false)
    }

    /// The spoken texts as sounds, and the sentences that do not fit.
    pub(super) fn finish(self) -> (Vec<Sound>, Vec<ValidationFault>) {
        let voice = &self.settings.voice;
        let sound = |(start, (end, text)): (u64, (u64, String))| Sound {
            role: AudioRole::Voice,
            span: SampleSpan { start, end },
            source: SoundSource::Speech(Arc::new(SpeechText {
                text,
                language: name_of(self.workout.language).to_owned(),
                speaker: voice.speaker.clone(),
                rate: voice.rate,
            })),
            gain: self.settings.cues.gain.0,
            pan: Rational::from_integer(0),
            fade_in: 0,
            // Only a text that takes longer than estimated is cut.
            fade_out: SEAM_SAMPLES,
            ducks_music: true,
        };
        (self.texts.into_iter().map(sound).collect(), self.faults)
    }

    /// Places the words of the signals of some type.
    fn signal_words(&mut self, signals: &[Signal], is_type: impl Fn(Cue) -> bool) {
        for (index, signal) in signals.iter().enumerate().filter(|(_, signal)| is_type(signal.cue)) {
            let Some(word) = self.word(signal) else { continue };
            let start = sample_at(signal.frame, self.workout.fps) + self.offset(signal.cue);
            let estimate = self.estimate(&word);
            let (len, limit) = match signal.cue {
                Cue::Countdown | Cue::RestCountdown => (estimate.min(NUMBER_SAMPLES), u64::MAX),
                Cue::End => (estimate, self.end_of(self.steps.len().saturating_sub(1))),
                _ => (estimate, self.end_of(signal.step)),
            };
            self.words[index] = self.place(start, len, limit, word);
        }
    }

    /// The word of a signal, if it has one and it is announced.
    fn word(&self, signal: &Signal) -> Option<String> {
        let announced = |announcement, message: &str| {
            self.settings.voice.announce.contains(&announcement).then(|| self.messages.format(message, &[]))
        };
        match signal.cue {
            Cue::Countdown | Cue::RestCountdown => {
                Some(self.messages.format(&format!("number-{}", signal.counted), &[]))
            }
            Cue::Rest => announced(Announcement::Rest, "rest"),
            Cue::Halfway => announced(Announcement::Halfway, "halfway"),
            Cue::End => announced(Announcement::Done, "done"),
            Cue::Start | Cue::Reminder => None,
        }
    }

    /// The names of exercises, and the sentences about them, which are said in every style.
    fn exercises(&mut self, signals: &[Signal], has_words: bool) {
        let is_named = has_words && self.settings.voice.announce.contains(&Announcement::Exercise);
        let starts: BTreeMap<usize, usize> = signals
            .iter()
            .enumerate()
            .filter(|(_, signal)| signal.cue == Cue::Start)
            .map(|(index, signal)| (signal.step, index))
            .collect();
        for (index, step) in self.steps.iter().enumerate().filter(|(_, step)| step.kind == StepKind::Exercise) {
            let signal = starts.get(&index).copied();
            let name = is_named.then(|| self.entries[step.exercise].name.clone());
            let say = self.workout.exercises[step.exercise].say.as_deref();
            let (first, limit) = (sample_at(step.span.start, self.workout.fps), self.end_of(index));
            // After the tone, unless the name is said instead of it.
            let after_tone = first + signal.map_or(0, |_| tone_samples(Cue::Start));
            let is_instead = name.is_some() && self.settings.cues.style == CueStyle::Voice;
            let start = if is_instead { first } else { after_tone };
            let text = match (&name, say) {
                (Some(name), Some(say)) => format!("{name}. {say}"),
                (Some(text), None) => text.clone(),
                (None, Some(say)) => say.to_owned(),
                (None, None) => continue,
            };
            let is_placed = self.place(start, self.estimate(&text), limit, text);
            let is_name_placed = is_placed && name.is_some();
            if let Some(signal) = signal.filter(|_| is_name_placed) {
                self.words[signal] = true;
            }
            let Some(say) = say.filter(|_| !is_placed) else { continue };
            // The sentence matters more than the name.
            if !self.place(after_tone, self.estimate(say), limit, say.to_owned()) {
                self.reject_sentence(step.exercise, say, after_tone, limit);
            }
        }
    }

    fn reject_sentence(&mut self, exercise: usize, say: &str, start: u64, limit: u64) {
        let place = format!("exercises[{exercise}].say");
        if self.faults.iter().any(|fault| fault.place == place) {
            return;
        }
        let secs = |samples: u64| samples as f64 / f64::from(SAMPLE_RATE);
        let free = self.texts.range(start..limit).next().map_or(limit, |(next, _)| *next).saturating_sub(start);
        let message = format!(
            "takes about {:.1} s to say, and the exercise leaves {:.1} s for it",
            secs(self.estimate(say)),
            secs(free)
        );
        self.faults.push(ValidationFault { place, message });
    }

    /// The names of next exercises: in the rest before them, after the word for it, else before the end of the exercise
    /// before them.
    fn next_exercises(&mut self) {
        if !self.settings.voice.announce.contains(&Announcement::Next) {
            return;
        }
        for (index, step) in self.steps.iter().enumerate() {
            let Some(next) = self.steps.get(index + 1).filter(|next| next.kind == StepKind::Exercise) else { continue };
            let name = &self.entries[next.exercise].name;
            let text = without_isolates(&self.messages.format("next", &[("name", name)]));
            let first = sample_at(step.span.start, self.workout.fps);
            let start = match step.kind {
                StepKind::Rest => {
                    let after_tone = first + tone_samples(Cue::Rest);
                    let word = self.texts.range(first..=after_tone).next();
                    word.map_or(after_tone, |(_, (end, _))| *end) + PAUSE
                }
                StepKind::GetReady => first + PAUSE,
                // The title is no announcement of an exercise.
                StepKind::Intro | StepKind::Outro => continue,
                StepKind::Exercise => {
                    let early = self.workout.fps.boundary_at(Rational::from_integer(NEXT_SECS));
                    match step.span.end.checked_sub(early).filter(|frame| *frame > step.span.start) {
                        Some(frame) => sample_at(frame, self.workout.fps),
                        None => continue,
                    }
                }
            };
            self.place(start, self.estimate(&text), self.end_of(index), text);
        }
    }

    /// Places a text if it ends before `limit` and does not overlap another. Returns whether it does.
    fn place(&mut self, start: u64, len: u64, limit: u64, text: String) -> bool {
        let end = start + len;
        let before = self.texts.range(..end).next_back();
        let is_free = end <= limit && before.is_none_or(|(_, (before_end, _))| *before_end <= start);
        if is_free {
            self.texts.insert(start, (end, text));
        }
        is_free
    }

    /// Samples that a text takes, estimated.
    fn estimate(&self, text: &str) -> u64 {
        speech_samples(text, self.settings.voice.rate)
    }

    /// Samples from a signal to its word: with tones, the word follows its tone.
    fn offset(&self, cue: Cue) -> u64 {
        match (self.settings.cues.style, cue) {
            (CueStyle::Both, Cue::Countdown | Cue::RestCountdown) => NUMBER_OFFSET,
            (CueStyle::Both, _) => tone_samples(cue),
            _ => 0,
        }
    }

    /// One past the last sample of a step.
    fn end_of(&self, step: usize) -> u64 {
        self.steps.get(step).map_or(0, |step| sample_at(step.span.end, self.workout.fps))
    }
}

/// A text without the isolates that are put around names for display.
fn without_isolates(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}
