//! A still of a picture on the GPU, as a window shows it.

use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};

use super::device::Gpu;
use super::display::{Display, PictureSource};
use super::error::GpuError;
use crate::geometry::{Rect, Size};
use crate::media::{Picture, PictureFormat};

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
    #[must_use]
    pub fn begin(gpu: &Arc<Gpu>, source: &PictureSource) -> Self {
        let (device, size) = (&gpu.device, source.size);
        let extent = wgpu::Extent3d { width: size.width, height: size.height, depth_or_array_layers: 1 };
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("still"),
            size: extent,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let row_bytes = (size.width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("still"),
            size: u64::from(row_bytes) * u64::from(size.height),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("still") });
        {
            let ops = wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::BLACK), store: wgpu::StoreOp::Store };
            let attachment =
                wgpu::RenderPassColorAttachment { view: &view, depth_slice: None, resolve_target: None, ops };
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("still"),
                color_attachments: &[Some(attachment)],
                ..wgpu::RenderPassDescriptor::default()
            });
            let rect = Rect::new(0.0, 0.0, size.width as f32, size.height as f32);
            Display::new(gpu, FORMAT).encode(gpu, &mut pass, source, rect);
        }
        let layout =
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(row_bytes), rows_per_image: None };
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
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
