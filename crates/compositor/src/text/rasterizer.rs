//! Draws one text into a surface.

use glyphon::{Cache, ColorMode, Resolution, SwashCache, TextArea, TextAtlas, TextBounds, TextRenderer, Viewport};

use super::fit::{Fitted, fit};
use super::fonts::Fonts;
use crate::device::GpuContext;
use crate::device::surface::Surface;
use crate::error::{GpuError, TextError};
use crate::kernels::text_layer::TextLayerKernel;
use repcast_model::color::Color;
use repcast_model::geometry::{Rect, Size};
use repcast_model::timeline::TextStyle;

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;
const CLEAR: wgpu::LoadOp<wgpu::Color> = wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT);

/// Most pixels of a text: those of the largest canvas and a margin. A taller text is cut off at the bottom.
const MAX_PIXELS: u32 = 36 << 20;

/// A text as premultiplied pixels.
#[derive(Clone)]
pub(crate) struct Raster {
    pub(crate) surface: Surface,
    /// Position of the first pixel on the canvas.
    pub(crate) left: i32,
    /// Position of the first pixel on the canvas.
    pub(crate) top: i32,
    /// The block on the canvas, without the margin for outlines and overhanging letters.
    pub(crate) block: Rect,
}

/// Fonts, glyph atlas and renderer.
pub(super) struct TextRasterizer {
    fonts: Fonts,
    swash: SwashCache,
    viewport: Viewport,
    atlas: TextAtlas,
    renderer: TextRenderer,
    /// Compiled for the first translucent text: most videos have none.
    layer_kernel: Option<TextLayerKernel>,
}

/// A copy of a text: the position of its block on the surface in pixels, and its color.
struct TextCopy {
    left: f32,
    top: f32,
    color: Color,
}

impl TextRasterizer {
    pub(super) fn new(context: &GpuContext, pipelines: &Cache, fonts: Fonts) -> Self {
        let GpuContext { device, queue, .. } = context;
        let mut atlas = TextAtlas::with_color_mode(device, queue, pipelines, FORMAT, ColorMode::Web);
        let renderer = TextRenderer::new(&mut atlas, device, wgpu::MultisampleState::default(), None);
        let (swash, viewport) = (SwashCache::new(), Viewport::new(device, pipelines));
        Self { fonts, swash, viewport, atlas, renderer, layer_kernel: None }
    }

