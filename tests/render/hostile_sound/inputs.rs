//! The inputs: a name, what is done to a file, and what is heard of it.

use super::bytes::{
    Workshop, cut, cut_after, find, find_all, flac32, floats, id3, ogg_page, pages, pcm16, riff, set, set_after,
    sweep_samples, wave, with_checksum,
};

/// What is expected of an input.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Expected {
    /// The sweep is heard to its end, this many samples late, without a warning.
    Heard(usize),
    /// The first milliseconds of the sweep are heard, at least this many, so many samples late, without a warning.
    Part(usize, usize),
    /// The same, then there is silence, and a warning that names the file.
    Breaks(usize, usize),
    /// Something else than the sweep is heard, or nothing, without a warning.
    Other,
    /// The document is rejected with this message at the place of the layer.
    Fault(&'static str),
}
use Expected::{Breaks, Fault, Heard, Other, Part};

/// What is at a path that is not a file.
pub(super) enum Content {
    Folder,
    Pipe,
    /// A symbolic link to itself, which no user can open.
    Loop,
}

/// An input: its name, with an ending that says nothing; what is expected; how it is made.
pub(super) type Input = (&'static str, Expected, fn(&Workshop<'_>) -> Vec<u8>);

const AAC: [&str; 4] = ["-c:a", "aac", "-movflags", "faststart"];
const MP3: [&str; 4] = ["-c:a", "libmp3lame", "-b:a", "128k"];
/// Without the header that states lengths, and without tags.
const UNSTATED: [&str; 6] = ["-c:a", "libmp3lame", "-write_xing", "0", "-id3v2_version", "0"];
const OPUS: [&str; 2] = ["-c:a", "libopus"];
const VORBIS: [&str; 2] = ["-c:a", "libvorbis"];
/// Pages of a tenth of a second.
const PAGED: [&str; 4] = ["-c:a", "libvorbis", "-page_duration", "100000"];
const PCM: [&str; 2] = ["-c:a", "pcm_s16le"];

/// Clusters of a tenth of a second.
const CLUSTERS: [&str; 4] = ["-c:a", "pcm_s16le", "-cluster_time_limit", "100"];

/// Samples by which encoders that state no delay are late: two frames of LAME and its own delay; one unit of AAC.
const LAME_DELAY: usize = 1105;
const AAC_DELAY: usize = 1024;

/// Files that end too early, each at another place.
pub(super) const TRUNCATED: [Input; 17] = [
    ("empty", Fault("an empty file"), |_| Vec::new()),
    ("one-byte", Fault("not audio"), |_| vec![0xff]),
    ("cut-in-ftyp.m4a", Fault("no audio"), |shop| cut(shop.sweep("a.m4a", &AAC), 12)),
    ("cut-before-moov.m4a", Fault("no audio"), |shop| {
        let bytes = shop.sweep("late.m4a", &AAC[..2]);
        let header = find(&bytes, b"moov") - 4;
        cut(bytes, header)
    }),
    ("cut-in-moov.m4a", Fault("no audio"), |shop| cut_after(shop.sweep("a.m4a", &AAC), b"stsz", 20)),
    ("cut-in-media.m4a", Breaks(300, 0), |shop| {
        let bytes = shop.sweep("a.m4a", &AAC);
        let media = find(&bytes, b"mdat");
        let half = media + (bytes.len() - media) / 2;
        cut(bytes, half)
    }),
    ("cut-in-tag.mp3", Fault("cannot be decoded"), |_| cut(id3(5 << 20), 3 << 20)),
    ("cut-in-frame.mp3", Breaks(300, 0), |shop| {
        let bytes = shop.sweep("a.mp3", &MP3);
        let half = bytes.len() / 2 + 7;
        cut(bytes, half)
    }),
    ("cut-in-headers.ogg", Fault("cannot be decoded"), |shop| cut(shop.sweep("a.ogg", &VORBIS), 200)),
    ("cut-in-page.ogg", Part(400, 0), |shop| {
        let bytes = shop.sweep("paged.ogg", &PAGED);
        let len = bytes.len() - bytes.len() / 8;
        cut(bytes, len)
    }),
    ("cut-in-stream-information.flac", Fault("cannot be decoded"), |shop| cut(shop.sweep("a.flac", &[]), 20)),
    ("cut-in-frame.flac", Breaks(300, 0), |shop| {
        let bytes = shop.sweep("a.flac", &[]);
        let half = bytes.len() / 2;
        cut(bytes, half)
    }),
    ("cut-in-chunk-header.wav", Fault("cannot be decoded"), |_| cut(wave([1, 1, 48_000, 16], &pcm16()), 15)),
    ("cut-in-format.wav", Fault("cannot be decoded"), |_| cut(wave([1, 1, 48_000, 16], &pcm16()), 30)),
    ("cut-in-data.wav", Part(400, 0), |_| cut(wave([1, 1, 48_000, 16], &pcm16()), 44 + 48_001)),
    ("cut-in-tracks.mka", Fault("no audio"), |shop| cut(shop.sweep("a.mka", &PCM), 300)),
    ("cut-in-cluster.mka", Breaks(300, 0), |shop| {
        let bytes = shop.sweep("a.mka", &PCM);
        let half = bytes.len() / 2;
        cut(bytes, half)
    }),
];

