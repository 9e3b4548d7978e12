//! A GPU swapchain that is configured again whenever it does not fit its window.

use std::sync::Arc;

use winit::dpi::PhysicalSize;
use winit::window::Window;

use repcast_compositor::{Gpu, GpuError};

use super::{PREFERRED_FORMAT, PresentError};

/// Consecutive failures to configure a swapchain before it counts as lost: one and a half seconds of retries.
const MAX_CONFIGURE_FAILURES: u32 = 50;

/// A swapchain of the GPU and whether it fits its window.
pub(crate) struct Swapchain {
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    /// It has to be configured again, because the window was resized or the surface is outdated.
    is_stale: bool,
    /// Consecutive failures to configure it.
    failures: u32,
}

impl Swapchain {
    pub(super) fn new(gpu: &Arc<Gpu>, window: &Arc<Window>) -> Result<Self, GpuError> {
        let (surface, capabilities) = gpu.surface(window.clone())?;
        let formats = capabilities.formats.iter().copied();
        let format = formats
            .filter(|format| matches!(format, wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Rgba8Unorm))
            .min_by_key(|format| *format != PREFERRED_FORMAT);
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_DST;
        let format = format.filter(|_| capabilities.usages.contains(usage));
        let format =
            format.ok_or_else(|| GpuError::Device("it cannot draw into windows of this display".to_owned()))?;
        // Mailbox neither tears nor blocks while the window is hidden. FIFO is the fallback: it may block until the next
        // refresh, but does not tear either.
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
        Ok(Self { surface, config, is_stale: true, failures: 0 })
    }

    pub(super) fn format(&self) -> wgpu::TextureFormat {
        self.config.format
    }

    pub(super) fn acquire(&mut self, gpu: &Gpu, size: PhysicalSize<u32>) -> Result<wgpu::SurfaceTexture, PresentError> {
        if (size.width, size.height) != (self.config.width, self.config.height) {
            (self.config.width, self.config.height) = (size.width, size.height);
            self.is_stale = true;
        }
        if self.is_stale && !self.configure(gpu) {
            return Err(if self.failures > MAX_CONFIGURE_FAILURES { PresentError::Lost } else { PresentError::Retry });
        }
        match self.surface.get_current_texture() {
            wgpu::CurrentSurfaceTexture::Success(texture) => Ok(texture),
            wgpu::CurrentSurfaceTexture::Suboptimal(texture) => {
                self.is_stale = true;
                Ok(texture)
            }
            wgpu::CurrentSurfaceTexture::Outdated => {
                self.is_stale = true;
                Err(PresentError::Retry)
            }
            wgpu::CurrentSurfaceTexture::Timeout | wgpu::CurrentSurfaceTexture::Occluded => Err(PresentError::Retry),
            wgpu::CurrentSurfaceTexture::Lost | wgpu::CurrentSurfaceTexture::Validation => Err(PresentError::Lost),
        }
    }

    /// Configures the surface for the window's size; returns whether it succeeded. The device must be idle for that, and
    /// is not while a compositor submits, so that a retry usually succeeds.
    fn configure(&mut self, gpu: &Gpu) -> bool {
        let configured = gpu.with_error_scope(|| self.surface.configure(gpu.device(), &self.config));
        self.is_stale = configured.is_err();
        self.failures = if self.is_stale { self.failures + 1 } else { 0 };
        if let Err(error) = configured
            && self.failures > MAX_CONFIGURE_FAILURES
        {
            tracing::warn!("the preview window's surface could not be configured: {error}");
        }
        !self.is_stale
    }
}
