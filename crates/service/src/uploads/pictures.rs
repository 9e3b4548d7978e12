//! What an upload looks like: a frame of it, and both meanings of its alpha side by side.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use repcast_engine::open::{FileAccess, OpenDocument};
use repcast_gstreamer::decode::{Inspection, SeenAlpha};
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use repcast_model::time::Rational;
use repcast_storage::ImageFormat;
use serde_json::{Value, json};

use super::{UPLOAD, UploadState};
use crate::access::Caller;
use crate::blocking::blocking;
use crate::frames::{self, FrameRequest};
use crate::{Service, ServiceError};

/// Pictures of an upload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UploadPicture {
    /// A frame.
    Poster,
    /// The same frame twice over green: its alpha taken as straight on the left, as premultiplied on the right.
    Alpha,
}

/// Longest side of a picture, in pixels.
const SIDE: f64 = 640.0;

/// A ground on which wrong edges are seen: a dark or a bright fringe.
const GREEN: &str = "#1f9d4d";

/// The ground of posters.
const GROUND: &str = "#e8eaee";

const FAILED: &str = "Rendering the picture failed.";

impl Service {
    /// A picture of an upload that is ready, as PNG. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When there is no such upload, or it is not ready.
    pub async fn upload_picture(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        picture: UploadPicture,
    ) -> Result<Bytes, ServiceError> {
        let upload = self.upload(caller, id).await?;
        let (UploadState::Ready, Some(inspection)) = (upload.state, upload.inspection) else {
            return Err(ServiceError::NoSuch(UPLOAD));
        };
        let kept = &self.frames.exercises;
        let name = format!("{picture:?} upload {id}");
        if let Some(bytes) = kept.get(&name) {
            return Ok(bytes);
        }
        let _making = kept.making.lock().await;
        let service = self.clone();
        let path = self.coach()?.uploads.path(id);
        let bytes = blocking(FAILED, move || service.picture(&path, &inspection, picture)).await?;
        kept.insert(name, bytes.clone());
        Ok(bytes)
    }

    fn picture(&self, path: &Path, inspection: &Inspection, picture: UploadPicture) -> Result<Bytes, ServiceError> {
        let composition = composition(path, inspection, picture).to_string();
        let wrong = |faults: Vec<_>| ServiceError::Document(faults.into());
        let document = document::parse(composition.as_bytes()).map_err(wrong)?;
        let folder = path.parent().unwrap_or(path);
        let speaker = &self.documents.speaker;
        let opened =
            OpenDocument::open_within(&document, &FileAccess::Within(folder), &Catalogue::default(), None, speaker);
        let opened = opened.map_err(ServiceError::Document)?;
        let request = FrameRequest { at: Rational::from_integer(0), width: None, format: ImageFormat::Png };
        frames::render(&self.engine, &opened, request).map(Bytes::from)
    }
}

/// The composition of a picture: one frame of the clip, once or twice.
fn composition(path: &Path, inspection: &Inspection, picture: UploadPicture) -> Value {
    let (width, height) = (f64::from(inspection.width.max(1)), f64::from(inspection.height.max(1)));
    let scale = (SIDE / width.max(height)).min(1.0);
    // Encoders of the canvas need even sides.
    let even = |side: f64| ((side * scale / 2.0).round() * 2.0).max(16.0) as u32;
    let (width, height) = (even(width), even(height));
    let start = (inspection.duration_secs / 3.0 * 1000.0).floor() / 1000.0;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let clip = |alpha: &str, x: u32| {
        let mut layer =
            json!({"type": "clip", "src": name, "alpha": alpha, "rect": [x, 0, width, height], "fit": "contain"});
        if start > 0.0 {
            layer["trim"] = json!({"in": start});
        }
        layer
    };
    let (canvas_width, ground, layers) = match picture {
        UploadPicture::Poster => {
            let alpha = if inspection.alpha == SeenAlpha::Premultiplied { "premultiplied" } else { "straight" };
            (width, GROUND, vec![clip(alpha, 0)])
        }
        UploadPicture::Alpha => (width * 2, GREEN, vec![clip("straight", 0), clip("premultiplied", width)]),
    };
    json!({
        "canvas": {"width": canvas_width, "height": height, "fps": 25, "background": ground},
        "duration": 1,
        "layers": layers,
    })
}
