//! Whether an output can be written, before anything is rendered.

use std::path::{Path, PathBuf};

use super::Failure;
use super::args::OverwriteArgs;
use super::question::{ask, is_interactive};
use repcast_media::io_reason;
use repcast_storage::first_picture;

/// Checks that an output can be written, and that it may be replaced if it exists.
///
/// # Errors
/// When it is a folder or cannot have one, or exists and is not to be replaced.
pub(super) fn check(output: &Path, overwrite: OverwriteArgs) -> Result<(), Failure> {
    let folder = folder_of(output);
    // The nearest folder that exists: missing ones are made in it.
    let existing = folder.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("."));
    if !existing.is_dir() {
        return Err(Failure::wrong(format!("{}: {} is not a folder", output.display(), existing.display())));
    }
    if output.is_dir() {
        return Err(Failure::wrong(format!("{}: it is a folder", output.display())));
    }
    let file = first_picture(output).unwrap_or_else(|| output.to_owned());
    // Devices and pipes are never replaced, which is reported later.
    if !file.is_file() || overwrite.yes {
        return Ok(());
    }
    let name = file.display();
    if overwrite.no {
        return Err(Failure::wrong(format!("{name}: exists already, and -n keeps it; choose another name with -o")));
    }
    if is_interactive() && ask(&format!("{name} exists already. Replace it?")) != Some(true) {
        return Err(Failure::wrong(format!("{name}: is not replaced; choose another name with -o")));
    }
    Ok(())
}

/// Folders that were made for an output. Those that are empty are removed when this is dropped: the output has failed then.
pub(super) struct MadeFolders(Vec<PathBuf>);

/// Makes the folder of an output, and those above it that are missing.
///
/// # Errors
/// When a folder cannot be made.
pub(super) fn make_folder(output: &Path) -> Result<MadeFolders, Failure> {
    let folder = folder_of(output);
    let missing: Vec<PathBuf> = folder
        .ancestors()
        .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists())
        .map(Path::to_owned)
        .collect();
    let made = std::fs::create_dir_all(folder);
    made.map_err(|error| Failure::failed(format!("{}: cannot be made: {}", folder.display(), io_reason(&error))))?;
    Ok(MadeFolders(missing))
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        // Fails for a folder that is not empty, which is kept.
        self.0.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
}

fn folder_of(output: &Path) -> &Path {
    output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const REPLACE: OverwriteArgs = OverwriteArgs { yes: true, no: false };
    const KEEP: OverwriteArgs = OverwriteArgs { yes: false, no: true };

    #[test]
    fn existing_outputs_are_replaced_or_kept_as_the_options_say() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        ["out.mp4", "00001.png"].iter().for_each(|name| fs::write(path(name), "").unwrap());
        for (name, exists) in [("out.mp4", true), ("new.mp4", false), ("%05d.png", true), ("new%05d.png", false)] {
            assert!(check(&path(name), REPLACE).is_ok(), "{name}");
            assert_eq!(check(&path(name), KEEP).is_err(), exists, "{name}");
        }
        assert!(check(folder.path(), REPLACE).is_err());
        assert!(check(&path("out.mp4/below/new.mp4"), REPLACE).is_err());
    }

    #[test]
    fn made_folders_are_kept_only_with_an_output() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a/b/out.mp4");
        check(&output, KEEP).unwrap();
        drop(make_folder(&output).unwrap());
        assert!(!folder.path().join("a").exists());
        let made = make_folder(&output).unwrap();
        fs::write(&output, "").unwrap();
        drop(made);
        assert!(output.exists());
        drop(make_folder(&output).unwrap());
        assert!(output.exists());
    }
}
