//! The worker's side: forks a process for each file.

use std::fs::File;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::sandbox::{self, CHECK_LIMITS, INSPECTION_LIMITS, ProcessLimits};
use super::sys::{Fork, close_inherited, detach, fork, is_readable, receive_file};
use super::{CHECK_STALL_TIMEOUT, INSPECT, MAX_REPORT_BYTES, READY, READY_WITHOUT_LANDLOCK, Verdict, landlock};
use crate::decode::{self, DecodeError};
use crate::stopper::is_any_pipeline_stopping;

/// How often is checked whether pipelines have stopped.
const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(10);

/// Reads a font as it will be drawn. False if it is not used.
pub type FontCheck = fn(&[u8]) -> bool;

/// First bytes of font files: TrueType, OpenType, collections, and web fonts.
const FONT_HEADS: [&[u8; 4]; 6] = [b"\0\x01\0\0", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2"];

/// Receives files on standard input, which is a socket, and responds with a verdict to each, until the other side closes
/// it. Fonts are checked by `check_font`.
///
/// # Errors
/// When GStreamer cannot be initialised, a limit cannot be set, or the socket fails.
pub fn run(check_font: FontCheck) -> io::Result<()> {
    // A worker that replaces another one inherits the files that the server has open.
    close_inherited();
    let mut socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    decode::init().map_err(io::Error::other)?;
    let plugin_folders = decode::load_decoders();
    sandbox::limit_worker()?;
    socket.write_all(&[if landlock::is_supported() { READY } else { READY_WITHOUT_LANDLOCK }])?;
    while let Some((file, request)) = receive_file(&socket)? {
        if request == INSPECT {
            let (verdict, report) = inspect(&file, &socket, &plugin_folders)?;
            socket.write_all(&[verdict.code()])?;
            socket.write_all(&u32::try_from(report.len()).unwrap_or(0).to_le_bytes())?;
            socket.write_all(&report)?;
        } else {
            let verdict = check(&file, &socket, &plugin_folders, check_font)?;
            socket.write_all(&[verdict.code()])?;
        }
    }
    Ok(())
}

/// Gives up what a decoder of a file must not have. Called in the process of the file.
fn restrict(file: &File, socket: &UnixStream, plugin_folders: &[PathBuf]) -> io::Result<PathBuf> {
    // A decoder must not be able to respond for the files that follow.
    detach(io::stdin().as_fd())?;
    detach(socket.as_fd())?;
    if landlock::is_supported() {
        landlock::restrict(file, plugin_folders)?;
    }
    Ok(format!("/proc/self/fd/{}", file.as_raw_fd()).into())
}

/// Decodes a whole file in a process of its own. The report is an inspection, or the error of the decoder, as JSON.
fn inspect(file: &File, socket: &UnixStream, plugin_folders: &[PathBuf]) -> io::Result<(Verdict, Vec<u8>)> {
    run_in_child(&INSPECTION_LIMITS, || {
        let path = restrict(file, socket, plugin_folders)?;
        let result = decode::inspect(&path, CHECK_STALL_TIMEOUT);
        Ok(match result {
            Err(error) if is_stalled(&error) => (Verdict::Stalled, Vec::new()),
            _ if !have_pipelines_stopped(CHECK_STALL_TIMEOUT) => (Verdict::Stalled, Vec::new()),
            Ok(inspection) => (Verdict::Decoded, serde_json::to_vec(&inspection)?),
            // The path means nothing to others.
            Err(error) => {
                let reason = error.to_string().replace(&format!("{}: ", path.display()), "");
                let reason: String = reason.chars().take(MAX_REASON_CHARS).collect();
                (Verdict::Failed, serde_json::to_vec(&reason)?)
            }
        })
    })
}

/// Characters of a decoder's error that are passed on.
const MAX_REASON_CHARS: usize = 300;

fn is_stalled(error: &DecodeError) -> bool {
    matches!(error, DecodeError::Stalled { .. } | DecodeError::DoesNotStop(_) | DecodeError::TooManyAbandoned(_))
}

/// Checks a file in a process of its own.
fn check(file: &File, socket: &UnixStream, plugin_folders: &[PathBuf], check_font: FontCheck) -> io::Result<Verdict> {
    let checked = run_in_child(&CHECK_LIMITS, || {
        let path = restrict(file, socket, plugin_folders)?;
        if is_font(file, &path) {
            let is_read = check_font(&std::fs::read(&path)?);
            return Ok((if is_read { Verdict::Decoded } else { Verdict::Failed }, Vec::new()));
        }
        let verdict = match decode::decode_samples(&path, CHECK_STALL_TIMEOUT) {
            Err(error) if is_stalled(&error) => Verdict::Stalled,
            // A decoder may loop after the frames that were looked at.
            _ if !have_pipelines_stopped(CHECK_STALL_TIMEOUT) => Verdict::Stalled,
            Ok(()) => Verdict::Decoded,
            Err(_) => Verdict::Failed,
        };
        Ok((verdict, Vec::new()))
    })?;
    Ok(checked.0)
}

/// Whether a file is to be checked as a font. What the server would open as a movie is not, whatever its first bytes mean in
/// a font.
fn is_font(file: &File, path: &Path) -> bool {
    let mut head = [0; 4];
    file.read_exact_at(&mut head, 0).is_ok() && FONT_HEADS.contains(&&head) && !decode::is_movie(path)
}

/// Whether all pipelines stop within a time.
fn have_pipelines_stopped(timeout: Duration) -> bool {
    let started = Instant::now();
    while is_any_pipeline_stopping() {
        if started.elapsed() >= timeout {
            return false;
        }
        std::thread::sleep(STOP_CHECK_INTERVAL);
    }
    true
}

/// A verdict, and what else a child says, which may be nothing.
type Outcome = (Verdict, Vec<u8>);

/// Runs `work` in a child process. A child without a result counts as crashed.
fn run_in_child(limits: &ProcessLimits, work: impl FnOnce() -> io::Result<Outcome>) -> io::Result<Outcome> {
    let (reader, mut writer) = io::pipe()?;
    match fork()? {
        Fork::Child(exit) => {
            drop(reader);
            let limited = || {
                sandbox::limit_check(limits)?;
                let (verdict, report) = work()?;
                let length = u16::try_from(report.len()).map_err(io::Error::other)?;
                // In one piece, which fits into the pipe.
                writer.write_all(&[&[verdict.code()][..], &length.to_le_bytes(), &report].concat())
            };
            // A panic must not unwind into the code of the parent.
            let result = catch_unwind(AssertUnwindSafe(limited));
            exit.exit(!matches!(result, Ok(Ok(()))))
        }
        Fork::Parent(child) => {
            drop(writer);
            let outcome = wait(reader, Instant::now() + limits.timeout);
            let is_out_of_time = child.kill()?;
            Ok(match outcome? {
                (Verdict::Crashed, report) if is_out_of_time => (Verdict::TimedOut, report),
                outcome => outcome,
            })
        }
    }
}

/// Waits for the result of a child.
fn wait(mut reader: PipeReader, deadline: Instant) -> io::Result<Outcome> {
    let mut head = [0; 3];
    if let Some(failed) = read_within(&mut reader, &mut head, deadline)? {
        return Ok((failed, Vec::new()));
    }
    let Some(verdict) = Verdict::of_code(head[0]) else { return Ok((Verdict::Crashed, Vec::new())) };
    let length = usize::from(u16::from_le_bytes([head[1], head[2]]));
    if length > MAX_REPORT_BYTES {
        return Ok((Verdict::Crashed, Vec::new()));
    }
    let mut report = vec![0; length];
    Ok(match read_within(&mut reader, &mut report, deadline)? {
        Some(failed) => (failed, Vec::new()),
        None => (verdict, report),
    })
}

/// Fills a buffer. Returns why it could not.
fn read_within(reader: &mut PipeReader, buffer: &mut [u8], deadline: Instant) -> io::Result<Option<Verdict>> {
    let mut filled = 0;
    while filled < buffer.len() {
        if !is_readable(reader, deadline.saturating_duration_since(Instant::now()))? {
            return Ok(Some(Verdict::TimedOut));
        }
        let read = reader.read(&mut buffer[filled..])?;
        if read == 0 {
            return Ok(Some(Verdict::Crashed));
        }
        filled += read;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    const LIMITS: ProcessLimits =
        ProcessLimits { cpu_secs: 1, memory_bytes: 1 << 30, timeout: Duration::from_secs(120) };

    #[test]
    fn a_movie_that_begins_as_a_font_does_is_a_movie() {
        let folder = tempfile::tempdir().unwrap();
        let is_font = |bytes: &[u8]| {
            let path = folder.path().join("file");
            std::fs::write(&path, bytes).unwrap();
            is_font(&File::open(&path).unwrap(), &path)
        };
        // A first box of 65,536 bytes.
        assert!(!is_font(&[b"\0\x01\0\0free", &[0; 65_528][..], b"\0\0\0\x08mdat"].concat()));
        assert!(is_font(b"\0\x01\0\0\0\x0c\0\x80\0\x03\0\x40"));
        assert!(is_font(b"OTTO\0\x0c\0\x80") && !is_font(b"RIFF") && !is_font(b"OT"));
    }

    #[test]
    fn a_child_that_exceeds_a_limit_or_crashes_is_ended() {
        let run = |limits: &ProcessLimits, work: fn() -> io::Result<Verdict>| {
            run_in_child(limits, || Ok((work()?, Vec::new()))).unwrap().0
        };
        assert_eq!(run(&LIMITS, || Ok(Verdict::Decoded)), Verdict::Decoded);
        assert_eq!(run(&LIMITS, || Err(io::Error::other("fails"))), Verdict::Crashed);
        assert_eq!(run(&LIMITS, || std::process::abort()), Verdict::Crashed);
        let spin = || loop {
            black_box(());
        };
        assert_eq!(run(&LIMITS, spin), Verdict::TimedOut);
        let short = ProcessLimits { timeout: Duration::from_millis(50), ..LIMITS };
        let wait = || loop {
            std::thread::park();
        };
        assert_eq!(run(&short, wait), Verdict::TimedOut);
        let allocate = || {
            let mut memory: Vec<u8> = Vec::new();
            memory.try_reserve_exact(2 << 30).map_err(io::Error::other)?;
            black_box(&memory);
            Ok(Verdict::Decoded)
        };
        assert_eq!(run(&LIMITS, allocate), Verdict::Crashed);
    }

    #[test]
    fn a_restricted_child_reads_its_file_and_no_other() {
        if !landlock::is_supported() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let [own, other] = ["own", "other"].map(|name| folder.path().join(name));
        [&own, &other].iter().for_each(|path| std::fs::write(path, "content").unwrap());
        let file = File::open(&own).unwrap();
        let verdict = run_in_child(&LIMITS, || {
            landlock::restrict(&file, &[])?;
            let own = std::fs::read(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
            let is_denied = |error: io::Error| error.kind() == io::ErrorKind::PermissionDenied;
            let is_restricted = std::fs::read(&other).is_err_and(is_denied)
                && std::fs::read_dir(folder.path()).is_err_and(is_denied)
                && File::create(folder.path().join("new")).is_err_and(is_denied)
                && std::fs::remove_file(&other).is_err_and(is_denied);
            Ok((if own == b"content" && is_restricted { Verdict::Decoded } else { Verdict::Stalled }, Vec::new()))
        });
        assert_eq!(verdict.unwrap().0, Verdict::Decoded);
    }
}
