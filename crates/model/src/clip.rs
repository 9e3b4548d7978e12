//! Properties of clips that are known before they are decoded.

use crate::geometry::{Orientation, Size};
use crate::time::{FrameRate, Rational};

/// The meaning of a clip's alpha channel for its colors. Documents and catalogues declare it; files do not state it.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum AlphaMode {
    /// Colors are stored unchanged and are multiplied by alpha when they are blended.
    #[default]
    Straight,
    /// Colors are stored multiplied by alpha.
    Premultiplied,
}

/// The properties of a clip that the timeline depends on, as probing finds them.
#[derive(Clone, PartialEq, Debug)]
pub struct ClipInfo {
    /// The stored size, before the pixel aspect ratio and the orientation are applied.
    pub size: Size,
    /// The pixel aspect ratio: the width of a pixel divided by its height.
    pub pixel_aspect: Rational,
    /// The transformation from stored to upright frames.
    pub orientation: Orientation,
    /// Seconds from the start of the first frame to the end of the last.
    pub duration: Rational,
    /// Frames per second, if constant.
    pub rate: Option<FrameRate>,
    /// Whether the clip is a single image, which has no end.
    pub is_still: bool,
    /// Whether image layers and backgrounds accept the file: a single image, or an animated image, of which they show the
    /// first frame.
    pub is_picture: bool,
}

#[cfg(test)]
impl ClipInfo {
    /// A clip of 2 s of small frames, ten a second, or an image.
    pub(crate) fn of_test(is_still: bool) -> Self {
        Self {
            size: Size { width: 32, height: 32 },
            pixel_aspect: Rational::from_integer(1),
            orientation: Orientation::default(),
            duration: Rational::from_integer(2),
            rate: FrameRate::new(10, 1),
            is_still,
            is_picture: is_still,
        }
    }
}
