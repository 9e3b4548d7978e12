//! A still of a picture on the GPU, as a window shows it.

use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};

use super::display::Display;
use crate::device::Gpu;
use crate::error::GpuError;
use crate::output::latest_frame::PictureSource;
use repcast_media::{Picture, PictureFormat};
use repcast_model::geometry::Size;

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// A picture on its way from the GPU.
pub struct Capture {
    gpu: Arc<Gpu>,
    size: Size,
    row_bytes: u32,
    buffer: wgpu::Buffer,
    submission: wgpu::SubmissionIndex,
    arrived: Receiver<Result<(), wgpu::BufferAsyncError>>,
}

impl Capture {
    /// Takes the picture as it is now. Does not wait for it.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn begin(gpu: &Arc<Gpu>, source: &PictureSource) -> Result<Self, GpuError> {
        gpu.beside(|| Self::submit(gpu, source))
    }

    fn submit(gpu: &Arc<Gpu>, source: &PictureSource) -> Self {
        let (device, size) = (&gpu.device, source.size);
        let extent = wgpu::Extent3d { width: size.width, height: size.height, depth_or_array_layers: 1 };
        let row_bytes = (size.width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("still"),
            size: u64::from(row_bytes) * u64::from(size.height),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("still") });
        let display = Display::new(gpu, source, size, FORMAT);
        display.encode_all(gpu, &mut encoder);
        let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(row_bytes), rows_per_image: None };
        encoder.copy_texture_to_buffer(
            display.texture().as_image_copy(),
            wgpu::TexelCopyBufferInfo { buffer: &buffer, layout },
            extent,
        );
        let submission = gpu.queue.submit([encoder.finish()]);
        let (done, arrived) = bounded(1);
        buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            // Nobody waits any more for a still that was given up.
            let _ = done.send(result);
        });
        Self { gpu: gpu.clone(), size, row_bytes, buffer, submission, arrived }
    }

    /// The picture as RGBA. Waits for the device.
    ///
    /// # Errors
    /// When the device fails.
    pub fn wait(self) -> Result<Picture, GpuError> {
        let failed = |error: &dyn std::fmt::Display| GpuError::Device(error.to_string());
        let wait = wgpu::PollType::Wait { submission_index: Some(self.submission), timeout: None };
        self.gpu.device.poll(wait).map_err(|error| failed(&error))?;
        let mapped = self.arrived.recv().map_err(|error| failed(&error))?;
        mapped.map_err(|error| failed(&error))?;
        let view = self.buffer.get_mapped_range(..).map_err(|error| failed(&error))?;
        let stride = Picture::stride_of(PictureFormat::Rgba, self.size.width);
        let rows = view.chunks_exact(self.row_bytes as usize).flat_map(|row| &row[..stride as usize]);
        let data: Vec<u8> = rows.copied().collect();
        Ok(Picture { format: PictureFormat::Rgba, size: self.size, stride, data: Arc::new(data) })
    }
}
