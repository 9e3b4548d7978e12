//! Compiles a workout to a timeline: first a schedule of steps, exact to the frame, then the items of each step by the
//! built-in theme.

mod clips;
mod edit;
mod schedule;
mod sequence;
mod soundtrack;
mod theme;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use crate::document::StepKind;
pub use edit::{EditError, edited};
pub use schedule::{Step, schedule};
pub use soundtrack::{compile_workout_soundtrack, workout_audio_files};

use crate::catalogue::{Catalogue, Exercise};
use crate::document::{ValidationFault, Workout};
use crate::timeline::{ClipInfos, Timeline};
use crate::validation::MAX_FAULTS;
use crate::validation::choice::name_of;
use crate::validation::node::nearest;
use theme::Theme;
pub(crate) use theme::caption_placement;

/// The files of a workout, each with the path of the field that refers to it. Backgrounds and logos are relative to `base`.
///
/// # Errors
/// Every exercise that is not in the catalogue.
pub fn workout_files(
    workout: &Workout,
    catalogue: &Catalogue,
    base: &Path,
) -> Result<Vec<(String, PathBuf)>, Vec<ValidationFault>> {
    let mut files: Vec<_> = workout.paths().map(|(place, src)| (place.to_owned(), base.join(src))).collect();
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
    let theme = Theme::new(workout, &entries, &steps, base, infos)?;
    let faults = clips::check_trims(workout, &entries, infos);
    if !faults.is_empty() {
        return Err(faults);
    }
    let frames = steps.last().map_or(1, |step| step.span.end);
    let mut items = theme.background(frames);
    items.extend(theme.grounds());
    steps.iter().for_each(|step| theme.step(step, &mut items));
    items.retain(|item| !item.span.is_empty());
    let background = theme.background_color();
    let chapters = steps.iter().map(|step| theme.chapter(step)).collect();
    let timeline = Timeline::new(theme.canvas(), workout.fps, background, frames, workout.title.clone(), items);
    let complete = |timeline: Timeline| timeline.with_chapters(chapters).with_overlay(theme.overlay());
    timeline.map(complete).map_err(|fault| vec![fault])
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
                let known = || catalogue.exercises().iter().map(|entry| entry.id.as_str());
                // The nearest id is searched only for faults that can be reported.
                let near = (faults.len() < MAX_FAULTS).then(|| nearest(&exercise.id, known())).flatten();
                let advice = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it holds {}", known().take(20).collect::<Vec<_>>().join(", ")),
                };
                let message = format!("no exercise `{}` in the catalogue; {advice}", exercise.id);
                faults.push(ValidationFault { place: format!("exercises[{index}].id"), message });
            }
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn shared(path: &Path) -> Arc<Path> {
    path.into()
}
