//! Which sounds are heard when, found without searching all of them.

use super::{MAX_SOUNDS_AT_ONCE, SAMPLE_RATE, SampleSpan};

/// The sounds of a soundtrack by time. A search takes time for the sounds that it finds, not for those that there are.
#[derive(Clone, Debug)]
pub struct SoundIndex {
    /// For each sample at which a sound starts or ends: the sounds that are heard from it on, in their order.
    changes: Vec<(u64, Vec<u32>)>,
}

impl SoundIndex {
    /// The index of sounds that are heard in these spans.
    #[must_use]
    pub fn new(spans: &[SampleSpan]) -> Self {
        let heard = |index: &usize| !spans[*index].is_empty();
        let mut boundaries: Vec<u64> = spans.iter().flat_map(|span| [span.start, span.end]).chain([0]).collect();
        boundaries.sort_unstable();
        boundaries.dedup();
        let mut starts: Vec<usize> = (0..spans.len()).filter(heard).collect();
        starts.sort_by_key(|index| std::cmp::Reverse(spans[*index].start));
        let mut present: Vec<u32> = Vec::new();
        let mut changes = Vec::with_capacity(boundaries.len());
        for boundary in boundaries {
            present.retain(|index| spans[*index as usize].end > boundary);
            while starts.last().is_some_and(|index| spans[*index].start <= boundary) {
                present.extend(starts.pop().map(|index| index as u32));
            }
            present.sort_unstable();
            changes.push((boundary, present.clone()));
        }
        Self { changes }
    }

    /// The indices of the sounds that are heard in a span of samples, in their order.
    #[must_use]
    pub fn heard_in(&self, span: SampleSpan) -> Vec<usize> {
        if span.is_empty() {
            return Vec::new();
        }
        let first = self.changes.partition_point(|(boundary, _)| *boundary <= span.start).saturating_sub(1);
        let changes = self.changes[first..].iter().take_while(|(boundary, _)| *boundary < span.end);
        let mut heard: Vec<usize> = changes.flat_map(|(_, sounds)| sounds).map(|index| *index as usize).collect();
        heard.sort_unstable();
        heard.dedup();
        heard
    }

    /// What is wrong, in words, if more than [`MAX_SOUNDS_AT_ONCE`] sounds are heard at the same time.
    pub(crate) fn excess(&self) -> Option<String> {
        let (sample, sounds) = self.changes.iter().find(|(_, sounds)| sounds.len() > MAX_SOUNDS_AT_ONCE)?;
        let secs = *sample as f64 / f64::from(SAMPLE_RATE);
        let count = sounds.len();
        Some(format!("at {secs:.2} s, {count} sounds are heard at once; at most {MAX_SOUNDS_AT_ONCE} can be"))
    }
}
