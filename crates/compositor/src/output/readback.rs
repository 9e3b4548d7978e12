//! Read-back of composited tiles through a pool of mappable buffers.

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use crate::device::GpuContext;
use crate::error::GpuError;

/// Frames that may be in flight: one being composited, one copied, one mapped.
pub(crate) const MAX_IN_FLIGHT: usize = 3;

/// The smallest buffer, in bytes.
const MIN_BUFFER_BYTES: u64 = 1 << 16;

/// Free buffers. They are about as large as the latest read-backs, because most frames change in few tiles.
pub(crate) struct ReadbackPool {
    max_bytes: u64,
    free: Vec<wgpu::Buffer>,
}

/// A submitted copy into a buffer that is being mapped.
pub(crate) struct PendingReadback {
    buffer: wgpu::Buffer,
    bytes: u64,
    /// Receives the result of the mapping.
    mapped: Receiver<Result<(), wgpu::BufferAsyncError>>,
    submission: wgpu::SubmissionIndex,
}

impl ReadbackPool {
    /// A pool for read-backs of up to `max_bytes`.
    pub(crate) fn new(max_bytes: u64) -> Self {
        Self { max_bytes, free: Vec::new() }
    }

    /// A buffer for a copy of `bytes`. There are at most as many buffers as frames in flight.
    pub(crate) fn acquire(&mut self, context: &GpuContext, bytes: u64) -> wgpu::Buffer {
        let size = buffer_size(bytes, self.max_bytes);
        if let Some(at) = self.free.iter().position(|buffer| is_reusable(buffer.size(), bytes, size)) {
            return self.free.swap_remove(at);
        }
        // The new buffer replaces a free one of another size.
        self.free.pop();
        context.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read-back"),
            size,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    /// Waits for a read-back, passes its bytes to `reader` and keeps its buffer.
    pub(crate) fn read(
        &mut self,
        context: &GpuContext,
        pending: PendingReadback,
        reader: impl FnOnce(&[u8]),
    ) -> Result<(), GpuError> {
        self.free.push(pending.wait(context, reader)?);
        Ok(())
    }
}

impl PendingReadback {
    /// Starts to map the first `bytes` of a buffer whose copy has been submitted.
    pub(crate) fn start(buffer: wgpu::Buffer, bytes: u64, submission: wgpu::SubmissionIndex) -> Self {
        let (sender, mapped) = bounded(1);
        buffer.map_async(wgpu::MapMode::Read, ..bytes, move |result| {
            // Fails if the read-back was dropped.
            let _ = sender.send(result);
        });
        Self { buffer, bytes, mapped, submission }
    }

    /// Waits for the device, passes the bytes to `reader` and returns the unmapped buffer.
    pub(crate) fn wait(self, context: &GpuContext, reader: impl FnOnce(&[u8])) -> Result<wgpu::Buffer, GpuError> {
        let Self { buffer, bytes, mapped, submission } = self;
        loop {
            match mapped.try_recv() {
                Ok(result) => break result?,
                Err(TryRecvError::Disconnected) => return Err(GpuError::NoAnswer),
                Err(TryRecvError::Empty) => {}
            }
            // Waits for this submission only, not for later ones of other compositors.
            let wait = wgpu::PollType::Wait { submission_index: Some(submission.clone()), timeout: None };
            context.device.poll(wait)?;
        }
        let view = buffer.get_mapped_range(..bytes)?;
        reader(&view);
        drop(view);
        buffer.unmap();
        Ok(buffer)
    }
}

/// Size of a new buffer for `bytes`, of up to `max_bytes`.
fn buffer_size(bytes: u64, max_bytes: u64) -> u64 {
    bytes.next_power_of_two().clamp(MIN_BUFFER_BYTES, max_bytes.max(MIN_BUFFER_BYTES)).max(bytes)
}

/// Whether a buffer of `present` bytes can hold `bytes`, for which a new one would have `size`, without being far too
/// large.
fn is_reusable(present: u64, bytes: u64, size: u64) -> bool {
    (bytes..=4 * size).contains(&present)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_hold_the_read_back_and_at_most_a_whole_frame() {
        for max in [1536, MIN_BUFFER_BYTES - 4, MIN_BUFFER_BYTES, MIN_BUFFER_BYTES + 4, 3_110_400, 1 << 22, 132_710_400]
        {
            let around = |at: u64| [at.saturating_sub(4).max(4), at, at + 4];
            for bytes in [4, MIN_BUFFER_BYTES, 1 << 20, 1 << 21, max].into_iter().flat_map(around) {
                let bytes = bytes.min(max);
                let size = buffer_size(bytes, max);
                assert!(size >= bytes && size <= max.max(MIN_BUFFER_BYTES), "{bytes} of {max}: {size}");
                assert!(is_reusable(size, bytes, size) && !is_reusable(bytes - 1, bytes, size));
            }
        }
    }

    #[test]
    fn bytes_are_read_back_at_the_exact_boundaries() {
        let context = GpuContext::open(None).unwrap();
        let GpuContext { device, queue, .. } = &context;
        let max = (1 << 18) - 256;
        let source = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: max,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        let written: Vec<u8> = (0..max).map(|at| (at * at / 4096 % 251) as u8).collect();
        queue.write_buffer(&source, 0, &written);
        let mut pool = ReadbackPool::new(max);
        let read = || {
            let sizes =
                [4, MIN_BUFFER_BYTES - 4, MIN_BUFFER_BYTES, MIN_BUFFER_BYTES + 4, 1 << 17, max - 4, max, 4, max];
            for bytes in sizes {
                let buffer = pool.acquire(&context, bytes);
                let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                encoder.copy_buffer_to_buffer(&source, 0, &buffer, 0, bytes);
                let pending = PendingReadback::start(buffer, bytes, queue.submit([encoder.finish()]));
                pool.read(&context, pending, |read| assert_eq!(read, &written[..bytes as usize]))?;
            }
            Ok::<_, GpuError>(())
        };
        let result = context.with_error_scope(read).and_then(|read| read);
        assert_eq!(result.err().map(|error| error.to_string()), None);
    }
}
