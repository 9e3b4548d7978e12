//! A still frame in RGBA, as a window shows it.

use std::sync::Arc;

use crate::device::GpuContext;
use crate::error::GpuError;
use crate::gpu::Gpu;
use crate::output::display::Display;
use crate::output::latest_frame::LatestFrame;
use crate::output::readback::PendingReadback;
use repcast_media::{CompositedFrame, FrameFormat};
use repcast_model::geometry::Size;

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// A still frame that is being converted and read back.
pub struct Capture {
    size: Size,
    /// Bytes per row of the buffer, padded as copies require.
    row_bytes: u32,
    pending: PendingReadback,
    /// Dropped after the buffer.
    gpu: Arc<Gpu>,
}

impl Capture {
    /// Submits the conversion of the latest frame, without waiting for it.
    ///
    /// # Errors
    /// When the device has too little memory.
    pub fn begin(gpu: &Arc<Gpu>, source: &LatestFrame) -> Result<Self, GpuError> {
        gpu.context.with_error_scope(|| Self::submit(gpu, source))
    }

    fn submit(gpu: &Arc<Gpu>, source: &LatestFrame) -> Self {
        let (GpuContext { device, queue, .. }, size) = (&gpu.context, source.size);
        let extent = wgpu::Extent3d { width: size.width, height: size.height, depth_or_array_layers: 1 };
        let row_bytes = (size.width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let bytes = u64::from(row_bytes) * u64::from(size.height);
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("still"),
            size: bytes,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("still") });
        let display = Display::new(gpu, source, size, FORMAT);
        display.encode_all(&gpu.context, &mut encoder);
        let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(row_bytes), rows_per_image: None };
        encoder.copy_texture_to_buffer(
            display.texture().as_image_copy(),
            wgpu::TexelCopyBufferInfo { buffer: &buffer, layout },
            extent,
        );
        let submission = queue.submit([encoder.finish()]);
        Self { gpu: gpu.clone(), size, row_bytes, pending: PendingReadback::start(buffer, bytes, submission) }
    }

    /// The frame as RGBA. Waits for the device.
    ///
    /// # Errors
    /// When the device fails.
    pub fn wait(self) -> Result<CompositedFrame, GpuError> {
        let stride = CompositedFrame::stride_of(FrameFormat::Rgba, self.size.width);
        let mut data = Vec::new();
        self.pending.wait(&self.gpu.context, |bytes| {
            let rows = bytes.chunks_exact(self.row_bytes as usize);
            data.reserve(rows.len() * stride as usize);
            rows.for_each(|row| data.extend_from_slice(&row[..stride as usize]));
        })?;
        Ok(CompositedFrame { format: FrameFormat::Rgba, size: self.size, stride, data: Arc::new(data) })
    }
}
