//! `repcast format`: rewrites a document or a catalogue in canonical form.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use super::args::FormatArgs;
use crate::commands::{Failure, print_text};
use repcast_model::catalogue::{self, Catalogue};
use repcast_model::document::{self, ValidationFault};
use repcast_storage::read_document;

/// The largest catalogue that is read, as of the commands that use one.
const MAX_CATALOGUE_BYTES: u64 = 16 << 20;

pub(super) fn run(args: &FormatArgs) -> Result<(), Failure> {
    if args.document == Path::new("-") {
        return format_stdin(args.check);
    }
    let (written, canonical) = read(&args.document)?;
    if written == canonical.as_bytes() {
        return Ok(());
    }
    let name = args.document.display();
    if args.check {
        return Err(Failure::failed(format!("{name}: is not in canonical form; `repcast format {name}` writes it")));
    }
    replace(&args.document, &canonical).map_err(|reason| Failure::failed(format!("{name}: {reason}")))
}

fn format_stdin(is_check: bool) -> Result<(), Failure> {
    let written = read_document(Path::new("-")).map_err(Failure::wrong)?;
    let canonical = canonical_document(&written, "standard input")?;
    if !is_check {
        return print_text(&canonical);
    }
    if written == canonical.as_bytes() {
        return Ok(());
    }
    Err(Failure::failed("standard input: is not in canonical form; `repcast format -` prints it"))
}

/// The bytes of a file and its canonical form.
fn read(path: &Path) -> Result<(Vec<u8>, String), Failure> {
    let name = path.display().to_string();
    let is_catalogue = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    if !is_catalogue {
        let written = read_document(path).map_err(Failure::wrong)?;
        let canonical = canonical_document(&written, &name)?;
        return Ok((written, canonical));
    }
    let written = read_catalogue(path).map_err(|reason| Failure::wrong(format!("{name}: {reason}")))?;
    let canonical = canonical_catalogue(&written, &name)?;
    Ok((written.into_bytes(), canonical))
}

fn read_catalogue(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_CATALOGUE_BYTES + 1).read_to_string(&mut text));
    read.map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_CATALOGUE_BYTES {
        return Err(format!("a catalogue has at most {MAX_CATALOGUE_BYTES} bytes, this one more"));
    }
    Ok(text)
}

fn canonical_catalogue(text: &str, name: &str) -> Result<String, Failure> {
    let parse = |text: &str| Catalogue::parse(text, Path::new(""));
    let catalogue = parse(text).map_err(|faults| wrong(name, &faults))?;
    let canonical = catalogue::rewrite(text).map_err(|faults| wrong(name, &faults))?;
    let is_same = parse(&canonical).is_ok_and(|read| read == catalogue);
    if is_same { Ok(canonical) } else { Err(not_the_same(name)) }
}

fn canonical_document(bytes: &[u8], name: &str) -> Result<String, Failure> {
    let document = document::parse(bytes).map_err(|faults| wrong(name, &faults))?;
    let canonical = document::write(&document);
    match document::parse(canonical.as_bytes()) {
        Ok(read) if read == document => Ok(canonical),
        Ok(_) => Err(not_the_same(name)),
        // A document close to the size limit exceeds it with line breaks and indentation.
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Err(Failure::failed(format!("{name}: its canonical form could not be read: {}", faults.join("; "))))
        }
    }
}

fn not_the_same(name: &str) -> Failure {
    Failure::failed(format!("{name}: is left unchanged, because its canonical form would have another meaning"))
}

fn wrong(name: &str, faults: &[ValidationFault]) -> Failure {
    Failure::Wrong(faults.iter().map(|fault| format!("{name}: {fault}")).collect())
}

/// Replaces the content of a file atomically: the path names the old or the new text, complete, at any time. A symbolic
/// link keeps its target, and the file its permissions and owner.
fn replace(path: &Path, text: &str) -> Result<(), String> {
    let target = fs::canonicalize(path).map_err(|error| error.to_string())?;
    let metadata = fs::metadata(&target).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("is not a regular file; use `-` for standard input and output".to_owned());
    }
    if metadata.permissions().readonly() {
        return Err("is read-only".to_owned());
    }
    // Renaming needs no permission to write the old file, but its users expect that it is required.
    OpenOptions::new().write(true).open(&target).map_err(|error| format!("cannot be written: {error}"))?;
    let folder = target.parent().unwrap_or(Path::new("/"));
    write_in(folder, &target, &metadata, text).map_err(|error| format!("cannot be replaced in its folder: {error}"))
}

fn write_in(folder: &Path, target: &Path, metadata: &Metadata, text: &str) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".repcast-format-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    keep_owner(file.as_file(), metadata);
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    // Makes the new name durable. The file is replaced already, also on systems that cannot synchronize folders.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Gives the new file the owner of the old one. Only the superuser may do so, for whom it matters: the owner could lose
/// access to the file. An ordinary user keeps the new file.
fn keep_owner(file: &File, metadata: &Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
    }
    #[cfg(not(unix))]
    let _ = (file, metadata);
}
