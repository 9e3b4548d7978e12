//! Text: shaped and rasterised by glyphon into surfaces, which are cached until the text changes.
//!
//! Two locks: one guards the cache of surfaces, for bookkeeping; the other guards font system, glyph atlas and
//! renderer, which shaping and drawing change. A text that is cached never waits for one that is being drawn.

mod fit;
mod fonts;
mod line_break;
mod raster_cache;
mod rasterizer;
mod spans;

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use glyphon::FontSystem;
use glyphon::cosmic_text::fontdb;

use crate::device::GpuContext;
use crate::error::GpuError;
use raster_cache::RasterCache;
use rasterizer::TextRasterizer;
use repcast_model::timeline::TextStyle;
use spans::LOCALE;

pub(crate) use rasterizer::Raster;

/// The embedded fonts: Inter in its weights 400, 600, 700 and 800.
pub const FONTS: [&[u8]; 4] = [
    include_bytes!("../../../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../../../assets/fonts/Inter-SemiBold.otf"),
    include_bytes!("../../../../assets/fonts/Inter-Bold.otf"),
    include_bytes!("../../../../assets/fonts/Inter-ExtraBold.otf"),
];

/// Loads the embedded fonts, and those of the system for scripts that Inter lacks.
pub(crate) fn find_fonts() -> FontSystem {
    let mut database = fontdb::Database::new();
    database.load_system_fonts();
    for font in FONTS {
        database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    }
    FontSystem::new_with_locale_and_db(LOCALE.to_owned(), database)
}

/// Draws texts for all compositors of a device.
pub(crate) struct TextEngine {
    rasters: Mutex<RasterCache>,
    /// Held from shaping to submission: glyphon shares atlas and vertex buffer between texts, so that the next text may
    /// be prepared only after the work of this one is submitted.
    rasterizer: Mutex<TextRasterizer>,
}

impl TextEngine {
    pub(crate) fn new(context: &GpuContext, fonts: FontSystem) -> Self {
        Self { rasters: Mutex::default(), rasterizer: Mutex::new(TextRasterizer::new(context, fonts)) }
    }

    /// A text in a surface of its own, whose work is submitted when this returns; `None` if nothing of it is visible.
    pub(crate) fn raster(
        &self,
        context: &GpuContext,
        text: &Arc<str>,
        style: &Arc<TextStyle>,
    ) -> Result<Option<Raster>, GpuError> {
        if let Some(cached) = self.rasters().get(text, style) {
            return Ok(cached);
        }
        let mut rasterizer = self.rasterizer();
        // Another session may have drawn it while this one waited.
        if let Some(cached) = self.rasters().get(text, style) {
            return Ok(cached);
        }
        let raster = rasterizer.draw(context, text, style)?;
        self.rasters().insert(text.clone(), style.clone(), raster.clone());
        Ok(raster)
    }

    /// Evicts all texts, whose surfaces may be incomplete after a failure of the device.
    pub(crate) fn clear(&self) {
        self.rasters().clear();
    }

    /// Describes each face by everything that its glyphs depend on.
    pub(crate) fn font_faces(&self) -> Vec<String> {
        let faces: Vec<_> = {
            let rasterizer = self.rasterizer();
            let faces = rasterizer.fonts().faces();
            faces.map(|face| (face.post_script_name.clone(), face.index, face.source.clone())).collect()
        };
        // Files are read without the lock.
        let describe = |(name, index, source)| match source {
            fontdb::Source::Binary(data) => format!("{name} {index} {} bytes", data.as_ref().as_ref().len()),
            fontdb::Source::File(path) | fontdb::Source::SharedFile(path, _) => {
                format!("{name} {index} {:?}", font_digest(&path).ok())
            }
        };
        let mut faces: Vec<String> = faces.into_iter().map(describe).collect();
        faces.sort_unstable();
        faces
    }

    /// The names of all font families, sorted.
    pub(crate) fn font_families(&self) -> Vec<String> {
        let rasterizer = self.rasterizer();
        let names = rasterizer.fonts().faces().flat_map(|face| face.families.iter().map(|(name, _)| name.clone()));
        let mut families: Vec<String> = names.collect();
        drop(rasterizer);
        families.sort_unstable();
        families.dedup();
        families
    }

    fn rasters(&self) -> MutexGuard<'_, RasterCache> {
        // A panic while the lock is held leaves complete entries.
        self.rasters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rasterizer(&self) -> MutexGuard<'_, TextRasterizer> {
        self.rasterizer.lock().unwrap_or_else(|poisoned| {
            // A panic may have left glyphs of an unfinished text in the atlas.
            let mut rasterizer = poisoned.into_inner();
            rasterizer.trim();
            self.rasters().clear();
            self.rasterizer.clear_poison();
            rasterizer
        })
    }
}
/// Bytes at the start of a font file that contain its table directory, with the checksum of each table (OpenType, "Table
/// directory").
const FONT_HEAD_BYTES: u64 = 64 << 10;

/// The length of a font file and a hash of its start, which depends on the content of all tables.
fn font_digest(path: &Path) -> io::Result<(u64, u64)> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(FONT_HEAD_BYTES).read_to_end(&mut head)?;
    let mut hasher = DefaultHasher::new();
    head.hash(&mut hasher);
    Ok((length, hasher.finish()))
}
