//! Files with random changes: no crash, no hang, bounded memory, and errors that name the file.
//!
//! Each batch is read by a child process, so that a crash in a decoder is detected. `REPCAST_FUZZ_SECS` sets the duration,
//! `REPCAST_SEED` repeats a run.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use repcast_gstreamer::decode::{Clip, probe};
use repcast_model::time::{Rational, SourceTime};

use super::clips::{Base, H264, H264_B, H265, PRORES, QTRLE, VP8, VP9, remux};
use super::sweep::{Random, seed};

/// Default duration of the test, in seconds.
const SECS: u64 = 8;

/// Files per process.
const BATCH: u64 = 40;

/// How long a decoder may deliver no frame here.
const STALL: Duration = Duration::from_secs(5);

/// Longest time for one file: a stall at each position that is read, on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Largest peak memory of a process.
const MAX_KIB: u64 = 1 << 20;

/// The files that are changed: short, with all containers and layouts.
fn bases(folder: &Path) -> Vec<PathBuf> {
    let files: [(Base, &str, &str); 10] = [
        (H264_B, "mp4", ""),
        (H264_B, "mov", "-movflags faststart"),
        (H264, "mp4", "-movflags frag_keyframe+empty_moov+default_base_moof"),
        (H264_B, "mp4", "-movflags frag_keyframe+delay_moov+negative_cts_offsets"),
        (H264, "mkv", ""),
        (H265, "mp4", ""),
        (PRORES, "mov", ""),
        (QTRLE, "mov", ""),
        (VP9, "webm", ""),
        (VP8, "mkv", ""),
    ];
    let write = |(index, (base, ending, options)): (usize, (Base, &str, &str))| {
        let path = folder.join(format!("base-{index}.{ending}"));
        let source = base.write(if [VP9, VP8].contains(&base) { "webm" } else { "mov" });
        remux(&source, "", &format!("{options} -t 600ms"), &path);
        path
    };
    files.into_iter().enumerate().map(write).collect()
}

/// Makes one to twelve changes, more often in headers than in media data.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    const DESCRIPTIONS: [&[u8]; 3] = [b"moov", b"moof", b"\x15\x49\xa9\x66"];
    let position = |name: &[u8]| bytes.windows(4).position(|window| window == name);
    let starts: Vec<usize> = DESCRIPTIONS.into_iter().filter_map(position).chain([0]).collect();
    for _ in 0..1 + random.below(12) {
        let len = bytes.len() as u64;
        let near = random.of(&starts) as u64 + random.below(700);
        let at = (if random.below(3) > 0 { near } else { random.below(len) }).min(len - 1) as usize;
        match random.below(6) {
            0 => bytes[at] = random.below(256) as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes[at] = random.of(&[0, 0x7f, 0x80, 0xff]),
            3 => {
                let word = random.of(&[0_u32, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0xffff]).to_be_bytes();
                let end = (at + 4).min(bytes.len());
                bytes[at..end].copy_from_slice(&word[..end - at]);
            }
            4 => {
                let end = (at + 1 + random.below(64) as usize).min(bytes.len());
                bytes[at..end].fill(random.of(&[0, 0xff]));
            }
            _ if random.below(8) == 0 => bytes.truncate(at.max(16)),
            _ => {}
        }
    }
}

/// Reads a few frames of a file, like a document does.
fn read(path: &Path) -> Result<(), String> {
    let named = |error: repcast_gstreamer::decode::DecodeError| {
        let message = error.to_string();
        assert!(message.contains(&*path.to_string_lossy()), "the error does not name the file: {message}");
        message
    };
    let probed = probe(path).map_err(named)?;
    let duration = probed.info.duration;
    assert!(duration > Rational::from_integer(0), "a clip of {duration} s");
    let mut clip = Clip::open(path, &probed, SourceTime(Rational::from_integer(0)), None, STALL).map_err(named)?;
    for (part, parts) in [(0, 1), (1, 3), (9, 10), (1, 4), (99, 100)] {
        clip.frame_at(SourceTime(duration * Rational::new(part, parts))).map_err(named)?;
    }
    Ok(())
}

/// The child process, whose batch is set by the environment.
#[test]
#[ignore = "run by the test below, in a child process"]
fn read_a_batch() {
    let folder = PathBuf::from(std::env::var_os("REPCAST_FUZZ_FOLDER").unwrap());
    let first: u64 = std::env::var("REPCAST_FUZZ_FIRST").unwrap().parse().unwrap();
    let seed: u64 = std::env::var("REPCAST_SEED").unwrap().parse().unwrap();
    let bases: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let mut bases: Vec<_> =
        bases.into_iter().filter(|path| path.file_stem().unwrap().to_str().unwrap().starts_with("base-")).collect();
    bases.sort();
    let scratch = tempfile::tempdir().unwrap();
    for number in first..first + BATCH {
        let mut random = Random(seed.wrapping_mul(7_919).wrapping_add(number));
        let base = &bases[number as usize % bases.len()];
        let mut bytes = std::fs::read(base).unwrap();
        mutate(&mut random, &mut bytes);
        let path = scratch.path().join(format!("{number}.{}", base.extension().unwrap().to_str().unwrap()));
        std::fs::write(&path, bytes).unwrap();
        // A copy for analysis after a crash.
        std::fs::copy(&path, folder.join(format!("last-{first}"))).unwrap();
        let began = Instant::now();
        let result = read(&path);
        let took = began.elapsed();
        println!("case {number}: {result:?}");
        assert!(took < LIMIT, "case {number} took {took:?}");
        std::fs::remove_file(path).unwrap();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    assert!(peak < MAX_KIB, "{peak} KiB of memory");
}

/// The exit status of a process, or `None` if it was killed at the limit.
fn wait_with_limit(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    loop {
        match child.try_wait().unwrap() {
            Some(status) => return Some(status),
            None if began.elapsed() > limit => {
                child.kill().unwrap();
                child.wait().unwrap();
                return None;
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

#[test]
fn changed_files_neither_crash_nor_hang() {
    let secs =
        std::env::var("REPCAST_FUZZ_SECS").map_or(SECS, |secs| secs.parse().expect("REPCAST_FUZZ_SECS is a number"));
    let seed = seed();
    let folder = tempfile::tempdir().unwrap();
    bases(folder.path());
    // The name of the test above, without the name of this test program.
    let batch_test = format!("{}::read_a_batch", module_path!().split_once("::").unwrap().1);
    let start = Instant::now();
    let mut first = 0;
    while start.elapsed() < Duration::from_secs(secs) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", &batch_test, "--nocapture"]);
        command.env("REPCAST_FUZZ_FOLDER", folder.path()).env("REPCAST_FUZZ_FIRST", first.to_string());
        let log = folder.path().join("log");
        let output = File::create(&log).unwrap();
        command.stderr(output.try_clone().unwrap()).stdout(output);
        let mut child = command.env("REPCAST_SEED", seed.to_string()).stdin(Stdio::null()).spawn().unwrap();
        let status = wait_with_limit(&mut child, LIMIT * 2);
        let log = std::fs::read_to_string(&log).unwrap();
        assert!(log.contains("running 1 test"), "{batch_test} is not a test:\n{log}");
        if !status.is_some_and(|status| status.success()) {
            let kept = std::env::temp_dir().join(format!("repcast-mutated-{seed}-{first}"));
            std::fs::copy(folder.path().join(format!("last-{first}")), &kept).unwrap();
            panic!("seed {seed}, {status:?}; the file is {}\n{log}", kept.display());
        }
        first += BATCH;
    }
    println!("{first} files");
}
