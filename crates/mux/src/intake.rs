//! Checks that frames arrive in an order that a decoder can follow and a player can show.
//!
//! Every sink passes its frames through an [`Intake`] before it writes them, so that a fault of the encoder is named at
//! the frame where it shows, and never becomes a file with a hole in its time line.

use std::collections::BTreeSet;

use super::PackageError;
use repcast_media::EncodedFrame;

/// Frames that may be decoded before one that is shown before them: `max_num_reorder_frames` is at most
/// `MaxDpbFrames`, which is at most 16 (ITU-T H.264, E.2.1 and A.3.1).
const MAX_REORDER: usize = 16;

/// What has been seen of a stream.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    /// Frames taken.
    count: u64,
    /// All frames below this number have come.
    complete_below: u64,
    /// The frames above it that have come as well.
    ahead: BTreeSet<u64>,
}

impl Intake {
    /// Takes note of the next frame in decode order.
    pub(crate) fn admit(&mut self, frame: &EncodedFrame) -> Result<(), PackageError> {
        let number = frame.frame;
        if self.count == 0 && !frame.is_key {
            return Err(PackageError::FirstNotKey { frame: number });
        }
        if number < self.complete_below || !self.ahead.insert(number) {
            return Err(PackageError::Repeated { frame: number });
        }
        while self.ahead.remove(&self.complete_below) {
            self.complete_below += 1;
        }
        if self.ahead.len() > MAX_REORDER {
            return Err(PackageError::Missing { frame: self.complete_below });
        }
        if !is_length_prefixed(&frame.data) {
            return Err(PackageError::NotLengthPrefixed { frame: number });
        }
        self.count += 1;
        Ok(())
    }

    /// The number of frames of a stream that ends here.
    pub(crate) fn finish(&self) -> Result<u64, PackageError> {
        match (self.count, self.ahead.is_empty()) {
            (0, _) => Err(PackageError::Empty),
            (count, true) => Ok(count),
            (_, false) => Err(PackageError::Missing { frame: self.complete_below }),
        }
    }
}

/// Whether bytes are one or more NAL units, each behind its length in four bytes (ISO/IEC 14496-15, 5.3.2).
fn is_length_prefixed(data: &[u8]) -> bool {
    let mut rest = data;
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        match tail.split_at_checked(length) {
            Some((_, after)) if length > 0 => rest = after,
            _ => return false,
        }
    }
    rest.is_empty() && !data.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: u64) -> EncodedFrame {
        EncodedFrame { frame: number, is_key: number == 0, data: vec![0, 0, 0, 1, 0x65] }
    }

    fn admit(numbers: &[u64]) -> Result<u64, PackageError> {
        let mut intake = Intake::default();
        numbers.iter().try_for_each(|&number| intake.admit(&frame(number)))?;
        intake.finish()
    }

    #[test]
    fn reordered_frames_are_welcome() {
        assert_eq!(admit(&[0, 4, 2, 1, 3, 8, 6, 5, 7]).unwrap(), 9);
    }

    #[test]
    fn impossible_orders_name_the_frame() {
        assert!(matches!(admit(&[]), Err(PackageError::Empty)));
        assert!(matches!(admit(&[3, 0]), Err(PackageError::FirstNotKey { frame: 3 })));
        assert!(matches!(admit(&[0, 1, 1]), Err(PackageError::Repeated { frame: 1 })));
        assert!(matches!(admit(&[0, 2, 2]), Err(PackageError::Repeated { frame: 2 })));
        assert!(matches!(admit(&[0, 2, 3]), Err(PackageError::Missing { frame: 1 })));
        let with_gap: Vec<u64> = (0..1).chain(2..100).collect();
        assert!(matches!(admit(&with_gap), Err(PackageError::Missing { frame: 1 })));
    }

    #[test]
    fn start_codes_are_not_lengths() {
        let annex_b = [0, 0, 0, 1, 0x67, 0x64, 0, 0x28, 0, 0, 0, 1, 0x68];
        for data in [&annex_b[..], &[], &[0, 0, 0, 0], &[0, 0, 0, 9, 1], &[0, 0, 0, 1, 0x65, 0]] {
            let frame = EncodedFrame { frame: 0, is_key: true, data: data.to_vec() };
            let admitted = Intake::default().admit(&frame);
            assert!(matches!(admitted, Err(PackageError::NotLengthPrefixed { frame: 0 })), "{data:?}");
        }
    }
}
