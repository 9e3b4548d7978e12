//! One encoder for one group of pictures.
//!
//! Each GOP is encoded by an encoder that has seen no other frame, so that its bytes depend on its pictures and the
//! settings alone: not on the lane, on what was cached, or on the machine.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Instant;

use crossbeam_channel::Sender;
use repcast_gstreamer::encode::{EncodeError, Encoder, EncoderInput, EncoderOutput};
use repcast_storage::CachedSegment;

use super::lane::{GopTask, RenderContext};
use super::packager::EncodedGopFrame;
use super::{RenderError, spawn};
use crate::frame::RenderedFrame;
use crate::metrics::Stage;

/// The input of an encoder, and the thread that reads its output.
pub(super) struct GopEncoder<'scope> {
    gop: Range<u64>,
    input: EncoderInput,
    pending: Arc<Pending>,
    output: ScopedJoinHandle<'scope, Result<(), RenderError>>,
}

/// An encoder that gets no more frames.
pub(super) struct Draining<'scope>(ScopedJoinHandle<'scope, Result<(), RenderError>>);

/// When each frame entered the encoder that has not been delivered.
#[derive(Default)]
struct Pending(Mutex<VecDeque<(u64, Instant)>>);

impl<'scope> GopEncoder<'scope> {
    pub(super) fn start(
        context: &'scope RenderContext<'_>,
        scope: &'scope Scope<'scope, '_>,
        task: GopTask,
        encoded: Sender<EncodedGopFrame>,
    ) -> Result<Self, RenderError> {
        let (input, output) = Encoder::start(context.encoder, context.settings)?;
        let pending = Arc::new(Pending::default());
        let (gop, entered) = (task.frames.clone(), pending.clone());
        let output = spawn(scope, "encode", move || {
            let _guard = context.chunks.guard("encode");
            let result = receive(context, &task, output, &entered, &encoded);
            match result {
                // The lane may not read the result before its next GOP. An encoder that only stopped was stopped by a
                // failure that is reported elsewhere.
                Err(error) if !matches!(error, RenderError::Encode(EncodeError::Stopped)) => {
                    context.chunks.fail(error);
                    Err(EncodeError::Stopped.into())
                }
                result => result,
            }
        })?;
        Ok(Self { gop, input, pending, output })
    }

    /// The frames that are encoded.
    pub(super) fn gop(&self) -> &Range<u64> {
        &self.gop
    }

    /// Passes a frame to the encoder; waits while it is behind.
    ///
    /// # Errors
    /// When the encoder has stopped: its output, which knows why.
    pub(super) fn push(self, frame: &RenderedFrame) -> Result<Self, Draining<'scope>> {
        let index = frame.number - self.gop.start;
        self.pending.enter(index);
        match self.input.push(&frame.picture, index, index == 0) {
            Ok(()) => Ok(self),
            Err(_) => Err(Draining(self.output)),
        }
    }

    /// Ends the GOP.
    ///
    /// # Errors
    /// When the encoder has stopped: its output, which knows why.
    pub(super) fn finish(self) -> Result<Draining<'scope>, Draining<'scope>> {
        match self.input.finish() {
            Ok(()) => Ok(Draining(self.output)),
            Err(_) => Err(Draining(self.output)),
        }
    }

    /// Stops the encoder before the GOP is complete.
    pub(super) fn abandon(self) -> Draining<'scope> {
        Draining(self.output)
    }
}

impl Draining<'_> {
    /// Whether every frame has been delivered.
    pub(super) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Waits until every frame has been delivered.
    pub(super) fn wait(self) -> Result<(), RenderError> {
        self.0.join().map_err(|_| RenderError::Lost("encode"))?
    }

    /// Why an encoder stopped that should still run.
    pub(super) fn into_error<T>(self) -> Result<T, RenderError> {
        self.wait()?;
        Err(EncodeError::Stopped.into())
    }
}

impl Pending {
    fn enter(&self, index: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back((index, Instant::now()));
    }

    fn leave(&self, index: u64) -> Option<Instant> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let position = pending.iter().position(|(entered, _)| *entered == index)?;
        pending.remove(position).map(|(_, since)| since)
    }
}

/// Thread "encode": sends what the encoder delivers to the packager, and caches the GOP when it is complete.
fn receive(
    context: &RenderContext<'_>,
    task: &GopTask,
    mut output: EncoderOutput,
    pending: &Pending,
    encoded: &Sender<EncodedGopFrame>,
) -> Result<(), RenderError> {
    let mut segment = Vec::new();
    let mut count = 0;
    while let Some(mut frame) = output.receive()? {
        if let Some(since) = pending.leave(frame.frame) {
            context.metrics.record(Stage::Encode, since.elapsed());
        }
        let config = output.config().cloned().ok_or(RenderError::Lost("encode"))?;
        count += 1;
        if let Some(cache) = context.cache.filter(|cache| !cache.is_closed()) {
            segment.push(frame.clone());
            let is_complete = count == task.frames.end - task.frames.start;
            if let Some(key) = is_complete.then(|| task.key.or_else(|| cache.key(task.frames.clone()))).flatten() {
                cache.put(&key, &CachedSegment { config: config.clone(), frames: std::mem::take(&mut segment) });
            }
        }
        if context.is_over() {
            return Err(RenderError::Interrupted);
        }
        frame.frame += task.frames.start;
        // A packager that has stopped reports the reason itself.
        let sent = encoded.send(EncodedGopFrame { gop: task.frames.clone(), config, frame });
        sent.map_err(|_| EncodeError::Stopped)?;
    }
    Ok(())
}
