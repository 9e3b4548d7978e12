//! Common formats that repcast does not read, by their first bytes, for error messages that name the format.

/// Bytes from the start of a file that are enough to recognise its format: two packets of an MPEG transport stream.
pub(super) const HEAD_BYTES: u64 = 512;

/// A known format that repcast does not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct UnsupportedFormat {
    /// Name with article: "a TIFF picture".
    pub(super) name: &'static str,
    /// What the user can do.
    pub(super) advice: &'static str,
}

const PICTURE: &str = "convert it to PNG, JPEG or WebP";
const VIDEO: &str = "convert it to MP4, QuickTime or WebM";
const NO_VIDEO: &str = "give the path of a picture or a video";
const DAMAGED: &str = "copy or download it again";

/// H.265 whose alpha no decoder here reads: shown without it, people would stand in front of black.
pub(super) const ALPHA_LAYER: UnsupportedFormat = UnsupportedFormat {
    name: "an H.265 video with its alpha in an auxiliary layer, as of Apple's programs",
    advice: "export it as ProRes 4444 instead (on a Mac: `avconvert --preset PresetAppleProRes4444LPCM`)",
};

/// Brands of ISO/IEC 14496-12 files with pictures: ISO/IEC 23008-12 (HEIF), AV1 Image File Format, camera raw.
const BRANDS: [(&[&[u8; 4]], &str); 4] = [
    (&[b"avif", b"avis", b"avio"], "an AVIF picture"),
    (&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"], "a HEIC picture"),
    (&[b"crx "], "a camera's raw picture"),
    (&[b"mif1", b"mif2", b"mif3", b"msf1", b"miaf"], "a HEIF picture"),
];

/// Formats by the bytes at one offset: offset, bytes, name, advice.
const MAGIC: [(usize, &[u8], &str, &str); 67] = [
    (8, b"CR\x02", "a camera's raw picture", PICTURE),
    (0, b"IIU\0", "a camera's raw picture", PICTURE),
    (0, b"IIRO", "a camera's raw picture", PICTURE),
    (0, b"IIRS", "a camera's raw picture", PICTURE),
    (0, b"MMOR", "a camera's raw picture", PICTURE),
    (0, b"FUJIFILMCCD-RAW", "a camera's raw picture", PICTURE),
    (0, b"II*\0", "a TIFF or a camera's raw picture", PICTURE),
    (0, b"MM\0*", "a TIFF or a camera's raw picture", PICTURE),
    (0, b"II+\0", "a TIFF picture", PICTURE),
    (0, b"MM\0+", "a TIFF picture", PICTURE),
    (0, b"8BPS", "a Photoshop document", PICTURE),
    (0, b"gimp xcf", "a GIMP document", PICTURE),
    (0, b"\xff\x0a", "a JPEG XL picture", PICTURE),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture", PICTURE),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture", PICTURE),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture", PICTURE),
    (0, b"\x8aMNG\r\n\x1a\n", "an MNG animation", PICTURE),
    (0, b"\0\0\x01\0", "an icon", PICTURE),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR picture", PICTURE),
    (0, b"#?RADIANCE", "a Radiance HDR picture", PICTURE),
    (0, b"SDPX", "a DPX picture", PICTURE),
    (0, b"XPDS", "a DPX picture", PICTURE),
    (0, b"qoif", "a QOI picture", PICTURE),
    (0, b"DDS ", "a DirectDraw surface", PICTURE),
    (0, b"%PDF-", "a PDF document", PICTURE),
    (0, b"%!PS", "a PostScript document", PICTURE),
    (0, b"\xc5\xd0\xd3\xc6", "a PostScript document", PICTURE),
    (8, b"AVI ", "an AVI video", VIDEO),
    (0, b"FLV\x01", "a Flash video", VIDEO),
    (0, b"FWS", "a Flash animation", VIDEO),
    (0, b"CWS", "a Flash animation", VIDEO),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file", VIDEO),
    (0, b"\0\0\x01\xba", "an MPEG program stream", VIDEO),
    (0, b"\0\0\x01\xb3", "an MPEG-1 or MPEG-2 stream without a container", VIDEO),
    (0, b"\0\0\0\x01\x67", "an H.264 stream without a container", VIDEO),
    (0, b"\0\0\0\x01\x09", "an H.264 stream without a container", VIDEO),
    (0, b"\0\0\x01\x67", "an H.264 stream without a container", VIDEO),
    (0, b"\0\0\0\x01\x40\x01", "an H.265 stream without a container", VIDEO),
    (0, b"\x06\x0e\x2b\x34", "an MXF video", VIDEO),
    (0, b".RMF", "a RealMedia file", VIDEO),
    (0, b"DKIF", "an IVF video", VIDEO),
    (0, b"YUV4MPEG2", "a raw video (YUV4MPEG2)", VIDEO),
    (0, b"\x1f\x07\0", "a DV video", VIDEO),
    (0, b"OggS", "an Ogg file", VIDEO),
    (8, b"WAVE", "a WAV sound", NO_VIDEO),
    (0, b"caff", "a CAF sound", NO_VIDEO),
    (0, b"riff\x2e\x91\xcf\x11", "a Wave64 sound", NO_VIDEO),
    (0, b"ID3", "an MP3 sound", NO_VIDEO),
    (0, b"\xff\xfb", "an MP3 sound", NO_VIDEO),
    (0, b"\xff\xfa", "an MP3 sound", NO_VIDEO),
    (0, b"\xff\xf3", "an MP3 sound", NO_VIDEO),
    (0, b"\xff\xf2", "an MP3 sound", NO_VIDEO),
    (0, b"\xff\xf1", "an AAC sound", NO_VIDEO),
    (0, b"\xff\xf9", "an AAC sound", NO_VIDEO),
    (0, b"fLaC", "a FLAC sound", NO_VIDEO),
    (8, b"AIFF", "an AIFF sound", NO_VIDEO),
    (8, b"AIFC", "an AIFF sound", NO_VIDEO),
    (0, b"#!AMR", "an AMR sound", NO_VIDEO),
    (0, b"MThd", "a MIDI file", NO_VIDEO),
    (0, b"PK\x03\x04", "an archive (ZIP) or an office document", NO_VIDEO),
    (0, b"\x1f\x8b", "an archive (gzip)", NO_VIDEO),
    (0, b"7z\xbc\xaf\x27\x1c", "an archive (7-Zip)", NO_VIDEO),
    (0, b"Rar!", "an archive (RAR)", NO_VIDEO),
    (0, b"\xd0\xcf\x11\xe0", "an office document", NO_VIDEO),
    (0, b"#EXTM3U", "a playlist", NO_VIDEO),
    (0, b"version https://git-lfs", "a pointer of Git LFS", "fetch the file itself (`git lfs pull`)"),
    (0, b"\x7fELF", "a program", NO_VIDEO),
];

