//! Drawn tiles on their way back: a few mappable buffers in turn.

use crossbeam_channel::{Receiver, bounded};

use crate::error::GpuError;

/// Frames that may be on their way back at once: one composited, one copied, one mapped.
pub(crate) const IN_FLIGHT: usize = 3;

/// The smallest buffer, in bytes.
const LEAST_BYTES: u64 = 1 << 16;

/// The buffers. They are about as large as what lately came back in one, because most pictures change in few tiles.
pub(crate) struct Readback {
    most: u64,
    free: Vec<wgpu::Buffer>,
}

/// Tiles that have been asked for.
pub(crate) struct Coming {
    buffer: wgpu::Buffer,
    bytes: u64,
    /// Speaks when the buffer is mapped.
    arrived: Receiver<Result<(), wgpu::BufferAsyncError>>,
    submission: wgpu::SubmissionIndex,
}

impl Readback {
    /// Buffers of up to so many bytes.
    pub(crate) fn new(most: u64) -> Self {
        Self { most, free: Vec::new() }
    }

    /// A buffer to copy so many bytes into. There are as many as frames on their way.
    pub(crate) fn acquire(&mut self, device: &wgpu::Device, bytes: u64) -> wgpu::Buffer {
        let size = buffer_size(bytes, self.most);
        if let Some(at) = self.free.iter().position(|buffer| is_reusable(buffer.size(), bytes, size)) {
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
    pub(crate) fn expect(buffer: wgpu::Buffer, bytes: u64, submission: wgpu::SubmissionIndex) -> Coming {
        let (done, arrived) = bounded(1);
        buffer.map_async(wgpu::MapMode::Read, ..bytes, move |result| {
            // The receiver is gone only when the compositor is.
            let _ = done.send(result);
        });
        Coming { buffer, bytes, arrived, submission }
    }

    /// Hands over what was asked for. Waits for the device.
    pub(crate) fn read(
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

/// Bytes of a new buffer for so many, of up to `most`.
fn buffer_size(bytes: u64, most: u64) -> u64 {
    bytes.next_power_of_two().clamp(LEAST_BYTES, most.max(LEAST_BYTES)).max(bytes)
}

/// Whether a buffer of so many bytes does for `bytes`, for which a new one would have `size`.
fn is_reusable(present: u64, bytes: u64, size: u64) -> bool {
    (bytes..=4 * size).contains(&present)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gpu;

    #[test]
    fn buffers_hold_what_is_read_back_and_no_more_than_a_whole_picture() {
        for most in [1536, LEAST_BYTES - 4, LEAST_BYTES, LEAST_BYTES + 4, 3_110_400, 1 << 22, 132_710_400] {
            let around = |at: u64| [at.saturating_sub(4).max(4), at, at + 4];
            for bytes in [4, LEAST_BYTES, 1 << 20, 1 << 21, most].into_iter().flat_map(around) {
                let bytes = bytes.min(most);
                let size = buffer_size(bytes, most);
                assert!(size >= bytes && size <= most.max(LEAST_BYTES), "{bytes} of {most}: {size}");
                assert!(is_reusable(size, bytes, size) && !is_reusable(bytes - 1, bytes, size));
            }
        }
    }

    #[test]
    fn bytes_come_back_at_the_exact_boundaries() {
        let gpu = Gpu::open(None).unwrap();
        let most = (1 << 18) - 256;
        let source = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: most,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        let written: Vec<u8> = (0..most).map(|at| (at * at / 4096 % 251) as u8).collect();
        gpu.queue.write_buffer(&source, 0, &written);
        let mut readback = Readback::new(most);
        let read = || {
            for bytes in [4, LEAST_BYTES - 4, LEAST_BYTES, LEAST_BYTES + 4, 1 << 17, most - 4, most, 4, most] {
                let buffer = readback.acquire(&gpu.device, bytes);
                let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                encoder.copy_buffer_to_buffer(&source, 0, &buffer, 0, bytes);
                let pending = Readback::expect(buffer, bytes, gpu.queue.submit([encoder.finish()]));
                readback.read(&gpu.device, pending, |read| assert_eq!(read, &written[..bytes as usize]))?;
            }
            Ok::<_, GpuError>(())
        };
        assert_eq!(gpu.beside(read).and_then(|read| read).err().map(|error| error.to_string()), None);
    }
}
