//! Draws the cockpit. One renderer serves all windows of a process, because software drivers compile its shaders during
//! the first draw, and other submissions wait meanwhile.

use std::sync::Arc;

use repcast_compositor::{Compositor, Display, Gpu, GpuError, LayerFrames, Tracking};
use repcast_media::FrameFormat;
use repcast_model::color::Color;
use repcast_model::geometry::Size;
use repcast_model::timeline::FramePlan;

use super::cockpit;

/// The format of most windows.
const USUAL_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Bgra8Unorm;

/// Size of the frames that are drawn during warm-up.
const WARM_UP_SIZE: Size = Size { width: 96, height: 96 };

/// Draws the cockpit into targets of one format.
pub(crate) struct CockpitRenderer {
    pub(crate) renderer: egui_wgpu::Renderer,
    pub(crate) format: wgpu::TextureFormat,
}

impl CockpitRenderer {
    pub(crate) fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let options = egui_wgpu::RendererOptions { dithering: false, ..egui_wgpu::RendererOptions::default() };
        Self { renderer: egui_wgpu::Renderer::new(gpu.device(), format, options), format }
    }

    /// A renderer that has drawn a frame and a cockpit off screen, so that all pipelines are compiled before a session
    /// starts.
    ///
    /// # Errors
    /// When the device fails.
    pub(crate) fn warmed_up(gpu: &Arc<Gpu>) -> Result<Self, GpuError> {
        gpu.with_error_scope(|| Self::warm_up(gpu))?
    }

    fn warm_up(gpu: &Arc<Gpu>) -> Result<Self, GpuError> {
        let mut renderer = Self::new(gpu, USUAL_FORMAT);
        let mut compositor = Compositor::new(gpu, WARM_UP_SIZE, Color::BLACK, FrameFormat::Nv12, Tracking::On)?;
        compositor.draw(&FramePlan { number: 0, layers: Vec::new() }, &LayerFrames::new())?;
        let drawn = compositor.take()?;
        let Some(source) = compositor.source().filter(|_| drawn.is_some()) else { return Ok(renderer) };
        let mut encoder = gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        // Native size, a slight reduction and half size use three different pipelines.
        let mut displays = [WARM_UP_SIZE.width, WARM_UP_SIZE.width * 3 / 4, WARM_UP_SIZE.width / 2].map(|side| {
            let mut display = Display::new(gpu, &source, Size { width: side, height: side }, USUAL_FORMAT);
            display.follow(gpu, &mut encoder);
            display
        });
        renderer.draw_label(gpu, &mut encoder, displays[0].view());
        let submission = gpu.queue().submit([encoder.finish()]);
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
        gpu.device().poll(wait).map_err(|error| GpuError::Device(error.to_string()))?;
        displays.iter_mut().for_each(|display| display.texture().destroy());
        Ok(renderer)
    }

    fn draw_label(&mut self, gpu: &Gpu, encoder: &mut wgpu::CommandEncoder, view: &wgpu::TextureView) {
        let context = egui::Context::default();
        cockpit::apply_theme(&context);
        let output = context.run_ui(egui::RawInput::default(), |ui| drop(ui.label("Ready")));
        let jobs = context.tessellate(output.shapes, 1.0);
        let descriptor = egui_wgpu::ScreenDescriptor {
            size_in_pixels: [WARM_UP_SIZE.width, WARM_UP_SIZE.height],
            pixels_per_point: 1.0,
        };
        for (id, deltas) in &output.textures_delta.set {
            deltas.iter().for_each(|delta| self.renderer.update_texture(gpu.device(), gpu.queue(), *id, delta));
        }
        // The returned command buffers are those of paint callbacks, of which there are none.
        self.renderer.update_buffers(gpu.device(), gpu.queue(), encoder, &jobs, &descriptor);
        let ops = wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store };
        let attachment = wgpu::RenderPassColorAttachment { view, depth_slice: None, resolve_target: None, ops };
        let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(attachment)],
            ..wgpu::RenderPassDescriptor::default()
        });
        self.renderer.render(&mut pass.forget_lifetime(), &jobs, &descriptor);
    }
}
