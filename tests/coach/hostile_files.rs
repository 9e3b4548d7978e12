//! Files that are no clips, whatever they claim.

use std::path::Path;

use super::support::ffmpeg::make as ffmpeg;

/// Names and contents.
pub(crate) fn all(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, content: Vec<u8>| files.push((name.to_owned(), content));
    // Names that would be paths elsewhere, of files that are nothing.
    for name in [
        "../../../etc/passwd",
        "/etc/passwd",
        "..\\..\\a.mov",
        "C:\\a.mov",
        "%2e%2e%2fa.mov",
        ".",
        "..",
        "con",
        "-rf",
        "a;rm -rf .mov",
    ] {
        add(name, b"nothing".to_vec());
    }
    add(&"a".repeat(5000), vec![0; 100]);
    add("\u{202e}vom.exe", vec![0xff; 100]);
    // Other formats, some of which name further files.
    for (name, text) in [
        ("page.html", "<html><script>alert(1)</script>"),
        ("picture.svg", "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"),
        ("list.m3u8", "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"),
        ("list.mpd", "<MPD><Period><BaseURL>http://169.254.169.254/</BaseURL></Period></MPD>"),
        ("list.ffconcat", "ffconcat version 1.0\nfile /etc/passwd\n"),
        ("stream.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"),
        ("list.pls", "[playlist]\nFile1=http://127.0.0.1/\n"),
        ("redirect.mov", "rtsptextRTSP://127.0.0.1/a"),
        ("entities.xml", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
        ("script.sh", "#!/bin/sh\nrm -rf /\n"),
        ("text.mov", "this is not a movie"),
    ] {
        add(name, text.into());
    }
    for (name, head) in [
        ("a.zip", &b"PK\x03\x04\x14\0\0\0\x08\0"[..]),
        ("a.gz", b"\x1f\x8b\x08\0"),
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.elf", b"\x7fELF\x02\x01\x01"),
        ("a.wasm", b"\0asm\x01\0\0\0"),
        ("a.class", b"\xca\xfe\xba\xbe"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c"),
        ("a.ttf", b"\0\x01\0\0\0\x0c"),
        ("a.avi", b"RIFF\xff\xff\xff\xffAVI LIST"),
        ("a.flv", b"FLV\x01\x05\0\0\0\x09"),
        ("a.ts", b"\x47\x40\0\x10"),
        ("a.mxf", b"\x06\x0e\x2b\x34\x02\x05\x01\x01"),
        ("a.jp2", b"\0\0\0\x0cjP  \r\n\x87\n"),
        ("a.exr", b"\x76\x2f\x31\x01"),
        ("a.psd", b"8BPS\0\x01"),
        ("a.tiff", b"II*\0\x08\0\0\0"),
        // The beginnings of formats that are read, and then something else.
        ("a.png", b"\x89PNG\r\n\x1a\n<script>"),
        ("a.gif", b"GIF89a<script>alert(1)</script>"),
        ("a.jpg", b"\xff\xd8\xff\xe0<?php system($_GET[0]);"),
        ("a.webp", b"RIFF\x24\0\0\0WEBPVP8 "),
        ("a.webm", b"\x1a\x45\xdf\xa3\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("a.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isommp42PK\x03\x04"),
        ("b.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  \xff\xff\xff\xffmoov"),
        ("c.mov", b"\0\0\0\x01moov\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("d.mov", b"\0\0\0\0moov"),
    ] {
        add(name, [head, &[0; 4096][..]].concat());
    }
    // Boxes in boxes, a thousand deep.
    let nested = (0..1000)
        .fold(Vec::new(), |inner: Vec<u8>, _| [&(inner.len() as u32 + 8).to_be_bytes()[..], b"moov", &inner].concat());
    add("deep.mov", [&b"\0\0\0\x14ftypqt  \0\0\0\0qt  "[..], &nested].concat());
    // Pictures of a hundred megapixels and of four gigapixels, in some bytes.
    add("huge.png", png_head(100_000, 1000));
    add("square.png", png_head(10_000, 10_000));
    add("most.png", png_head(u32::MAX, u32::MAX));
    add("none.png", png_head(0, 100));
    add(
        "huge.gif",
        [&b"GIF89a\xff\xff\xff\xff\x80\0\0"[..], &[0; 6], b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x08\x01\0\0\x3b"].concat(),
    );
    add("huge.webp", b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\xff\xff\xff\xff\xff\xff".to_vec());
    // Sound is no clip.
    let media = |name: &str, options: &[&str]| {
        let path = folder.join(name);
        ffmpeg(options, &path);
        std::fs::read(path).unwrap()
    };
    for name in ["sound.wav", "sound.mp3", "sound.m4a", "sound.flac", "sound.ogg"] {
        add(name, media(name, &["-f", "lavfi", "-i", "sine=d=1"]));
    }
    // A movie whose tables lie, whose frames are noise, or whose end is missing.
    let movie =
        media("movie.mov", &["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=1", "-c:v", "qtrle", "-pix_fmt", "argb"]);
    let at = |name: &[u8]| movie.windows(4).position(|window| window == name).unwrap();
    add("truncated.mov", movie[..movie.len() / 2].to_vec());
    let with = |place: usize, bytes: &[u8]| {
        let mut other = movie.clone();
        other[place..place + bytes.len()].copy_from_slice(bytes);
        other
    };
    // Sizes and counts of four billion, an unknown codec, media in another file, a track as wide as no canvas.
    add("many-samples.mov", with(at(b"stsz") + 12, &[0xff; 4]));
    add("many-chunks.mov", with(at(b"stsc") + 8, &[0xff; 4]));
    add("codec.mov", with(at(b"rle "), b"evil"));
    add("encrypted.mov", with(at(b"rle "), b"encv"));
    add("wide.mov", with(at(b"rle ") + 28, &[0xff; 4]));
    add("empty-size.mov", with(at(b"rle ") + 28, &[0; 4]));
    files
}

/// The head of a PNG file of this size, and an empty image.
fn png_head(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        [&(data.len() as u32).to_be_bytes()[..], &body, &crc(&body).to_be_bytes()].concat()
    };
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &chunk(b"IHDR", &header),
        &chunk(b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01"),
        &chunk(b"IEND", b""),
    ]
    .concat()
}

/// The checksum of PNG chunks (PNG specification, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
