//! Where a window's pixels go: a swapchain of the GPU, or, where the CPU draws, memory that the display is given.
//!
//! A software driver hands its pictures over while it holds the queue that the compositors need. A display that is slow,
//! far away or hung would hold them too; so there the window does it by itself, and nobody waits for it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use winit::dpi::PhysicalSize;
use winit::window::Window;

use repcast_compositor::{Gpu, GpuError};

/// Attempts to fit a swapchain to its window that may fail one after the other.
const MAX_REFUSALS: u32 = 50;

/// How long a picture may be waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// What all targets are made of.
const CANVAS: wgpu::TextureFormat = wgpu::TextureFormat::Bgra8Unorm;

/// Why there is nothing to draw on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// Not now; the next attempt may do.
    Later,
    /// The target is of no use any more.
    Lost,
}

/// Where pixels go.
pub(crate) enum Target {
    Swapchain(Swapchain),
    Canvas(Box<Canvas>),
}

/// A picture to be drawn.
pub(crate) enum Frame {
    Swapchain(wgpu::SurfaceTexture),
    Canvas(wgpu::Texture),
}

impl Frame {
    pub(crate) fn texture(&self) -> &wgpu::Texture {
        match self {
            Self::Swapchain(surface) => &surface.texture,
            Self::Canvas(texture) => texture,
        }
    }
}

impl Target {
    /// The target for a window.
    pub(crate) fn new(gpu: &Arc<Gpu>, window: &Arc<Window>) -> Result<Self, GpuError> {
        if gpu.is_software() {
            return Canvas::new(window).map(|canvas| Self::Canvas(Box::new(canvas)));
        }
        Swapchain::new(gpu, window).map(Self::Swapchain)
    }

    /// The format of its pixels, which hold sRGB values as they are.
    pub(crate) fn format(&self) -> wgpu::TextureFormat {
        match self {
            Self::Swapchain(swapchain) => swapchain.config.format,
            Self::Canvas(_) => CANVAS,
        }
    }

    /// Something to draw the next picture on.
    pub(crate) fn acquire(&mut self, gpu: &Arc<Gpu>, size: PhysicalSize<u32>) -> Result<Frame, Refused> {
        if size.width == 0 || size.height == 0 {
            return Err(Refused::Later);
        }
        match self {
            Self::Swapchain(swapchain) => swapchain.acquire(gpu, size).map(Frame::Swapchain),
            Self::Canvas(canvas) => Ok(Frame::Canvas(canvas.acquire(gpu, size))),
        }
    }

    /// What has to be done with a picture after it is drawn, in the same submission.
    pub(crate) fn encode(&self, encoder: &mut wgpu::CommandEncoder) {
        if let Self::Canvas(canvas) = self {
            canvas.encode(encoder);
        }
    }

    /// Shows a picture whose drawing has been submitted.
    pub(crate) fn show(
        &mut self,
        gpu: &Arc<Gpu>,
        frame: Frame,
        submission: wgpu::SubmissionIndex,
    ) -> Result<(), Refused> {
        match (self, frame) {
            (Self::Canvas(canvas), _) => canvas.show(gpu, submission),
            (_, Frame::Swapchain(surface)) => {
                gpu.queue().present(surface);
                let _ = gpu.device().poll(wgpu::PollType::Poll);
                Ok(())
            }
            _ => Err(Refused::Lost),
        }
    }
}

/// A swapchain of the GPU.
pub(crate) struct Swapchain {
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    /// It does not fit its window any more.
    is_stale: bool,
    /// Attempts to fit it that failed, one after the other.
    refusals: u32,
}

impl Swapchain {
    fn new(gpu: &Arc<Gpu>, window: &Arc<Window>) -> Result<Self, GpuError> {
        let (surface, capabilities) = gpu.surface(window.clone())?;
        let formats = capabilities.formats.iter().copied();
        let format = formats
            .filter(|format| matches!(format, wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Rgba8Unorm))
            .min_by_key(|format| *format != CANVAS);
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_DST;
        let format = format.filter(|_| capabilities.usages.contains(usage));
        let format = format.ok_or_else(|| GpuError::Device("it draws into no window of this display".to_owned()))?;
        // Mailbox never tears, and makes nobody wait for a display that is hidden. Where there is none, the display's own
        // rhythm is better than torn pictures.
        let preferred = [wgpu::PresentMode::Mailbox, wgpu::PresentMode::Fifo];
        let present_mode = preferred.into_iter().find(|mode| capabilities.present_modes.contains(mode));
        let size = window.inner_size();
        let config = wgpu::SurfaceConfiguration {
            usage,
            format,
            color_space: wgpu::SurfaceColorSpace::Auto,
            width: size.width,
            height: size.height,
            present_mode: present_mode.unwrap_or(wgpu::PresentMode::Fifo),
            desired_maximum_frame_latency: 1,
            alpha_mode: wgpu::CompositeAlphaMode::Auto,
            view_formats: Vec::new(),
        };
        Ok(Self { surface, config, is_stale: true, refusals: 0 })
    }

