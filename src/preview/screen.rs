//! What is drawn into a window: the picture, and the cockpit over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use winit::window::Window;

use crate::geometry::Rect;
use crate::gpu::{Display, Gpu, GpuError, PictureSource};

/// What lies around the picture.
const SURROUND: wgpu::Color = wgpu::Color { r: 0.02, g: 0.024, b: 0.035, a: 1.0 };

/// What became of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Painted {
    /// It is on its way to the screen.
    Shown,
    /// Not now; the next attempt may do.
    Later,
    /// The surface is of no use any more.
    Lost,
}

/// The cockpit's shapes of one picture.
pub(super) struct Overlay {
    /// What to draw.
    pub(super) jobs: Vec<egui::ClippedPrimitive>,
    /// Textures that are new or gone.
    pub(super) textures: egui::TexturesDelta,
    /// Pixels in one of its points.
    pub(super) pixels_per_point: f32,
}

/// A window's surface and what draws into it.
pub(super) struct Screen {
    gpu: Arc<Gpu>,
    surface: wgpu::Surface<'static>,
    config: wgpu::SurfaceConfiguration,
    /// The surface does not fit its window any more.
    is_stale: bool,
    display: Display,
    cockpit: egui_wgpu::Renderer,
    /// Nanoseconds that the last finished picture took, from its beginning until the device was done with it.
    took: Arc<AtomicU64>,
}

impl Screen {
    /// A screen for a window.
    ///
    /// # Errors
    /// When the adapter cannot draw into windows of this display.
    pub(super) fn new(gpu: &Arc<Gpu>, window: &Arc<Window>) -> Result<Self, GpuError> {
        let (surface, capabilities) = gpu.surface(window.clone())?;
        // The shaders write sRGB values as they are.
        let format = capabilities.formats.iter().copied().find(|format| {
            matches!(format, wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Rgba8Unorm)
        });
        let format = format.ok_or_else(|| GpuError::Device("it draws into no window of this display".to_owned()))?;
        // Mailbox never tears, and never makes anybody wait for a display that is slow, hidden or hung.
        let preferred = [wgpu::PresentMode::Mailbox, wgpu::PresentMode::Fifo];
        let present_mode = preferred.into_iter().find(|mode| capabilities.present_modes.contains(mode));
        let size = window.inner_size();
        let config = wgpu::SurfaceConfiguration {
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            format,
            color_space: wgpu::SurfaceColorSpace::Auto,
            width: size.width,
            height: size.height,
            present_mode: present_mode.unwrap_or(wgpu::PresentMode::Fifo),
            desired_maximum_frame_latency: 1,
            alpha_mode: wgpu::CompositeAlphaMode::Auto,
            view_formats: Vec::new(),
        };
        let options = egui_wgpu::RendererOptions { dithering: false, ..egui_wgpu::RendererOptions::default() };
        Ok(Self {
            display: Display::new(gpu, format),
            cockpit: egui_wgpu::Renderer::new(gpu.device(), format, options),
            gpu: gpu.clone(),
            surface,
            config,
            is_stale: true,
            took: Arc::default(),
        })
    }

    /// The window has another size.
    pub(super) fn resize(&mut self, width: u32, height: u32) {
        let limit = self.gpu.device().limits().max_texture_dimension_2d;
        let (width, height) = (width.min(limit), height.min(limit));
        if (width, height) != (self.config.width, self.config.height) {
            (self.config.width, self.config.height) = (width, height);
            self.is_stale = true;
        }
    }

    /// How long the last finished picture took.
    pub(super) fn took(&self) -> Duration {
        Duration::from_nanos(self.took.load(Ordering::Relaxed))
    }

    /// Draws the picture into a rectangle of the window's pixels, and the cockpit over everything.
    pub(super) fn paint(&mut self, picture: Option<(&PictureSource, Rect)>, overlay: Overlay) -> Painted {
        // What goes wrong here is no fault of the compositors, which ask the device for theirs.
        let device = self.gpu.device();
        let filters = [wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Validation];
        let scopes = filters.map(|filter| device.push_error_scope(filter));
        let painted = self.try_paint(picture, overlay);
        let faults = scopes.into_iter().rev().map(|scope| pollster::block_on(scope.pop()));
        match faults.flatten().last() {
            None => painted,
            Some(fault) => {
                tracing::warn!("the preview window could not be drawn: {fault}");
                Painted::Lost
            }
        }
    }

    fn try_paint(&mut self, picture: Option<(&PictureSource, Rect)>, overlay: Overlay) -> Painted {
        // Textures are told once, whether or not there is a surface to draw on.
        let gpu = self.gpu.clone();
        for (id, delta) in &overlay.textures.set {
            delta.iter().for_each(|delta| self.cockpit.update_texture(gpu.device(), gpu.queue(), *id, delta));
        }
        let painted = self.present(&gpu, picture, &overlay);
        overlay.textures.free.iter().for_each(|id| self.cockpit.free_texture(id));
        painted
    }

    fn present(&mut self, gpu: &Gpu, picture: Option<(&PictureSource, Rect)>, overlay: &Overlay) -> Painted {
        let (device, began) = (gpu.device(), Instant::now());
        if self.config.width == 0 || self.config.height == 0 {
            return Painted::Later;
        }
        if std::mem::take(&mut self.is_stale) {
            self.surface.configure(device, &self.config);
        }
        let target = match self.surface.get_current_texture() {
            wgpu::CurrentSurfaceTexture::Success(target) => target,
            wgpu::CurrentSurfaceTexture::Suboptimal(target) => {
                self.is_stale = true;
                target
            }
            wgpu::CurrentSurfaceTexture::Outdated => {
                self.is_stale = true;
                return Painted::Later;
            }
            wgpu::CurrentSurfaceTexture::Timeout | wgpu::CurrentSurfaceTexture::Occluded => return Painted::Later,
            wgpu::CurrentSurfaceTexture::Lost | wgpu::CurrentSurfaceTexture::Validation => return Painted::Lost,
        };
        let view = target.texture.create_view(&wgpu::TextureViewDescriptor::default());
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("preview") });
        let descriptor = egui_wgpu::ScreenDescriptor {
            size_in_pixels: [self.config.width, self.config.height],
            pixels_per_point: overlay.pixels_per_point,
        };
        let mut buffers = self.cockpit.update_buffers(device, gpu.queue(), &mut encoder, &overlay.jobs, &descriptor);
        {
            let attachment = wgpu::RenderPassColorAttachment {
                view: &view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load: wgpu::LoadOp::Clear(SURROUND), store: wgpu::StoreOp::Store },
            };
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("preview"),
                color_attachments: &[Some(attachment)],
                ..wgpu::RenderPassDescriptor::default()
            });
            if let Some((source, rect)) = picture {
                self.display.encode(gpu, &mut pass, source, rect);
            }
            self.cockpit.render(&mut pass.forget_lifetime(), &overlay.jobs, &descriptor);
        }
        buffers.push(encoder.finish());
        gpu.queue().submit(buffers);
        let took = self.took.clone();
        gpu.queue().on_submitted_work_done(move || {
            took.store(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
        });
        gpu.queue().present(target);
        // So that the time is taken even when nobody else looks after the device.
        let _ = device.poll(wgpu::PollType::Poll);
        Painted::Shown
    }
}
