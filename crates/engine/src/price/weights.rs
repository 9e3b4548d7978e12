//! What each kind of work costs, in pixels of an ordinary stream: composited, read back and encoded.
//!
//! Measured by the processor time of renders with llvmpipe and x264's `ultrafast`, where a pixel of a workout takes 4 ns (6 ns
//! with `veryfast`). With a slower preset, or a GPU, the other work is cheaper in comparison, so that a document is priced too
//! high rather than too low.

/// A pixel of a layer that is blended into its group: a text or an image (9.5 ns), a rectangle (4 ns).
pub(super) const BLENDED_PIXEL: f64 = 2.5;
pub(super) const BLENDED_SHAPE_PIXEL: f64 = 1.0;

/// A sample of a clip that a composite reads.
pub(super) const COMPOSITED_SAMPLE: f64 = 1.0;

/// A pixel of a clip that is decoded; one that is converted to RGB besides (18 ns), in clips that are neither drawn in their
/// own size nor repeated in a short loop, whose tiles are cached.
pub(super) const DECODED_PIXEL: f64 = 1.0;
pub(super) const CONVERTED_PIXEL: f64 = 4.0;

/// A layer of a frame: it is planned and compared with the frame before (1 us).
pub(super) const LAYER: f64 = 250.0;

/// A dispatch: a layer that is blended in a frame, whatever its size (25 us).
pub(super) const DISPATCH: f64 = 6000.0;

/// A text that is drawn, whatever its length (250 us).
pub(super) const TEXT: f64 = 60_000.0;

/// A letter that is shaped: ASCII (15 us), and others, each of which can be a word and be searched in many fonts (50 to 350
/// us).
pub(super) const SHAPED_LETTER: f64 = 4000.0;
pub(super) const SHAPED_WIDE_LETTER: f64 = 25_000.0;

/// How often a text that does not fit is shaped.
pub(super) const FIT_PASSES: f64 = 6.0;

/// A pixel of a glyph, a square of the font size: rasterised; drawn from the atlas (5 ns).
pub(super) const RASTERISED_PIXEL: f64 = 3.0;
pub(super) const DRAWN_PIXEL: f64 = 1.5;

/// Copies of the letters that form an outline.
pub(super) const OUTLINE_COPIES: f64 = 12.0;

/// A pixel of the surface of a text, or of an image: allocated and cleared, or uploaded.
pub(super) const SURFACE_PIXEL: f64 = 1.0;

/// Pixels of work per pixel of the canvas that an ordinary stream contains: the clip of an exercise, a timer, a progress bar
/// and a few texts. Only what is above is added to the price.
pub(super) const INCLUDED: f64 = 5.0;

/// A second of sound that is mixed, limited and encoded as AAC (25 ms).
pub(super) const AUDIO_SECOND: f64 = 6e6;

/// A second of a file that is decoded and resampled (4 ms); one that is stretched besides (14 ms).
pub(super) const PLAYED_SECOND: f64 = 1e6;
pub(super) const STRETCHED_SECOND: f64 = 3.5e6;
