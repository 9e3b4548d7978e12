//! Encodes frames as a clip with straight alpha, by ffmpeg.

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::palette::Color;
use crate::raster::Canvas;

/// Frames per second of every clip.
pub(crate) const RATE: u32 = 30;

/// The file format of a clip, by the ending of its name. Both are lossless.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Format {
    /// QuickTime Animation, `.mov`: decoded fastest.
    QuickTime,
    /// Animated WebP, `.webp`: an eighth of the size.
    Webp,
}

impl Format {
    /// The format of a file.
    pub(crate) fn of(file: &Path) -> Self {
        if file.extension() == Some(OsStr::new("webp")) { Self::Webp } else { Self::QuickTime }
    }

    /// The size of the frames, unless another one is asked for. That of WebP clips keeps the catalogue small, and is that of
    /// the place of figures on canvases of 1080 pixels.
    pub(crate) fn canvas(self) -> Canvas {
        let side = match self {
            Self::QuickTime => 1440,
            Self::Webp => 864,
        };
        Canvas { width: side, height: side }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            // Only the first frame is a key frame.
            Self::QuickTime => &["-c:v", "qtrle", "-pix_fmt", "argb", "-g", "600"],
            // A frame starts at the last millisecond that is not after its exact time, so that a player which shows the frame
            // that has started shows each of them.
            Self::Webp => &[
                "-vf",
                "settb=1/1000,setpts=floor(N*1000/30)",
                "-c:v",
                "libwebp_anim",
                "-pix_fmt",
                "bgra",
                "-lossless",
                "1",
                "-loop",
                "0",
            ],
        }
    }
}

/// Writes the frames as a clip in the format of its name. The file is renamed when it is complete, so that a catalogue never
/// contains a partial clip.
pub(crate) fn encode(
    frames: impl Iterator<Item = Result<Vec<Color>, Box<dyn Error>>>,
    canvas: Canvas,
    clip: &Path,
) -> Result<(), Box<dyn Error>> {
    let folder = clip.parent().ok_or("the clip has no folder")?;
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let format = Format::of(clip);
    let unfinished = clip.with_extension(match format {
        Format::QuickTime => "unfinished.mov",
        Format::Webp => "unfinished.webp",
    });
    let outcome = pipe(frames, start_ffmpeg(format, canvas, &unfinished)?);
    if let Err(error) = outcome {
        // Removes the partial file, which may not exist.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    if format == Format::Webp {
        complete_loop(&unfinished)?;
    }
    fs::rename(&unfinished, clip).map_err(|error| format!("{}: {error}", clip.display()).into())
}

/// Makes the last frame of a WebP clip a millisecond longer. The encoder gives it a duration that is rounded down, by which
/// loops of a multiple of three frames end early.
fn complete_loop(clip: &Path) -> Result<(), Box<dyn Error>> {
    let mut bytes = fs::read(clip)?;
    let last = last_frame(&bytes).ok_or("the clip has no frames")?;
    // Chunk header (8 bytes), then place and size of the frame (12 bytes), then its duration: 24 bits, little endian.
    let duration = &mut bytes[last + 20..last + 23];
    let [low, middle, high] = [duration[0], duration[1], duration[2]];
    let [low, middle, high, _] = (u32::from_le_bytes([low, middle, high, 0]) + 1).to_le_bytes();
    duration.copy_from_slice(&[low, middle, high]);
    Ok(fs::write(clip, bytes)?)
}

/// Where the chunk of the last frame of a WebP animation begins (RFC 9649, 2.7).
fn last_frame(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut last) = (12, None);
    while let Some([tag @ .., a, b, c, d]) = bytes.get(at..at + 8) {
        if tag == b"ANMF" && bytes.len() >= at + 23 {
            last = Some(at);
        }
        let size = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        at += 8 + size + size % 2;
    }
    last
}

/// Pipes all frames to the encoder and waits for its exit.
fn pipe(
    mut frames: impl Iterator<Item = Result<Vec<Color>, Box<dyn Error>>>,
    mut ffmpeg: Child,
) -> Result<(), Box<dyn Error>> {
    let fed = match ffmpeg.stdin.take() {
        Some(mut pipe) => frames.try_for_each(|pixels| Ok(pipe.write_all(&argb(&pixels?))?)),
        None => Err("ffmpeg takes no input".into()),
    };
    // An encoder that fails closes the pipe; its own error message is on the terminal.
    let status = ffmpeg.wait()?;
    if !status.success() {
        return Err(format!("ffmpeg failed ({status})").into());
    }
    fed
}

fn start_ffmpeg(format: Format, canvas: Canvas, clip: &Path) -> Result<Child, String> {
    Command::new("ffmpeg")
        .args(["-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "argb"])
        .args(["-s", &format!("{}x{}", canvas.width, canvas.height), "-r", &RATE.to_string(), "-i", "-"])
        .args(format.arguments())
        // No time or version is written: the output is deterministic.
        .args(["-fflags", "+bitexact"])
        .arg(clip)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start ffmpeg: {error}"))
}

/// The pixels as alpha, red, green and blue bytes.
fn argb(pixels: &[Color]) -> Vec<u8> {
    pixels.iter().flat_map(|[red, green, blue, alpha]| [*alpha, *red, *green, *blue]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_frame_of_a_webp_clip_is_found() {
        let chunk = |tag: &[u8; 4], size: u32| {
            let mut chunk = [tag.as_slice(), &size.to_le_bytes()].concat();
            chunk.resize(8 + (size + size % 2) as usize, 0);
            chunk
        };
        let head = b"RIFF....WEBP".to_vec();
        let file = [head, chunk(b"VP8X", 10), chunk(b"ANIM", 6), chunk(b"ANMF", 25), chunk(b"ANMF", 31)].concat();
        assert_eq!(last_frame(&file), Some(12 + 18 + 14 + 34));
        assert_eq!(last_frame(&file[..44]), None);
    }
}
