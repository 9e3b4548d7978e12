//! Drawn tiles on their way back: a few mappable buffers in turn.

use crossbeam_channel::{Receiver, bounded};

use super::error::GpuError;

/// Frames that may be on their way back at once: one composited, one copied, one mapped.
pub(super) const IN_FLIGHT: usize = 3;

/// The smallest buffer, in bytes.
const LEAST_BYTES: u64 = 1 << 16;

/// The buffers. They are about as large as what lately came back in one, because most pictures change in few tiles.
pub(super) struct Readback {
    most: u64,
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
    /// Buffers of up to so many bytes.
    pub(super) fn new(most: u64) -> Self {
        Self { most, free: Vec::new() }
    }

    /// A buffer to copy so many bytes into. There are as many as frames on their way.
    pub(super) fn acquire(&mut self, device: &wgpu::Device, bytes: u64) -> wgpu::Buffer {
        let size = bytes.next_power_of_two().clamp(LEAST_BYTES, self.most.max(LEAST_BYTES));
        let fits = |buffer: &wgpu::Buffer| (bytes..=4 * size).contains(&buffer.size());
        if let Some(at) = self.free.iter().position(fits) {
            return self.free.swap_remove(at);
        }
        // Another makes room for it.
        self.free.pop();
        device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read-back"),
            size,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
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
