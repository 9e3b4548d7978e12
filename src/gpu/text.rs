//! Text: shaped and rasterised by glyphon into a surface, again only when it changes.

use std::collections::VecDeque;
use std::sync::Arc;

use glyphon::cosmic_text::fontdb;
use glyphon::{
    Cache, ColorMode, FontSystem, Resolution, SwashCache, TextArea, TextAtlas, TextBounds, TextRenderer, Viewport,
};

use super::error::GpuError;
use super::surface::Surface;
use super::text_fit::{Fitted, fit};
use crate::color::Color;
use crate::geometry::{Rect, Size};
use crate::timeline::TextStyle;

/// The fonts that are always there: Inter in its weights 400, 600, 700 and 800.
pub const FONTS: [&[u8]; 4] = [
    include_bytes!("../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
    include_bytes!("../../assets/fonts/Inter-Bold.otf"),
    include_bytes!("../../assets/fonts/Inter-ExtraBold.otf"),
];

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// Texts that are remembered, those drawn last, and the pixels that they may have together: sessions in step show the same
/// ones, and timers count the same seconds again.
const REMEMBERED: usize = 32;
const REMEMBERED_PIXELS: u64 = 4 << 20;

/// Fonts, shaped glyphs and the atlas they are kept in.
pub(super) struct TextEngine {
    /// What was drawn last, the newest at the end.
    recent: VecDeque<(Arc<str>, Arc<TextStyle>, Option<Raster>)>,
    fonts: FontSystem,
    swash: SwashCache,
    viewport: Viewport,
    atlas: TextAtlas,
    renderer: TextRenderer,
}

/// A text as premultiplied pixels.
#[derive(Clone)]
pub(super) struct Raster {
    pub(super) surface: Surface,
    /// Where the first pixel lies on the canvas.
    pub(super) left: i32,
    pub(super) top: i32,
    /// The block without the room that outlines and long letters take, on the canvas.
    pub(super) block: Rect,
}

/// Looks for fonts: ours, and the system's for the scripts that ours do not have.
pub(super) fn find_fonts() -> FontSystem {
    let mut database = fontdb::Database::new();
    database.load_system_fonts();
    for font in FONTS {
        database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    }
    // The locale decides between forms of Chinese characters only; a fixed one draws alike on every machine.
    FontSystem::new_with_locale_and_db("en".to_owned(), database)
}

impl TextEngine {
    pub(super) fn new(device: &wgpu::Device, queue: &wgpu::Queue, fonts: FontSystem) -> Self {
        let cache = Cache::new(device);
        let mut atlas = TextAtlas::with_color_mode(device, queue, &cache, FORMAT, ColorMode::Web);
        let renderer = TextRenderer::new(&mut atlas, device, wgpu::MultisampleState::default(), None);
        let recent = VecDeque::new();
        Self { recent, fonts, swash: SwashCache::new(), viewport: Viewport::new(device, &cache), atlas, renderer }
    }

    /// Every face, by what decides which letters it draws.
    pub(super) fn font_faces(&self) -> impl Iterator<Item = String> {
        self.fonts.db().faces().map(|face| {
            let file = match &face.source {
                fontdb::Source::Binary(data) => format!("{} bytes", data.as_ref().as_ref().len()),
                fontdb::Source::File(path) | fontdb::Source::SharedFile(path, _) => {
                    let about = std::fs::metadata(path).ok().map(|about| (about.len(), about.modified().ok()));
                    format!("{} {about:?}", path.display())
                }
            };
            format!("{} {} {file}", face.post_script_name, face.index)
        })
    }

    pub(super) fn font_families(&self) -> Vec<String> {
        let families = self.fonts.db().faces().flat_map(|face| face.families.iter().map(|(name, _)| name.clone()));
        let mut families: Vec<String> = families.collect();
        families.sort_unstable();
        families.dedup();
        families
    }

    /// A text in a surface of its own; the work is submitted when this returns. `None` when there is nothing to see.
    pub(super) fn raster(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        text: &Arc<str>,
        style: &Arc<TextStyle>,
    ) -> Result<Option<Raster>, GpuError> {
        let known = self.recent.iter().rposition(|(known, its_style, _)| known == text && its_style == style);
        let entry = match known.and_then(|at| self.recent.remove(at)) {
            Some(entry) => entry,
            None => (text.clone(), style.clone(), self.drawn(device, queue, text, style)?),
        };
        let raster = entry.2.clone();
        self.recent.push_back(entry);
        let pixels = |(_, _, raster): &(_, _, Option<Raster>)| {
            raster.as_ref().map_or(0, |Raster { surface: Surface { size, .. }, .. }| {
                u64::from(size.width) * u64::from(size.height)
            })
        };
        while self.recent.len() > REMEMBERED || self.recent.iter().map(pixels).sum::<u64>() > REMEMBERED_PIXELS {
            self.recent.pop_front();
        }
        Ok(raster)
    }

    /// Whatever is wanted next is drawn anew.
    pub(super) fn forget(&mut self) {
        self.recent.clear();
    }

    fn drawn(
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
        let size =
            Size { width: (fitted.width + 2 * margin).min(limit), height: (fitted.height + 2 * margin).min(limit) };
        let (across, down) = style.anchor.fraction();
        let left = (style.position.0 - fitted.width as f32 * across).round() as i32;
        let top = (style.position.1 - fitted.height as f32 * down).round() as i32;
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING;
        let surface = Surface::with_usage(device, size, "text", usage);
        self.prepare(device, queue, &fitted, style, size, margin)?;
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("text") });
        self.draw(&mut encoder, &surface.view)?;
        queue.submit([encoder.finish()]);
        self.atlas.trim();
        let block = Rect::new(left as f32, top as f32, fitted.width as f32, fitted.height as f32);
        let margin = margin as i32;
        Ok(Some(Raster { surface, left: left - margin, top: top - margin, block }))
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
        let outline =
            style.outline.into_iter().flat_map(|color| ring(outline_width(fitted.size)).map(move |at| (at, color)));
        let areas: Vec<TextArea<'_>> =
            outline.chain([((0.0, 0.0), style.color)]).map(|(at, color)| area(at, color)).collect();
        let (fonts, atlas, viewport) = (&mut self.fonts, &mut self.atlas, &self.viewport);
        self.renderer
            .prepare(device, queue, fonts, atlas, viewport, areas, &mut self.swash)
            .map_err(|error| GpuError::Text(error.to_string()))
    }

    fn draw(&self, encoder: &mut wgpu::CommandEncoder, view: &wgpu::TextureView) -> Result<(), GpuError> {
        let attachment = wgpu::RenderPassColorAttachment {
            view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT), store: wgpu::StoreOp::Store },
        };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("text"),
            color_attachments: &[Some(attachment)],
            ..wgpu::RenderPassDescriptor::default()
        });
        self.renderer.render(&self.atlas, &self.viewport, &mut pass).map_err(|error| GpuError::Text(error.to_string()))
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
