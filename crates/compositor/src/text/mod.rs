//! Text: shaped and rasterised by glyphon into surfaces, which are cached until the text changes.
//!
//! Each session has a [`TextPainter`] with a copy of the font database, a glyph atlas and a renderer, so that a text that
//! takes long delays the frames of its own session. Sessions share finished texts, under a lock that is held for
//! bookkeeping.

mod coverage;
mod document_font;
mod fit;
mod font_check;
mod fonts;
mod line_break;
mod missing;
mod painter;
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
use coverage::{Characters, FontCoverage};
use document_font::DocumentFont;
use fonts::Fonts;
use raster_cache::{DrawnText, RasterCache};
use rasterizer::TextRasterizer;
use repcast_model::font::Font;
use repcast_model::timeline::TextStyle;
use spans::LOCALE;

pub use font_check::{FontFault, check_font};
pub use missing::{MissingGlyphs, ScriptCoverage};
pub use painter::{PaintedTexts, TextPainter};
pub(crate) use rasterizer::Raster;

/// The embedded fonts: Inter in its weights 400, 600, 700 and 800.
pub const FONTS: [&[u8]; 4] = [
    include_bytes!("../../../../assets/fonts/Inter-Regular.otf"),
    include_bytes!("../../../../assets/fonts/Inter-SemiBold.otf"),
    include_bytes!("../../../../assets/fonts/Inter-Bold.otf"),
    include_bytes!("../../../../assets/fonts/Inter-ExtraBold.otf"),
];

/// Loads the embedded fonts, and those of the system for scripts that Inter lacks.
pub(crate) fn find_fonts() -> fontdb::Database {
    let mut database = fontdb::Database::new();
    database.load_system_fonts();
    for font in FONTS {
        database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    }
    database
}

/// What the text painters of a device share. Nothing here is locked while a text is shaped or drawn.
pub(crate) struct TextEngine {
    rasters: Mutex<RasterCache>,
    /// Each painter has a copy.
    fonts: fontdb::Database,
    coverage: Arc<FontCoverage>,
    /// glyphon's pipelines.
    pipelines: glyphon::Cache,
}

impl TextEngine {
    pub(crate) fn new(context: &GpuContext, fonts: fontdb::Database) -> Self {
        let pipelines = glyphon::Cache::new(&context.device);
        Self { rasters: Mutex::default(), fonts, coverage: Arc::default(), pipelines }
    }

    /// A rasterizer of its own for a painter, for texts in the font of a document or without one.
    fn rasterizer(&self, context: &GpuContext, font: Option<&Font>) -> TextRasterizer {
        let mut database = self.fonts.clone();
        let document = font.and_then(|font| DocumentFont::load(&mut database, font));
        let system = FontSystem::new_with_locale_and_db(LOCALE.to_owned(), database);
        TextRasterizer::new(context, &self.pipelines, Fonts::new(system, self.coverage.clone(), document))
    }

    fn find(&self, text: &Arc<str>, style: &Arc<TextStyle>) -> Option<Arc<DrawnText>> {
        self.rasters().get(text, style)
    }

    fn insert(&self, drawn: &Arc<DrawnText>, generation: u64) {
        self.rasters().insert(drawn, generation);
    }

    fn generation(&self) -> u64 {
        self.rasters().generation()
    }

    /// Evicts all texts, whose surfaces may be incomplete after a failure of the device.
    pub(crate) fn clear(&self) {
        self.rasters().clear();
    }

    /// Describes each face by everything that its glyphs depend on.
    pub(crate) fn font_faces(&self) -> Vec<String> {
        let describe = |face: &fontdb::FaceInfo| {
            let (name, index) = (&face.post_script_name, face.index);
            match &face.source {
                fontdb::Source::Binary(data) => format!("{name} {index} {} bytes", data.as_ref().as_ref().len()),
                fontdb::Source::File(path) | fontdb::Source::SharedFile(path, _) => {
                    format!("{name} {index} {:?}", font_digest(path).ok())
                }
            }
        };
        let mut faces: Vec<String> = self.fonts.faces().map(describe).collect();
        faces.sort_unstable();
        faces
    }

    /// The names of all font families, sorted.
    pub(crate) fn font_families(&self) -> Vec<String> {
        let names = self.fonts.faces().flat_map(|face| face.families.iter().map(|(name, _)| name.clone()));
        let mut families: Vec<String> = names.collect();
        families.sort_unstable();
        families.dedup();
        families
    }

    /// The characters of texts that neither the font of their document nor another has glyphs for, by script.
    pub(crate) fn missing_glyphs<'a>(
        &self,
        texts: impl IntoIterator<Item = &'a str>,
        font: Option<&Font>,
    ) -> Vec<MissingGlyphs> {
        let own = font.map(|font| Characters::of_font(font.as_ref(), 0));
        let is_own = |char| own.as_ref().is_some_and(|characters| characters.contains(char));
        missing::missing_glyphs(texts, |char| is_own(char) || self.coverage.has(&self.fonts, char))
    }

    /// Whether texts in common scripts can be drawn.
    pub(crate) fn script_coverage(&self) -> Vec<ScriptCoverage> {
        missing::script_coverage(|char| self.coverage.has(&self.fonts, char))
    }

    fn rasters(&self) -> MutexGuard<'_, RasterCache> {
        // A panic while the lock is held leaves complete entries.
        self.rasters.lock().unwrap_or_else(PoisonError::into_inner)
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
