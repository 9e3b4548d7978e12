//! Audio files, by ffmpeg.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::signal::Stereo;

/// Bits per second of Opus. Not Vorbis: GStreamer 1.22 decodes one sample too many from many Vorbis files, which is a step at
/// the seam of a loop; the length of Opus is exact in GStreamer, ffmpeg and browsers.
const OPUS_RATE: &str = "80k";

/// Why a file was not written or read.
#[derive(thiserror::Error, Debug)]
pub(crate) enum CodecError {
    /// A folder or file cannot be created or renamed.
    #[error("{path}: {error}")]
    File { path: PathBuf, error: io::Error },
    /// There is no ffmpeg, or its pipe has broken.
    #[error("cannot run ffmpeg: {0}")]
    Start(io::Error),
    /// It has rejected a file; its message is on the terminal.
    #[error("ffmpeg failed on {path} ({status})")]
    Failed { path: PathBuf, status: ExitStatus },
}

/// Writes a file: FLAC of 16 bit, Opus, or WAV of 16 bit, as its name ends. It is renamed when it is complete.
pub(crate) fn write(path: &Path, sound: &Stereo) -> Result<(), CodecError> {
    let file_error = |error| CodecError::File { path: path.to_owned(), error };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(file_error)?;
    }
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let unfinished = path.with_extension(format!("unfinished.{ending}"));
    let codec: &[&str] = match ending {
        "ogg" => &["-c:a", "libopus", "-b:a", OPUS_RATE],
        // Without padding for tags, which would be longer than a short signal.
        "flac" => &["-c:a", "flac", "-compression_level", "12", "-metadata_header_padding", "0"],
        _ => &["-c:a", "pcm_s16le"],
    };
    let mut command = Command::new("ffmpeg");
    command.args(["-y", "-loglevel", "error"]).args(PCM_INPUT).args(codec);
    feed(command, sound, &unfinished)?;
    fs::rename(&unfinished, path).map_err(file_error)
}

/// Puts a sound into a clip, in the place of one that it may have: ALAC, whose second channel takes no room where it equals the first. The video is copied as it is.
pub(crate) fn add_to_clip(path: &Path, sound: &Stereo) -> Result<(), CodecError> {
    let unfinished = path.with_extension("unfinished.mov");
    let mut command = Command::new("ffmpeg");
    command.args(["-y", "-loglevel", "error"]).args(PCM_INPUT).arg("-i").arg(path);
    command.args(["-map", "1:v", "-map", "0:a", "-c:v", "copy", "-c:a", "alac"]);
    feed(command, sound, &unfinished)?;
    fs::rename(&unfinished, path).map_err(|error| CodecError::File { path: path.to_owned(), error })
}

/// Stereo samples of 16 bit on standard input.
const PCM_INPUT: [&str; 8] = ["-f", "s16le", "-ar", "48000", "-ac", "2", "-i", "-"];

/// Runs ffmpeg with a sound on its standard input. What it could not finish is removed.
fn feed(mut command: Command, sound: &Stereo, unfinished: &Path) -> Result<(), CodecError> {
    let mut child = command
        // No time or version is written: the output is deterministic.
        .args(["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"])
        .arg(unfinished)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(CodecError::Start)?;
    let fed = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(&to_pcm(sound)));
    let status = child.wait().map_err(CodecError::Start)?;
    if !status.success() {
        // Removes the partial file, which may not exist.
        let _ = fs::remove_file(unfinished);
        return Err(CodecError::Failed { path: unfinished.to_owned(), status });
    }
    fed.map_err(CodecError::Start)
}

/// Reads the sound of a file of two channels, at its own rate.
pub(crate) fn read(path: &Path) -> Result<Stereo, CodecError> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-i"])
        .arg(path)
        .args(["-map", "0:a", "-f", "f32le", "-c:a", "pcm_f32le", "-"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(CodecError::Start)?;
    if !output.status.success() {
        return Err(CodecError::Failed { path: path.to_owned(), status: output.status });
    }
    let sample = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
    let samples: Vec<f32> = output.stdout.as_chunks().0.iter().map(sample).collect();
    let (pairs, _) = samples.as_chunks::<2>();
    Ok(Stereo::from_fn(pairs.len(), |index| pairs[index]))
}

/// Signed samples of 16 bit, the channels in turn, rounded to the nearest.
fn to_pcm(sound: &Stereo) -> Vec<u8> {
    let sample = |value: f32| ((value * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16).to_le_bytes();
    (0..sound.len()).flat_map(|index| sound.at(index).map(sample)).flatten().collect()
}
