//! Commands to a live session, those that change its document included.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use repcast_engine::live::{ChangeError, ChangePosition, Lease};
use repcast_engine::open::{OpenDocument, OpenError};
use repcast_engine::price::price;
use repcast_model::catalogue::{Catalogue, Exercise};
use repcast_model::document::{Document, ValidationFault, Workout};
use repcast_model::session::{Command, CommandRejection};
use repcast_model::time::to_f64;
use repcast_model::workout::{edited, schedule};
use tokio::sync::Semaphore;

use super::quota::{QuotaLease, Share};
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
    /// What the session has of its client's quota, until it has ended.
    quota: Mutex<Option<QuotaLease>>,
    /// What is drawn otherwise than the document says.
    warnings: Mutex<Arc<[String]>>,
}

/// What is shown, and what has been taken for it.
pub(crate) struct ShownDocument {
    pub(crate) document: Arc<Document>,
    /// What the session has leased, in pixels per second.
    pub(crate) price: u64,
    /// How long it counts for the quota; `None` for one that repeats.
    pub(crate) length: Option<Duration>,
    /// Whether a workout has time to get ready and an end, where it does not say otherwise.
    pub(crate) is_class: bool,
}

impl Editor {
    pub(crate) fn new(
        opener: Arc<dyn DocumentOpener>,
        shown: ShownDocument,
        quota: Option<QuotaLease>,
        warnings: Vec<String>,
    ) -> Self {
        Self {
            opener,
            changes: Semaphore::new(MAX_CHANGES),
            shown: Mutex::new(shown),
            quota: Mutex::new(quota),
            warnings: Mutex::new(warnings.into()),
        }
    }

    /// Returns the share of the client's quota.
    pub(crate) fn release_quota(&self) {
        *lock(&self.quota) = None;
    }

    pub(crate) fn warnings(&self) -> Arc<[String]> {
        lock(&self.warnings).clone()
    }
}

/// The values are replaced as a whole, so that a panic leaves nothing inconsistent.
fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
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
        if session.stream.is_over() {
            return Err(ServiceError::Rejected(CommandRejection::Ended));
        }
        let Editor { opener, changes, shown, quota, warnings } = &*session.editor;
        let _place = changes.try_acquire().map_err(|_| ChangeError::Busy)?;
        let mut shown = lock(shown);
        let (document, position) = match command {
            Command::Document { document } => {
                let document = (**document).clone();
                (if shown.is_class { document.as_class() } else { document }, ChangePosition::SameItem)
            }
            _ => {
                let Document::Workout(workout) = &*shown.document else { return Err(ServiceError::NotEditable) };
                let current = session.stream.current_item();
                let changed = edited_workout(workout, &opener.catalogue(), current, command)?;
                (Document::Workout(changed), ChangePosition::SameFrame)
            }
        };
        let is_from_client = matches!(command, Command::Document { .. });
        let opened = opener.open(&document, is_from_client).map_err(ServiceError::Document)?;
        let price = price(&opened, &self.engine().settings.ladder.rungs(opened.timeline.canvas)).max(shown.price);
        let length = shown.length.map(|before| before.max(length(&opened)));
        let more_time = length.zip(shown.length).map_or(Duration::ZERO, |(length, before)| length - before);
        let more_work = price - shown.price;
        let more_quota = lock(quota).as_ref().map(|quota| quota.more(Share::more(more_time, more_work))).transpose()?;
        let lease: Option<Lease> = (more_work > 0).then(|| self.engine().capacity.take(more_work)).transpose()?;
        session.stream.change(&opened, position, lease)?;
        *shown = ShownDocument { document: opened.document.clone(), price, length, is_class: shown.is_class };
        lock(quota).iter_mut().zip(more_quota).for_each(|(quota, more)| quota.absorb(more));
        *lock(warnings) = opened.warnings(&self.engine().gpu).into();
        session.log_warnings();
        tracing::info!(session = session.stream.id(), "the document of a session has changed");
        Ok(())
    }
}

/// How long a document lasts.
pub(crate) fn length(opened: &OpenDocument) -> Duration {
    let secs = to_f64(opened.timeline.rate.secs_at(opened.timeline.frames));
    Duration::try_from_secs_f64(secs).unwrap_or(Duration::MAX)
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
