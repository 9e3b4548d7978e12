//! Another document for a session that runs.

use std::sync::atomic::Ordering;

use repcast_media::FrameFormat;
use repcast_model::session::SessionState;

use super::Stream;
use crate::audio::DocumentAudio;
use crate::frame::FrameRenderer;
use crate::live::Lease;
use crate::live::audio::{LiveMix, MusicClock};
use crate::live::document_change::{ChangeError, ChangePosition, DocumentChange, EXCHANGE_TIMEOUT};
use crate::live::session_context::lock;
use crate::open::OpenDocument;

impl Stream {
    /// Replaces the document between two frames; the stream goes on without a discontinuity. Returns when it is shown from the
    /// next frame on. Blocks while its decoders start, and its sounds are measured. `lease` is what it needs more capacity.
    ///
    /// Sound and captions are those that the stream started with: a session without sound stays silent, and a language that
    /// it lacks is left out.
    ///
    /// # Errors
    /// When the document has frames of another size or rate, the device fails, or the session has ended.
    pub fn change(
        &self,
        project: &OpenDocument,
        position: ChangePosition,
        lease: Option<Lease>,
    ) -> Result<(), ChangeError> {
        let (old, new) = ((self.size, self.rate), (project.timeline.canvas, project.timeline.rate));
        if old != new {
            return Err(ChangeError::OtherFormat { old, new });
        }
        let is_over = || self.shared.stop.load(Ordering::Relaxed);
        let renderer = FrameRenderer::new(&self.gpu, project, FrameFormat::Nv12, self.clip_options.clone())?;
        let silent = DocumentAudio::silent();
        let audio = self.audio.is_some().then(|| {
            let audio = project.audio.as_ref().unwrap_or(&silent);
            LiveMix::open(audio, self.rate, MusicClock::Session, &is_over).ok_or(ChangeError::Ended)
        });
        let frame = lock(&self.shared.session).next_frame();
        let (change, replaced) = DocumentChange::prepare(renderer, project, audio.transpose()?, lease, position, frame);
        if is_over() || lock(&self.shared.session).status().state == SessionState::Ended {
            return Err(ChangeError::Ended);
        }
        *lock(&self.shared.change) = Some(Box::new(change));
        // What comes is dropped here, where no frame waits for it.
        let is_shown = || replaced.recv_timeout(EXCHANGE_TIMEOUT).is_ok();
        if is_shown() {
            return Ok(());
        }
        // Dropped after the lock: the session looks there before each frame.
        let taken_back = lock(&self.shared.change).take();
        // One that has been taken is about to be shown.
        if taken_back.is_none() && is_shown() {
            return Ok(());
        }
        Err(if is_over() { ChangeError::Ended } else { ChangeError::Busy })
    }
}