/// WAVE and FLAC files whose headers lie, or are rare.
pub(super) const HEADERS: [Input; 25] = [
    ("no-channels.wav", Fault("cannot be decoded"), |_| wave([1, 0, 48_000, 16], &pcm16())),
    ("channels-255.wav", Breaks(0, 0), |_| wave([1, 255, 48_000, 16], &pcm16())),
    ("rate-0.wav", Fault("cannot be decoded"), |_| wave([1, 1, 0, 16], &pcm16())),
    ("rate-4e9.wav", Breaks(0, 0), |_| wave([1, 1, 4_000_000_000, 16], &pcm16())),
    ("bits-7.wav", Other, |_| wave([1, 1, 48_000, 7], &pcm16())),
    ("no-data.wav", Fault("no audio"), |_| wave([1, 1, 48_000, 16], &[])),
    ("data-of-four-gigabytes.wav", Heard(0), |_| set(wave([1, 1, 48_000, 16], &pcm16()), 40, &[0xff; 4])),
    ("odd-chunks.wav", Heard(0), |_| {
        let format = wave([1, 1, 48_000, 16], &[])[20..36].to_vec();
        riff(&[(b"LIST", b"odd"), (b"junk", b""), (b"fmt ", &format), (b"fact", b"\0\0\0\0\x01"), (b"data", &pcm16())])
    }),
    ("data-before-format.wav", Fault("no audio"), |_| {
        let format = wave([1, 1, 48_000, 16], &[])[20..36].to_vec();
        riff(&[(b"data", &pcm16()), (b"fmt ", &format)])
    }),
    ("extensible.wav", Heard(0), |shop| shop.sweep("extensible.wav", &["-c:a", "pcm_s24le", "-ac", "6"])),
    ("more-than-four-gigabytes.wav", Heard(0), |shop| shop.sweep("rf64.wav", &["-rf64", "always"])),
    ("integers-of-32-bits.wav", Heard(0), |shop| shop.sweep("s32.wav", &["-c:a", "pcm_s32le"])),
    ("floats-of-64-bits.wav", Heard(0), |shop| shop.sweep("f64.wav", &["-c:a", "pcm_f64le"])),
    ("adpcm.wav", Fault("no decoder for audio/x-adpcm"), |shop| shop.sweep("adpcm.wav", &["-c:a", "adpcm_ms"])),
    ("not-numbers.wav", Other, |_| floats([f32::NAN, f32::INFINITY, -f32::INFINITY].into_iter().cycle().take(48_000))),
    ("largest-numbers.wav", Other, |_| floats([f32::MAX, f32::MIN, 1e-45].into_iter().cycle().take(48_000))),
    ("direct-current.wav", Other, |_| floats(std::iter::repeat_n(1.0, 48_000))),
    ("square.wav", Other, |_| floats((0..48_000).map(|n| if n / 50 % 2 == 0 { 1.0 } else { -1.0 }))),
    ("no-seek-table.flac", Heard(0), |shop| shop.sweep("a.flac", &[])),
    ("wrong-md5.flac", Heard(0), |shop| set(shop.sweep("a.flac", &[]), 26, &[0x5a; 16])),
    ("rate-8000.flac", Heard(0), |shop| shop.sweep("8k.flac", &["-ar", "8000"])),
    ("bits-32.flac", Breaks(0, 0), |_| flac32()),
    ("longest.flac", Heard(0), |shop| {
        let bytes = shop.sweep("a.flac", &[]);
        let low = bytes[21] | 0x0f;
        set(bytes, 21, &[low, 0xff, 0xff, 0xff, 0xff])
    }),
    ("length-unknown.flac", Heard(0), |shop| {
        let bytes = shop.sweep("a.flac", &[]);
        let high = bytes[21] & 0xf0;
        set(bytes, 21, &[high, 0, 0, 0, 0])
    }),
    ("rate-0.flac", Fault("cannot be decoded"), |shop| set(shop.sweep("a.flac", &[]), 18, &[0, 0, 0x00])),
];

