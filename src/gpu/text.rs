//! Text: shaped and rasterised by glyphon into a buffer of premultiplied pixels, again only when it changes.

use std::sync::Arc;

use glyphon::cosmic_text::fontdb;
use glyphon::{
    Cache, ColorMode, FontSystem, Resolution, SwashCache, TextArea, TextAtlas, TextBounds, TextRenderer, Viewport,
};

use super::error::GpuError;
use super::text_fit::{Fitted, fit};
use crate::color::Color;
use crate::geometry::{Rect, Size};
use crate::timeline::TextStyle;

const FONTS: [&[u8]; 4] = [
    include_bytes!("../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
    include_bytes!("../../assets/fonts/Inter-Bold.otf"),
    include_bytes!("../../assets/fonts/Inter-ExtraBold.otf"),
];

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Copies between textures and buffers need rows of a multiple of this many bytes.
const ROW_ALIGNMENT: u32 = wgpu::COPY_BYTES_PER_ROW_ALIGNMENT;

/// Fonts, shaped glyphs and the atlas they are kept in.
pub(super) struct TextEngine {
    fonts: FontSystem,
    swash: SwashCache,
    viewport: Viewport,
    atlas: TextAtlas,
    renderer: TextRenderer,
}

/// A text as pixels: rows of premultiplied RGBA bytes.
pub(super) struct Raster {
    pub(super) buffer: wgpu::Buffer,
    pub(super) row_bytes: u32,
    pub(super) size: Size,
    /// Where the first pixel lies on the canvas.
    pub(super) left: i32,
    pub(super) top: i32,
    /// The block without the room that outlines and long letters take, on the canvas.
    pub(super) block: Rect,
}

impl TextEngine {
    pub(super) fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        let mut database = fontdb::Database::new();
        // The system's fonts serve the scripts that ours does not have.
        database.load_system_fonts();
        for font in FONTS {
            database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
        }
        let cache = Cache::new(device);
        let mut atlas = TextAtlas::with_color_mode(device, queue, &cache, FORMAT, ColorMode::Web);
        let renderer = TextRenderer::new(&mut atlas, device, wgpu::MultisampleState::default(), None);
        Self {
            // The locale decides between forms of Chinese characters only; a fixed one draws alike on every machine.
            fonts: FontSystem::new_with_locale_and_db("en".to_owned(), database),
            swash: SwashCache::new(),
            viewport: Viewport::new(device, &cache),
            atlas,
            renderer,
        }
    }

    pub(super) fn font_families(&self) -> Vec<String> {
        let families = self.fonts.db().faces().flat_map(|face| face.families.iter().map(|(name, _)| name.clone()));
        let mut families: Vec<String> = families.collect();
        families.sort_unstable();
        families.dedup();
        families
    }

    /// Draws a text into a new buffer; the work is submitted when this returns. `None` when there is nothing to see.
    pub(super) fn raster(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        text: &str,
        style: &TextStyle,
    ) -> Result<Option<Raster>, GpuError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let fitted = fit(&mut self.fonts, text, style);
        let stroke = outline_width(fitted.size);
        let margin = (fitted.size * 0.3 + stroke).ceil() as u32;
        let limit = device.limits().max_texture_dimension_2d;
        let size = Size {
            width: (fitted.width + 2 * margin).min(limit),
            height: (fitted.height + 2 * margin).min(limit),
        };
        let (across, down) = style.anchor.fraction();
        let left = (style.position.0 - fitted.width as f32 * across).round() as i32;
        let top = (style.position.1 - fitted.height as f32 * down).round() as i32;
        let target = texture(device, size);
        self.prepare(device, queue, &fitted, style, size, margin)?;
        let row_bytes = (size.width * 4).next_multiple_of(ROW_ALIGNMENT);
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("text"),
            size: u64::from(row_bytes) * u64::from(size.height),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::STORAGE,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("text") });
        self.draw(&mut encoder, &target)?;
        encoder.copy_texture_to_buffer(
            target.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(row_bytes), rows_per_image: None },
            },
            target.size(),
        );
        queue.submit([encoder.finish()]);
        self.atlas.trim();
        let block = Rect::new(left as f32, top as f32, fitted.width as f32, fitted.height as f32);
        let margin = margin as i32;
        Ok(Some(Raster { buffer, row_bytes, size, left: left - margin, top: top - margin, block }))
    }

    fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        fitted: &Fitted,
        style: &TextStyle,
        size: Size,
        margin: u32,
    ) -> Result<(), GpuError> {
        self.viewport.update(queue, Resolution { width: size.width, height: size.height });
        let bounds = TextBounds { left: 0, top: 0, right: size.width as i32, bottom: size.height as i32 };
        let area = |(x, y): (f32, f32), color: Color| TextArea {
            buffer: &fitted.buffer,
            left: margin as f32 + x,
            top: margin as f32 + y,
            scale: 1.0,
            bounds,
            default_color: glyphon::Color::rgba(color.red, color.green, color.blue, color.alpha),
            custom_glyphs: &[],
        };
        let outline = style.outline.into_iter().flat_map(|color| ring(outline_width(fitted.size)).map(move |at| (at, color)));
        let areas: Vec<TextArea<'_>> =
            outline.chain([((0.0, 0.0), style.color)]).map(|(at, color)| area(at, color)).collect();
        let (fonts, atlas, viewport) = (&mut self.fonts, &mut self.atlas, &self.viewport);
        self.renderer
            .prepare(device, queue, fonts, atlas, viewport, areas, &mut self.swash)
            .map_err(|error| GpuError::Text(error.to_string()))
    }

    fn draw(&self, encoder: &mut wgpu::CommandEncoder, target: &wgpu::Texture) -> Result<(), GpuError> {
        let view = target.create_view(&wgpu::TextureViewDescriptor::default());
        let attachment = wgpu::RenderPassColorAttachment {
            view: &view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT), store: wgpu::StoreOp::Store },
        };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("text"),
            color_attachments: &[Some(attachment)],
            ..wgpu::RenderPassDescriptor::default()
        });
        self.renderer
            .render(&self.atlas, &self.viewport, &mut pass)
            .map_err(|error| GpuError::Text(error.to_string()))
    }
}

/// How far an outline reaches around letters of a size, in pixels.
fn outline_width(size: f32) -> f32 {
    (size / 22.0).max(1.0)
}

/// Where copies of the text are drawn to make an outline: whole pixels, so that each glyph is rasterised once.
fn ring(width: f32) -> impl Iterator<Item = (f32, f32)> {
    const STEPS: u32 = 12;
    (0..STEPS).map(move |step| {
        let (sine, cosine) = (step as f32 / STEPS as f32 * std::f32::consts::TAU).sin_cos();
        ((cosine * width).round(), (sine * width).round())
    })
}

fn texture(device: &wgpu::Device, size: Size) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some("text"),
        size: wgpu::Extent3d { width: size.width, height: size.height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: FORMAT,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    })
}
