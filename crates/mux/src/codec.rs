//! Decoder configurations, checked and named as players expect: the AVCDecoderConfigurationRecord (`avcC`, ISO/IEC
//! 14496-15, 5.3.3.1) and the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1).

use mp4_atom::{Atom, Avcc, Buf, Hvcc};

use super::MuxError;
use repcast_media::{AacConfig, CodecConfig, Track};

/// Bytes of the length in front of every NAL unit, the only size that is written here.
const LENGTH_BYTES: u8 = 4;

/// The audio object type of AAC-LC.
const AAC_LC: u8 = 2;
/// Sampling frequencies by their index, in hertz (ISO/IEC 14496-3, table 1.18).
const AAC_RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];
/// Channels by the channel configuration (table 1.19); 0 leaves them to the stream.
const AAC_CHANNELS: [u16; 8] = [0, 1, 2, 3, 4, 5, 6, 8];

/// Reads an `avcC` record, without its box header.
///
/// # Errors
/// When it is truncated, has no parameter sets, or announces NAL lengths of other than four bytes.
pub(crate) fn parse_avcc(avcc: &[u8]) -> Result<Avcc, MuxError> {
    let config = |reason: &str| MuxError::Config(reason.to_owned());
    let mut rest = avcc;
    let record = Avcc::decode_body(&mut rest).map_err(|error| MuxError::Config(error.to_string()))?;
    if rest.has_remaining() {
        return Err(config("it has bytes after its end"));
    }
    if record.length_size != LENGTH_BYTES {
        return Err(config("its NAL units have lengths of other than four bytes"));
    }
    if record.sequence_parameter_sets.is_empty() || record.picture_parameter_sets.is_empty() {
        return Err(config("it has no parameter sets"));
    }
    Ok(record)
}

/// NAL unit types of the three parameter sets of H.265 (ITU-T H.265, table 7-1): video, sequence, picture.
const HEVC_PARAMETER_SETS: [u8; 3] = [32, 33, 34];

/// Reads an `hvcC` record, without its box header.
///
/// # Errors
/// When it is truncated, lacks a parameter set, or announces NAL lengths of other than four bytes.
pub(crate) fn parse_hvcc(hvcc: &[u8]) -> Result<Hvcc, MuxError> {
    let config = |reason: &str| MuxError::Config(reason.to_owned());
    let mut rest = hvcc;
    let record = Hvcc::decode_body(&mut rest).map_err(|error| MuxError::Config(error.to_string()))?;
    if rest.has_remaining() {
        return Err(config("it has bytes after its end"));
    }
    if record.length_size_minus_one + 1 != LENGTH_BYTES {
        return Err(config("its NAL units have lengths of other than four bytes"));
    }
    let has = |kind: &u8| record.arrays.iter().any(|array| array.nal_unit_type == *kind && !array.nalus.is_empty());
    if !HEVC_PARAMETER_SETS.iter().all(has) {
        return Err(config("it has no parameter sets"));
    }
    Ok(record)
}

/// The codec string of ISO/IEC 14496-15, E.3, for an `hvcC` record: profile, compatibility, tier and level, constraints.
fn hevc_codec_string(hvcc: &[u8]) -> Result<String, MuxError> {
    let record = parse_hvcc(hvcc)?;
    let space = ["", "A", "B", "C"][usize::from(record.general_profile_space & 3)];
    let compatibility = u32::from_be_bytes(record.general_profile_compatibility_flags).reverse_bits();
    let tier = if record.general_tier_flag { 'H' } else { 'L' };
    let mut text =
        format!("hvc1.{space}{}.{compatibility:X}.{tier}{}", record.general_profile_idc, record.general_level_idc);
    let flags = record.general_constraint_indicator_flags;
    let used = flags.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for byte in &flags[..used] {
        text.push_str(&format!(".{byte:X}"));
    }
    Ok(text)
}

