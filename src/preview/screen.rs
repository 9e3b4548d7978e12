//! What is drawn into a window: the picture, and the cockpit over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use winit::window::Window;

use super::painter::Painter;
use crate::geometry::{Rect, Size};
use crate::gpu::{Display, Gpu, GpuError, PictureSource};

/// Attempts to fit a surface to its window that may fail one after the other.
const MAX_REFUSALS: u32 = 50;

/// How long a picture may be waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// What lies around the picture, and behind the bar, which is spared to fill it.
const SURROUND: wgpu::Color = wgpu::Color { r: 15.0 / 255.0, g: 20.0 / 255.0, b: 31.0 / 255.0, a: 1.0 };

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
    /// Attempts to fit it that failed, one after the other.
    refusals: u32,
    display: Option<Display>,
    painter: Painter,
    /// Nanoseconds that the last finished picture took, from its beginning until the device was done with it.
    took: Arc<AtomicU64>,
}

impl Screen {
    /// A screen for a window.
    ///
    /// # Errors
    /// When the adapter cannot draw into windows of this display.
    pub(super) fn new(gpu: &Arc<Gpu>, window: &Arc<Window>, painter: Option<Painter>) -> Result<Self, GpuError> {
        let (surface, capabilities) = gpu.surface(window.clone())?;
        // The shaders write sRGB values as they are.
        let format = capabilities
            .formats
            .iter()
            .copied()
            .find(|format| matches!(format, wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Rgba8Unorm));
        let format = format.ok_or_else(|| GpuError::Device("it draws into no window of this display".to_owned()))?;
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_DST;
        if !capabilities.usages.contains(usage) {
            return Err(GpuError::Device("it copies into no window of this display".to_owned()));
        }
        // Mailbox never tears, and does not make others wait for a display that is slow, hidden or hung. Where there is
        // none, the display's own rhythm is better than torn pictures.
        let preferred = [wgpu::PresentMode::Mailbox, wgpu::PresentMode::Fifo];
        let size = window.inner_size();
        let present_mode = preferred.into_iter().find(|mode| capabilities.present_modes.contains(mode));
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
        Ok(Self {
            display: None,
            painter: painter.filter(|painter| painter.format == format).unwrap_or_else(|| Painter::new(gpu, format)),
            gpu: gpu.clone(),
            surface,
            config,
            is_stale: true,
            refusals: 0,
            took: Arc::default(),
        })
    }

    /// Makes a new surface in the place of one that was lost.
    ///
    /// # Errors
    /// When the adapter cannot draw into the window any more.
    pub(super) fn renew(&mut self, window: &Arc<Window>) -> Result<(), GpuError> {
        (self.surface, _) = self.gpu.surface(window.clone())?;
        (self.is_stale, self.refusals, self.display) = (true, 0, None);
        Ok(())
    }

    /// What is left of it for the next.
    pub(super) fn into_painter(self) -> Painter {
        self.painter
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
        let gpu = self.gpu.clone();
        let painted = gpu.beside(|| self.try_paint(picture, overlay));
        painted.unwrap_or_else(|error| {
            tracing::warn!("the preview window could not be drawn: {error}");
            // What was to be drawn on it may not have been.
            self.display = None;
            Painted::Lost
        })
    }

    fn try_paint(&mut self, picture: Option<(&PictureSource, Rect)>, overlay: Overlay) -> Painted {
        // Textures are told once, whether or not there is a surface to draw on.
        let gpu = self.gpu.clone();
        for (id, delta) in &overlay.textures.set {
            delta.iter().for_each(|delta| self.painter.renderer.update_texture(gpu.device(), gpu.queue(), *id, delta));
        }
        let painted = self.present(&gpu, picture, &overlay);
        overlay.textures.free.iter().for_each(|id| self.painter.renderer.free_texture(id));
        painted
    }

