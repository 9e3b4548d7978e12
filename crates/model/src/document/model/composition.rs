//! Compositions: the canvas and the layers, except those with text or sound.

use schemars::JsonSchema;
use serde_json::Value;

use super::audio::{AudioLayer, ClipAudio, CompositionAudio, SpeechLayer, ToneLayer};
use super::subtitles::SubtitlesLayer;
use super::text::{TextLayer, TimerLayer};
use crate::chroma_key::ChromaKey;
use crate::clip::AlphaMode;
use crate::color::Color;
use crate::document::rules;
use crate::document::schema::fold_variants;
use crate::geometry::Fit;
use crate::time::{FrameRate, Rational};
use crate::validation::choice::choices;
use crate::validation::scalar::color_pattern;
use crate::validation::schema::rule;

/// A composition: layers on a canvas.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Composition {
    /// The frame that the layers are drawn on.
    pub canvas: Canvas,
    /// The length of the composition, in seconds.
    #[schemars(with = "Value", transform = rule(rules::DURATION))]
    pub duration: Rational,
    /// The sound as a whole.
    #[schemars(extend("default" = {}))]
    pub audio: CompositionAudio,
    /// The layers in drawing order, the bottom one first.
    #[schemars(length(min = 1, max = 1000))]
    pub layers: Vec<Layer>,
}

/// The frame that layers are drawn on.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Canvas {
    /// The width in pixels, an even number.
    #[schemars(with = "Value", transform = rule(rules::CANVAS_SIDE))]
    pub width: u32,
    /// The height in pixels, an even number.
    #[schemars(with = "Value", transform = rule(rules::CANVAS_SIDE))]
    pub height: u32,
    /// Frames per second, such as 25 or "30000/1001".
    #[schemars(with = "Value", transform = rule(rules::CANVAS_FPS), extend("default" = 30))]
    pub fps: FrameRate,
    /// The color where no layer covers the canvas.
    #[schemars(with = "Value", transform = color_pattern, extend("default" = "#000000"))]
    pub background: Color,
}

/// One layer of a composition.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields, transform = fold_variants)]
pub struct Layer {
    /// Seconds from the composition's start to the layer's.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub start: Rational,
    /// Seconds that the layer is visible or heard. Without it, until the composition ends, or until a clip, an audio file
    /// or a text that is spoken ends, if it does not loop.
    #[schemars(with = "Value", transform = rule(rules::DURATION), default)]
    pub duration: Option<Rational>,
    /// From 0, invisible, to 1. Layers that are only heard have none.
    #[schemars(with = "Value", transform = rule(rules::OPACITY), extend("default" = 1))]
    pub opacity: Rational,
    /// Seconds in which the layer fades in.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub fade_in: Rational,
    /// Seconds in which the layer fades out, up to its end.
    #[schemars(with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub fade_out: Rational,
    /// The type of layer and its own fields.
    #[schemars(flatten)]
    pub content: LayerContent,
}

/// The content of a layer.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(tag = "type", rename_all = "lowercase")]
#[expect(clippy::large_enum_variant, reason = "a document has at most a thousand layers, most of them clips")]
pub enum LayerContent {
    /// A still image.
    Image(ImageLayer),
    /// A video.
    Clip(ClipLayer),
    /// Text.
    Text(TextLayer),
    /// A running time.
    Timer(TimerLayer),
    /// A bar that fills from the layer's start to its end.
    Progress(ProgressLayer),
    /// An audio file, or the audio of a video that is not shown.
    Audio(AudioLayer),
    /// A tone.
    Tone(ToneLayer),
    /// A text that is spoken.
    Speech(SpeechLayer),
    /// Subtitles, from a file or the document.
    Subtitles(SubtitlesLayer),
}