/// MPEG audio and Ogg.
pub(super) const STREAMS: [Input; 24] = [
    ("text.mp3", Fault("not audio"), |_| b"This is not audio, whatever its name says.".repeat(100)),
    ("tag-of-megabytes.mp3", Heard(0), |shop| [id3(6 << 20), shop.sweep("a.mp3", &MP3)].concat()),
    ("tag-longer-than-the-file.mp3", Fault("cannot be decoded"), |shop| {
        set([id3(100), shop.sweep("a.mp3", &MP3)].concat(), 6, &[0x7f; 4])
    }),
    ("old-tag-at-the-end.mp3", Heard(0), |shop| {
        [shop.sweep("a.mp3", &MP3), [&b"TAG"[..], &[b' '; 125]].concat()].concat()
    }),
    ("rate-changes.mp3", Breaks(900, LAME_DELAY), |shop| {
        let next = [&UNSTATED[..], &["-ar", "32000"]].concat();
        [shop.sweep("unstated.mp3", &UNSTATED), shop.sweep("slow.mp3", &next)].concat()
    }),
    ("channels-change.mp3", Part(900, LAME_DELAY), |shop| {
        let next = [&UNSTATED[..], &["-ac", "2"]].concat();
        [shop.sweep("unstated.mp3", &UNSTATED), shop.sweep("stereo.mp3", &next)].concat()
    }),
    ("variable-without-header.mp3", Heard(LAME_DELAY), |shop| {
        shop.sweep("vbr.mp3", &[&UNSTATED[..], &["-q:a", "3"]].concat())
    }),
    ("frames-of-three-years.mp3", Heard(0), |shop| set_after(shop.sweep("a.mp3", &MP3), b"Info", 8, &[0xff; 4])),
    ("frames-of-an-hour.mp3", Breaks(900, 0), |shop| {
        set_after(shop.sweep("a.mp3", &MP3), b"Info", 8, &150_000_u32.to_be_bytes())
    }),
    ("one-frame-header.mp3", Fault("cannot be decoded"), |_| vec![0xff, 0xfb, 0x90, 0x64]),
    ("noise-after-sync.mp3", Fault("cannot be decoded"), |_| {
        (0..50_000_u32).fold(vec![0xff, 0xfb], |mut bytes, n| {
            bytes.push((n.wrapping_mul(2_654_435_761) >> 13) as u8 & 0x7f);
            bytes
        })
    }),
    ("another-rate-and-channels.aac", Breaks(900, AAC_DELAY), |shop| {
        let next = ["-c:a", "aac", "-ar", "32000", "-ac", "2"];
        [shop.sweep("a.aac", &AAC[..2]), shop.sweep("other.aac", &next)].concat()
    }),
    ("cut-in-frame.aac", Part(300, AAC_DELAY), |shop| {
        let bytes = shop.sweep("a.aac", &AAC[..2]);
        let half = bytes.len() / 2;
        cut(bytes, half)
    }),
    ("chained.ogg", Breaks(950, 0), |shop| {
        let next = shop.sweep("slow.ogg", &["-c:a", "libvorbis", "-ar", "32000"]);
        [shop.sweep("a.ogg", &VORBIS), with_serial(&pages(&next), 77)].concat()
    }),
    ("chained-with-one-serial.ogg", Heard(0), |shop| shop.sweep("a.ogg", &VORBIS).repeat(2)),
    ("serial-changes.ogg", Breaks(200, 0), |shop| {
        let bytes = shop.sweep("paged.ogg", &PAGED);
        let pages = pages(&bytes);
        let middle = pages.len() / 2;
        [pages[..middle].concat(), with_serial(&pages[middle..], 77)].concat()
    }),
    ("page-with-wrong-checksum.ogg", Part(400, 0), |shop| {
        let bytes = shop.sweep("paged.ogg", &PAGED);
        let late = bytes.len() - bytes.len() / 8;
        set(bytes, late, &[0xff; 8])
    }),
    ("position-of-the-end-of-time.ogg", Part(700, 0), |shop| last_granule(shop.sweep("paged.ogg", &PAGED), i64::MAX)),
    ("position-before-the-beginning.ogg", Fault("no audio"), |shop| {
        last_granule(shop.sweep("paged.ogg", &PAGED), i64::MIN)
    }),
    ("rate-0.ogg", Fault("no audio"), |shop| {
        let bytes = shop.sweep("a.ogg", &VORBIS);
        let mut pages = pages(&bytes);
        pages[0] = with_checksum(set_after(pages[0].clone(), b"\x01vorbis", 12, &[0; 4]));
        pages.concat()
    }),
    ("channels-255.opus", Breaks(0, 0), |_| {
        let mapping: Vec<u8> = (0..255).collect();
        let head = [b"OpusHead\x01\xff\0\0\x80\xbb\0\0\0\0\xff\xff\0", &mapping[..]].concat();
        let tags = [b"OpusTags", &[0; 8][..]].concat();
        let silence = [0x08, 0, 0].repeat(255);
        let packets = [head, tags, silence];
        (0..).zip(&packets).flat_map(|(n, packet)| ogg_page([2, 0, 4][n as usize], 960, 7, n, packet)).collect()
    }),
    ("gain-in-header.opus", Heard(0), |shop| {
        let bytes = shop.sweep("a.opus", &OPUS);
        let mut pages = pages(&bytes);
        // Six decibels quieter, in 1/256 dB.
        pages[0] = with_checksum(set_after(pages[0].clone(), b"OpusHead", 16, &(-1536_i16).to_le_bytes()));
        pages.concat()
    }),
    ("gain-in-tags.opus", Heard(0), |shop| {
        shop.sweep("tagged.opus", &["-c:a", "libopus", "-metadata", "R128_TRACK_GAIN=-32768"])
    }),
    ("no-packets.opus", Fault("cannot be decoded"), |shop| pages(&shop.sweep("a.opus", &OPUS))[..2].concat()),
];

