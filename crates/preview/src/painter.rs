//! What draws the cockpit. It outlives windows, because software drivers compile its shaders in the middle of its first
//! picture, and whoever submits work meanwhile waits.

use std::sync::Arc;

use super::cockpit;
use repcast_model::color::Color;
use repcast_model::geometry::Size;
use repcast_compositor::{Compositor, Display, Gpu, GpuError, LayerFrames, Tracking};
use repcast_media::PictureFormat;
use repcast_model::timeline::FramePlan;

/// What most windows are made of.
const USUAL: wgpu::TextureFormat = wgpu::TextureFormat::Bgra8Unorm;

/// A picture of no importance.
const TRIAL: Size = Size { width: 96, height: 96 };

/// Draws the cockpit into targets of one format.
pub(crate) struct Painter {
    pub(crate) renderer: egui_wgpu::Renderer,
    pub(crate) format: wgpu::TextureFormat,
}

impl Painter {
    /// A painter for a format.
    pub(crate) fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let options = egui_wgpu::RendererOptions { dithering: false, ..egui_wgpu::RendererOptions::default() };
        Self { renderer: egui_wgpu::Renderer::new(gpu.device(), format, options), format }
    }

    /// A painter that has drawn a picture and a cockpit out of sight, so that everything is compiled before a stream
    /// begins.
    ///
    /// # Errors
    /// When the device fails.
    pub(crate) fn tried(gpu: &Arc<Gpu>) -> Result<Self, GpuError> {
        gpu.beside(|| Self::try_out(gpu))?
    }

    fn try_out(gpu: &Arc<Gpu>) -> Result<Self, GpuError> {
        let mut painter = Self::new(gpu, USUAL);
        let mut compositor = Compositor::new(gpu, TRIAL, Color::BLACK, PictureFormat::Nv12, Tracking::On)?;
        compositor.draw(&FramePlan { number: 0, layers: Vec::new() }, &LayerFrames::new())?;
        let picture = compositor.take()?;
        let Some(source) = compositor.source().filter(|_| picture.is_some()) else { return Ok(painter) };
        let mut encoder = gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        // At its own size, a little smaller, and half as large: each is a pipeline.
        let mut displays = [TRIAL.width, TRIAL.width * 3 / 4, TRIAL.width / 2].map(|side| {
            let mut display = Display::new(gpu, &source, Size { width: side, height: side }, USUAL);
            display.follow(gpu, &mut encoder);
            display
        });
        painter.draw_words(gpu, &mut encoder, displays[0].view());
        let submission = gpu.queue().submit([encoder.finish()]);
        let wait = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
        gpu.device().poll(wait).map_err(|error| GpuError::Device(error.to_string()))?;
        displays.iter_mut().for_each(|display| display.texture().destroy());
        Ok(painter)
    }

    fn draw_words(&mut self, gpu: &Gpu, encoder: &mut wgpu::CommandEncoder, view: &wgpu::TextureView) {
        let context = egui::Context::default();
        cockpit::dress(&context);
        let output = context.run_ui(egui::RawInput::default(), |ui| drop(ui.label("Ready")));
        let jobs = context.tessellate(output.shapes, 1.0);
        let descriptor =
            egui_wgpu::ScreenDescriptor { size_in_pixels: [TRIAL.width, TRIAL.height], pixels_per_point: 1.0 };
        for (id, deltas) in &output.textures_delta.set {
            deltas.iter().for_each(|delta| self.renderer.update_texture(gpu.device(), gpu.queue(), *id, delta));
        }
        // No callbacks were painted, which alone would have work of their own.
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
