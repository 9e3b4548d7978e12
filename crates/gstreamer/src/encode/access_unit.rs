//! Plausibility checks on encoded H.264 access units (ITU-T H.264, 7.3 and 7.4.1).
//!
//! An encoder whose driver fails may go on delivering buffers with garbage, which are rejected here before they reach a
//! player. A picture that is merely wrong cannot be detected from headers.

use crate::bit_reader::BitReader;

/// Bytes of a slice header that are read: the valid values of its first three Exp-Golomb codes take at most 9 bytes.
const HEADER_BYTES: usize = 16;

/// Why data is not an H.264 access unit. Displayed as a noun phrase.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum InvalidAccessUnit {
    #[error("a NAL unit without its length")]
    MissingLength,
    #[error("a NAL unit longer than its frame")]
    UnitTooLong,
    #[error("an empty NAL unit")]
    EmptyUnit,
    #[error("a NAL unit with forbidden_zero_bit set")]
    ForbiddenBit,
    #[error("a NAL unit of a reserved type")]
    ReservedType,
    #[error("a slice without a header")]
    MissingSliceHeader,
    #[error("a slice that begins outside of its picture")]
    SliceOutsidePicture,
    #[error("a slice header with values out of range")]
    SliceHeaderOutOfRange,
    #[error("a frame without a slice")]
    NoSlice,
    #[error("a key frame with slices that are not IDR")]
    KeyWithoutIdr,
}

/// Checks an access unit whose NAL units are prefixed by four bytes of length, in a picture of this many macroblocks.
pub(super) fn check(data: &[u8], is_key: bool, macroblocks: u32) -> Result<(), InvalidAccessUnit> {
    let mut rest = data;
    let mut slices = 0;
    let mut all_idr = true;
    while !rest.is_empty() {
        let (length, tail) = rest.split_first_chunk::<4>().ok_or(InvalidAccessUnit::MissingLength)?;
        let length = u32::from_be_bytes(*length) as usize;
        let (unit, tail) = tail.split_at_checked(length).ok_or(InvalidAccessUnit::UnitTooLong)?;
        rest = tail;
        let (&header, payload) = unit.split_first().ok_or(InvalidAccessUnit::EmptyUnit)?;
        if header & 0x80 != 0 {
            return Err(InvalidAccessUnit::ForbiddenBit);
        }
        match header & 0x1f {
            unit_type @ (1 | 5) => {
                check_slice(payload, slices == 0, macroblocks)?;
                slices += 1;
                all_idr &= unit_type == 5;
            }
            // Data partitions, parameter sets, SEI messages, filler data and extensions.
            2..=4 | 6..=15 | 19 | 20 => {}
            _ => return Err(InvalidAccessUnit::ReservedType),
        }
    }
    match slices {
        0 => Err(InvalidAccessUnit::NoSlice),
        _ if is_key && !all_idr => Err(InvalidAccessUnit::KeyWithoutIdr),
        _ => Ok(()),
    }
}

/// Checks the ranges (7.4.3) of `first_mb_in_slice`, `slice_type` and `pic_parameter_set_id` (7.3.3). Emulation
/// prevention bytes cannot occur in so few bits with valid values.
fn check_slice(payload: &[u8], is_first: bool, macroblocks: u32) -> Result<(), InvalidAccessUnit> {
    let mut bits = BitReader::new(&payload[..payload.len().min(HEADER_BYTES)]);
    let (Some(first), Some(slice_type), Some(parameters)) = (bits.golomb(), bits.golomb(), bits.golomb()) else {
        return Err(InvalidAccessUnit::MissingSliceHeader);
    };
    if first >= macroblocks || (is_first && first != 0) {
        return Err(InvalidAccessUnit::SliceOutsidePicture);
    }
    if slice_type > 9 || parameters > 255 {
        return Err(InvalidAccessUnit::SliceHeaderOutOfRange);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slice of this NAL unit type with first macroblock 0, slice type 7 (I), parameter set 0: 1 0001000 1.
    fn unit(unit_type: u8) -> Vec<u8> {
        vec![0, 0, 0, 4, 0x60 | unit_type, 0b1000_1000, 0b1100_0000, 0x55]
    }

    #[test]
    fn valid_access_units_pass() {
        let parameters = [0, 0, 0, 2, 0x67, 0x64];
        assert_eq!(check(&[&parameters[..], &unit(5)].concat(), true, 8160), Ok(()));
        assert_eq!(check(&unit(1), false, 8160), Ok(()));
    }

    #[test]
    fn each_violation_is_named() {
        use InvalidAccessUnit::*;
        let zeros = [0; 64];
        let text = b"this is text and no video";
        let short = &unit(1)[..7];
        let outside = [0, 0, 0, 4, 0x65, 0b0010_0001, 0b1000_1100, 0];
        let forbidden = unit(0x85);
        let no_slice = [0, 0, 0, 2, 0x67, 0x64];
        let no_header = [0, 0, 0, 1, 0x65];
        let cases: [(&[u8], InvalidAccessUnit); 9] = [
            (&zeros, EmptyUnit),
            (text, UnitTooLong),
            (&[0, 0, 0], MissingLength),
            (short, UnitTooLong),
            (&outside, SliceOutsidePicture),
            (&forbidden, ForbiddenBit),
            (&no_slice, NoSlice),
            (&no_header, MissingSliceHeader),
            (&[], NoSlice),
        ];
        for (data, expected) in cases {
            assert_eq!(check(data, false, 8160), Err(expected), "{data:?}");
        }
        assert_eq!(check(&unit(1), true, 8160), Err(KeyWithoutIdr));
        assert_eq!(check(&unit(30), false, 8160), Err(ReservedType));
    }
}
