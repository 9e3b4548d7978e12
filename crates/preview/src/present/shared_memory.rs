//! Presentation through memory shared with the display, for software adapters.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use winit::dpi::PhysicalSize;
use winit::window::Window;

use repcast_compositor::{Gpu, GpuError};

use super::{PREFERRED_FORMAT, PresentError};

/// How long the pixels of a frame may take to be read back.
const READBACK_TIMEOUT: Duration = Duration::from_secs(1);

/// A texture whose pixels are read back and copied into memory that is shared with the display.
pub(crate) struct SharedMemory {
    surface: softbuffer::Surface<Arc<Window>, Arc<Window>>,
    /// The texture to draw into and its readback buffer; `None` before the first frame.
    target: Option<(wgpu::Texture, wgpu::Buffer)>,
}

impl SharedMemory {
    pub(super) fn new(window: &Arc<Window>) -> Result<Self, GpuError> {
        let failed = |error: softbuffer::SoftBufferError| GpuError::Device(error.to_string());
        let context = softbuffer::Context::new(window.clone()).map_err(failed)?;
        let surface = softbuffer::Surface::new(&context, window.clone()).map_err(failed)?;
        Ok(Self { surface, target: None })
    }

    pub(super) fn acquire(&mut self, gpu: &Gpu, size: PhysicalSize<u32>) -> wgpu::Texture {
        let fits = |(texture, _): &(wgpu::Texture, wgpu::Buffer)| {
            (texture.width(), texture.height()) == (size.width, size.height)
        };
        let target = self.target.take().filter(fits).unwrap_or_else(|| {
            let texture = gpu.device().create_texture(&wgpu::TextureDescriptor {
                label: Some("window"),
                size: wgpu::Extent3d { width: size.width, height: size.height, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: PREFERRED_FORMAT,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                    | wgpu::TextureUsages::COPY_DST
                    | wgpu::TextureUsages::COPY_SRC,
                view_formats: &[],
            });
            let buffer = gpu.device().create_buffer(&wgpu::BufferDescriptor {
                label: Some("window"),
                size: u64::from(row_bytes(size.width)) * u64::from(size.height),
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            (texture, buffer)
        });
        self.target.insert(target).0.clone()
    }

    pub(super) fn encode(&self, encoder: &mut wgpu::CommandEncoder) {
        let Some((texture, buffer)) = &self.target else { return };
        let bytes_per_row = Some(row_bytes(texture.width()));
        let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row, rows_per_image: None };
        let copy = wgpu::TexelCopyBufferInfo { buffer, layout };
        encoder.copy_texture_to_buffer(texture.as_image_copy(), copy, texture.size());
    }

    pub(super) fn present(&mut self, gpu: &Gpu, submission: wgpu::SubmissionIndex) -> Result<(), PresentError> {
        let Some((texture, buffer)) = &self.target else { return Err(PresentError::Retry) };
        let (width, height) = (texture.width(), texture.height());
        buffer.map_async(wgpu::MapMode::Read, .., |_| {});
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: Some(READBACK_TIMEOUT) };
        let presented = gpu.device().poll(wait).map_err(|_| PresentError::Retry).and_then(|_| {
            let view = buffer.get_mapped_range(..).map_err(|_| PresentError::Retry)?;
            let (Some(across), Some(down)) = (NonZeroU32::new(width), NonZeroU32::new(height)) else {
                return Err(PresentError::Retry);
            };
            let lost = |error: softbuffer::SoftBufferError| {
                tracing::debug!("the display rejected a frame: {error}");
                PresentError::Lost
            };
            self.surface.resize(across, down).map_err(lost)?;
            let mut pixels = self.surface.buffer_mut().map_err(lost)?;
            let rows = view.chunks_exact(row_bytes(width) as usize);
            for (to, from) in pixels.chunks_exact_mut(width as usize).zip(rows) {
                bytemuck::cast_slice_mut(to).copy_from_slice(&from[..width as usize * 4]);
            }
            pixels.present().map_err(lost)
        });
        buffer.unmap();
        presented
    }
}

/// Row pitch of the readback buffer in bytes.
fn row_bytes(width: u32) -> u32 {
    (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT)
}
