//! A workout becomes a timeline: first a schedule of steps, exact to the frame, then the look of each step.

mod layout;
mod look;
mod schedule;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use schedule::{Step, StepKind, schedule};

use crate::catalogue::{Catalogue, Exercise};
use crate::document::{Background, Fault, Workout};
use crate::timeline::{ClipInfos, Timeline};
use look::Look;

/// The files that a workout needs, each with the place that asks for it. Pictures are relative to `base`.
///
/// # Errors
/// Every exercise that the catalogue does not hold.
pub fn workout_files(
    workout: &Workout,
    catalogue: &Catalogue,
    base: &Path,
) -> Result<Vec<(String, PathBuf)>, Vec<Fault>> {
    let mut files = match &workout.background {
        Background::Color(_) => Vec::new(),
        Background::Image(src) => vec![("background.image".to_owned(), base.join(src))],
        Background::Video(src) => vec![("background.video".to_owned(), base.join(src))],
    };
    for (index, exercise) in entries(workout, catalogue)?.into_iter().enumerate() {
        files.push((format!("exercises[{index}].id"), exercise.clip.clone()));
    }
    Ok(files)
}

/// Compiles a workout whose files have been looked at.
///
/// # Errors
/// Unknown exercises, clips that would run too slow or too fast, a workout that is too long.
pub fn compile_workout(
    workout: &Workout,
    catalogue: &Catalogue,
    base: &Path,
    infos: &ClipInfos,
) -> Result<Timeline, Vec<Fault>> {
    let entries = entries(workout, catalogue)?;
    let steps = schedule(workout, &entries)?;
    let look = Look::new(workout, &entries, base, infos)?;
    let frames = steps.last().map_or(1, |step| step.span.end);
    let mut items = look.background(frames);
    for index in 0..steps.len() {
        look.step(&steps, index, &mut items);
    }
    let background = look.background_color();
    let chapters = (0..steps.len()).map(|index| look.chapter(&steps, index)).collect();
    let timeline = Timeline::new(look.canvas(), workout.fps, background, frames, workout.title.clone(), items);
    timeline.map(|timeline| timeline.with_chapters(chapters)).map_err(|fault| vec![fault])
}

/// The catalogue's entry for each exercise of the document.
fn entries<'a>(workout: &Workout, catalogue: &'a Catalogue) -> Result<Vec<&'a Exercise>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut found = Vec::with_capacity(workout.exercises.len());
    for (index, exercise) in workout.exercises.iter().enumerate() {
        match catalogue.get(&exercise.id) {
            Some(entry) => found.push(entry),
            None => {
                let known: Vec<&str> = catalogue.exercises().iter().take(20).map(|entry| entry.id.as_str()).collect();
                let message = format!("no exercise `{}` in the catalogue; it holds {}", exercise.id, known.join(", "));
                faults.push(Fault { place: format!("exercises[{index}].id"), message });
            }
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn shared(path: &Path) -> Arc<Path> {
    path.into()
}
