//! Which of many spans contain a position, found without searching all of them.

/// Spans by position, of which the numbers are their places in the list that the index was made of.
///
/// It takes memory for the spans at each start and end: small where few overlap.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct SpanIndex {
    /// For 0 and each position at which a span starts or ends: the spans that contain it, in their order.
    changes: Vec<(u64, Vec<u32>)>,
}

impl SpanIndex {
    /// The index of spans of a start and an end, exclusive. Empty spans contain nothing.
    pub(crate) fn new(spans: &[(u64, u64)]) -> Self {
        let mut boundaries: Vec<u64> = spans.iter().flat_map(|(start, end)| [*start, *end]).chain([0]).collect();
        boundaries.sort_unstable();
        boundaries.dedup();
        let mut starts: Vec<usize> = (0..spans.len()).filter(|index| spans[*index].0 < spans[*index].1).collect();
        starts.sort_by_key(|index| std::cmp::Reverse(spans[*index].0));
        let mut present: Vec<u32> = Vec::new();
        let mut changes = Vec::with_capacity(boundaries.len());
        for boundary in boundaries {
            present.retain(|index| spans[*index as usize].1 > boundary);
            while starts.last().is_some_and(|index| spans[*index].0 <= boundary) {
                present.extend(starts.pop().map(|index| index as u32));
            }
            present.sort_unstable();
            changes.push((boundary, present.clone()));
        }
        Self { changes }
    }

    /// 0 and each position at which a span starts or ends, ascending, with the spans that contain it.
    pub(crate) fn changes(&self) -> &[(u64, Vec<u32>)] {
        &self.changes
    }

    /// The spans that contain a position, in their order.
    pub(crate) fn at(&self, position: u64) -> &[u32] {
        let change = self.changes.partition_point(|(boundary, _)| *boundary <= position).checked_sub(1);
        change.map_or(&[], |change| &self.changes[change].1)
    }

    /// The spans that have a position in common with that from `start` to `end`, in their order.
    pub(crate) fn overlapping(&self, start: u64, end: u64) -> Vec<usize> {
        if end <= start {
            return Vec::new();
        }
        let first = self.changes.partition_point(|(boundary, _)| *boundary <= start).saturating_sub(1);
        let changes = self.changes[first..].iter().take_while(|(boundary, _)| *boundary < end);
        let mut found: Vec<usize> = changes.flat_map(|(_, spans)| spans).map(|index| *index as usize).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_index_finds_exactly_the_spans_that_contain_a_position(
            spans in prop::collection::vec((0_u64..60, 0_u64..60), 0..20), start in 0_u64..70, len in 0_u64..20,
        ) {
            let index = SpanIndex::new(&spans);
            let contains = |span: &(u64, u64), position: u64| (span.0..span.1).contains(&position);
            let at: Vec<u32> =
                (0..spans.len()).filter(|number| contains(&spans[*number], start)).map(|number| number as u32).collect();
            prop_assert_eq!(index.at(start), &at);
            let overlaps = |number: &usize| (start..start + len).any(|position| contains(&spans[*number], position));
            let overlapping: Vec<usize> = (0..spans.len()).filter(overlaps).collect();
            prop_assert_eq!(index.overlapping(start, start + len), overlapping);
        }
    }
}
