//! The library as others see it: what is shown to whom, by which address, and what happens to it meanwhile.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use repcast_database::Timestamp;
use repcast_gstreamer::decode::probe;
use repcast_model::catalogue::{Catalogue, Exercise};
use repcast_model::time::to_f64;
use tokio::task::spawn_blocking;

use super::access::{Action, Caller, Owner};
use super::{Service, ServiceError};

/// How often the database is asked whether another server has changed an exercise.
const FOLLOW_INTERVAL: Duration = Duration::from_secs(2);

/// Of so many times, uploads whose time is over are removed once.
const CLEAN_INTERVAL: u32 = 300;

/// How long an address of an exercise that is not for everyone is valid at least, in seconds: an hour.
const ADDRESS_SECS: i64 = 3600;

impl Service {
    /// Brings another catalogue into the library, and uses it. Blocks, on a thread of a tokio runtime that may.
    pub(crate) fn import(&self, catalogue: Arc<Catalogue>) {
        let Some(coach) = &self.coach else {
            self.documents.set_catalogue(catalogue);
            self.library_revision.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let imported = tokio::runtime::Handle::current().block_on(async {
            coach.import_catalogue(&catalogue).await?;
            self.refresh_library().await
        });
        if let Err(error) = imported {
            tracing::error!("the catalogue was not imported into the library: {error}");
        }
    }

    /// Uses the exercises of the database, if they have changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_library(&self) -> Result<(), ServiceError> {
        let changed = self.coach()?.changed_catalogue().await?;
        // An exercise whose clip cannot be fetched is tried again and again: what is kept stays, unless it comes back.
        if let Some(catalogue) = changed.filter(|changed| **changed != *self.catalogue()) {
            self.documents.set_catalogue(catalogue);
            self.frames.exercises.clear();
            self.library_revision.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Follows the changes of other servers, and removes what is not needed any more, as long as the future is polled.
    pub async fn follow_library(self: &Arc<Self>) {
        let Some(coach) = &self.coach else { return };
        if let Some(videos) = &coach.videos {
            videos.remove_parts().await;
        }
        let service = self.clone();
        tokio::spawn(async move { service.resume_inspections().await });
        let (mut count, mut measured) = (0_u32, None);
        loop {
            let revision = self.library_revision();
            if measured != Some(revision) {
                let service = self.clone();
                let _ = spawn_blocking(move || service.measure_clips()).await;
                measured = Some(self.library_revision());
            }
            if count.is_multiple_of(CLEAN_INTERVAL)
                && let Err(error) = coach.remove_expired_uploads().await
            {
                tracing::warn!("old uploads were not removed: {error}");
            }
            count = count.wrapping_add(1);
            tokio::time::sleep(FOLLOW_INTERVAL).await;
            // Requests report that the database is away.
            if let Err(error) = self.refresh_library().await {
                tracing::debug!("the library was not read: {error}");
            }
        }
    }

    /// A number that is another one after each change of what the library shows to everyone.
    #[must_use]
    pub fn library_revision(&self) -> u64 {
        self.library_revision.load(Ordering::Relaxed)
    }

    /// The exercises that the caller may use: those of everyone, their own, and those of their clubs.
    #[must_use]
    pub fn catalogue_for(&self, caller: &Caller) -> Arc<Catalogue> {
        let catalogue = self.catalogue();
        let Some(coach) = &self.coach else { return catalogue };
        let entries = coach.library.entries();
        // One that was deleted after the catalogue was taken has no entry any more.
        let is_visible = |exercise: &&Exercise| {
            entries.get(&exercise.id).is_some_and(|entry| self.is_readable(caller, entry.owner.as_ref()))
        };
        if catalogue.exercises().iter().all(|exercise| is_visible(&exercise)) {
            return catalogue;
        }
        let visible = catalogue.exercises().iter().filter(is_visible);
        Arc::new(catalogue.with_exercises(visible.cloned().collect()))
    }

    /// Whether the caller sees exercises whose clips were uploaded: others see the same library as everyone.
    #[must_use]
    pub fn sees_uploads(&self, caller: &Caller) -> bool {
        let Some(coach) = &self.coach else { return false };
        let entries = coach.library.entries();
        entries.values().any(|entry| entry.is_uploaded && self.is_readable(caller, entry.owner.as_ref()))
    }

    /// Whether the caller may see what belongs to someone, or to no one in particular.
    pub(crate) fn is_readable(&self, caller: &Caller, owner: Option<&Owner>) -> bool {
        owner.is_none_or(|owner| self.authorize(caller, Action::ReadExercise(owner)).is_ok())
    }

    /// The address of something of an exercise. If the exercise is not for everyone, the address is signed, and valid for an
    /// hour or a little more.
    #[must_use]
    pub fn exercise_path(&self, id: &str, name: &str) -> String {
        let path = format!("/api/exercises/{id}/{name}");
        let Some(coach) = &self.coach else { return path };
        let is_owned = coach.library.entries().get(id).is_some_and(|entry| entry.owner.is_some());
        if !is_owned {
            return path;
        }
        // The same for five minutes, so that browsers keep what they have.
        let now = Timestamp::now().millis() / 1000;
        let expires = (now / 300 + 1) * 300 + ADDRESS_SECS;
        let signature = coach.secret.sign_path(&path, expires);
        format!("{path}?expires={expires}&signature={signature}")
    }

    /// Checks that the caller may see an exercise, or that the address that was asked for is signed.
    ///
    /// # Errors
    /// When neither is so; those who may not see it do not learn that it exists.
    pub fn check_exercise_access(
        &self,
        caller: &Caller,
        id: &str,
        path: &str,
        query: &str,
    ) -> Result<(), ServiceError> {
        let Some(coach) = &self.coach else { return Ok(()) };
        let entries = coach.library.entries();
        let none = ServiceError::NoSuch("exercise");
        let Some(entry) = entries.get(id) else { return Err(none) };
        let field = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let signed = field("expires").and_then(|expires| expires.parse().ok()).zip(field("signature"));
        let now = Timestamp::now().millis() / 1000;
        let is_signed =
            signed.is_some_and(|(expires, signature)| coach.secret.has_signed(path, expires, signature, now));
        if is_signed || self.is_readable(caller, entry.owner.as_ref()) { Ok(()) } else { Err(none) }
    }

    /// Seconds of the clip of an exercise; 0 for an image, none until it was measured.
    #[must_use]
    pub fn clip_secs(&self, exercise: &Exercise) -> Option<f64> {
        self.clip_secs.read().unwrap_or_else(PoisonError::into_inner).get(&exercise.clip).copied()
    }

    /// Measures the clips of all exercises that were not measured before. Blocks.
    fn measure_clips(&self) {
        let catalogue = self.catalogue();
        let mut is_changed = false;
        for exercise in catalogue.exercises() {
            if self.clip_secs(exercise).is_some() {
                continue;
            }
            // Those that cannot be opened are reported where they are used.
            let Ok(probed) = probe(&exercise.clip) else { continue };
            let secs = if probed.info.is_still { 0.0 } else { to_f64(probed.info.duration) };
            self.clip_secs.write().unwrap_or_else(PoisonError::into_inner).insert(exercise.clip.clone(), secs);
            is_changed = true;
        }
        if is_changed {
            self.library_revision.fetch_add(1, Ordering::Relaxed);
        }
    }
}