/// A still image.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ImageLayer {
    /// The image's path, relative to the document.
    #[schemars(with = "Value", transform = rule(rules::SRC))]
    pub src: String,
    /// The rectangle that it is drawn in: x, y, width, height in canvas pixels. Without it, the whole canvas.
    #[schemars(with = "Value", transform = rule(rules::RECT), default)]
    pub rect: Option<[Rational; 4]>,
    /// How it fills its rectangle.
    #[schemars(with = "Value", transform = choices::<Fit>, extend("default" = "contain"))]
    pub fit: Fit,
    /// The part of it that is shown: x, y, width, height as fractions of the upright frame. Without it, all of it.
    #[schemars(with = "Value", transform = rule(rules::CROP), default)]
    pub crop: Option<[Rational; 4]>,
    /// The point that is as near to the middle of the rectangle as the picture reaches, where `fit` cuts something off: x, y
    /// as fractions of the upright frame. Without it, its middle.
    #[schemars(with = "Value", transform = rule(rules::FOCUS), default)]
    pub focus: Option<[Rational; 2]>,
    /// The radius of its corners in canvas pixels.
    #[schemars(with = "Value", transform = rule(rules::RADIUS), extend("default" = 0))]
    pub radius: Rational,
}

/// A video.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClipLayer {
    /// The clip's path, relative to the document.
    #[schemars(with = "Value", transform = rule(rules::SRC))]
    pub src: String,
    /// The rectangle that it is drawn in: x, y, width, height in canvas pixels. Without it, the whole canvas.
    #[schemars(with = "Value", transform = rule(rules::RECT), default)]
    pub rect: Option<[Rational; 4]>,
    /// How it fills its rectangle.
    #[schemars(with = "Value", transform = choices::<Fit>, extend("default" = "contain"))]
    pub fit: Fit,
    /// The part of it that is shown: x, y, width, height as fractions of the upright frame. Without it, all of it.
    #[schemars(with = "Value", transform = rule(rules::CROP), default)]
    pub crop: Option<[Rational; 4]>,
    /// The point that is as near to the middle of the rectangle as the picture reaches, where `fit` cuts something off: x, y
    /// as fractions of the upright frame. Without it, its middle.
    #[schemars(with = "Value", transform = rule(rules::FOCUS), default)]
    pub focus: Option<[Rational; 2]>,
    /// The radius of its corners in canvas pixels.
    #[schemars(with = "Value", transform = rule(rules::RADIUS), extend("default" = 0))]
    pub radius: Rational,
    /// Whether the colors of the clip are stored unchanged (straight) or multiplied by its alpha (premultiplied).
    #[schemars(with = "Value", transform = choices::<AlphaMode>, extend("default" = "straight"))]
    pub alpha: AlphaMode,
    /// The color of a screen behind the people in the clip, which becomes transparent.
    #[schemars(with = "ChromaKey", default)]
    pub chroma_key: Option<ChromaKey>,
    /// The part of the clip that is played.
    #[schemars(extend("default" = {"in": 0}))]
    pub trim: Trim,
    /// The playback speed; 1 is the clip's own.
    #[schemars(with = "Value", transform = rule(rules::SPEED), extend("default" = 1))]
    pub speed: Rational,
    /// Whether the clip starts again at its end.
    #[schemars(rename = "loop", extend("default" = false))]
    pub looping: bool,
    /// Its audio, if it has any.
    #[schemars(extend("default" = {}))]
    pub audio: ClipAudio,
}

/// A part of a clip, in seconds from its first frame.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Trim {
    /// The start of the part.
    #[schemars(rename = "in", with = "Value", transform = rule(rules::SECONDS), extend("default" = 0))]
    pub start: Rational,
    /// The end of the part, after `in`. Without it, the end of the clip.
    #[schemars(rename = "out", with = "Value", transform = rule(rules::DURATION), default)]
    pub end: Option<Rational>,
}

/// A bar that fills from the layer's start to its end.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProgressLayer {
    /// The rectangle that it is drawn in: x, y, width, height in canvas pixels.
    #[schemars(with = "Value", transform = rule(rules::RECT))]
    pub rect: [Rational; 4],
    /// The color of the completed part.
    #[schemars(with = "Value", transform = color_pattern, extend("default" = "#22c55e"))]
    pub color: Color,
    /// The color of the remaining part.
    #[schemars(with = "Value", transform = color_pattern, extend("default" = "#ffffff40"))]
    pub track: Color,
    /// The radius of its corners in canvas pixels.
    #[schemars(with = "Value", transform = rule(rules::RADIUS), extend("default" = 0))]
    pub radius: Rational,
}
