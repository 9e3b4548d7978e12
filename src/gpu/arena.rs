//! Small data that one frame's kernels read: parameters and tile lists, gathered on the CPU and uploaded in one copy.

use super::error::GpuError;

/// Alignment that every adapter accepts for bound ranges of uniform and storage buffers.
const ALIGNMENT: usize = 256;

/// A place in the arena.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    offset: u64,
    size: u64,
}

/// One buffer's worth of bytes, begun anew for each frame.
pub(super) struct Arena {
    bytes: Vec<u8>,
    buffer: wgpu::Buffer,
    usage: wgpu::BufferUsages,
}

impl Arena {
    pub(super) fn new(device: &wgpu::Device, usage: wgpu::BufferUsages) -> Self {
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        Self { bytes: Vec::new(), buffer: buffer(device, usage, 64 << 10), usage }
    }

    /// Adds bytes and says where they will lie.
    pub(super) fn push(&mut self, data: &[u8]) -> Slice {
        let slice = self.begin(data.len());
        self.bytes.extend_from_slice(data);
        slice
    }

    /// Makes room for `size` bytes, which the caller appends with [`Self::append`].
    pub(super) fn begin(&mut self, size: usize) -> Slice {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
        Slice { offset: self.bytes.len() as u64, size: size.next_multiple_of(4).max(4) as u64 }
    }

    pub(super) fn append(&mut self, data: &[u8]) {
        self.bytes.extend_from_slice(data);
    }

    /// Uploads what was gathered and begins anew. Slices stay good until the commands of `encoder` have run.
    pub(super) fn upload(
        &mut self,
        device: &wgpu::Device,
        belt: &mut wgpu::util::StagingBelt,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Result<(), GpuError> {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
        let size = self.bytes.len() as u64;
        let limits = device.limits();
        if size > limits.max_buffer_size.min(limits.max_storage_buffer_binding_size) {
            return Err(GpuError::Device(format!("a frame of {size} bytes does not fit a buffer")));
        }
        if size > self.buffer.size() {
            self.buffer = buffer(device, self.usage, size.next_power_of_two());
        }
        if let Some(wanted) = wgpu::BufferSize::new(size) {
            belt.write_buffer(encoder, &self.buffer, 0, wanted).copy_from_slice(&self.bytes);
        }
        self.bytes.clear();
        Ok(())
    }

    /// The slice as a binding. Only after [`Self::upload`], which may move the arena to a larger buffer.
    pub(super) fn binding(&self, slice: Slice) -> wgpu::BindingResource<'_> {
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
