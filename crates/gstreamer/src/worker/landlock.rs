//! Landlock: a process gives up access to files and the network (Linux 5.13, `Documentation/userspace-api/landlock.rst`).
#![expect(unsafe_code, reason = "the system calls have no safe interface in the standard library")]

use std::fs::File;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::ptr;

/// `LANDLOCK_CREATE_RULESET_VERSION`.
const VERSION_FLAG: u32 = 1;
/// `LANDLOCK_RULE_PATH_BENEATH`.
const PATH_BENEATH: u32 = 1;
/// `LANDLOCK_ACCESS_FS_READ_FILE`.
const READ_FILE: u64 = 1 << 2;
/// `LANDLOCK_ACCESS_FS_READ_DIR`.
const READ_FOLDER: u64 = 1 << 3;

/// Number of file access rights from `LANDLOCK_ACCESS_FS_EXECUTE` on, by the version of the interface from 1.
const FILE_RIGHTS: [u32; 5] = [13, 14, 15, 15, 16];
/// Version from which TCP is restricted: `LANDLOCK_ACCESS_NET_BIND_TCP` and `LANDLOCK_ACCESS_NET_CONNECT_TCP`.
const NET_VERSION: u32 = 4;
const NET_RIGHTS: u64 = 0b11;
/// Version from which abstract sockets and signals are restricted: `LANDLOCK_SCOPE_*`.
const SCOPE_VERSION: u32 = 6;
const SCOPES: u64 = 0b11;

/// What decoders read in addition to the clip: libraries, the loader's cache, the number of cores.
const SYSTEM_PATHS: [&str; 15] = [
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
    "/etc/ld.so.cache",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system",
    "/usr",
];

/// `struct landlock_ruleset_attr`.
#[repr(C)]
struct RulesetAttributes {
    handled_access_fs: u64,
    handled_access_net: u64,
    scoped: u64,
}

/// `struct landlock_path_beneath_attr`.
#[repr(C, packed)]
struct PathAttributes {
    allowed_access: u64,
    parent_fd: i32,
}

/// The version of the interface; 0 without Landlock.
fn version() -> u32 {
    // SAFETY: with this flag the call takes no structure.
    let version = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, ptr::null::<RulesetAttributes>(), 0_usize, VERSION_FLAG)
    };
    u32::try_from(version).unwrap_or(0)
}

/// Whether the kernel has Landlock, and it is enabled.
pub(super) fn is_supported() -> bool {
    version() > 0
}

/// Gives up access to everything but reading this file, the system's libraries and the folders of plugins.
///
/// # Errors
/// When the kernel rejects it; the process must not continue.
pub(super) fn restrict(file: &File, plugin_folders: &[PathBuf]) -> io::Result<()> {
    let version = version();
    let count = FILE_RIGHTS[(version as usize).clamp(1, FILE_RIGHTS.len()) - 1];
    let attributes = RulesetAttributes {
        handled_access_fs: (1 << count) - 1,
        handled_access_net: if version >= NET_VERSION { NET_RIGHTS } else { 0 },
        scoped: if version >= SCOPE_VERSION { SCOPES } else { 0 },
    };
    // SAFETY: the structure is valid for this call; older kernels accept a larger one whose further fields are 0.
    let ruleset = unsafe {
        let size = size_of::<RulesetAttributes>();
        let descriptor = libc::syscall(libc::SYS_landlock_create_ruleset, &raw const attributes, size, 0_u32);
        let descriptor = i32::try_from(descriptor).ok().filter(|descriptor| *descriptor >= 0);
        OwnedFd::from_raw_fd(descriptor.ok_or_else(io::Error::last_os_error)?)
    };
    allow(&ruleset, file, READ_FILE)?;
    for path in SYSTEM_PATHS.iter().map(Path::new).chain(plugin_folders.iter().map(PathBuf::as_path)) {
        // What does not exist is not read.
        if let Ok(place) = File::options().read(true).custom_flags(libc::O_PATH | libc::O_CLOEXEC).open(path) {
            let folder = if place.metadata()?.is_dir() { READ_FOLDER } else { 0 };
            allow(&ruleset, &place, READ_FILE | folder)?;
        }
    }
    // SAFETY: the call takes no pointers.
    let restricted = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0_u32) };
    if restricted == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn allow(ruleset: &OwnedFd, place: &impl AsFd, access: u64) -> io::Result<()> {
    let attributes = PathAttributes { allowed_access: access, parent_fd: place.as_fd().as_raw_fd() };
    // SAFETY: the structure is valid for this call.
    let added = unsafe {
        libc::syscall(libc::SYS_landlock_add_rule, ruleset.as_raw_fd(), PATH_BENEATH, &raw const attributes, 0_u32)
    };
    if added == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
