//! Draws chosen layers of a frame.

use std::sync::Arc;

use image::RgbaImage;
use repcast_compositor::{Compositor, Gpu, Tracking};
use repcast_engine::clips::{ClipOptions, ClipReader};
use repcast_engine::open::OpenDocument;
use repcast_media::FrameFormat;
use repcast_model::session::{SessionFrame, overlay};
use repcast_model::timeline::{Draw, FramePlan, PlannedLayer};

pub(super) struct Drawing<'a> {
    project: &'a OpenDocument,
    compositor: Compositor,
    clips: ClipReader,
    number: u64,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(gpu: &Arc<Gpu>, project: &'a OpenDocument) -> Self {
        let timeline = &project.timeline;
        let (canvas, background) = (timeline.canvas, timeline.background);
        let compositor = Compositor::new(gpu, canvas, background, FrameFormat::Rgba, Tracking::On).unwrap();
        Self { project, compositor, clips: ClipReader::new(project, ClipOptions::offline()), number: 0 }
    }

    /// The layers of a frame of a session.
    pub(super) fn plan(&mut self, shown: &SessionFrame) -> Vec<PlannedLayer> {
        let timeline = &self.project.timeline;
        self.number = shown.frame;
        let mut layers = timeline.plan(shown.frame).layers;
        layers.extend(overlay(shown, &timeline.overlay, timeline.items().len()));
        layers
    }

    pub(super) fn draw(&mut self, layers: &[PlannedLayer]) -> RgbaImage {
        let plan = FramePlan { number: self.number, layers: layers.to_vec() };
        self.compositor.draw(&plan, &self.clips.frames(&plan)).unwrap();
        let frame = self.compositor.take().unwrap().unwrap();
        let bytes = frame.data.bytes().to_vec();
        RgbaImage::from_raw(frame.size.width, frame.size.height, bytes).unwrap()
    }
}

/// The texts of a frame, with their indices.
pub(super) fn texts(layers: &[PlannedLayer]) -> Vec<(usize, String)> {
    let text = |(index, layer): (usize, &PlannedLayer)| match &layer.draw {
        Draw::Text { text, .. } => Some((index, text.to_string())),
        _ => None,
    };
    layers.iter().enumerate().filter_map(text).collect()
}

/// The indices of the figures of a frame.
pub(super) fn figures(layers: &[PlannedLayer]) -> Vec<usize> {
    let is_clip = |(index, layer): (usize, &PlannedLayer)| matches!(layer.draw, Draw::Clip { .. }).then_some(index);
    layers.iter().enumerate().filter_map(is_clip).collect()
}
