//! Exercises that coaches add to the library.

use std::path::Path;

use repcast_database::{ExerciseRow, Timestamp};
use repcast_gstreamer::decode::SeenAlpha;
use repcast_model::catalogue::{Catalogue, Exercise, write_exercise};
use repcast_model::clip::AlphaMode;
use repcast_model::document::ValidationFault;
use repcast_storage::{FileHasher, FileVersion, HashError};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::access::{Action, Caller};
use super::blocking::blocking;
use super::hex::hex;
use super::uploads::{UploadState, clip_ending};
use super::{Service, ServiceError};

const EXERCISE: &str = "exercise";

/// Most characters of an id that come from the name.
const MAX_NAME_IN_ID: usize = 24;

/// An exercise as its author saved it.
#[derive(Debug)]
pub struct SavedExercise {
    /// The exercise.
    pub exercise: Exercise,
    /// How often it was saved.
    pub version: i64,
}

/// What a client says of an exercise.
#[derive(Debug)]
pub struct ExerciseRequest {
    /// The fields of an exercise of a catalogue, without its id and its clip.
    pub fields: Map<String, Value>,
    /// The upload that becomes its clip.
    pub upload_id: Option<String>,
    /// The club whose members may use it; without one its owner alone.
    pub club_id: Option<String>,
}

