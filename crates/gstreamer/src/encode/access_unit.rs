//! Whether what an encoder delivered can be an H.264 access unit at all (ITU-T H.264, 7.3 and 7.4.1).
//!
//! An encoder whose driver fails may go on delivering buffers of the right shape with nothing sensible in them. They are
//! stopped here, before a player sees them; a picture that is merely wrong is beyond what headers tell.

/// Bytes of a slice's header that are looked at: three Exp-Golomb codes of at most 33 bits each.
const HEADER_BYTES: usize = 16;

/// Says what is wrong with an access unit whose NAL units stand behind their length in four bytes.
pub(super) fn check(data: &[u8], is_key: bool, macroblocks: u32) -> Result<(), &'static str> {
    let mut rest = data;
    let mut slices = 0;
    let mut all_idr = true;
    while !rest.is_empty() {
        let Some((length, tail)) = rest.split_first_chunk::<4>() else { return Err("a NAL unit without its length") };
        let length = u32::from_be_bytes(*length) as usize;
        let Some((unit, tail)) = tail.split_at_checked(length) else { return Err("a NAL unit longer than its frame") };
        rest = tail;
        let Some((&header, payload)) = unit.split_first() else { return Err("an empty NAL unit") };
        if header & 0x80 != 0 {
            return Err("a NAL unit whose forbidden bit is set");
        }
        match header & 0x1f {
            kind @ (1 | 5) => {
                check_slice(payload, slices == 0, macroblocks)?;
                slices += 1;
                all_idr &= kind == 5;
            }
            // Partitions, parameter sets, messages and fillers.
            2..=4 | 6..=15 | 19 | 20 => {}
            _ => return Err("a NAL unit of no known kind"),
        }
    }
    match slices {
        0 => Err("a frame without a slice"),
        _ if is_key && !all_idr => Err("a key frame that is none"),
        _ => Ok(()),
    }
}

/// `first_mb_in_slice`, `slice_type` and `pic_parameter_set_id` (7.3.3), each within its bounds (7.4.3).
fn check_slice(payload: &[u8], is_first: bool, macroblocks: u32) -> Result<(), &'static str> {
    let mut bits = Bits { data: &payload[..payload.len().min(HEADER_BYTES)], at: 0 };
    let (Some(first), Some(kind), Some(parameters)) = (bits.ue(), bits.ue(), bits.ue()) else {
        return Err("a slice without a header");
    };
    if first >= macroblocks || (is_first && first != 0) {
        return Err("a slice that begins outside its picture");
    }
    if kind > 9 || parameters > 255 {
        return Err("a slice with an impossible header");
    }
    Ok(())
}

/// Reads bits, the highest of each byte first. Emulation prevention cannot occur in so few bits of sensible values.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        let byte = self.data.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(u32::from(bit))
    }

    /// An unsigned Exp-Golomb code (9.1).
    fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let mut value = 1_u64;
        for _ in 0..zeros {
            value = value << 1 | u64::from(self.bit()?);
        }
        u32::try_from(value - 1).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slice of `kind` whose header reads first macroblock 0, slice type 7 (I), parameter set 0: 1 0001000 1.
    fn unit(kind: u8) -> Vec<u8> {
        vec![0, 0, 0, 4, 0x60 | kind, 0b1000_1000, 0b1100_0000, 0x55]
    }

    #[test]
    fn sensible_frames_pass() {
        let parameters = [0, 0, 0, 2, 0x67, 0x64];
        assert_eq!(check(&[&parameters[..], &unit(5)].concat(), true, 8160), Ok(()));
        assert_eq!(check(&unit(1), false, 8160), Ok(()));
    }

    #[test]
    fn garbage_does_not() {
        let zeros = [0; 64];
        let text = b"this is no video at all, whatever its caps say";
        let short = &unit(1)[..7];
        let outside = [0, 0, 0, 4, 0x65, 0b0010_0001, 0b1000_1100, 0];
        let forbidden = unit(0x85);
        let no_slice = [0, 0, 0, 2, 0x67, 0x64];
        for data in [&zeros[..], text, short, &outside, &forbidden, &no_slice, &[]] {
            assert!(check(data, false, 8160).is_err(), "{data:?}");
        }
        assert!(check(&unit(1), true, 8160).is_err());
    }
}
