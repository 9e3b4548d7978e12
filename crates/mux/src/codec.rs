//! The AVCDecoderConfigurationRecord (`avcC`, ISO/IEC 14496-15, 5.3.3.1): checked, and named as players ask for it.

use mp4_atom::{Atom, Avcc, Buf};

use super::PackageError;

/// Bytes of the length in front of every NAL unit, the only size that is written here.
const LENGTH_BYTES: u8 = 4;

/// Reads an `avcC` record, without its box header.
///
/// # Errors
/// When it is truncated, has no parameter sets, or announces NAL lengths of other than four bytes.
pub(crate) fn parse_avcc(avcc: &[u8]) -> Result<Avcc, PackageError> {
    let config = |reason: &str| PackageError::Config(reason.to_owned());
    let mut rest = avcc;
    let record = Avcc::decode_body(&mut rest).map_err(|error| PackageError::Config(error.to_string()))?;
    if rest.has_remaining() {
        return Err(config("it has bytes behind its end"));
    }
    if record.length_size != LENGTH_BYTES {
        return Err(config("its NAL units have lengths of other than four bytes"));
    }
    if record.sequence_parameter_sets.is_empty() || record.picture_parameter_sets.is_empty() {
        return Err(config("it has no parameter sets"));
    }
    Ok(record)
}

/// The codec string of RFC 6381 for an `avcC` record: `avc1.` and profile, constraints and level in hexadecimal.
///
/// # Errors
/// When the record cannot be used, see [`PackageError::Config`].
pub fn codec_string(avcc: &[u8]) -> Result<String, PackageError> {
    let record = parse_avcc(avcc)?;
    let (profile, constraints, level) =
        (record.avc_profile_indication, record.profile_compatibility, record.avc_level_indication);
    Ok(format!("avc1.{profile:02X}{constraints:02X}{level:02X}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIGH_4_0: [u8; 19] =
        [1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x28, 1, 0, 4, 0x68, 0xeb, 0xec, 0xb2];

    #[test]
    fn the_codec_string_names_profile_constraints_and_level() {
        assert_eq!(codec_string(&HIGH_4_0).unwrap(), "avc1.640028");
    }

    #[test]
    fn records_that_cannot_be_written_are_refused() {
        let mut two_byte_lengths = HIGH_4_0;
        two_byte_lengths[4] = 0xfd;
        let no_parameter_sets: &[u8] = &[1, 0x42, 0xc0, 0x1e, 0xff, 0xe0, 0];
        for record in [&[], &HIGH_4_0[..10], no_parameter_sets, &two_byte_lengths] {
            assert!(matches!(codec_string(record), Err(PackageError::Config(_))), "{record:?}");
        }
    }
}
