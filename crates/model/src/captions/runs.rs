//! Which text is shown at a time, where several cues overlap.

use std::sync::Arc;

use super::CaptionCue;
use crate::audio::SampleSpan;

/// Most cues that are shown together; of more, the newest are.
const MAX_AT_ONCE: usize = 4;

/// The text at each sample: cues that overlap are shown one below the other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CaptionRuns(Vec<CaptionCue>);

impl CaptionRuns {
    /// The texts of cues, which are in order of their starts.
    #[must_use]
    pub fn new(cues: &[CaptionCue]) -> Self {
        let mut boundaries: Vec<u64> = cues.iter().flat_map(|cue| [cue.span.start, cue.span.end]).collect();
        boundaries.sort_unstable();
        boundaries.dedup();
        let (mut shown, mut next): (Vec<&CaptionCue>, usize) = (Vec::new(), 0);
        let mut runs: Vec<CaptionCue> = Vec::new();
        for pair in boundaries.windows(2) {
            let span = SampleSpan { start: pair[0], end: pair[1] };
            while let Some(cue) = cues.get(next).filter(|cue| cue.span.start <= span.start) {
                shown.push(cue);
                next += 1;
            }
            shown.retain(|cue| cue.span.end > span.start);
            let text = match &shown[shown.len().saturating_sub(MAX_AT_ONCE)..] {
                [] => continue,
                [only] => only.text.clone(),
                several => several.iter().map(|cue| &*cue.text).collect::<Vec<_>>().join("\n").into(),
            };
            match runs.last_mut() {
                Some(last) if last.span.end == span.start && last.text == text => last.span.end = span.end,
                _ => runs.push(CaptionCue { span, text }),
            }
        }
        Self(runs)
    }

    /// The runs in order; they do not overlap.
    #[must_use]
    pub fn runs(&self) -> &[CaptionCue] {
        &self.0
    }

    /// The text at a sample, if there is one.
    #[must_use]
    pub fn text_at(&self, sample: u64) -> Option<&Arc<str>> {
        let started = self.0.partition_point(|run| run.span.start <= sample);
        let run = self.0.get(started.checked_sub(1)?)?;
        (sample < run.span.end).then_some(&run.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cues() -> impl Strategy<Value = Vec<CaptionCue>> {
        let cue = (0_u64..60, 1_u64..30, 0_u32..3).prop_map(|(start, len, text)| CaptionCue {
            span: SampleSpan { start, end: start + len },
            text: text.to_string().into(),
        });
        prop::collection::vec(cue, 0..12).prop_map(|mut cues| {
            cues.sort_by_key(|cue| cue.span.start);
            cues
        })
    }

    proptest! {
        #[test]
        fn the_text_at_a_sample_is_that_of_the_newest_cues(cues in cues()) {
            let runs = CaptionRuns::new(&cues);
            prop_assert!(runs.runs().windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
            for sample in 0..100 {
                let shown: Vec<&str> = cues.iter()
                    .filter(|cue| (cue.span.start..cue.span.end).contains(&sample)).map(|cue| &*cue.text).collect();
                let newest = &shown[shown.len().saturating_sub(MAX_AT_ONCE)..];
                let expected = (!newest.is_empty()).then(|| newest.join("\n"));
                prop_assert_eq!(runs.text_at(sample).map(|text| text.to_string()), expected);
            }
        }
    }
}
