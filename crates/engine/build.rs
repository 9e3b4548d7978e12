//! Computes the build identifier: a hash of everything in the repository that determines the pixels and the bytes of a
//! render. Two machines that compile the same sources have the same identifier, whatever their file times.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The crates that this one is made of, and what they embed. A change of any other crate leaves renders unchanged.
const INPUTS: [&str; 21] = [
    "Cargo.lock",
    "Cargo.toml",
    "assets/fonts",
    "assets/sounds",
    "crates/compositor/Cargo.toml",
    "crates/compositor/src",
    "crates/engine/Cargo.toml",
    "crates/engine/src",
    "crates/gstreamer/Cargo.toml",
    "crates/gstreamer/src",
    "crates/media/Cargo.toml",
    "crates/media/src",
    "crates/mixer/Cargo.toml",
    "crates/mixer/src",
    "crates/model/Cargo.toml",
    "crates/model/src",
    "crates/mux/Cargo.toml",
    "crates/mux/src",
    "crates/storage/Cargo.toml",
    "crates/storage/src",
    "shaders",
];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut hash = Fnv::new();
    for input in INPUTS {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
        add(&root, Path::new(input), &mut hash)?;
    }
    let target = env::var("TARGET").unwrap_or_default();
    hash.update(target.as_bytes());
    println!("cargo::rustc-env=REPCAST_BUILD_ID={:032x}", hash.0);
    Ok(())
}

/// Adds a file, or the files below a folder in the order of their names.
fn add(root: &Path, path: &Path, hash: &mut Fnv) -> io::Result<()> {
    let full = root.join(path);
    if full.is_dir() {
        let entries = fs::read_dir(&full)?.map(|entry| entry.map(|entry| path.join(entry.file_name())));
        let mut entries = entries.collect::<io::Result<Vec<_>>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(root, entry, hash));
    }
    let bytes = fs::read(full)?;
    // Lengths keep neighbouring fields apart.
    hash.update(&(bytes.len() as u64).to_le_bytes());
    hash.update(path.to_string_lossy().replace('\\', "/").as_bytes());
    hash.update(&bytes);
    Ok(())
}

/// FNV-1a with 128 bits: sources change by accident and not to deceive.
struct Fnv(u128);

impl Fnv {
    const fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 ^= u128::from(*byte);
            self.0 = self.0.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}
