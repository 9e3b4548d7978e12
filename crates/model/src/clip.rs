//! What a clip is, before it is decoded.

use crate::geometry::{Orientation, Size};
use crate::time::{FrameRate, Rational};

/// What a clip's alpha channel means for its colors. Declared, never guessed.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum AlphaMode {
    /// Colors are stored whole; alpha says how much of them is seen.
    #[default]
    Straight,
    /// Colors are stored already multiplied by alpha.
    Premultiplied,
}

/// What is known of a clip before it is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct ClipInfo {
    /// Stored size in pixels.
    pub size: Size,
    /// Width of a pixel over its height.
    pub pixel_aspect: Rational,
    /// How the stored picture is turned to be upright.
    pub orientation: Orientation,
    /// Seconds from the first frame's start to the last frame's end.
    pub duration: Rational,
    /// Frames per second, where they are constant.
    pub rate: Option<FrameRate>,
    /// Whether it is a single picture.
    pub is_still: bool,
    /// Whether it can be shown as an image: a single picture, or an animated one by its first frame.
    pub is_picture: bool,
}
