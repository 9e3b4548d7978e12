//! Pictures on their way back: a ring of mappable buffers, handed out without a copy.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::error::GpuError;
use crate::geometry::Size;
use crate::media::{Bytes, Picture, PictureFormat};

/// Frames that may be on their way back at once: one composited, one copied, one mapped.
pub(super) const IN_FLIGHT: usize = 3;

/// Buffers in all. An encoder holds on to its pictures for as long as it looks ahead: x264's slowest preset for 60 frames
/// and 17 B-frames, and one for each of its up to 64 threads; some wait in its queue. Buffers are made when they are
/// needed, so that fast presets on small machines have a few of them.
const BUFFERS: usize = IN_FLIGHT + 60 + 17 + 64 + 16;

/// How long a picture may be waited for to come back.
const PATIENCE: Duration = Duration::from_secs(120);

/// The ring. A buffer returns to it when the last holder of its picture lets go.
pub(super) struct Readback {
    format: PictureFormat,
    size: Size,
    len: u64,
    made: usize,
    free: Receiver<wgpu::Buffer>,
    give_back: Sender<wgpu::Buffer>,
    pending: VecDeque<Pending>,
    /// The newest picture that has arrived, for frames that repeat it.
    last: Option<Picture>,
}

enum Pending {
    /// A buffer being filled; its channel speaks when it is mapped.
    Copy(wgpu::Buffer, Receiver<Result<(), wgpu::BufferAsyncError>>, wgpu::SubmissionIndex),
    /// Nothing has changed: the same picture as before.
    Repeat,
}

impl Readback {
    pub(super) fn new(format: PictureFormat, size: Size) -> Self {
        // Unbounded in type only: there are never more than `BUFFERS` buffers to give back.
        let (give_back, free) = unbounded();
        let len = Picture::len_of(format, size).next_multiple_of(4) as u64;
        Self { format, size, len, made: 0, free, give_back, pending: VecDeque::new(), last: None }
    }

    /// Pictures that have been asked for and not been taken.
    pub(super) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// A buffer to copy the next picture into. Waits for one to come back when all are in use.
    pub(super) fn acquire(&mut self, device: &wgpu::Device) -> Result<wgpu::Buffer, GpuError> {
        if let Ok(buffer) = self.free.try_recv() {
            return Ok(buffer);
        }
        if self.made < BUFFERS {
            self.made += 1;
            return Ok(device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("read-back"),
                size: self.len,
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
        }
        let holders = "whoever takes the pictures holds all of them";
        self.free.recv_timeout(PATIENCE).map_err(|_| GpuError::Device(format!("{holders}: {BUFFERS}")))
    }

    /// Begins to map a buffer whose copy has been submitted.
    pub(super) fn await_copy(&mut self, buffer: wgpu::Buffer, submission: wgpu::SubmissionIndex) {
        let (done, arrived) = bounded(1);
        buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            // The receiver is gone only when the compositor is.
            let _ = done.send(result);
        });
        self.pending.push_back(Pending::Copy(buffer, arrived, submission));
    }

    /// Counts a frame that looks as the one before it.
    pub(super) fn repeat(&mut self) {
        self.pending.push_back(Pending::Repeat);
    }

    /// The oldest picture asked for, or `None` when none is. Waits for the device.
    pub(super) fn take(&mut self, device: &wgpu::Device) -> Result<Option<Picture>, GpuError> {
        match self.pending.pop_front() {
            None => return Ok(None),
            Some(Pending::Repeat) => {}
            Some(Pending::Copy(buffer, arrived, submission)) => {
                let result = loop {
                    if let Ok(result) = arrived.try_recv() {
                        break result;
                    }
                    // Not for what others have submitted since.
                    let wait = wgpu::PollType::Wait { submission_index: Some(submission.clone()), timeout: None };
                    device.poll(wait).map_err(|error| GpuError::Device(error.to_string()))?;
                };
                result.map_err(|error| GpuError::Device(error.to_string()))?;
                let view = buffer.get_mapped_range(..).map_err(|error| GpuError::Device(error.to_string()))?;
                let data = Mapped { view: Some(view), buffer, give_back: self.give_back.clone() };
                let stride = Picture::stride_of(self.format, self.size.width);
                self.last = Some(Picture { format: self.format, size: self.size, stride, data: Arc::new(data) });
            }
        }
        match &self.last {
            Some(picture) => Ok(Some(picture.clone())),
            None => Err(GpuError::Device("a picture repeats one that never was".to_owned())),
        }
    }
}

/// A mapped buffer; letting go of it returns the buffer to its ring.
struct Mapped {
    view: Option<wgpu::BufferView>,
    buffer: wgpu::Buffer,
    give_back: Sender<wgpu::Buffer>,
}

impl Bytes for Mapped {
    fn bytes(&self) -> &[u8] {
        self.view.as_deref().unwrap_or_default()
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        self.view = None;
        self.buffer.unmap();
        // When the ring is gone the buffer is simply freed.
        let _ = self.give_back.send(self.buffer.clone());
    }
}
