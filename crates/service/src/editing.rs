//! Commands to a live session, those that change its document included.

use std::sync::{Arc, Mutex, PoisonError};

use repcast_engine::live::{ChangeError, ChangePosition, Lease};
use repcast_engine::open::{OpenDocument, OpenError};
use repcast_engine::price::price;
use repcast_model::catalogue::{Catalogue, Exercise};
use repcast_model::document::{Document, ValidationFault, Workout};
use repcast_model::session::{Command, CommandRejection};
use repcast_model::workout::{edited, schedule};
use tokio::sync::Semaphore;

use super::{LiveSession, Service, ServiceError};

/// Changes of a session's document that wait or are prepared at a time, each of which blocks a thread.
const MAX_CHANGES: usize = 4;

/// Opens the changed documents of a session, within what they may name.
pub trait DocumentOpener: Send + Sync {
    /// The exercises.
    fn catalogue(&self) -> Arc<Catalogue>;

    /// Probes and compiles a document. One that a client sent may name fewer files. Blocks.
    ///
    /// # Errors
    /// All faults.
    fn open(&self, document: &Document, is_from_client: bool) -> Result<OpenDocument, OpenError>;
}

/// The document of a session, and how others take its place.
pub struct Editor {
    opener: Arc<dyn DocumentOpener>,
    /// Changes that wait or are prepared.
    changes: Semaphore,
    /// Held while a change is prepared, so that each starts with the document that is shown.
    shown: Mutex<ShownDocument>,
}

struct ShownDocument {
    document: Arc<Document>,
    /// What the session has leased, in pixels per second.
    price: u64,
}

impl Editor {
    pub(crate) fn new(opener: Arc<dyn DocumentOpener>, document: Arc<Document>, price: u64) -> Self {
        let shown = Mutex::new(ShownDocument { document, price });
        Self { opener, changes: Semaphore::new(MAX_CHANGES), shown }
    }
}

impl Service {
    /// Applies a command to a session. One that changes the document blocks while files are checked and decoders start.
    ///
    /// # Errors
    /// When it does not apply in the present state, or the document that it leads to cannot be shown.
    pub fn command(&self, session: &LiveSession, command: &Command) -> Result<(), ServiceError> {
        match command {
            Command::Extend { .. } | Command::Repeat | Command::ReplaceNext { .. } | Command::Document { .. } => {
                self.change_document(session, command)
            }
            _ => session.stream.command(command).map_err(ServiceError::Rejected),
        }
    }

    fn change_document(&self, session: &LiveSession, command: &Command) -> Result<(), ServiceError> {
        if *session.stream.over().borrow() {
            return Err(ServiceError::Rejected(CommandRejection::Ended));
        }
        let Editor { opener, changes, shown } = &*session.editor;
        let _place = changes.try_acquire().map_err(|_| ChangeError::Busy)?;
        // The document is replaced as a whole, so that a panic leaves nothing inconsistent.
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        let (document, position) = match command {
            Command::Document { document } => ((**document).clone(), ChangePosition::SameItem),
            _ => {
                let Document::Workout(workout) = &*shown.document else { return Err(ServiceError::NotEditable) };
                let current = session.stream.current_item();
                let changed = edited_workout(workout, &opener.catalogue(), current, command)?;
                (Document::Workout(changed), ChangePosition::SameFrame)
            }
        };
        let is_from_client = matches!(command, Command::Document { .. });
        let opened = opener.open(&document, is_from_client).map_err(ServiceError::Document)?;
        let price = price(&opened, &self.engine().settings.ladder.rungs(opened.timeline.canvas));
        let more = price.saturating_sub(shown.price);
        let lease: Option<Lease> = (more > 0).then(|| self.engine().capacity.take(more)).transpose()?;
        session.stream.change(&opened, position, lease)?;
        *shown = ShownDocument { document: opened.document, price: price.max(shown.price) };
        tracing::info!(session = session.stream.id(), "the document of a session has changed");
        Ok(())
    }
}

/// The workout that a command leads to.
fn edited_workout(
    workout: &Workout,
    catalogue: &Catalogue,
    current: Option<usize>,
    command: &Command,
) -> Result<Workout, ServiceError> {
    let fault = |place: &str, message: String| {
        let fault = ValidationFault { place: place.to_owned(), message };
        ServiceError::Document(vec![fault].into())
    };
    let find =
        |id: &String| catalogue.get(id).ok_or_else(|| fault("id", format!("no exercise `{id}` in the catalogue")));
    if let Command::ReplaceNext { id } = command {
        find(id)?;
    }
    let entries: Vec<&Exercise> =
        workout.exercises.iter().map(|exercise| find(&exercise.id)).collect::<Result<_, _>>()?;
    let steps = schedule(workout, &entries).map_err(|faults| ServiceError::Document(faults.into()))?;
    edited(workout, &steps, current.unwrap_or(usize::MAX), command).map_err(ServiceError::Unchangeable)
}

impl From<ChangeError> for ServiceError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Ended => Self::Rejected(CommandRejection::Ended),
            error => Self::Change(error),
        }
    }
}