/// Movies and Matroska.
pub(super) const CONTAINERS: [Input; 17] = [
    ("edit-before-the-start.m4a", Heard(AAC_DELAY), |shop| edit(shop.sweep("a.m4a", &AAC), 1000, -24_000)),
    ("edit-after-the-end.m4a", Heard(AAC_DELAY), |shop| edit(shop.sweep("a.m4a", &AAC), 1000, i32::MAX)),
    ("edit-of-all-time.m4a", Heard(0), |shop| edit(shop.sweep("a.m4a", &AAC), u32::MAX, AAC_DELAY as i32)),
    ("negative-offsets.m4a", Heard(0), |shop| {
        // In the place of the sound group, which is not needed: version 1, one entry for all samples, an hour earlier.
        let body = [&[1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 200][..], &(-48_000 * 3600_i32).to_be_bytes()].concat();
        let bytes = shop.sweep("a.m4a", &AAC);
        let group = find(&bytes, b"sgpd");
        set(set(bytes, group, b"ctts"), group + 4, &body)
    }),
    ("timescale-0.m4a", Fault("no audio"), |shop| set_after(shop.sweep("a.m4a", &AAC), b"mdhd", 16, &[0; 4])),
    ("no-durations.m4a", Fault("no audio"), |shop| set_after(shop.sweep("a.m4a", &AAC), b"stts", 0, b"free")),
    ("durations-of-0.m4a", Fault("no audio"), |shop| {
        let bytes = shop.sweep("a.m4a", &AAC);
        let table = find(&bytes, b"stts");
        let entries = u32::from_be_bytes(*bytes[table + 8..].first_chunk().unwrap()) as usize;
        (0..entries).fold(bytes, |bytes, entry| set(bytes, table + 16 + 8 * entry, &[0; 4]))
    }),
    ("samples-of-four-gigabytes.m4a", Breaks(150, 0), |shop| {
        let bytes = shop.sweep("a.m4a", &AAC);
        let table = find(&bytes, b"stsz");
        set(bytes, table + 16 + 4 * 10, &[0xff; 4])
    }),
    ("chunks-after-the-end.m4a", Breaks(0, 0), |shop| {
        set_after(shop.sweep("a.m4a", &AAC), b"stco", 12, &[0x7f, 0xff, 0xff, 0xff])
    }),
    ("sound-longer-than-picture.mp4", Heard(0), |shop| {
        let args = ["-f", "lavfi", "-i", "color=gray:s=64x64:r=100:d=0.01", "-c:v", "libx264", "-c:a", "aac"];
        shop.sweep("long.mp4", &args)
    }),
    ("cover.m4a", Heard(0), |shop| {
        let cover = ["-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-frames:v", "1"];
        let cover = shop.file("cover.jpg", &shop.ffmpeg("cover.jpg", &cover));
        let args = ["-i", cover.to_str().unwrap(), "-map", "0:a", "-map", "1:v", "-c:v", "copy", "-c:a", "aac"];
        shop.sweep("cover.m4a", &[&args[..], &["-disposition:v", "attached_pic"]].concat())
    }),
    ("picture-track.mov", Heard(0), |shop| {
        let args = ["-f", "lavfi", "-i", "color=red:s=64x64:r=1:d=1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"];
        shop.sweep("picture.mov", &[&args[..], &PCM].concat())
    }),
    ("gap-of-an-hour.mka", Part(400, 0), |shop| moved_clusters(shop, 3_600_000)),
    ("gap-of-six-weeks.mka", Breaks(400, 0), |shop| moved_clusters(shop, 0xffff_ffff)),
    ("backwards.mka", Breaks(400, 0), |shop| {
        // The file begins at three seconds, and the second half goes on at none, as that of another recording.
        let bytes = shop.sweep("later.mka", &[&CLUSTERS[..], &["-output_ts_offset", "3"]].concat());
        let times = cluster_times(&bytes);
        times.iter().skip(times.len() / 2).fold(bytes, |bytes, at| set(bytes, *at, &[0, 0]))
    }),
    ("surround.mka", Heard(256), |shop| shop.sweep("surround.mka", &["-c:a", "ac3", "-ac", "6"])),
    ("picture.m4a", Fault("no audio"), |shop| {
        shop.ffmpeg("still.png", &["-f", "lavfi", "-i", "color=red:s=16x16:d=1", "-frames:v", "1"])
    }),
];

