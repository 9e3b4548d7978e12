//! Draws the contents of the window: the frame, and the cockpit over it.

use std::sync::Arc;

use winit::dpi::PhysicalSize;
use winit::window::Window;

use repcast_compositor::{Display, Gpu, GpuError, LatestFrame};
use repcast_model::geometry::{Rect, Size};

use crate::cockpit;
use crate::cockpit_renderer::CockpitRenderer;
use crate::present::{PresentError, PresentTarget};

/// The tessellated cockpit of one repaint.
pub(crate) struct CockpitShapes {
    /// Triangles with their clip rectangles, in drawing order.
    pub(crate) jobs: Vec<egui::ClippedPrimitive>,
    /// Textures to upload and to free.
    pub(crate) textures: egui::TexturesDelta,
    /// Scale from egui points to pixels.
    pub(crate) pixels_per_point: f32,
}

/// Draws the contents of one window.
pub(crate) struct WindowRenderer {
    gpu: Arc<Gpu>,
    target: PresentTarget,
    /// The conversion of the newest frame, for the current size of its rectangle.
    display: Option<Display>,
    cockpit: CockpitRenderer,
}

impl WindowRenderer {
    /// A renderer for `window`. `cockpit` is used again when its format fits.
    ///
    /// # Errors
    /// When the adapter cannot draw into windows of this display.
    pub(crate) fn new(
        gpu: &Arc<Gpu>,
        window: &Arc<Window>,
        cockpit: Option<CockpitRenderer>,
    ) -> Result<Self, GpuError> {
        let target = PresentTarget::new(gpu, window)?;
        let format = target.format();
        let cockpit = cockpit.filter(|cockpit| cockpit.format == format);
        let cockpit = cockpit.unwrap_or_else(|| CockpitRenderer::new(gpu, format));
        Ok(Self { gpu: gpu.clone(), target, display: None, cockpit })
    }

    /// Creates the surface again after it was lost.
    ///
    /// # Errors
    /// When the adapter can no longer draw into the window.
    pub(crate) fn recreate_target(&mut self, window: &Arc<Window>) -> Result<(), GpuError> {
        self.target = PresentTarget::new(&self.gpu, window)?;
        self.display = None;
        Ok(())
    }

    /// The cockpit renderer, for the next window.
    pub(crate) fn into_cockpit_renderer(self) -> CockpitRenderer {
        self.cockpit
    }

    /// Draws the frame into a rectangle of the window, in pixels, and the cockpit over it, and presents both.
    ///
    /// # Errors
    /// When it could not be presented.
    pub(crate) fn paint(
        &mut self,
        size: PhysicalSize<u32>,
        frame: Option<(&LatestFrame, Rect)>,
        shapes: &CockpitShapes,
    ) -> Result<(), PresentError> {
        let gpu = self.gpu.clone();
        let painted = gpu.with_error_scope(|| {
            // egui reports each texture change once, so it is applied even if presenting fails.
            for (id, delta) in &shapes.textures.set {
                let renderer = &mut self.cockpit.renderer;
                delta.iter().for_each(|delta| renderer.update_texture(gpu.device(), gpu.queue(), *id, delta));
            }
            let painted = self.present(&gpu, size, frame, shapes);
            shapes.textures.free.iter().for_each(|id| self.cockpit.renderer.free_texture(id));
            painted
        });
        painted.unwrap_or_else(|error| {
            tracing::warn!("the preview window could not be drawn: {error}");
            // Its drawing may be incomplete.
            self.display = None;
            Err(PresentError::Lost)
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
        draw(&self.cockpit.renderer, &mut pass.forget_lifetime());
    }

    /// The conversion of `source` at the size of `rect`; `None` when that is empty.
    fn display(&mut self, source: &LatestFrame, rect: Rect) -> Option<&mut Display> {
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
        frame: Option<(&LatestFrame, Rect)>,
        shapes: &CockpitShapes,
    ) -> Result<(), PresentError> {
        let device = gpu.device();
        let limit = device.limits().max_texture_dimension_2d;
        let size = PhysicalSize::new(size.width.min(limit), size.height.min(limit));
        let target = self.target.acquire(gpu, size)?;
        let view = target.texture().create_view(&wgpu::TextureViewDescriptor::default());
        let encoder = || device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("preview") });
        let descriptor = egui_wgpu::ScreenDescriptor {
            size_in_pixels: [size.width, size.height],
            pixels_per_point: shapes.pixels_per_point,
        };
        let (mut below, mut between, mut above) = (encoder(), encoder(), encoder());
        let renderer = &mut self.cockpit.renderer;
        let mut buffers = renderer.update_buffers(device, gpu.queue(), &mut above, &shapes.jobs, &descriptor);
        self.pass(&mut below, &view, wgpu::LoadOp::Clear(cockpit::clear_color()), |_, _| {});
        self.pass(&mut above, &view, wgpu::LoadOp::Load, |cockpit, pass| {
            cockpit.render(pass, &shapes.jobs, &descriptor);
        });
        self.target.encode(&mut above);
        let (below, above) = (below.finish(), above.finish());
        let display = frame.and_then(|(source, rect)| self.display(source, rect));
        if let (Some((_, rect)), Some(display)) = (frame, display) {
            display.follow(gpu, &mut between);
            let origin = wgpu::Origin3d { x: rect.x as u32, y: rect.y as u32, z: 0 };
            between.copy_texture_to_texture(
                display.texture().as_image_copy(),
                wgpu::TexelCopyTextureInfo { origin, ..target.texture().as_image_copy() },
                display.texture().size(),
            );
        }
        buffers.extend([below, between.finish(), above]);
        let submission = gpu.queue().submit(buffers);
        self.target.present(gpu, target, submission)
    }
}