    /// Shapes and draws a text and submits the work; `None` if nothing of it is visible.
    pub(super) fn draw(
        &mut self,
        context: &GpuContext,
        text: &str,
        style: &TextStyle,
    ) -> Result<Option<Raster>, GpuError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let text = self.fonts.mark_missing(text);
        let fitted = fit(&mut self.fonts, &text, style);
        let stroke = outline_width(fitted.size);
        let margin = (fitted.size * 0.3 + stroke).ceil() as u32;
        let limit = context.device.limits().max_texture_dimension_2d;
        let width = (fitted.width + 2 * margin).min(limit);
        let height = (fitted.height + 2 * margin).min(limit).min((MAX_PIXELS / width).max(1));
        let size = Size { width, height };
        let (across, down) = style.anchor.fraction();
        let left = (style.position.0 - fitted.width as f32 * across).round() as i32;
        let top = (style.position.1 - fitted.height as f32 * down).round() as i32;
        let surface = Surface::for_rendering(context, size, "text");
        let drawn = self.draw_fitted(context, &fitted, style, &surface, margin);
        // A text that failed has glyphs in the atlas too.
        self.atlas.trim();
        drawn?;
        let block = Rect::new(left as f32, top as f32, fitted.width as f32, fitted.height as f32);
        let margin = margin as i32;
        Ok(Some(Raster { surface, left: left - margin, top: top - margin, block }))
    }

    /// Draws the outline and the letters over it.
    fn draw_fitted(
        &mut self,
        context: &GpuContext,
        fitted: &Fitted,
        style: &TextStyle,
        surface: &Surface,
        margin: u32,
    ) -> Result<(), GpuError> {
        let margin = margin as f32;
        let around = style.outline.into_iter().flat_map(|color| {
            ring(outline_width(fitted.size)).map(move |(x, y)| TextCopy { left: margin + x, top: margin + y, color })
        });
        let outline: Vec<TextCopy> = around.collect();
        let letters = [TextCopy { left: margin, top: margin, color: style.color }];
        if outline.iter().chain(&letters).all(|copy| copy.color.alpha == u8::MAX) {
            let copies = outline.into_iter().chain(letters).collect();
            return self.draw_copies(context, fitted, copies, surface, CLEAR);
        }
        // The alpha of overlapping copies and letters must not accumulate, and color emoji do not take the text's
        // alpha: a translucent layer is drawn opaque and blended as a whole.
        let layer = Surface::for_rendering(context, surface.size, "text layer");
        self.draw_copies(context, fitted, Vec::new(), surface, CLEAR)?;
        for mut copies in [outline, letters.into()] {
            match copies.first().map(|copy| copy.color.alpha) {
                None | Some(0) => {}
                Some(u8::MAX) => self.draw_copies(context, fitted, copies, surface, wgpu::LoadOp::Load)?,
                Some(alpha) => {
                    copies.iter_mut().for_each(|copy| copy.color = copy.color.with_alpha(u8::MAX));
                    self.draw_copies(context, fitted, copies, &layer, CLEAR)?;
                    let kernel = self.layer_kernel.get_or_insert_with(|| TextLayerKernel::new(context, FORMAT));
                    kernel.blend(context, &layer, surface, f32::from(alpha) / 255.0);
                }
            }
        }
        Ok(())
    }

    /// Draws copies of a text, each over the one before, and submits the work.
    fn draw_copies(
        &mut self,
        context: &GpuContext,
        fitted: &Fitted,
        copies: Vec<TextCopy>,
        surface: &Surface,
        load: wgpu::LoadOp<wgpu::Color>,
    ) -> Result<(), GpuError> {
        let GpuContext { device, queue, .. } = context;
        let Size { width, height } = surface.size;
        self.viewport.update(queue, Resolution { width, height });
        let bounds = TextBounds { left: 0, top: 0, right: width as i32, bottom: height as i32 };
        let areas = copies.into_iter().map(|TextCopy { left, top, color }| TextArea {
            buffer: &fitted.buffer,
            left,
            top,
            scale: 1.0,
            bounds,
            default_color: glyphon::Color::rgba(color.red, color.green, color.blue, color.alpha),
            custom_glyphs: &[],
        });
        let (fonts, atlas, viewport) = (&mut self.fonts, &mut self.atlas, &self.viewport);
        self.renderer
            .prepare(device, queue, fonts.system_mut(), atlas, viewport, areas, &mut self.swash)
            .map_err(TextError::Prepare)?;
        let attachment = wgpu::RenderPassColorAttachment {
            view: &surface.view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load, store: wgpu::StoreOp::Store },
        };
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("text") });
        {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("text"),
                color_attachments: &[Some(attachment)],
                ..wgpu::RenderPassDescriptor::default()
            });
            self.renderer.render(&self.atlas, &self.viewport, &mut pass).map_err(TextError::Render)?;
        }
        queue.submit([encoder.finish()]);
        Ok(())
    }
}

/// Width of the outline around letters of a size, in pixels.
fn outline_width(size: f32) -> f32 {
    (size / 22.0).max(1.0)
}

/// Offsets of the copies that form an outline: whole pixels, so that each glyph is rasterised once.
fn ring(width: f32) -> impl Iterator<Item = (f32, f32)> {
    const STEPS: u32 = 12;
    (0..STEPS).map(move |step| {
        let (sine, cosine) = (step as f32 / STEPS as f32 * std::f32::consts::TAU).sin_cos();
        ((cosine * width).round(), (sine * width).round())
    })
}
