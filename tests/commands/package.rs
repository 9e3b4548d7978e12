//! The packages of `script/package`, with the program under test, run where they are installed.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::process::{Exit, LIMIT, ProcessOutput, run};

/// Downloading and unpacking a Debian with GStreamer and Mesa takes minutes.
const INSTALL_LIMIT: Duration = Duration::from_secs(1200);

/// The packages, made once.
static PACKAGES: LazyLock<TempDir> = LazyLock::new(|| {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("script/package"));
    command.args(["--program", env!("CARGO_BIN_EXE_repcast"), "--out"]).arg(out.path());
    succeeded(run(command, LIMIT, |_| ()));
    out
});

fn package(ending: &str) -> PathBuf {
    let paths = fs::read_dir(PACKAGES.path()).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<_> = paths.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    let [path] = found.as_slice() else { panic!("{found:?}") };
    path.clone()
}

fn succeeded(output: ProcessOutput) -> String {
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.exit, Exit::Code(0), "{stdout}{}", output.stderr);
    stdout
}

fn call<S: AsRef<OsStr>>(program: impl AsRef<OsStr>, args: impl IntoIterator<Item = S>) -> String {
    let mut command = Command::new(program);
    command.args(args);
    succeeded(run(command, LIMIT, |_| ()))
}

#[test]
fn the_tarball_runs_from_any_folder_and_describes_itself() {
    let folder = tempfile::tempdir().unwrap();
    let archive = package(".tar.gz");
    call("tar", [OsStr::new("-xzf"), archive.as_os_str(), OsStr::new("-C"), folder.path().as_os_str()]);
    let root = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let program = root.join("bin/repcast");
    assert!(fs::metadata(&program).unwrap().len() < 64_000_000);
    // The working folder has no catalogue.
    let frame = folder.path().join("frame.png");
    let mut command = Command::new(&program);
    command.arg("frame").arg(root.join("share/repcast/demo/workout.json")).args(["--at", "3", "-o"]).arg(&frame);
    command.current_dir(folder.path());
    succeeded(run(command, LIMIT, |_| ()));
    assert_eq!(image::image_dimensions(&frame).unwrap(), (1920, 1080));

    let completions = root.join("share/bash-completion/completions/repcast");
    let script =
        r#"source "$1"; COMP_WORDS=(repcast re) COMP_CWORD=1; _repcast repcast re repcast; echo "${COMPREPLY[@]}""#;
    let offered = call("bash", ["-euc".as_ref(), script.as_ref(), "bash".as_ref(), completions.as_os_str()]);
    assert_eq!(offered.trim(), "render");
    let page = call("gzip", [OsStr::new("-dc"), root.join("share/man/man1/repcast-live.1.gz").as_os_str()]);
    assert!(page.contains(".TH") && page.contains(r"\-\-listen"), "{page}");
    assert!(!root.join("share/man/man1/repcast-check-clips.1.gz").exists());
}

/// In a new Debian without anything else, which has what the package depends on.
#[test]
fn the_debian_package_brings_what_it_needs() {
    let may_install = Path::new("/etc/debian_version").exists() && call("id", ["-u"]).trim() == "0";
    if !may_install {
        println!("SKIPPED: installing the package into a new Debian needs Debian and root");
        return;
    }
    let package = package(".deb");
    let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    // The mounts are gone with the shell.
    let script = r#"
        root=$1 package=$2
        debootstrap --variant=minbase bookworm "$root" http://deb.debian.org/debian >"$root.log" || { tail "$root.log"; exit 1; }
        mount -t proc proc "$root/proc"
        cp "$package" "$root/tmp/repcast.deb"
        inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }
        export DEBIAN_FRONTEND=noninteractive
        chroot "$root" apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-unsafe-io /tmp/repcast.deb \
          >"$root.log" || { tail "$root.log"; exit 1; }
        rm "$root.log"
        inside systemd-analyze verify --man=no /lib/systemd/system/repcast.service
        inside repcast doctor >"$root/tmp/doctor" || { cat "$root/tmp/doctor"; exit 1; }
        inside repcast frame /usr/share/repcast/demo/workout.json --at 3 -o /tmp/frame.png
        printf '{"canvas": {"width": 320, "height": 180}, "duration": 1, "layers": [{"type": "tone"}]}' >"$root/tmp/tone.json"
        inside repcast render /tmp/tone.json -o /tmp/tone.mp4
    "#;
    let mut command = Command::new("unshare");
    command.args(["--mount", "bash", "-euc", script, "bash"]).arg(root.path()).arg(&package);
    succeeded(run(command, INSTALL_LIMIT, |_| ()));
    assert_eq!(image::image_dimensions(root.path().join("tmp/frame.png")).unwrap(), (1920, 1080));
    let streams = call(
        "ffprobe",
        [
            OsStr::new("-v"),
            OsStr::new("error"),
            OsStr::new("-show_entries"),
            OsStr::new("stream=codec_name"),
            OsStr::new("-of"),
            OsStr::new("csv=p=0"),
            root.path().join("tmp/tone.mp4").as_os_str(),
        ],
    );
    assert_eq!(streams, "h264\naac\n");
}
