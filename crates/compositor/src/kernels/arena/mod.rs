//! Buffer data of one frame, such as parameters and tile lists: collected on the CPU and uploaded in one copy.

mod packing;

use crate::error::GpuError;
use packing::{Packing, buffer_size};

pub(crate) use packing::Slice;

/// Initial size of the buffer in bytes.
const INITIAL_BYTES: u64 = 64 << 10;

/// The content of one buffer, cleared for each frame.
pub(crate) struct Arena {
    packing: Packing,
    buffer: wgpu::Buffer,
    usage: wgpu::BufferUsages,
}

impl Arena {
    pub(crate) fn new(device: &wgpu::Device, usage: wgpu::BufferUsages) -> Self {
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        Self { packing: Packing::default(), buffer: buffer(device, usage, INITIAL_BYTES), usage }
    }

    /// Adds bytes and returns their place in the buffer.
    pub(crate) fn push(&mut self, data: &[u8]) -> Slice {
        self.push_all([data])
    }

    /// Adds consecutive pieces without padding and returns their place in the buffer.
    pub(crate) fn push_all<'a>(&mut self, pieces: impl IntoIterator<Item = &'a [u8]>) -> Slice {
        self.packing.push_all(pieces)
    }

    /// Uploads the content and clears it. Slices stay valid until the commands of `encoder` have run.
    pub(crate) fn upload(
        &mut self,
        device: &wgpu::Device,
        belt: &mut wgpu::util::StagingBelt,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Result<(), GpuError> {
        let size = self.packing.bytes().len() as u64;
        let limits = device.limits();
        let limit = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
        let Some(required) = buffer_size(self.buffer.size(), size, limit) else {
            return Err(GpuError::UploadTooLarge { bytes: size });
        };
        if required != self.buffer.size() {
            self.buffer = buffer(device, self.usage, required);
        }
        if let Some(size) = wgpu::BufferSize::new(size) {
            belt.write_buffer(encoder, &self.buffer, 0, size).copy_from_slice(self.packing.bytes());
        }
        self.packing.clear();
        Ok(())
    }

    /// The slice as a binding. Valid after [`Self::upload`], which may replace the buffer by a larger one.
    pub(crate) fn binding(&self, slice: Slice) -> wgpu::BindingResource<'_> {
        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: &self.buffer,
            offset: slice.offset,
            size: wgpu::BufferSize::new(slice.size),
        })
    }
}

fn buffer(device: &wgpu::Device, usage: wgpu::BufferUsages, size: u64) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor { label: Some("arena"), size, usage, mapped_at_creation: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::GpuContext;
    use crate::kernels::bindings::buffer_entry;

    /// Pushes pieces of these lengths and binds every slice, as a frame does.
    fn bind_all(context: &GpuContext, lengths: &[usize]) -> Result<(), GpuError> {
        let device = &context.device;
        let mut arena = Arena::new(device, wgpu::BufferUsages::STORAGE);
        let mut belt = wgpu::util::StagingBelt::new(device.clone(), 1 << 20);
        let storage = wgpu::BufferBindingType::Storage { read_only: true };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &[buffer_entry(0, storage)],
        });
        let bind = || {
            let slices: Vec<Slice> = lengths.iter().map(|length| arena.push(&vec![7; *length])).collect();
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            arena.upload(device, &mut belt, &mut encoder)?;
            for slice in slices {
                let entries = [wgpu::BindGroupEntry { binding: 0, resource: arena.binding(slice) }];
                let group = wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries };
                drop(device.create_bind_group(&group));
            }
            belt.finish_and_recall_on_submit(&encoder);
            context.queue.submit([encoder.finish()]);
            Ok(())
        };
        context.with_error_scope(bind)?
    }

    #[test]
    fn a_driver_accepts_every_slice_of_a_full_buffer() {
        let context = GpuContext::open(None).unwrap();
        for total in [1 << 16, 1 << 17] {
            for lengths in [
                vec![total, 0],
                vec![total],
                vec![total - 4, 0],
                vec![total - 256, 0, 0],
                vec![0, total - 256, 0],
                vec![total - 256, 255, 0],
                vec![total - 255, 0],
                vec![total + 1, 0],
            ] {
                assert_eq!(bind_all(&context, &lengths).err().map(|error| error.to_string()), None, "{lengths:?}");
            }
        }
        assert!(bind_all(&context, &[]).is_ok());
    }
}
