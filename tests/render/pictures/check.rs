//! Draws the frames of a case and compares them with the references, or accepts them as references.

use std::fs;
use std::path::{Path, PathBuf};

use super::case::Case;
use super::compare::{Difference, compare, load, opaque, save};
use crate::support::fixture::scratch;

/// The faults of a case, one line each; images that show them are written to `report`.
///
/// With `accept`, missing and different references are written, and those of no frame are removed.
pub(crate) fn check(case: &Case, report: &Path, accept: bool) -> Vec<String> {
    // Removes the report of an earlier run.
    if report.exists() {
        fs::remove_dir_all(report).unwrap();
    }
    let work = scratch();
    case.copy_files(work.path());
    let frames = case.settings.frames.iter();
    let mut faults: Vec<String> =
        frames.filter_map(|number| check_frame(case, *number, work.path(), report, accept).err()).collect();
    for path in extra_references(case) {
        if accept {
            fs::remove_file(path).unwrap();
        } else {
            faults.push(format!("{} belongs to no frame of case.json", path.display()));
        }
    }
    faults
}

fn check_frame(case: &Case, number: u64, work: &Path, report: &Path, accept: bool) -> Result<(), String> {
    let drawn = case.draw(work, number)?;
    let actual = load(&drawn)?;
    if !case.settings.compare {
        return Ok(());
    }
    let reference = case.reference(number);
    if !reference.exists() {
        if accept {
            save(&opaque(&actual), &reference);
            return Ok(());
        }
        fs::create_dir_all(report).unwrap();
        let kept = report.join(format!("actual_{number}.png"));
        fs::copy(&drawn, &kept).unwrap();
        return Err(format!(
            "frame {number} has no reference. Look at {}, then accept it with \
             `REPCAST_ACCEPT=1 cargo test --release --test render pictures`",
            kept.display()
        ));
    }
    let compared = compare(&actual, &load(&reference)?, case.settings.tolerance);
    let (reason, picture) = match compared {
        Ok(Difference { outliers, .. }) if outliers <= case.settings.allowed_outliers => return Ok(()),
        Ok(Difference { outliers, largest, place, picture }) => {
            let reason = format!("differs in {:.3} % of its pixels, by up to {largest} at {place:?}", outliers * 100.0);
            (reason, Some(picture))
        }
        Err(reason) => (reason, None),
    };
    if accept {
        save(&opaque(&actual), &reference);
        return Ok(());
    }
    fs::create_dir_all(report).unwrap();
    let at = |name: &str| report.join(format!("{name}_{number}.png"));
    fs::copy(&drawn, at("actual")).unwrap();
    fs::copy(&reference, at("expected")).unwrap();
    let mut shown = vec![at("actual"), at("expected")];
    if let Some(picture) = picture {
        save(&picture, &at("difference"));
        shown.push(at("difference"));
    }
    let shown: Vec<String> = shown.iter().map(|path| format!("\n    {}", path.display())).collect();
    Err(format!("frame {number} {reason}:{}", shown.concat()))
}

/// References of frames that `case.json` does not list.
fn extra_references(case: &Case) -> Vec<PathBuf> {
    let is_listed = |path: &PathBuf| {
        case.settings.compare && case.settings.frames.iter().any(|number| case.reference(*number) == *path)
    };
    case.references().into_iter().filter(|path| !is_listed(path)).collect()
}
