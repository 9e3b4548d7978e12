//! Which sounds are heard when, found without searching all of them.

use super::{MAX_SOUNDS_AT_ONCE, SAMPLE_RATE, SampleSpan};
use crate::span_index::SpanIndex;

/// The sounds of a soundtrack by time: the plan of any span of samples, which is a pure function of their spans. A search
/// takes time for the sounds that it finds, not for those that there are.
#[derive(Clone, Debug)]
pub struct SoundIndex(SpanIndex);

impl SoundIndex {
    /// The index of sounds that are heard in these spans.
    #[must_use]
    pub fn new(spans: &[SampleSpan]) -> Self {
        let spans: Vec<(u64, u64)> = spans.iter().map(|span| (span.start, span.end)).collect();
        Self(SpanIndex::new(&spans))
    }

    /// The indices of the sounds that are heard in a span of samples, in their order.
    #[must_use]
    pub fn heard_in(&self, span: SampleSpan) -> Vec<usize> {
        self.0.overlapping(span.start, span.end)
    }

    /// What is wrong, in words, if more than [`MAX_SOUNDS_AT_ONCE`] sounds are heard at the same time.
    pub(crate) fn excess(&self) -> Option<String> {
        let (sample, sounds) = self.0.changes().iter().find(|(_, sounds)| sounds.len() > MAX_SOUNDS_AT_ONCE)?;
        let secs = *sample as f64 / f64::from(SAMPLE_RATE);
        let count = sounds.len();
        Some(format!("at {secs:.2} s, {count} sounds are heard at once; at most {MAX_SOUNDS_AT_ONCE} can be"))
    }
}
