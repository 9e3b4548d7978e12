//! Damaged, truncated and hostile files.

use proptest::prelude::*;

use super::*;

#[test]
fn damage_in_the_middle_is_an_error_there_once_after_everything_before_it() {
    let path = encoded("damaged-source.m4a", SWEEP_48, &["-c:a", "aac"]);
    let whole = samples(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    let media = bytes.windows(4).position(|window| window == b"mdat").unwrap() + 4;
    let moov = bytes.windows(4).position(|window| window == b"moov").unwrap();
    let middle = (media + moov) / 2;
    bytes[middle..moov - 4].fill(0xff);
    let path = file("damaged.m4a", &bytes);
    let mut opened = open(&path);
    let (before, error) = read_by(&mut opened, 1000);
    assert!(matches!(error, Some(DecodeError::Broken { .. })), "{error:?}");
    // The access unit in which the damage begins decodes to something else.
    assert!(before.len() > 40_000 && before.len() < 70_000, "{}", before.len());
    assert!(before[..before.len() - 4096] == whole[..before.len() - 4096]);
    assert_eq!(opened.read_samples(&mut [[0.0; 2]; 100]).unwrap(), 0);
    // Again after rewinding, at the same place.
    opened.rewind().unwrap();
    let (again, error) = read_by(&mut opened, 64);
    assert!(again == before && matches!(error, Some(DecodeError::Broken { .. })));
}

#[test]
fn a_truncated_file_is_an_error_where_it_ends() {
    let faststart = ["-c:a", "aac", "-movflags", "faststart"];
    let cases = [
        ("cut.m4a", encoded("cut-source.m4a", SWEEP_48, &faststart)),
        ("cut.mp3", encoded("cut-source.mp3", SWEEP_48, &["-c:a", "libmp3lame"])),
        ("cut.mka", encoded("cut-source.mka", SWEEP_48, &["-c:a", "aac"])),
        ("cut.flac", encoded("cut-source.flac", SWEEP_48, &[])),
    ];
    for (name, path) in cases {
        let whole = samples(&path);
        let bytes = std::fs::read(&path).unwrap();
        let (before, error) = read_by(&mut open(&file(name, &bytes[..bytes.len() / 2])), 1000);
        assert!(before.len() > 20_000 && before.len() < 90_000, "{name}: {}", before.len());
        assert!(before[..before.len() - 8192] == whole[..before.len() - 8192], "{name}");
        assert!(matches!(error, Some(DecodeError::Truncated { .. } | DecodeError::Broken { .. })), "{name}: {error:?}");
    }
    // A WAVE recording that was not finished ends with the file.
    let bytes = std::fs::read(encoded("cut-source.wav", SWEEP_48, &["-c:a", "pcm_s16le"])).unwrap();
    let path = file("cut.wav", &bytes[..44 + 48_000]);
    assert!(samples(&path).len().abs_diff(12_000) < 20);
}

#[test]
fn an_unknown_codec_is_named() {
    let path = encoded("codec.mka", SWEEP_48, &["-c:a", "wmav2"]);
    let error = AudioFile::open(&path, STALL_TIMEOUT).map(drop).unwrap_err();
    assert!(error.to_string().contains("no decoder for audio/x-wma"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Nothing panics, and reading ends with the file or an error.
    #[test]
    fn corrupt_files_end(which in 0_usize..8, faults in prop::collection::vec((0_f64..1.0, any::<u8>()), 1..40)) {
        let sources = [
            encoded("fuzz.m4a", SHORT, &["-c:a", "aac", "-movflags", "faststart"]),
            encoded("fuzz.mp3", SHORT, &["-c:a", "libmp3lame"]),
            encoded("fuzz.webm", SHORT, &["-c:a", "libopus"]),
            encoded("fuzz.ogg", SHORT, &["-c:a", "libvorbis"]),
            encoded("fuzz.flac", SHORT, &[]),
            encoded("fuzz.wav", SHORT, &[]),
            encoded("fuzz.mka", SHORT, &["-c:a", "aac"]),
            encoded("fuzz.aac", SHORT, &["-c:a", "aac"]),
        ];
        let mut bytes = std::fs::read(&sources[which]).unwrap();
        for (place, value) in faults {
            // Half of them in the headers.
            let len = if value % 2 == 0 { bytes.len().min(600) } else { bytes.len() };
            bytes[(place * len as f64) as usize] = value;
        }
        let path = file(&format!("fuzzed{which}"), &bytes);
        let _ = probe_audio(&path);
        if let Ok(mut opened) = AudioFile::open(&path, STALL_TIMEOUT) {
            let mut block = vec![[0.0; 2]; 4096];
            // Gaps of any length are silence, which need not be read.
            for _ in 0..200 {
                if !matches!(opened.read_samples(&mut block), Ok(count) if count > 0) {
                    break;
                }
            }
            prop_assert!(block.as_flattened().iter().all(|sample| sample.is_finite()));
        }
    }
}

const SHORT: &str = "aevalsrc=0.5*sin(2*PI*(200*t+300*t*t)):s=48000:d=0.4";