impl Service {
    /// Adds an exercise, whose clip was uploaded.
    ///
    /// # Errors
    /// When the caller may not, a field is wrong, or the upload is none of the caller's that is ready.
    pub async fn add_exercise(&self, caller: &Caller, request: ExerciseRequest) -> Result<SavedExercise, ServiceError> {
        self.authorize(caller, Action::AddExercise)?;
        let coach = self.coach()?;
        if let Some(club) = &request.club_id
            && self.authorize(caller, Action::UseClub(club)).is_err()
        {
            return Err(fault("club_id", "is no club of yours"));
        }
        let upload_id = request.upload_id.as_deref().ok_or_else(|| fault("upload_id", "is required"))?;
        let name = request.fields.get("name").and_then(Value::as_str).unwrap_or_default();
        let id = new_id(name);
        // Before the clip is stored: most faults are found here.
        parse(&request.fields, &id, "clip")?;
        let (clip, alpha) = self.take_clip(caller, upload_id).await?;
        let exercise = parse(&with_alpha(request.fields, alpha), &id, &clip)?;
        let now = Timestamp::now();
        let row = ExerciseRow {
            id: id.clone(),
            owner_id: Some(caller.principal.id().to_owned()),
            club_id: request.club_id,
            folder: String::new(),
            clip: Some(clip),
            definition: write_exercise(&Catalogue::default(), &exercise),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        if let Err(error) = coach.database.insert_exercise(&row, &exercise.categories).await {
            self.remove_unused(row.clip).await;
            return Err(error.into());
        }
        coach.remove_upload(upload_id).await?;
        self.refresh_library().await?;
        Ok(SavedExercise { exercise, version: 1 })
    }

    /// Replaces an exercise that was read with this version; its clip if there is another upload.
    ///
    /// # Errors
    /// As [`Self::add_exercise`], or when it was changed meanwhile.
    pub async fn replace_exercise(
        &self,
        caller: &Caller,
        id: &str,
        version: i64,
        request: ExerciseRequest,
    ) -> Result<SavedExercise, ServiceError> {
        let row = self.changeable(caller, id).await?;
        // Before the upload is taken, which would be lost.
        if row.version != version {
            return Err(ServiceError::Stale(EXERCISE));
        }
        let coach = self.coach()?;
        let before = stored(&row)?;
        let mut fields = request.fields;
        let (clip, clip_text) = match &request.upload_id {
            Some(upload_id) => {
                parse(&fields, id, "clip")?;
                let (clip, alpha) = self.take_clip(caller, upload_id).await?;
                fields = with_alpha(fields, alpha);
                (Some(clip.clone()), clip)
            }
            None => {
                // It is said of the clip, which stays.
                if before.alpha == AlphaMode::Premultiplied && fields.get("alpha").is_none_or(Value::is_null) {
                    fields.insert("alpha".to_owned(), "premultiplied".into());
                }
                (row.clip.clone(), before.clip.to_string_lossy().into_owned())
            }
        };
        let exercise = parse(&fields, id, &clip_text)?;
        let next = ExerciseRow {
            version,
            folder: if request.upload_id.is_some() { String::new() } else { row.folder.clone() },
            clip: clip.clone(),
            definition: write_exercise(&Catalogue::default(), &exercise),
            ..row.clone()
        };
        let updated = coach.database.update_exercise(&next, &exercise.categories, Timestamp::now()).await;
        if !matches!(updated, Ok(true)) {
            self.remove_unused(clip).await;
            return Err(updated.err().map_or(ServiceError::Stale(EXERCISE), ServiceError::from));
        }
        if let Some(upload_id) = &request.upload_id {
            coach.remove_upload(upload_id).await?;
        }
        self.refresh_library().await?;
        self.remove_unused(row.clip.filter(|before| Some(before) != clip.as_ref())).await;
        Ok(SavedExercise { exercise, version: version + 1 })
    }

    /// Deletes an exercise that was read with this version.
    ///
    /// # Errors
    /// When there is none that the caller may change, or it was changed meanwhile.
    pub async fn delete_exercise(&self, caller: &Caller, id: &str, version: i64) -> Result<(), ServiceError> {
        let row = self.changeable(caller, id).await?;
        if !self.coach()?.database.delete_exercise(id, version, Timestamp::now()).await? {
            return Err(ServiceError::Stale(EXERCISE));
        }
        self.refresh_library().await?;
        self.remove_unused(row.clip).await;
        Ok(())
    }

    /// The version of an exercise with an uploaded clip that the caller may change; none for others.
    #[must_use]
    pub fn own_version(&self, caller: &Caller, id: &str) -> Option<i64> {
        let entries = self.coach.as_ref()?.library.entries();
        let entry = entries.get(id).filter(|entry| entry.is_uploaded)?;
        let is_own = self.authorize(caller, Action::ChangeExercise(entry.owner.as_ref())).is_ok();
        is_own.then_some(entry.version)
    }

    /// An exercise that the caller may change.
    async fn changeable(&self, caller: &Caller, id: &str) -> Result<ExerciseRow, ServiceError> {
        self.authorize(caller, Action::AddExercise)?;
        let row = self.coach()?.database.exercise(id).await?.ok_or(ServiceError::NoSuch(EXERCISE))?;
        let owner = super::library::owner(&row);
        if self.authorize(caller, Action::ChangeExercise(owner.as_ref())).is_err() {
            // Those who may not read it do not learn that it exists.
            return Err(if self.is_readable(caller, owner.as_ref()) {
                ServiceError::NotAllowed
            } else {
                ServiceError::NoSuch(EXERCISE)
            });
        }
        Ok(row)
    }

    /// Stores the file of an upload as a clip. Returns its name, and what its pixels say about its alpha.
    async fn take_clip(&self, caller: &Caller, upload_id: &str) -> Result<(String, SeenAlpha), ServiceError> {
        let upload = self.upload(caller, upload_id).await.map_err(|error| match error {
            ServiceError::NoSuch(_) => fault("upload_id", "is no upload of yours"),
            error => error,
        })?;
        let (UploadState::Ready, Some(inspection)) = (upload.state, upload.inspection) else {
            return Err(fault("upload_id", "is not ready"));
        };
        let coach = self.coach()?;
        let path = coach.uploads.path(upload_id);
        let name = {
            let path = path.clone();
            let unread = |error: HashError| {
                tracing::error!("an upload could not be read: {error}");
                ServiceError::Storage
            };
            blocking("Reading the upload failed.", move || clip_name(&path).map_err(unread)).await?
        };
        coach.library.clips.store(&name, &path).await?;
        Ok((name, inspection.alpha))
    }

    /// Removes a clip that no exercise has any more.
    async fn remove_unused(&self, clip: Option<String>) {
        let (Some(clip), Ok(coach)) = (clip, self.coach()) else { return };
        if let Ok(false) = coach.database.is_clip_used(&clip).await
            && let Err(error) = coach.library.clips.remove(&clip).await
        {
            tracing::warn!(clip, "a clip that is not used any more could not be removed: {error}");
        }
    }
}

fn fault(place: &str, message: &str) -> ServiceError {
    let fault = ValidationFault { place: place.to_owned(), message: message.to_owned() };
    ServiceError::Document(vec![fault].into())
}

/// The exercise of a row, with the clip as it is written there.
fn stored(row: &ExerciseRow) -> Result<Exercise, ServiceError> {
    let catalogue = Catalogue::parse(&row.definition, Path::new("")).ok();
    let exercise = catalogue.and_then(|catalogue| catalogue.exercises().first().cloned());
    exercise.ok_or(ServiceError::Internal("The exercise cannot be read."))
}

/// Validates the fields of an exercise.
fn parse(fields: &Map<String, Value>, id: &str, clip: &str) -> Result<Exercise, ServiceError> {
    let mut fields = fields.clone();
    // A client that edits what it has read sends absent values as null.
    fields.retain(|_, value| !value.is_null());
    for name in ["id", "clip"] {
        if fields.contains_key(name) {
            return Err(fault(name, "is made by the server"));
        }
    }
    fields.insert("id".to_owned(), id.into());
    fields.insert("clip".to_owned(), clip.into());
    let json = serde_json::to_vec(&fields).unwrap_or_default();
    Catalogue::parse_exercise(&json, Path::new("")).map_err(|faults| ServiceError::Document(faults.into()))
}

/// The fields with the meaning of alpha that the pixels have shown, unless they state one.
fn with_alpha(mut fields: Map<String, Value>, seen: SeenAlpha) -> Map<String, Value> {
    if fields.get("alpha").is_none_or(Value::is_null) && seen == SeenAlpha::Premultiplied {
        fields.insert("alpha".to_owned(), "premultiplied".into());
    }
    fields
}

/// An id that cannot be guessed, and that says what it is of.
fn new_id(name: &str) -> String {
    let random = Uuid::new_v4().simple().to_string();
    let mut plain = String::new();
    for character in name.chars() {
        match character {
            'a'..='z' | '0'..='9' | 'A'..='Z' => plain.push(character.to_ascii_lowercase()),
            ' ' | '-' | '_' if !plain.is_empty() && !plain.ends_with('_') => plain.push('_'),
            _ => {}
        }
    }
    plain.truncate(MAX_NAME_IN_ID);
    let plain = plain.trim_end_matches('_');
    if plain.is_empty() { format!("x_{}", &random[..16]) } else { format!("{plain}_{}", &random[..16]) }
}

/// The name of a clip: the hash of its content, so that the same file is stored once.
fn clip_name(path: &Path) -> Result<String, HashError> {
    let ending = clip_ending(path).unwrap_or("bin");
    let hash = FileHasher::default().hash(&FileVersion::of(path)?, &|| false)?;
    Ok(format!("{}.{ending}", hex(&hash)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_say_what_they_are_of_and_cannot_be_guessed() {
        let id = new_id("  Écart latéral / Side-step 2 ");
        assert!(id.starts_with("cart_latral_side_step_2_") && id.len() > 36, "{id}");
        assert!(new_id("深").starts_with("x_"));
        assert_ne!(new_id("a"), new_id("a"));
    }

    #[test]
    fn fields_are_those_of_a_catalogue() {
        let fields = |json: Value| json.as_object().unwrap().clone();
        let read =
            parse(&fields(serde_json::json!({"name": "Pull", "difficulty": null, "muscles": ["back"]})), "a", "b.mov");
        assert!(read.is_err());
        let read =
            parse(&fields(serde_json::json!({"name": "Pull", "met": 3.5, "categories": ["back"]})), "a", "b.mov")
                .unwrap();
        assert_eq!((read.id.as_str(), read.clip.to_str()), ("a", Some("b.mov")));
        for wrong in [
            serde_json::json!({}),
            serde_json::json!({"name": "A", "clip": "/etc/passwd"}),
            serde_json::json!({"name": "A", "x": 1}),
        ] {
            assert!(matches!(parse(&fields(wrong), "a", "b.mov"), Err(ServiceError::Document(_))));
        }
    }
}
