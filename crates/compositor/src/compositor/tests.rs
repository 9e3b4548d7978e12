use repcast_media::ClipFrame;
use repcast_media::{ColorModel, Component, Coverage, FrameId, PixelLayout, PixelRect, Plane};
use repcast_model::clip::AlphaMode;
use repcast_model::color::Colorimetry;
use repcast_model::geometry::{Placement, Rect};
use repcast_model::time::{Rational, SourceTime};
use repcast_model::timeline::{Draw, PlannedLayer};

use super::*;

const CANVAS: Size = Size { width: 64, height: 64 };

/// A translucent RGBA clip that fills the canvas, in the frame of this number.
fn plan(number: u64) -> (FramePlan, LayerFrames) {
    let component = |offset| Component { plane: 0, offset, step: 4, x_sub: 0, y_sub: 0 };
    let (width, height) = (CANVAS.width as usize, CANVAS.height as usize);
    let frame = ClipFrame {
        id: FrameId { clip: 1, start_nanos: number },
        size: CANVAS,
        layout: PixelLayout {
            components: [0, 1, 2, 3].map(component),
            model: ColorModel::Rgb,
            colorimetry: Colorimetry::CANVAS,
            has_alpha: true,
            depth: 8,
            chroma_left: false,
        },
        planes: vec![Plane { offset: 0, stride: 4 * width, rows: height }],
        stored: PixelRect { x: 0, y: 0, width: CANVAS.width, height: CANVAS.height },
        coverage: Coverage::whole(CANVAS),
        data: Arc::new((0..4 * width * height).map(|at| (at as u64 * 7 + number * 40) as u8).collect::<Vec<u8>>()),
    };
    let placement = Placement {
        clip: Rect::new(0.0, 0.0, width as f32, height as f32),
        stored_from_canvas: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
        radius: 0.0,
    };
    let time = SourceTime(Rational::from_integer(0));
    let draw = Draw::Clip { time, placement, alpha: AlphaMode::Straight, key: None, returns: true };
    let layers = vec![PlannedLayer { item: 0, opacity: PlannedLayer::OPAQUE / 2, draw }];
    (FramePlan { number, layers }, [(0, Arc::new(frame))].into())
}

fn compositor(gpu: &Arc<Gpu>, tracking: Tracking) -> Compositor {
    Compositor::new(gpu, CANVAS, Color::rgb(9, 90, 200), FrameFormat::Nv12, tracking).unwrap()
}

fn draw(compositor: &mut Compositor, number: u64) -> Result<(), GpuError> {
    let (plan, frames) = plan(number);
    compositor.draw(&plan, &frames)
}

fn drawn(compositor: &mut Compositor, number: u64) -> Vec<u8> {
    draw(compositor, number).unwrap();
    compositor.take().unwrap().unwrap().data.bytes().to_vec()
}

#[test]
fn a_failing_draw_releases_its_tiles() {
    let gpu = Gpu::open(None).unwrap();
    let mut tracked = compositor(&gpu, Tracking::On);
    let other = compositor(&gpu, Tracking::On);
    draw(&mut tracked, 1).unwrap();
    assert_eq!(other.tile_cache.pins(), 4, "the tiles of the frame in flight");
    tracked.take().unwrap().unwrap();
    assert_eq!(other.tile_cache.pins(), 0);
    // A frame in flight is lost with the one that fails.
    draw(&mut tracked, 2).unwrap();
    gpu.context.inject_fault("injected");
    assert!(draw(&mut tracked, 3).unwrap_err().to_string().contains("injected"));
    assert_eq!((other.tile_cache.pins(), tracked.take().unwrap().is_none()), (0, true));
    // A frame that fails when it is taken.
    draw(&mut tracked, 4).unwrap();
    gpu.context.inject_fault("injected");
    assert!(tracked.take().is_err());
    draw(&mut tracked, 5).unwrap();
    drop(tracked);
    assert_eq!(other.tile_cache.pins(), 0);
}

#[test]
fn frames_after_a_failure_are_drawn_completely() {
    let gpu = Gpu::open(None).unwrap();
    let (mut tracked, mut complete) = (compositor(&gpu, Tracking::On), compositor(&gpu, Tracking::Off));
    for number in [1, 2, 1, 3] {
        gpu.context.inject_fault("injected");
        // Without tiles to draw, nothing is submitted and the frame fails when it is taken.
        assert!(draw(&mut tracked, number).and_then(|()| tracked.take()).is_err());
        assert_eq!(drawn(&mut tracked, number), drawn(&mut complete, number));
    }
    let before = complete.take_damaged_tiles() + tracked.take_damaged_tiles();
    assert_eq!((drawn(&mut tracked, 1).len(), tracked.take_damaged_tiles(), before > 0), (64 * 96, 0, true));
}

/// A frame of RGBA with more bytes than llvmpipe binds at once, 128 MiB.
#[test]
fn frames_larger_than_a_binding_are_drawn_completely() {
    let gpu = Gpu::open(None).unwrap();
    let size = Size { width: 7680, height: 4416 };
    let background = Color::rgb(9, 90, 200);
    let mut compositor = Compositor::new(&gpu, size, background, FrameFormat::Rgba, Tracking::On).unwrap();
    let bar = |y: f32| Draw::Shape { rect: Rect::new(0.0, y, 7680.0, 8.0), radius: 0.0, color: Color::WHITE };
    let layer = |(item, y): (usize, f32)| PlannedLayer { item, opacity: PlannedLayer::OPAQUE, draw: bar(y) };
    let layers = [0.0, 2208.0, 4408.0].into_iter().enumerate().map(layer).collect();
    compositor.draw(&FramePlan { number: 0, layers }, &LayerFrames::new()).unwrap();
    let frame = compositor.take().unwrap().unwrap();
    let row = |y: usize| &frame.data.bytes()[y * frame.stride as usize..][..4 * 7680];
    let is_filled = |y: usize, color: [u8; 4]| row(y).as_chunks::<4>().0.iter().all(|pixel| *pixel == color);
    for y in (0..4416).step_by(100).chain([2208, 4407, 4408, 4415]) {
        let is_bar = [0..8, 2208..2216, 4408..4416].iter().any(|bar| bar.contains(&y));
        assert!(is_filled(y, if is_bar { [255; 4] } else { [9, 90, 200, 255] }), "row {y}");
    }
}