/// The codec string of RFC 6381 for an `avcC` record: `avc1.` and profile, constraints and level in hexadecimal.
///
/// # Errors
/// When the record cannot be used, see [`MuxError::Config`].
pub fn codec_string(avcc: &[u8]) -> Result<String, MuxError> {
    let record = parse_avcc(avcc)?;
    let (profile, constraints, level) =
        (record.avc_profile_indication, record.profile_compatibility, record.avc_level_indication);
    Ok(format!("avc1.{profile:02X}{constraints:02X}{level:02X}"))
}

/// The codec string of RFC 6381 for a track.
///
/// # Errors
/// When its configuration cannot be used.
pub fn track_codec_string(track: &Track) -> Result<String, MuxError> {
    match &track.codec {
        CodecConfig::H264(config) => codec_string(&config.avcc),
        CodecConfig::H265(config) => hevc_codec_string(&config.hvcc),
        CodecConfig::Aac(config) => check_aac(config).map(|()| format!("mp4a.40.{AAC_LC}")),
        CodecConfig::WebVtt => Ok("wvtt".to_owned()),
    }
}

/// Checks that an AudioSpecificConfig announces AAC-LC with access units of 1024 samples, and the sample rate and channels
/// of its track.
pub(crate) fn check_aac(config: &AacConfig) -> Result<(), MuxError> {
    let fault = |reason| Err(MuxError::AudioConfig(reason));
    let [first, second, ..] = config.audio_specific_config[..] else { return fault("it is too short") };
    // Object type, frequency index, channel configuration, then the frame length flag: 5, 4, 4 and 1 bits.
    let bits = u16::from_be_bytes([first, second]);
    let (object_type, frequency, channels) = (first >> 3, (bits >> 7) & 0xf, (bits >> 3) & 0xf);
    let is_short_frame = bits & 0b100 != 0;
    if object_type != AAC_LC {
        return fault("it is not of AAC-LC");
    }
    if AAC_RATES.get(usize::from(frequency)) != Some(&config.sample_rate) {
        return fault("it has another sample rate");
    }
    match AAC_CHANNELS.get(usize::from(channels)) {
        Some(&count) if count == config.channels || count == 0 => {}
        _ => return fault("it has another number of channels"),
    }
    if is_short_frame { fault("its access units are not of 1024 samples") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_media::{AVCC, aac_track, video_track};

    #[test]
    fn codec_strings_name_profile_constraints_and_level() {
        assert_eq!(codec_string(&AVCC).unwrap(), "avc1.640028");
        assert_eq!(track_codec_string(&video_track()).unwrap(), "avc1.640028");
        assert_eq!(track_codec_string(&aac_track()).unwrap(), "mp4a.40.2");
    }

    #[test]
    fn records_that_cannot_be_written_are_rejected() {
        let mut two_byte_lengths = AVCC;
        two_byte_lengths[4] = 0xfd;
        let no_parameter_sets: &[u8] = &[1, 0x42, 0xc0, 0x1e, 0xff, 0xe0, 0];
        for record in [&[], &AVCC[..10], no_parameter_sets, &two_byte_lengths] {
            assert!(matches!(codec_string(record), Err(MuxError::Config(_))), "{record:?}");
        }
    }

    #[test]
    fn audio_configurations_must_agree_with_their_track() {
        let check = |sample_rate, channels, bytes: &[u8]| {
            check_aac(&AacConfig { sample_rate, channels, audio_specific_config: bytes.to_vec() })
        };
        check(48_000, 2, &[0x11, 0x90]).unwrap();
        check(44_100, 1, &[0x12, 0x08, 0x56, 0xe5, 0x00]).unwrap();
        let cases: [(u32, u16, &[u8]); 6] = [
            (48_000, 2, &[0x11]),
            (48_000, 2, &[0x29, 0x90]),
            (44_100, 2, &[0x11, 0x90]),
            (48_000, 1, &[0x11, 0x90]),
            (48_000, 2, &[0x11, 0x94]),
            (48_000, 2, &[0x17, 0x90]),
        ];
        for (sample_rate, channels, bytes) in cases {
            assert!(matches!(check(sample_rate, channels, bytes), Err(MuxError::AudioConfig(_))), "{bytes:x?}");
        }
    }
}