    fn acquire(&mut self, gpu: &Gpu, size: PhysicalSize<u32>) -> Result<wgpu::SurfaceTexture, Refused> {
        if (size.width, size.height) != (self.config.width, self.config.height) {
            (self.config.width, self.config.height) = (size.width, size.height);
            self.is_stale = true;
        }
        if self.is_stale && !self.configure(gpu) {
            return Err(if self.refusals > MAX_REFUSALS { Refused::Lost } else { Refused::Later });
        }
        match self.surface.get_current_texture() {
            wgpu::CurrentSurfaceTexture::Success(texture) => Ok(texture),
            wgpu::CurrentSurfaceTexture::Suboptimal(texture) => {
                self.is_stale = true;
                Ok(texture)
            }
            wgpu::CurrentSurfaceTexture::Outdated => {
                self.is_stale = true;
                Err(Refused::Later)
            }
            wgpu::CurrentSurfaceTexture::Timeout | wgpu::CurrentSurfaceTexture::Occluded => Err(Refused::Later),
            wgpu::CurrentSurfaceTexture::Lost | wgpu::CurrentSurfaceTexture::Validation => Err(Refused::Lost),
        }
    }

    /// Fits it to its window. The device has to be idle for that, and is not when a compositor submits just then; the
    /// next attempt will do.
    fn configure(&mut self, gpu: &Gpu) -> bool {
        let configured = gpu.beside(|| self.surface.configure(gpu.device(), &self.config));
        self.is_stale = configured.is_err();
        self.refusals = if self.is_stale { self.refusals + 1 } else { 0 };
        if let Err(error) = configured
            && self.refusals > MAX_REFUSALS
        {
            tracing::warn!("the preview window's surface is of no use: {error}");
        }
        !self.is_stale
    }
}

/// Memory that the display is given.
pub(crate) struct Canvas {
    surface: softbuffer::Surface<Arc<Window>, Arc<Window>>,
    /// What is drawn on, and where its pixels are read, once there is a size.
    drawn: Option<(wgpu::Texture, wgpu::Buffer)>,
}

impl Canvas {
    fn new(window: &Arc<Window>) -> Result<Self, GpuError> {
        let failed = |error: softbuffer::SoftBufferError| GpuError::Device(error.to_string());
        let context = softbuffer::Context::new(window.clone()).map_err(failed)?;
        let surface = softbuffer::Surface::new(&context, window.clone()).map_err(failed)?;
        Ok(Self { surface, drawn: None })
    }

    fn acquire(&mut self, gpu: &Gpu, size: PhysicalSize<u32>) -> wgpu::Texture {
        let fits = |(texture, _): &(wgpu::Texture, wgpu::Buffer)| {
            (texture.width(), texture.height()) == (size.width, size.height)
        };
        let drawn = self.drawn.take().filter(fits).unwrap_or_else(|| {
            let texture = gpu.device().create_texture(&wgpu::TextureDescriptor {
                label: Some("window"),
                size: wgpu::Extent3d { width: size.width, height: size.height, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: CANVAS,
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
        self.drawn.insert(drawn).0.clone()
    }

    fn encode(&self, encoder: &mut wgpu::CommandEncoder) {
        let Some((texture, buffer)) = &self.drawn else { return };
        let bytes_per_row = Some(row_bytes(texture.width()));
        let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row, rows_per_image: None };
        let target = wgpu::TexelCopyBufferInfo { buffer, layout };
        encoder.copy_texture_to_buffer(texture.as_image_copy(), target, texture.size());
    }

    fn show(&mut self, gpu: &Gpu, submission: wgpu::SubmissionIndex) -> Result<(), Refused> {
        let Some((texture, buffer)) = &self.drawn else { return Err(Refused::Later) };
        let (width, height) = (texture.width(), texture.height());
        buffer.map_async(wgpu::MapMode::Read, .., |_| {});
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: Some(PATIENCE) };
        let shown = gpu.device().poll(wait).map_err(|_| Refused::Later).and_then(|_| {
            let view = buffer.get_mapped_range(..).map_err(|_| Refused::Later)?;
            let (Some(across), Some(down)) = (NonZeroU32::new(width), NonZeroU32::new(height)) else {
                return Err(Refused::Later);
            };
            let lost = |error: softbuffer::SoftBufferError| {
                tracing::debug!("the display takes no pictures: {error}");
                Refused::Lost
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
        shown
    }
}

/// Bytes from one row of a picture to the next, where the GPU copies it to.
fn row_bytes(width: u32) -> u32 {
    (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT)
}
