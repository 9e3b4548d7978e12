//! The whole catalogue as JSON, written once for all requests.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use repcast_model::catalogue::Catalogue;
use repcast_service::Service;

use super::exercises::ExerciseBody;
use super::frames::tag_of;

/// Languages that are kept: those of the application, and a few others.
const MAX_LANGUAGES: usize = 8;

/// A catalogue as JSON in a language.
#[derive(Clone)]
pub(super) struct WrittenCatalogue {
    pub(super) json: Bytes,
    /// Its entity tag.
    pub(super) tag: Arc<str>,
    language: String,
}

/// The catalogue in the languages that were asked for.
#[derive(Default)]
pub(super) struct WrittenCatalogues(Mutex<(u64, Vec<WrittenCatalogue>)>);

impl WrittenCatalogues {
    /// The catalogue of a revision as everyone sees it.
    pub(super) fn of(
        &self,
        service: &Service,
        (catalogue, revision): (&Catalogue, u64),
        language: &str,
    ) -> WrittenCatalogue {
        // Held while it is written, so that it is written once.
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if written.0 != revision {
            *written = (revision, Vec::new());
        }
        if let Some(found) = written.1.iter().find(|other| other.language == language) {
            return found.clone();
        }
        if written.1.len() >= MAX_LANGUAGES {
            written.1.clear();
        }
        let exercises = catalogue.exercises().iter();
        let exercises: Vec<_> =
            exercises.map(|exercise| ExerciseBody::new(service, &exercise.localized(language), None)).collect();
        // Texts and finite numbers can always be written.
        let json = Bytes::from(serde_json::to_vec(&exercises).unwrap_or_default());
        let new = WrittenCatalogue { tag: tag_of(&json).into(), json, language: language.to_owned() };
        written.1.push(new.clone());
        new
    }
}