/// Formats that are not read, by their names.
pub(super) const FOREIGN: [Input; 3] = [
    ("aiff.wav", Fault("an AIFF sound"), |shop| shop.sweep("a.aiff", &[])),
    ("caf.m4a", Fault("a CAF sound"), |shop| shop.sweep("a.caf", &[])),
    ("wave64.wav", Fault("a Wave64 sound"), |shop| shop.sweep("a.w64", &[])),
];

/// Paths that are not files.
pub(super) const PATHS: [(&str, Expected, Content); 3] = [
    ("folder.wav", Fault("not a regular file"), Content::Folder),
    ("pipe.wav", Fault("not a regular file"), Content::Pipe),
    ("loop.wav", Fault("symbolic links"), Content::Loop),
];

/// Replaces the position in the last page of an Ogg file.
fn last_granule(bytes: Vec<u8>, granule: i64) -> Vec<u8> {
    let mut pages = pages(&bytes);
    let last = pages.pop().unwrap();
    pages.push(with_checksum(set(last, 6, &granule.to_le_bytes())));
    pages.concat()
}

/// Pages of another stream.
fn with_serial(pages: &[Vec<u8>], serial: u32) -> Vec<u8> {
    pages.iter().flat_map(|page| with_checksum(set(page.clone(), 14, &serial.to_le_bytes()))).collect()
}

