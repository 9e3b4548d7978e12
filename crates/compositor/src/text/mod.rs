//! Text: shaped and rasterised by glyphon into a surface, again only when it changes.

mod fit;
mod fonts;
mod line_break;
mod spans;

use std::collections::VecDeque;
use std::sync::Arc;

use glyphon::cosmic_text::fontdb;
use glyphon::{
    Cache, ColorMode, FontSystem, Resolution, SwashCache, TextArea, TextAtlas, TextBounds, TextRenderer, Viewport,
};

use super::error::GpuError;
use crate::kernels::text_layer::LayerKernel;
use crate::layers::surface::Surface;
use crate::text::fit::{Fitted, fit};
use crate::text::fonts::Fonts;
use crate::text::spans::LOCALE;
use repcast_model::color::Color;
use repcast_model::geometry::{Rect, Size};
use repcast_model::timeline::TextStyle;

/// The fonts that are always there: Inter in its weights 400, 600, 700 and 800.
pub const FONTS: [&[u8]; 4] = [
    include_bytes!("../../../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../../../assets/fonts/Inter-SemiBold.otf"),
    include_bytes!("../../../../assets/fonts/Inter-Bold.otf"),
    include_bytes!("../../../../assets/fonts/Inter-ExtraBold.otf"),
];

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;
const CLEAR: wgpu::Color = wgpu::Color::TRANSPARENT;

/// Most pixels of a text: those of the largest canvas, and some more. What lies below is cut off.
const MAX_PIXELS: u32 = 36 << 20;

/// Texts that are remembered, those drawn last, and the pixels that they may have together: sessions in step show the same
/// ones, and timers count the same seconds again.
const REMEMBERED: usize = 32;
const REMEMBERED_PIXELS: u64 = 4 << 20;

/// Fonts, shaped glyphs and the atlas they are kept in.
pub(crate) struct TextEngine {
    /// What was drawn last, the newest at the end.
    recent: VecDeque<(Arc<str>, Arc<TextStyle>, Option<Raster>)>,
    fonts: Fonts,
    swash: SwashCache,
    viewport: Viewport,
    atlas: TextAtlas,
    renderer: TextRenderer,
    /// Compiled when the first translucent text is drawn: most videos have none.
    layers: Option<LayerKernel>,
}

/// A copy of a text: where its block begins on the surface, in pixels, and its color.
struct Copy {
    left: f32,
    top: f32,
    color: Color,
}

/// A text as premultiplied pixels.
#[derive(Clone)]
pub(crate) struct Raster {
    pub(crate) surface: Surface,
    /// Where the first pixel lies on the canvas.
    pub(crate) left: i32,
    pub(crate) top: i32,
    /// The block without the room that outlines and long letters take, on the canvas.
    pub(crate) block: Rect,
}

/// Looks for fonts: ours, and the system's for the scripts that ours do not have.
pub(crate) fn find_fonts() -> FontSystem {
    let mut database = fontdb::Database::new();
    database.load_system_fonts();
    for font in FONTS {
        database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    }
    FontSystem::new_with_locale_and_db(LOCALE.to_owned(), database)
}

impl TextEngine {
    pub(crate) fn new(device: &wgpu::Device, queue: &wgpu::Queue, fonts: FontSystem) -> Self {
        let cache = Cache::new(device);
        let mut atlas = TextAtlas::with_color_mode(device, queue, &cache, FORMAT, ColorMode::Web);
        let renderer = TextRenderer::new(&mut atlas, device, wgpu::MultisampleState::default(), None);
        let (recent, viewport) = (VecDeque::new(), Viewport::new(device, &cache));
        let fonts = Fonts::new(fonts);
        Self { recent, fonts, swash: SwashCache::new(), viewport, atlas, renderer, layers: None }
    }