    /// Fits the surface to its window. The device has to be idle for that, and is not when a compositor submits just
    /// then; the next attempt will do.
    fn configure(&mut self) -> bool {
        let configured = self.gpu.beside(|| self.surface.configure(self.gpu.device(), &self.config));
        self.is_stale = configured.is_err();
        self.refusals = if self.is_stale { self.refusals + 1 } else { 0 };
        if let Err(error) = configured
            && self.refusals > MAX_REFUSALS
        {
            tracing::warn!("the preview window's surface is of no use: {error}");
        }
        !self.is_stale
    }

    fn pass(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        view: &wgpu::TextureView,
        load: wgpu::LoadOp<wgpu::Color>,
        draw: impl FnOnce(&egui_wgpu::Renderer, &mut wgpu::RenderPass<'static>),
    ) {
        let ops = wgpu::Operations { load, store: wgpu::StoreOp::Store };
        let attachment = wgpu::RenderPassColorAttachment { view, depth_slice: None, resolve_target: None, ops };
        let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("preview"),
            color_attachments: &[Some(attachment)],
            ..wgpu::RenderPassDescriptor::default()
        });
        draw(&self.painter.renderer, &mut pass.forget_lifetime());
    }

    /// The display of a picture at this size.
    fn display(&mut self, source: &PictureSource, rect: Rect) -> Option<&mut Display> {
        let shown = Size { width: rect.width as u32, height: rect.height as u32 };
        if shown.width == 0 || shown.height == 0 {
            return None;
        }
        let display = self.display.take().filter(|display| display.is_of(source, shown));
        let new = || Display::new(&self.gpu, source, shown, self.config.format);
        Some(self.display.insert(display.unwrap_or_else(new)))
    }

    fn present(&mut self, gpu: &Arc<Gpu>, picture: Option<(&PictureSource, Rect)>, overlay: &Overlay) -> Painted {
        let (device, began) = (gpu.device(), Instant::now());
        if self.config.width == 0 || self.config.height == 0 {
            return Painted::Later;
        }
        if self.is_stale && !self.configure() {
            return if self.refusals > MAX_REFUSALS { Painted::Lost } else { Painted::Later };
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
        let encoder = || device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("preview") });
        let descriptor = egui_wgpu::ScreenDescriptor {
            size_in_pixels: [self.config.width, self.config.height],
            pixels_per_point: overlay.pixels_per_point,
        };
        let (mut below, mut between, mut above) = (encoder(), encoder(), encoder());
        let renderer = &mut self.painter.renderer;
        let mut buffers = renderer.update_buffers(device, gpu.queue(), &mut above, &overlay.jobs, &descriptor);
        self.pass(&mut below, &view, wgpu::LoadOp::Clear(SURROUND), |_, _| {});
        self.pass(&mut above, &view, wgpu::LoadOp::Load, |cockpit, pass| {
            cockpit.render(pass, &overlay.jobs, &descriptor);
        });
        let (below, above) = (below.finish(), above.finish());
        let display = picture.and_then(|(source, rect)| self.display(source, rect));
        // From here to the submission the compositor waits for its turn, so that no frame is seen half. All that takes
        // time is done by now.
        let mut turn = picture.map(|(source, _)| source.turn());
        if let (Some((_, rect)), Some(display), Some(turn)) = (picture, display, &mut turn) {
            display.follow(gpu, &mut between, turn);
            let origin = wgpu::Origin3d { x: rect.x as u32, y: rect.y as u32, z: 0 };
            between.copy_texture_to_texture(
                display.texture().as_image_copy(),
                wgpu::TexelCopyTextureInfo { origin, ..target.texture.as_image_copy() },
                display.texture().size(),
            );
        }
        buffers.extend([below, between.finish(), above]);
        let submission = gpu.queue().submit(buffers);
        drop(turn);
        let took = self.took.clone();
        gpu.queue().on_submitted_work_done(move || {
            took.store(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
        });
        // A software driver presents when it has drawn, and lets nobody submit meanwhile; so it is waited for before.
        let _ = device.poll(wgpu::PollType::Wait { submission_index: Some(submission), timeout: Some(PATIENCE) });
        gpu.queue().present(target);
        Painted::Shown
    }
}
