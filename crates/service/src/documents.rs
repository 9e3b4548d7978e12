//! Documents from clients: parsed, validated, and opened within what they may name.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use repcast_engine::audio::Speaker;
use repcast_engine::check::ClipChecker;
use repcast_engine::open::{FileAccess, OpenDocument, OpenError};
use repcast_model::catalogue::Catalogue;
use repcast_model::document::{self, Document};

use super::{DocumentOpener, ServiceError};

/// The kinds of documents that a use case accepts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AcceptedKind {
    /// Workouts and compositions.
    Any,
    /// Workouts.
    Workout,
}

/// Opens documents from clients.
pub(crate) struct Documents {
    pub(crate) catalogue: RwLock<Arc<Catalogue>>,
    /// The folder whose files documents may name; none when `None`.
    pub(crate) media: Option<PathBuf>,
    /// Checks files before they are opened.
    pub(crate) checker: Option<Arc<ClipChecker>>,
    /// Speaks their texts.
    pub(crate) speaker: Arc<Speaker>,
}

impl Documents {
    /// The catalogue that documents which are opened now use.
    pub(crate) fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The files that documents may name.
    pub(crate) fn access(&self) -> FileAccess<'_> {
        self.media.as_deref().map_or(FileAccess::Nowhere, FileAccess::Within)
    }

    /// Replaces the catalogue for documents that are opened from now on.
    pub(crate) fn set_catalogue(&self, catalogue: Arc<Catalogue>) {
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
    }

    /// Parses a document and opens the files that it names, as the class of a session that waits if it is for one. Blocks
    /// while files are checked and probed, and texts are spoken.
    pub(crate) fn open_session(&self, body: &[u8], is_class: bool) -> Result<OpenDocument, ServiceError> {
        let document = parse(body)?;
        let document = if is_class { document.as_class() } else { document };
        DocumentOpener::open(self, &document, true).map_err(ServiceError::Document)
    }

    /// Parses a document and opens the files that it names. Blocks as [`Self::open_session`].
    pub(crate) fn open(&self, body: &[u8], accepted: AcceptedKind) -> Result<OpenDocument, ServiceError> {
        let document = parse(body)?;
        if accepted == AcceptedKind::Workout && matches!(document, Document::Composition(_)) {
            return Err(ServiceError::NotAWorkout);
        }
        DocumentOpener::open(self, &document, true).map_err(ServiceError::Document)
    }
}

fn parse(body: &[u8]) -> Result<Document, ServiceError> {
    document::parse(body).map_err(|faults| ServiceError::Document(faults.into()))
}

impl DocumentOpener for Documents {
    fn catalogue(&self) -> Arc<Catalogue> {
        Self::catalogue(self)
    }

    fn open(&self, document: &Document, _is_from_client: bool) -> Result<OpenDocument, OpenError> {
        OpenDocument::open_within(
            document,
            &self.access(),
            &Self::catalogue(self),
            self.checker.as_deref(),
            &self.speaker,
        )
    }
}
