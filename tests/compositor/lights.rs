//! Lights and rings, which only themes draw: compared with the twin on the CPU, alone and as damage of a frame before.

use repcast_compositor::{Compositor, Gpu, LayerFrames, Tracking};
use repcast_media::FrameFormat;
use repcast_model::color::Color;
use repcast_model::geometry::{Rect, Size};
use repcast_model::timeline::{Draw, FramePlan, PlannedLayer};

use crate::twin;

const CANVAS: Size = Size { width: 160, height: 120 };
const BACKGROUND: Color = Color::rgb(0x10, 0x18, 0x28);

/// Levels: one for the GPU's rounding, half of one for the twin's, and half of one of dither in each of two lights.
const TOLERANCE: f64 = 2.5;

fn layer(item: usize, opacity: u16, draw: Draw) -> PlannedLayer {
    PlannedLayer { item, opacity, draw }
}

/// A light, a ring that shrinks, a bar over both and a second light.
fn plan(number: u64, turn: f32) -> FramePlan {
    let light = |rect, color| Draw::Glow { rect, color };
    let ring = Draw::Ring {
        rect: Rect::new(30.0, 10.5, 90.0, 90.0),
        thickness: 9.0,
        turn,
        color: Color::rgb(0x34, 0xd2, 0x7b).with_alpha(0xe0),
    };
    let track = Draw::Ring { rect: Rect::new(40.0, 20.0, 60.0, 60.0), thickness: 4.5, turn: 1.0, color: Color::WHITE };
    let bar = Draw::Shape { rect: Rect::new(5.0, 100.0, 140.0, 12.0), radius: 6.0, color: Color::WHITE };
    let layers = vec![
        layer(0, PlannedLayer::OPAQUE, light(Rect::new(-20.0, -30.0, 150.0, 170.0), Color::rgb(0x2a, 0x40, 0x68))),
        layer(1, PlannedLayer::OPAQUE, track),
        layer(2, PlannedLayer::OPAQUE, ring),
        layer(3, PlannedLayer::OPAQUE / 3, bar),
        layer(4, PlannedLayer::OPAQUE / 2, light(Rect::new(90.0, 40.0, 60.5, 40.0), Color::WHITE.with_alpha(0x60))),
    ];
    FramePlan { number, layers }
}

#[test]
fn lights_and_rings_equal_the_twin() {
    let gpu = Gpu::open(None).unwrap();
    let new = || Compositor::new(&gpu, CANVAS, BACKGROUND, FrameFormat::Rgba, Tracking::On).unwrap();
    let mut tracking = new();
    let frames = LayerFrames::default();
    for (number, turn) in [1.0, 0.999, 0.75, 0.51, 0.5, 0.49, 0.25, 0.1, 0.001, 0.0].into_iter().enumerate() {
        let plan = plan(number as u64, turn);
        let mut draw = |compositor: &mut Compositor| {
            compositor.draw(&plan, &frames).unwrap();
            compositor.take().unwrap().unwrap().data.bytes().to_vec()
        };
        let (found, alone) = (draw(&mut tracking), draw(&mut new()));
        assert!(found == alone, "turn {turn}: damage and a whole frame differ");
        let expected = twin::draw(&plan, &frames, CANVAS, BACKGROUND).rgba();
        for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let (x, y) = (index / 4 % CANVAS.width as usize, index / 4 / CANVAS.width as usize);
            let difference = (f64::from(*found) - expected).abs();
            assert!(difference <= TOLERANCE, "turn {turn}, ({x}, {y}): found {found}, expected {expected:.2}");
        }
    }
}
