//! Uploads in responses.

use repcast_gstreamer::decode::SeenAlpha;
use repcast_service::{Upload, UploadState};
use serde::Serialize;
use utoipa::ToSchema;

/// The meaning of alpha.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AlphaName {
    /// Nothing is transparent.
    None,
    /// Colors are stored unchanged.
    Straight,
    /// Colors are stored multiplied by alpha.
    Premultiplied,
}

/// What an uploaded file contains.
#[derive(Serialize, ToSchema)]
pub(super) struct UploadedClip {
    /// Pixels from left to right.
    width: u32,
    /// Pixels from top to bottom.
    height: u32,
    /// Frames.
    frames: u64,
    /// Frames per second, if constant.
    #[schema(required)]
    frame_rate: Option<f64>,
    /// Seconds; 0 for an image.
    duration: f64,
    /// Whether anything is transparent.
    has_alpha: bool,
    /// The meaning of its alpha that an exercise gets unless it states another.
    alpha: AlphaName,
    /// Whether it has sound.
    has_sound: bool,
    /// The sound: peaks from 0 to 1 at equal distances in time.
    #[schema(required)]
    waveform: Option<Vec<f32>>,
}

/// Something to look at before an exercise is made.
#[derive(Serialize, ToSchema)]
pub(super) struct UploadWarning {
    /// `alpha`, `still`, `long` or `small`.
    #[schema(example = "alpha")]
    kind: &'static str,
    /// The warning.
    text: &'static str,
}

/// An upload.
#[derive(Serialize, ToSchema)]
#[schema(as = Upload)]
pub(super) struct UploadBody {
    /// Its id, which an exercise names.
    #[schema(example = "5f0c9d6f3f7b4f0e9d0c2a7b6d1e8f90")]
    upload_id: String,
    /// The name of the file at its origin; may be empty.
    filename: String,
    /// Bytes of the whole file.
    length: u64,
    /// Bytes that are there.
    offset: u64,
    /// `receiving`, `checking`, `ready` or `failed`.
    #[schema(example = "ready")]
    state: &'static str,
    /// Why it is no clip.
    #[schema(required)]
    error: Option<String>,
    /// What it contains, once it is ready.
    #[schema(required)]
    clip: Option<UploadedClip>,
    /// What to look at.
    warnings: Vec<UploadWarning>,
    /// The address of a frame, once it is ready.
    #[schema(required)]
    poster_path: Option<String>,
    /// The address of an image of both meanings of its alpha, where it has some.
    #[schema(required)]
    alpha_picture_path: Option<String>,
}

/// Seconds from which a clip is longer than a movement that repeats.
const LONG_SECS: f64 = 60.0;

/// Pixels of height below which a clip is blurred on a television.
const SMALL_PIXELS: u32 = 480;

impl From<Upload> for UploadBody {
    fn from(upload: Upload) -> Self {
        let Upload { id, filename, length, offset, state, inspection, error } = upload;
        let is_ready = state == UploadState::Ready;
        let path = |name: &str| format!("/api/uploads/{id}/{name}");
        let has_alpha = inspection.as_ref().is_some_and(|clip| clip.alpha != SeenAlpha::None);
        let mut warnings = Vec::new();
        let mut warn = |applies: bool, kind, text| warnings.extend(applies.then_some(UploadWarning { kind, text }));
        if let Some(clip) = &inspection {
            warn(
                clip.alpha == SeenAlpha::Unclear,
                "alpha",
                "The pixels do not show whether colors are multiplied by alpha: compare both pictures.",
            );
            warn(
                clip.alpha == SeenAlpha::Premultiplied,
                "alpha",
                "The colors look multiplied by alpha: if edges are dark or bright, choose the other meaning.",
            );
            warn(clip.duration_secs == 0.0, "still", "This is an image: nothing moves.");
            warn(clip.duration_secs > LONG_SECS, "long", "The clip is longer than a movement that repeats.");
            warn(clip.height < SMALL_PIXELS, "small", "The clip is small, and blurred on a large screen.");
        }
        Self {
            poster_path: is_ready.then(|| path("poster.png")),
            alpha_picture_path: (is_ready && has_alpha).then(|| path("alpha.png")),
            upload_id: id,
            filename,
            length,
            offset,
            state: state.name(),
            error,
            clip: inspection.map(|clip| UploadedClip {
                width: clip.width,
                height: clip.height,
                frames: clip.frames,
                frame_rate: clip.frame_rate,
                duration: clip.duration_secs,
                has_alpha,
                alpha: match clip.alpha {
                    SeenAlpha::None => AlphaName::None,
                    SeenAlpha::Premultiplied => AlphaName::Premultiplied,
                    SeenAlpha::Straight | SeenAlpha::Unclear => AlphaName::Straight,
                },
                has_sound: clip.waveform.is_some(),
                waveform: clip.waveform.map(|peaks| peaks.into_iter().map(|peak| f32::from(peak) / 255.0).collect()),
            }),
            warnings,
        }
    }
}