    /// Every face, by what decides which letters it draws.
    pub(crate) fn font_faces(&self) -> impl Iterator<Item = String> {
        self.fonts.system().db().faces().map(|face| {
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

    pub(crate) fn font_families(&self) -> Vec<String> {
        let families =
            self.fonts.system().db().faces().flat_map(|face| face.families.iter().map(|(name, _)| name.clone()));
        let mut families: Vec<String> = families.collect();
        families.sort_unstable();
        families.dedup();
        families
    }

    /// A text in a surface of its own; the work is submitted when this returns. `None` when there is nothing to see.
    pub(crate) fn raster(
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

    /// Brings the engine back into order after a panic in the middle of a text.
    pub(crate) fn recover(&mut self) {
        self.recent.clear();
        self.atlas.trim();
    }

    /// Whatever is wanted next is drawn anew.
    pub(crate) fn forget(&mut self) {
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
        let width = (fitted.width + 2 * margin).min(limit);
        let height = (fitted.height + 2 * margin).min(limit).min((MAX_PIXELS / width).max(1));
        let size = Size { width, height };
        let (across, down) = style.anchor.fraction();
        let left = (style.position.0 - fitted.width as f32 * across).round() as i32;
        let top = (style.position.1 - fitted.height as f32 * down).round() as i32;
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING;
        let surface = Surface::with_usage(device, size, "text", usage);
        let drawn = self.draw(device, queue, &fitted, style, &surface, margin);
        // Also of a text that failed: its glyphs would stay in the atlas otherwise.
        self.atlas.trim();
        drawn?;
        let block = Rect::new(left as f32, top as f32, fitted.width as f32, fitted.height as f32);
        let margin = margin as i32;
        Ok(Some(Raster { surface, left: left - margin, top: top - margin, block }))
    }

    /// Draws the outline and the letters over it into a surface.
    fn draw(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        fitted: &Fitted,
        style: &TextStyle,
        surface: &Surface,
        margin: u32,
    ) -> Result<(), GpuError> {
        let margin = margin as f32;
        let around = style.outline.into_iter().flat_map(|color| {
            ring(outline_width(fitted.size)).map(move |(x, y)| Copy { left: margin + x, top: margin + y, color })
        });
        let outline: Vec<Copy> = around.collect();
        let letters = [Copy { left: margin, top: margin, color: style.color }];
        if outline.iter().chain(&letters).all(|copy| copy.color.alpha == u8::MAX) {
            let copies = outline.into_iter().chain(letters).collect();
            return self.draw_copies(device, queue, fitted, copies, surface, wgpu::LoadOp::Clear(CLEAR));
        }
        // Copies and letters that overlap must not add up, and color emoji have no color to take the alpha from: a
        // translucent layer is drawn opaque and gets its alpha as a whole.
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING;
        let layer = Surface::with_usage(device, surface.size, "text layer", usage);
        self.draw_copies(device, queue, fitted, Vec::new(), surface, wgpu::LoadOp::Clear(CLEAR))?;
        for mut copies in [outline, letters.into()] {
            match copies.first().map(|copy| copy.color.alpha) {
                None | Some(0) => {}
                Some(u8::MAX) => self.draw_copies(device, queue, fitted, copies, surface, wgpu::LoadOp::Load)?,
                Some(alpha) => {
                    copies.iter_mut().for_each(|copy| copy.color = copy.color.with_alpha(u8::MAX));
                    self.draw_copies(device, queue, fitted, copies, &layer, wgpu::LoadOp::Clear(CLEAR))?;
                    let kernel = self.layers.get_or_insert_with(|| LayerKernel::new(device, FORMAT));
                    kernel.put(device, queue, &layer, surface, f32::from(alpha) / 255.0);
                }
            }
        }
        Ok(())
    }

    /// Draws copies of a text, each over the one before. The work is submitted when this returns.
    fn draw_copies(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        fitted: &Fitted,
        copies: Vec<Copy>,
        surface: &Surface,
        load: wgpu::LoadOp<wgpu::Color>,
    ) -> Result<(), GpuError> {
        let Size { width, height } = surface.size;
        self.viewport.update(queue, Resolution { width, height });
        let bounds = TextBounds { left: 0, top: 0, right: width as i32, bottom: height as i32 };
        let areas = copies.into_iter().map(|Copy { left, top, color }| TextArea {
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
            .map_err(|error| GpuError::Text(error.to_string()))?;
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
            self.renderer
                .render(&self.atlas, &self.viewport, &mut pass)
                .map_err(|error| GpuError::Text(error.to_string()))?;
        }
        queue.submit([encoder.finish()]);
        Ok(())
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
