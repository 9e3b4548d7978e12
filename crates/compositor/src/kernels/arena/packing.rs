//! Positions of slices in an arena, and the size of its buffer: arithmetic without a device.

/// Alignment that every adapter accepts for bound ranges of uniform and storage buffers.
const ALIGNMENT: usize = 256;

/// Bindings and copies are multiples of this many bytes (WebGPU, "copy buffer alignment"), and no binding is empty.
const UNIT: usize = 4;

/// A range of the arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slice {
    pub(crate) offset: u64,
    pub(crate) size: u64,
}

/// The bytes of one frame. They extend to the end of every slice, empty ones included, so that a buffer that holds the
/// bytes holds the slices.
#[derive(Default)]
pub(crate) struct Packing {
    bytes: Vec<u8>,
}

impl Packing {
    /// Adds consecutive pieces without padding.
    pub(crate) fn push_all<'a>(&mut self, pieces: impl IntoIterator<Item = &'a [u8]>) -> Slice {
        let offset = self.bytes.len().next_multiple_of(ALIGNMENT);
        self.bytes.resize(offset, 0);
        pieces.into_iter().for_each(|piece| self.bytes.extend_from_slice(piece));
        let size = (self.bytes.len() - offset).next_multiple_of(UNIT).max(UNIT);
        self.bytes.resize(offset + size, 0);
        Slice { offset: offset as u64, size: size as u64 }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }
}

/// Size of a buffer for `required` bytes: the present size if it suffices, otherwise the next power of two, at most
/// `limit`; `None` if the limit is too small.
pub(crate) fn buffer_size(present: u64, required: u64, limit: u64) -> Option<u64> {
    if required > limit {
        return None;
    }
    let larger = || required.checked_next_power_of_two().unwrap_or(limit).min(limit);
    Some(if required <= present { present } else { larger() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pushes pieces, and checks each slice against what was pushed and against the buffer.
    fn check(lengths: &[Vec<usize>]) {
        let mut packing = Packing::default();
        let mut pushed = Vec::new();
        for (number, pieces) in lengths.iter().enumerate() {
            let bytes: Vec<Vec<u8>> = pieces.iter().map(|length| vec![number as u8 + 1; *length]).collect();
            let slice = packing.push_all(bytes.iter().map(Vec::as_slice));
            pushed.push((slice, bytes.concat()));
        }
        let buffer = buffer_size(1 << 16, packing.bytes().len() as u64, 1 << 30).unwrap();
        assert!(packing.bytes().len().is_multiple_of(UNIT));
        let mut end = 0;
        for (slice, bytes) in pushed {
            let Slice { offset, size } = slice;
            assert!(
                offset.is_multiple_of(ALIGNMENT as u64) && size.is_multiple_of(UNIT as u64) && size > 0,
                "{slice:?}"
            );
            assert!(offset >= end && offset + size <= buffer, "{slice:?} in {buffer} bytes");
            assert!(size as usize >= bytes.len() && size as usize <= bytes.len().next_multiple_of(UNIT).max(UNIT));
            assert_eq!(&packing.bytes()[offset as usize..][..bytes.len()], bytes);
            end = offset + size;
        }
    }

    #[test]
    fn slices_lie_in_the_buffer_at_its_exact_boundaries() {
        for total in [1 << 16, 1 << 17] {
            // All lengths around the boundary, followed by up to three empty slices, in one piece and in several.
            for length in total - 2 * ALIGNMENT - 1..=total + ALIGNMENT + 1 {
                for empty in 0..4 {
                    let mut lengths = vec![vec![length / 3, 0, length - length / 3]];
                    lengths.extend(vec![vec![]; empty]);
                    check(&lengths);
                    lengths.rotate_right(1);
                    check(&lengths);
                }
            }
        }
        check(&[]);
        check(&[vec![]]);
        check(&[vec![0], vec![0]]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn slices_lie_in_the_buffer_for_any_pieces(
            lengths in prop::collection::vec(prop::collection::vec(prop_oneof![Just(0_usize), 0..9_usize, 250..260_usize,
                Just(1 << 15), Just(1 << 16), 0..70_000_usize], 0..4), 0..12)
        ) {
            check(&lengths);
        }

        #[test]
        fn buffers_hold_what_is_required_within_the_limit(
            present in 0..1_u64 << 20, required in 0..1_u64 << 33, limit in 1_u64 << 20..1 << 33
        ) {
            match buffer_size(present, required, limit) {
                Some(size) => prop_assert!(size >= required && size >= present && (size <= limit || size == present)),
                None => prop_assert!(required > limit),
            }
        }
    }

    #[test]
    fn buffers_never_exceed_the_limit() {
        // Drivers report limits that are not powers of two.
        let limit = (1 << 31) - 4;
        assert_eq!(buffer_size(1 << 16, (1 << 30) + 4, limit), Some(limit));
        assert_eq!(buffer_size(1 << 16, limit, limit), Some(limit));
        assert_eq!(buffer_size(1 << 16, limit + 1, limit), None);
        assert_eq!(buffer_size(1 << 16, 1 << 16, limit), Some(1 << 16));
        assert_eq!(buffer_size(1 << 16, (1 << 16) + 4, limit), Some(1 << 17));
        assert_eq!(buffer_size(1 << 16, u64::MAX - 7, u64::MAX), Some(u64::MAX));
    }
}
