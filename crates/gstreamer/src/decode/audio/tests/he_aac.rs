//! AAC with spectral band replication, and with parametric stereo: the rate of the samples is twice that of the core, which
//! is all that some headers state (ISO/IEC 14496-3, 1.6.5).

use super::*;
use crate::test_audio::lag;

/// An encoded second (see `he_aac/README.md`).
struct Coded {
    name: &'static str,
    bytes: &'static [u8],
    /// Samples that its access units decode to.
    samples: usize,
    /// Samples from the input of the encoder to the output of a decoder, as the encoder states them.
    delay: usize,
    /// Configurations of the decoder: of the core alone, and with the extension stated after it and before it.
    configurations: [&'static [u8]; 3],
}

const CODED: [Coded; 2] = [
    Coded {
        name: "v1",
        bytes: include_bytes!("he_aac/v1.aac"),
        samples: 26 * 2048,
        delay: 5058,
        configurations: [b"\x13\x10", b"\x13\x10\x56\xe5\x98", b"\x2b\x11\x88\x00"],
    },
    Coded {
        name: "v2",
        bytes: include_bytes!("he_aac/v2.aac"),
        samples: 27 * 2048,
        delay: 7106,
        configurations: [b"\x13\x08", b"\x13\x08\x56\xe5\x9d\x48\x80", b"\xeb\x09\x88\x00"],
    },
];

/// The samples that were encoded.
const SECOND: &str = "aevalsrc=0.5*sin(2*PI*(200*t+300*t*t))|0.4*sin(2*PI*(2000*t-350*t*t)):s=48000:d=1";

impl Coded {
    fn adts(&self) -> std::path::PathBuf {
        file(&format!("he-{}.aac", self.name), self.bytes)
    }

    /// The access units in another container, copied by ffmpeg with these arguments before and after its input.
    fn copied(&self, name: &str, before: &[&str], after: &[&str]) -> std::path::PathBuf {
        let adts = self.adts();
        let args = [before, &["-i", adts.to_str().unwrap(), "-c", "copy"], after].concat();
        ffmpeg(&format!("he-{}-{name}", self.name), &args)
    }
}

/// Replaces the configuration of the decoder in a movie (ISO/IEC 14496-1, 7.2.6.7), which comes after its media.
fn with_configuration(movie: &Path, configuration: &[u8]) -> Vec<u8> {
    let mut bytes = std::fs::read(movie).unwrap();
    let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|window| window == what).unwrap();
    let descriptors = find(&bytes, b"esds");
    let specific = |bytes: &[u8], tag: u8| descriptors + find(&bytes[descriptors..], &[tag, 0x80, 0x80, 0x80]) + 4;
    let at = specific(&bytes, 5);
    let grown = configuration.len() as u8 - bytes[at];
    for tag in [3, 4, 5] {
        let at = specific(&bytes, tag);
        bytes[at] += grown;
    }
    bytes.splice(at + 1..at + 1 + configuration.len() - usize::from(grown), configuration.iter().copied());
    for kind in [&b"moov"[..], b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"mp4a", b"esds"] {
        let at = find(&bytes, kind) - 4;
        let size = u32::from_be_bytes(*bytes[at..].first_chunk().unwrap()) + u32::from(grown);
        bytes[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
    bytes
}

/// A movie whose times are in samples of the core.
fn in_ticks_of_the_core(movie: &Path) -> Vec<u8> {
    let mut bytes = std::fs::read(movie).unwrap();
    let find = |what: &[u8]| bytes.windows(what.len()).position(|window| window == what).unwrap();
    let (header, times) = (find(b"mdhd"), find(b"stts"));
    for at in [header + 16, header + 20, times + 16] {
        let value = u32::from_be_bytes(*bytes[at..].first_chunk().unwrap());
        bytes[at..at + 4].copy_from_slice(&(value / 2).to_be_bytes());
    }
    bytes
}

#[test]
fn the_rate_is_that_of_the_extension_in_every_container_and_signalling() {
    for coded in &CODED {
        let name = coded.name;
        let whole = samples(&coded.adts());
        assert_eq!((open(&coded.adts()).rate(), whole.len()), (48_000, coded.samples), "{name}");
        assert!(max_difference(&whole, &ffmpeg_pcm(&coded.adts())) < 1e-4, "{name}");
        let source = ffmpeg_pcm(&encoded("he-source.wav", SECOND, &["-c:a", "pcm_f32le"]));
        let (late, correlation) = lag(&source, &whole[coded.delay..]);
        assert!(late.abs() <= 1 && correlation > 0.99, "{name}: {late} {correlation}");
        let movie = coded.copied("copy.mp4", &[], &[]);
        let mut movies = vec![movie.clone(), file(&format!("he-{name}-core.mp4"), &in_ticks_of_the_core(&movie))];
        for (index, configuration) in coded.configurations.iter().enumerate() {
            let bytes = with_configuration(&movie, configuration);
            movies.push(file(&format!("he-{name}-{index}.mp4"), &bytes));
        }
        for path in &movies {
            let found = samples(path);
            assert_eq!((open(path).rate(), found.len()), (48_000, coded.samples), "{}", path.display());
            assert!(found == whole, "{}", path.display());
            let stated = probe_audio(path).unwrap().unwrap().duration;
            assert_eq!(stated, Rational::new(coded.samples as i128, 48_000), "{}", path.display());
        }
        let matroska = samples(&coded.copied("copy.mka", &[], &[]));
        assert!(
            matroska == whole[..matroska.len()] && whole.len() - matroska.len() <= 48,
            "{name}: {}",
            matroska.len()
        );
    }
}

#[test]
fn the_delay_of_the_extension_is_skipped_where_an_edit_list_states_it() {
    let source = ffmpeg_pcm(&encoded("he-source.wav", SECOND, &["-c:a", "pcm_f32le"]));
    for coded in &CODED {
        let early = format!("-{:.9}", coded.delay as f64 / 48_000.0);
        let path = coded.copied("edited.mp4", &["-itsoffset", &early], &["-avoid_negative_ts", "disabled"]);
        let ours = samples(&path);
        let (late, correlation) = lag(&source, &ours);
        assert!(late.abs() <= 1 && correlation > 0.99, "{}: {late} {correlation}", coded.name);
        // The source, and not ffmpeg, which drops the delay of this file twice. Lengths are in thousandths of a second.
        let rest = &samples(&coded.adts())[coded.delay..];
        assert!(ours == rest[..ours.len()] && rest.len() - ours.len() <= 48, "{}: {}", coded.name, ours.len());
    }
}