/// Text formats by a tag that occurs in their first bytes, in lower case: tag, name, advice.
const TEXTS: [(&[u8], &str, &str); 4] = [
    (b"<svg", "an SVG drawing", PICTURE),
    (b"<!doctype html", "a web page", "download the file itself"),
    (b"<html", "a web page", "download the file itself"),
    (b"<mpd", "a DASH manifest", NO_VIDEO),
];

/// The format of a file that is not read, by its first [`HEAD_BYTES`] bytes; `None` if it is not recognised.
pub(super) fn unsupported_format(head: &[u8]) -> Option<UnsupportedFormat> {
    if head.iter().all(|byte| *byte == 0) {
        let name = if head.is_empty() { "an empty file" } else { "a file of zeros" };
        return Some(UnsupportedFormat { name, advice: DAMAGED });
    }
    let by_magic = MAGIC.iter().find(|(at, magic, ..)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    let by_magic = by_magic.map(|(_, _, name, advice)| UnsupportedFormat { name, advice });
    by_magic.or_else(|| bitmap(head)).or_else(|| transport_stream(head)).or_else(|| text(head))
}

/// The picture format of a file with the structure of QuickTime or MP4, by the brands of its File Type box (ISO/IEC
/// 14496-12, 4.3): the major brand, or if that names no codec, the compatible brands. `None` for videos.
pub(super) fn unsupported_brand(head: &[u8]) -> Option<UnsupportedFormat> {
    let [a, b, c, d, b'f', b't', b'y', b'p', rest @ ..] = head else { return None };
    let end = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
    let brands = rest.get(..end.saturating_sub(8).min(rest.len()))?;
    let (major, compatible) = (brands.get(..4)?, brands.get(8..).unwrap_or_default());
    let contains = |known: &[&[u8; 4]], brand: &[u8]| known.iter().any(|known| known.as_slice() == brand);
    let major = BRANDS.iter().find(|(known, _)| contains(known, major))?;
    let compatible = BRANDS.iter().find(|(known, _)| compatible.chunks_exact(4).any(|brand| contains(known, brand)));
    let (_, name) = if major.1 == BRANDS[3].1 { compatible.unwrap_or(major) } else { major };
    Some(UnsupportedFormat { name, advice: PICTURE })
}

/// A text may also begin with "BM", so the length field of the second header is checked too.
fn bitmap(head: &[u8]) -> Option<UnsupportedFormat> {
    const HEADERS: [u8; 7] = [12, 40, 52, 56, 64, 108, 124];
    let is_bitmap = head.starts_with(b"BM")
        && head.get(14).is_some_and(|length| HEADERS.contains(length))
        && head.get(15..18) == Some(&[0; 3]);
    is_bitmap.then_some(UnsupportedFormat { name: "a BMP picture", advice: PICTURE })
}

/// Each packet begins with 0x47 (ISO/IEC 13818-1, 2.4.3.2); camcorders put a time stamp of four bytes before it.
fn transport_stream(head: &[u8]) -> Option<UnsupportedFormat> {
    let is_sync = |at: usize| head.get(at) == Some(&0x47);
    let is_stream = (is_sync(0) && is_sync(188)) || (is_sync(4) && is_sync(196));
    is_stream.then_some(UnsupportedFormat { name: "an MPEG transport stream", advice: VIDEO })
}

fn text(head: &[u8]) -> Option<UnsupportedFormat> {
    let starts_with_tag = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start().starts_with(b"<");
    let head = head.to_ascii_lowercase();
    let mut known = TEXTS.iter().filter(|_| starts_with_tag);
    let found = known.find(|(tag, ..)| head.windows(tag.len()).any(|window| window == *tag))?;
    Some(UnsupportedFormat { name: found.1, advice: found.2 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(head: &[u8]) -> Option<&'static str> {
        unsupported_brand(head).or_else(|| unsupported_format(head)).map(|foreign| foreign.name)
    }

    #[test]
    fn pictures_in_iso_files_are_recognised_by_their_brands() {
        assert_eq!(name_of(b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf\0\0"), Some("an AVIF picture"));
        assert_eq!(name_of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif"), Some("an AVIF picture"));
        assert_eq!(name_of(b"\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc"), Some("a HEIC picture"));
        assert_eq!(name_of(b"\0\0\0\x14ftypmif1\0\0\0\0mif1avif"), Some("a HEIF picture"));
        // A video may list a picture brand as compatible (a Live Photo does) and is still a video.
        assert_eq!(name_of(b"\0\0\0\x18ftypisom\0\0\0\0mp42mif1"), None);
        assert_eq!(name_of(b"\0\0\0\x14ftypqt  \0\0\0\0qt  "), None);
        assert_eq!(name_of(b"\xff\xff\xff\xffftyp"), None);
    }

    #[test]
    fn text_formats_are_recognised_by_a_leading_tag_only() {
        assert_eq!(name_of(b"\xef\xbb\xbf\n<?xml version=\"1.0\"?>\n<SVG width=\"1\">"), Some("an SVG drawing"));
        assert_eq!(name_of(b"<!DOCTYPE html><title>404</title>"), Some("a web page"));
        assert_eq!(name_of(b"BM is how this text begins, not a bitmap"), None);
        assert_eq!(name_of(b"I write about <svg and <html"), None);
        assert_eq!(name_of(b"GGGG"), None);
    }
}
