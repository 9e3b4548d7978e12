//! Bits and Exp-Golomb codes of video headers (ITU-T H.264, 9.1).

/// Reads bits, the most significant of each byte first. One past the end every read returns `None`; nothing panics.
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    /// Position of the next bit.
    position: usize,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.position / 8)?;
        let bit = byte >> (7 - self.position % 8) & 1;
        self.position += 1;
        Some(bit == 1)
    }

    /// An unsigned number of at most 32 bits.
    pub(crate) fn number(&mut self, bits: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..bits.min(32) {
            value = value << 1 | u32::from(self.flag()?);
        }
        Some(value)
    }

    pub(crate) fn skip(&mut self, bits: usize) -> Option<()> {
        self.position = self.position.checked_add(bits).filter(|position| *position <= self.bytes.len() * 8)?;
        Some(())
    }

    /// `ue(v)`, the unsigned Exp-Golomb code; `uvlc()` of AV1 is the same. Codes with 32 or more leading zeros, which
    /// no field read here may have, count as damage.
    pub(crate) fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros == 32 {
                return None;
            }
        }
        Some(((1 << zeros) - 1) + self.number(zeros)?)
    }

    /// `se(v)`, the signed Exp-Golomb code.
    pub(crate) fn signed_golomb(&mut self) -> Option<i64> {
        let code = i64::from(self.golomb()?);
        Some(if code % 2 == 0 { -(code / 2) } else { code / 2 + 1 })
    }

    pub(crate) fn skip_golombs(&mut self, count: u32) -> Option<()> {
        (0..count).try_for_each(|_| self.golomb().map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golomb_codes_are_read_up_to_31_leading_zeros() {
        // 1, 010, 011, 00100.
        let mut bits = BitReader::new(&[0b1010_0110, 0b0100_0000]);
        assert_eq!([0; 4].map(|_| bits.golomb()), [Some(0), Some(1), Some(2), Some(3)]);
        let longest = [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(BitReader::new(&longest).golomb(), Some(u32::MAX - 1));
        assert_eq!(BitReader::new(&[0, 0, 0, 0, 0x80, 0, 0, 0, 0]).golomb(), None);
        assert_eq!(BitReader::new(&[0]).golomb(), None);
    }
}
