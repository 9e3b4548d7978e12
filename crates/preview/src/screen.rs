//! What is drawn into a window: the picture, and the cockpit over it.

use std::sync::Arc;

use winit::dpi::PhysicalSize;
use winit::window::Window;

use super::cockpit;
use super::painter::Painter;
use super::target::{Refused, Target};
use repcast_model::geometry::{Rect, Size};
use repcast_compositor::{Display, Gpu, GpuError, PictureSource};

/// The cockpit's shapes of one picture.
pub(crate) struct Overlay {
    /// What to draw.
    pub(crate) jobs: Vec<egui::ClippedPrimitive>,
    /// Textures that are new or gone.
    pub(crate) textures: egui::TexturesDelta,
    /// Pixels in one of its points.
    pub(crate) pixels_per_point: f32,
}

/// A window's pixels and what draws them.
pub(crate) struct Screen {
    gpu: Arc<Gpu>,
    target: Target,
    display: Option<Display>,
    painter: Painter,
}

impl Screen {
    /// A screen for a window.
    ///
    /// # Errors
    /// When the adapter cannot draw into windows of this display.
    pub(crate) fn new(gpu: &Arc<Gpu>, window: &Arc<Window>, painter: Option<Painter>) -> Result<Self, GpuError> {
        let target = Target::new(gpu, window)?;
        let format = target.format();
        let painter = painter.filter(|painter| painter.format == format);
        let painter = painter.unwrap_or_else(|| Painter::new(gpu, format));
        Ok(Self { gpu: gpu.clone(), target, display: None, painter })
    }

    /// Makes a new surface in the place of one that was lost.
    ///
    /// # Errors
    /// When the adapter cannot draw into the window any more.
    pub(crate) fn renew(&mut self, window: &Arc<Window>) -> Result<(), GpuError> {
        self.target = Target::new(&self.gpu, window)?;
        self.display = None;
        Ok(())
    }

    /// What is left of it for the next.
    pub(crate) fn into_painter(self) -> Painter {
        self.painter
    }

    /// Draws the picture into a rectangle of the window's pixels, and the cockpit over everything.
    ///
    /// # Errors
    /// When it could not be shown.
    pub(crate) fn paint(
        &mut self,
        size: PhysicalSize<u32>,
        picture: Option<(&PictureSource, Rect)>,
        overlay: &Overlay,
    ) -> Result<(), Refused> {
        let gpu = self.gpu.clone();
        let painted = gpu.beside(|| {
            // Textures are told once, whether or not there is a surface to draw on.
            for (id, delta) in &overlay.textures.set {
                let renderer = &mut self.painter.renderer;
                delta.iter().for_each(|delta| renderer.update_texture(gpu.device(), gpu.queue(), *id, delta));
            }
            let painted = self.present(&gpu, size, picture, overlay);
            overlay.textures.free.iter().for_each(|id| self.painter.renderer.free_texture(id));
            painted
        });
        painted.unwrap_or_else(|error| {
            tracing::warn!("the preview window could not be drawn: {error}");
            // What was to be drawn on it may not have been.
            self.display = None;
            Err(Refused::Lost)
        })
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
        let new = || Display::new(&self.gpu, source, shown, self.target.format());
        Some(self.display.insert(display.unwrap_or_else(new)))
    }

    fn present(
        &mut self,
        gpu: &Arc<Gpu>,
        size: PhysicalSize<u32>,
        picture: Option<(&PictureSource, Rect)>,
        overlay: &Overlay,
    ) -> Result<(), Refused> {
        let device = gpu.device();
        let limit = device.limits().max_texture_dimension_2d;
        let size = PhysicalSize::new(size.width.min(limit), size.height.min(limit));
        let frame = self.target.acquire(gpu, size)?;
        let view = frame.texture().create_view(&wgpu::TextureViewDescriptor::default());
        let encoder = || device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("preview") });
        let descriptor = egui_wgpu::ScreenDescriptor {
            size_in_pixels: [size.width, size.height],
            pixels_per_point: overlay.pixels_per_point,
        };
        let (mut below, mut between, mut above) = (encoder(), encoder(), encoder());
        let renderer = &mut self.painter.renderer;
        let mut buffers = renderer.update_buffers(device, gpu.queue(), &mut above, &overlay.jobs, &descriptor);
        self.pass(&mut below, &view, wgpu::LoadOp::Clear(cockpit::ground()), |_, _| {});
        self.pass(&mut above, &view, wgpu::LoadOp::Load, |cockpit, pass| {
            cockpit.render(pass, &overlay.jobs, &descriptor);
        });
        self.target.encode(&mut above);
        let (below, above) = (below.finish(), above.finish());
        let display = picture.and_then(|(source, rect)| self.display(source, rect));
        if let (Some((_, rect)), Some(display)) = (picture, display) {
            display.follow(gpu, &mut between);
            let origin = wgpu::Origin3d { x: rect.x as u32, y: rect.y as u32, z: 0 };
            between.copy_texture_to_texture(
                display.texture().as_image_copy(),
                wgpu::TexelCopyTextureInfo { origin, ..frame.texture().as_image_copy() },
                display.texture().size(),
            );
        }
        buffers.extend([below, between.finish(), above]);
        let submission = gpu.queue().submit(buffers);
        self.target.show(gpu, frame, submission)
    }
}
