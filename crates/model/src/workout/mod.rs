//! Compiles a workout to a timeline: first a schedule of steps, exact to the frame, then the items of each step by the
//! built-in theme.

mod clips;
mod schedule;
mod soundtrack;
mod theme;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use schedule::{Step, StepKind, schedule};
pub use soundtrack::{compile_workout_soundtrack, workout_audio_files};

use crate::catalogue::{Catalogue, Exercise};
use crate::document::{Background, ValidationFault, Workout};
use crate::timeline::{ClipInfos, Timeline};
use crate::validation::choice::name_of;
use theme::Theme;
pub(crate) use theme::caption_placement;

/// The files of a workout, each with the path of the field that refers to it. Backgrounds are relative to `base`.
///
/// # Errors
/// Every exercise that is not in the catalogue.
pub fn workout_files(
    workout: &Workout,
    catalogue: &Catalogue,
    base: &Path,
) -> Result<Vec<(String, PathBuf)>, Vec<ValidationFault>> {
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

/// Compiles a workout whose files have been probed. The list of faults is empty if a file is missing from `infos`: the
/// caller has reported it already.
///
/// # Errors
/// Unknown exercises, clips whose speed is out of range, a workout that is too long.
pub fn compile_workout(
    workout: &Workout,
    catalogue: &Catalogue,
    base: &Path,
    infos: &ClipInfos,
) -> Result<Timeline, Vec<ValidationFault>> {
    let entries = entries(workout, catalogue)?;
    let entries: Vec<&Exercise> = entries.iter().map(Cow::as_ref).collect();
    let steps = schedule(workout, &entries)?;
    let theme = Theme::new(workout, &entries, base, infos)?;
    let faults = clips::check_trims(workout, &entries, infos);
    if !faults.is_empty() {
        return Err(faults);
    }
    let frames = steps.last().map_or(1, |step| step.span.end);
    let mut items = theme.background(frames);
    for index in 0..steps.len() {
        theme.step(&steps, index, &mut items);
    }
    let background = theme.background_color();
    let chapters = (0..steps.len()).map(|index| theme.chapter(&steps, index)).collect();
    let timeline = Timeline::new(theme.canvas(), workout.fps, background, frames, workout.title.clone(), items);
    timeline.map(|timeline| timeline.with_chapters(chapters)).map_err(|fault| vec![fault])
}

/// The catalogue's entry for each exercise of the document: in the language of the document, with a clip that looks as the
/// document says.
fn entries<'a>(workout: &Workout, catalogue: &'a Catalogue) -> Result<Vec<Cow<'a, Exercise>>, Vec<ValidationFault>> {
    let mut faults = Vec::new();
    let mut found = Vec::with_capacity(workout.exercises.len());
    for (index, exercise) in workout.exercises.iter().enumerate() {
        match catalogue.get(&exercise.id) {
            Some(entry) => {
                let mut entry = entry.localized(name_of(workout.language));
                if !exercise.look.is_empty() {
                    entry.to_mut().look = exercise.look.or(&entry.look);
                }
                found.push(entry);
            }
            None => {
                let known: Vec<&str> = catalogue.exercises().iter().take(20).map(|entry| entry.id.as_str()).collect();
                let message = format!("no exercise `{}` in the catalogue; it holds {}", exercise.id, known.join(", "));
                faults.push(ValidationFault { place: format!("exercises[{index}].id"), message });
            }
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn shared(path: &Path) -> Arc<Path> {
    path.into()
}
