//! The worker process that checks files before a server opens them.

use std::fs::File;
use std::path::Path;

use repcast_gstreamer::worker::{ClipWorker, Verdict, WorkerCommand};

use crate::containers::clips::{Base, H264, H264_B, H265, PRORES, QTRLE, VP8, VP9};

fn start() -> ClipWorker {
    let command = WorkerCommand { program: env!("CARGO_BIN_EXE_repcast").into(), args: vec!["check-clips".to_owned()] };
    ClipWorker::start(&command).unwrap()
}

fn check(worker: &mut ClipWorker, path: &Path) -> Verdict {
    worker.check(&File::open(path).unwrap()).unwrap()
}

/// What the process may not do does not keep it from decoding.
#[test]
fn clips_of_all_codecs_are_decoded() {
    let mut worker = start();
    let movies = [H264, H264_B, H265, PRORES, QTRLE].map(|base: Base| base.write("mov"));
    let web = [VP8, VP9].map(|base: Base| base.write("webm"));
    for path in movies.iter().chain(&web) {
        assert_eq!(check(&mut worker, path), Verdict::Decoded, "{}", path.display());
    }
}

#[test]
fn a_damaged_file_has_no_effect_on_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut worker = start();
    let good = H264.write("mov");
    let bytes = std::fs::read(&good).unwrap();
    let bad = folder.path().join("bad.mov");
    std::fs::write(&bad, &bytes[..bytes.len() / 8]).unwrap();
    assert_eq!(check(&mut worker, &bad), Verdict::Failed);
    assert_eq!(check(&mut worker, &good), Verdict::Decoded);
}