/// Replaces the only entry of an edit list.
fn edit(bytes: Vec<u8>, duration: u32, media: i32) -> Vec<u8> {
    set_after(bytes, b"elst", 12, &[duration.to_be_bytes(), media.to_be_bytes()].concat())
}

/// A Matroska file of clusters of a tenth of a second.
fn clusters(shop: &Workshop<'_>) -> Vec<u8> {
    shop.sweep("clusters.mka", &CLUSTERS)
}

/// The offsets of the times of clusters, in thousandths of a second, of two bytes each but in the first ones.
fn cluster_times(bytes: &[u8]) -> Vec<usize> {
    let times =
        find_all(bytes, &[0x1f, 0x43, 0xb6, 0x75]).into_iter().map(|at| at + find(&bytes[at..], &[0xe7, 0x82]) + 2);
    let mut times: Vec<usize> = times.collect();
    times.dedup();
    times
}

/// The same with the second half of the clusters this many milliseconds later.
fn moved_clusters(shop: &Workshop<'_>, millis: u32) -> Vec<u8> {
    let bytes = clusters(shop);
    let times = cluster_times(&bytes);
    // Each cluster gets a time of four bytes, in the room of its element and what follows that: the sizes of the cluster
    // and the segment are set to "unknown" so that nothing else moves.
    let mut moved = bytes;
    for at in times.iter().skip(times.len() / 2).rev() {
        let time = u32::from(u16::from_be_bytes([moved[*at], moved[at + 1]])).saturating_add(millis);
        moved.splice(at - 1..at + 2, [&[0x84][..], &time.to_be_bytes()].concat());
    }
    unknown_sizes(moved)
}

/// Sets the sizes of the segment and its clusters to "unknown".
fn unknown_sizes(mut bytes: Vec<u8>) -> Vec<u8> {
    for id in [[0x18, 0x53, 0x80, 0x67], [0x1f, 0x43, 0xb6, 0x75]] {
        for at in find_all(&bytes, &id) {
            let len = bytes[at + 4].leading_zeros() as usize + 1;
            let unknown = (2_u64 << (7 * len)) - 1;
            bytes[at + 4..at + 4 + len].copy_from_slice(&unknown.to_be_bytes()[8 - len..]);
        }
    }
    bytes
}

/// The samples that the sweep has at 48 kHz.
pub(super) fn reference() -> Vec<f32> {
    sweep_samples(48_000).map(|value| value as f32).collect()
}
