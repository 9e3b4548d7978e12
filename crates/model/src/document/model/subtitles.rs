//! Subtitles of compositions.

use schemars::JsonSchema;
use serde_json::Value;

use crate::color::Color;
use crate::document::rules::{self, CUE_TEXT, MAX_SECONDS};
use crate::geometry::Anchor;
use crate::time::Rational;
use crate::validation::choice::choices;
use crate::validation::scalar::color_pattern;
use crate::validation::schema::rule;

/// Subtitles: texts with their times, as a track that viewers turn on, or drawn into the video.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = [{"required": ["src"]}, {"required": ["cues"]}]))]
pub struct SubtitlesLayer {
    /// The path of a WebVTT or SRT file in UTF-8, relative to the document: at most 2 MiB. Either this or `cues` is
    /// required.
    #[schemars(with = "Value", transform = rule(rules::SRC), default, skip_serializing_if = "Option::is_none")]
    pub src: Option<String>,
    /// The texts with their times. In all layers and files together there are at most 5000.
    #[schemars(with = "Vec<SubtitleCue>", length(max = 5000), default, skip_serializing_if = "Option::is_none")]
    pub cues: Option<Vec<SubtitleCue>>,
    /// Their language as BCP 47 writes it, such as en or fr. Layers in one language are one track.
    #[schemars(with = "Value", transform = rule(rules::LANGUAGE), extend("default" = "en"))]
    pub language: String,
    /// Whether they are drawn into the video. Otherwise they are a track.
    #[schemars(extend("default" = false))]
    pub burn: bool,
    /// Font, color and position where they are drawn.
    #[schemars(flatten)]
    pub style: SubtitlesStyle,
}

/// A text of subtitles.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SubtitleCue {
    /// Seconds from the layer's start at which it appears.
    #[schemars(with = "Value", transform = rule(rules::SECONDS))]
    pub start: Rational,
    /// Seconds from the layer's start at which it disappears, above `start`.
    #[schemars(with = "Value", transform = rule(rules::DURATION))]
    pub end: Rational,
    /// The text. A newline starts a new line.
    #[schemars(with = "Value", transform = rule(rules::CUE_TEXT))]
    pub text: String,
}

/// Font, color and position of subtitles that are drawn.
#[derive(Clone, PartialEq, Debug, JsonSchema)]
pub struct SubtitlesStyle {
    /// The height of the font in canvas pixels. Without it, a twentieth of the canvas's shorter side.
    #[schemars(with = "Value", transform = rule(rules::FONT_SIZE), default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Rational>,
    /// The weight of the font: 400 is regular, 700 bold.
    #[schemars(with = "Value", transform = rule(rules::WEIGHT), extend("default" = 600))]
    pub weight: u16,
    /// The color of the letters.
    #[schemars(with = "Value", transform = color_pattern, extend("default" = "#ffffff"))]
    pub color: Color,
    /// The position of the anchor: x, y in canvas pixels. Without it, the middle of the lower edge, with a margin.
    #[schemars(with = "Value", transform = rule(rules::POSITION), default, skip_serializing_if = "Option::is_none")]
    pub position: Option<[Rational; 2]>,
    /// The point of the text block that lies at its position.
    #[schemars(with = "Value", transform = choices::<Anchor>, extend("default" = "bottom"))]
    pub anchor: Anchor,
    /// The color of a box behind the text.
    #[schemars(rename = "box", with = "Value", transform = color_pattern, extend("default" = "#000000b3"))]
    pub box_color: Color,
    /// The color of an outline around the letters. Without it, no outline.
    #[schemars(with = "Value", transform = color_pattern, default)]
    pub outline: Option<Color>,
    /// The width in canvas pixels to which the text wraps; a text that is still too long shrinks. Without it, nine tenths
    /// of the canvas.
    #[schemars(with = "Value", transform = rule(rules::EXTENT), default)]
    pub max_width: Option<Rational>,
}

impl SubtitleCue {
    /// A cue with these times in milliseconds, as files state them.
    ///
    /// # Errors
    /// In words, which rule of documents it breaks.
    pub fn from_millis(start: u64, end: u64, text: &str) -> Result<Self, String> {
        let secs = |millis: u64| Rational::new(i128::from(millis), 1000);
        let (start, end) = (secs(start), secs(end));
        if end <= start {
            return Err("it ends before it starts".to_owned());
        }
        if end > Rational::from_integer(MAX_SECONDS) {
            return Err(format!("it ends after {MAX_SECONDS} s"));
        }
        Ok(Self { start, end, text: CUE_TEXT.check(text).map_err(|message| format!("its text {message}"))? })
    }
}
