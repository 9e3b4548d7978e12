//! Drawn tiles on their way back: a few mappable buffers in turn.

use crossbeam_channel::{Receiver, bounded};

use super::error::GpuError;

/// Frames that may be on their way back at once: one composited, one copied, one mapped.
pub(super) const IN_FLIGHT: usize = 3;

/// The buffers.
pub(super) struct Readback {
    len: u64,
    free: Vec<wgpu::Buffer>,
}

/// Tiles that have been asked for.
pub(super) struct Coming {
    buffer: wgpu::Buffer,
    bytes: u64,
    /// Speaks when the buffer is mapped.
    arrived: Receiver<Result<(), wgpu::BufferAsyncError>>,
    submission: wgpu::SubmissionIndex,
}

impl Readback {
    /// Buffers of so many bytes.
    pub(super) fn new(len: u64) -> Self {
        Self { len, free: Vec::new() }
    }

    /// A buffer to copy into. There are as many as frames on their way.
    pub(super) fn acquire(&mut self, device: &wgpu::Device) -> wgpu::Buffer {
        self.free.pop().unwrap_or_else(|| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("read-back"),
                size: self.len,
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        })
    }

    /// Begins to map the first `bytes` of a buffer whose copy has been submitted.
    pub(super) fn expect(buffer: wgpu::Buffer, bytes: u64, submission: wgpu::SubmissionIndex) -> Coming {
        let (done, arrived) = bounded(1);
        buffer.map_async(wgpu::MapMode::Read, ..bytes, move |result| {
            // The receiver is gone only when the compositor is.
            let _ = done.send(result);
        });
        Coming { buffer, bytes, arrived, submission }
    }

    /// Hands over what was asked for. Waits for the device.
    pub(super) fn read(
        &mut self,
        device: &wgpu::Device,
        coming: Coming,
        read: impl FnOnce(&[u8]),
    ) -> Result<(), GpuError> {
        let failed = |error: &dyn std::fmt::Display| GpuError::Device(error.to_string());
        let Coming { buffer, bytes, arrived, submission } = coming;
        let result = loop {
            if let Ok(result) = arrived.try_recv() {
                break result;
            }
            // Not for what others have submitted since.
            let wait = wgpu::PollType::Wait { submission_index: Some(submission.clone()), timeout: None };
            device.poll(wait).map_err(|error| failed(&error))?;
        };
        result.map_err(|error| failed(&error))?;
        let view = buffer.get_mapped_range(..bytes).map_err(|error| failed(&error))?;
        read(&view);
        drop(view);
        buffer.unmap();
        self.free.push(buffer);
        Ok(())
    }
}
