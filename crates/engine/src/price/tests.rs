use std::path::Path;

use super::*;
use repcast_model::catalogue::Catalogue;
use repcast_model::document;
use serde_json::{Value, json};

fn open(document: &Value) -> OpenDocument {
    let document = document::parse(document.to_string().as_bytes()).unwrap();
    OpenDocument::open(&document, Path::new(""), &Catalogue::default()).unwrap()
}

fn composition((width, height): (u32, u32), layers: Vec<Value>) -> OpenDocument {
    open(&json!({"canvas": {"width": width, "height": height, "fps": 30}, "duration": 60, "layers": layers}))
}

/// The price of a composition's layers as a multiple of its canvas.
fn multiple(size: (u32, u32), layers: Vec<Value>) -> f64 {
    let document = composition(size, layers);
    price(&document, &[]) as f64 / f64::from(size.0 * size.1 * 30)
}

fn overlays() -> Vec<Value> {
    vec![
        json!({"type": "text", "text": "Air squat", "size": 64, "position": [60, 60], "outline": "#000000"}),
        json!({"type": "text", "text": "Heels on the floor, chest up", "size": 32, "position": [60, 160]}),
        json!({"type": "timer", "size": 96, "position": [1200, 60], "anchor": "top-right"}),
        json!({"type": "progress", "rect": [20, 690, 1240, 10], "radius": 5}),
    ]
}

#[test]
fn ordinary_overlays_cost_nothing_more_than_the_stream() {
    assert_eq!(multiple((1280, 720), overlays()), 1.0);
    assert_eq!(multiple((640, 360), overlays()), 1.0);
    let fading = |start: u32| json!({"type": "text", "text": "Ready", "start": start, "duration": 2, "fade_in": 0.5});
    assert_eq!(multiple((1280, 720), (0..25).map(|index| fading(2 * index)).collect()), 1.0);
}

#[test]
fn every_rendition_counts() {
    let document = open(&json!({
        "canvas": {"width": 100, "height": 20, "fps": "30000/1001"}, "duration": 1,
        "layers": [{"type": "progress", "rect": [0, 0, 10, 1]}]}));
    let canvas = Size { width: 100, height: 20 };
    let small = Rung { name: String::new(), size: Size { width: 50, height: 10 } };
    let full = Rung { name: String::new(), size: canvas };
    // (2000 + 500) x 30000/1001, rounded up.
    assert_eq!(price(&document, &[full, small.clone()]), 74926);
    assert_eq!(price(&document, &[small]), 74926);
}

/// Many layers that change at each frame cost many machines, on any canvas.
#[test]
fn documents_of_many_changing_layers_are_expensive() {
    let size = (640, 360);
    let bars = json!({"type": "progress", "rect": [0, 0, 640, 360], "radius": 150});
    let timers = json!({"type": "timer", "format": "mm:ss.t", "size": 100, "outline": "#000000"});
    let fades = json!({"type": "text", "text": "x", "size": 300, "fade_in": 60});
    for (layer, least) in [(&bars, 1000.0), (&timers, 200.0), (&fades, 300.0)] {
        let most = multiple(size, vec![layer.clone(); 1000]);
        assert!(most > least, "{layer}: {most}");
        let few = multiple(size, vec![layer.clone(); 100]);
        assert!(few > least / 100.0 && few < most / 5.0, "{layer}: {few} of {most}");
    }
}

#[test]
fn text_is_expensive_where_it_is_drawn_often() {
    let text =
        |start: f64, text: &str| json!({"type": "text", "text": text, "start": start, "duration": 1, "size": 40});
    let letters: String = ('一'..).take(1000).collect();
    let once = multiple((1280, 720), vec![text(1.0, &letters)]);
    let ten = multiple((1280, 720), (0..10).map(|index| text(1.0 + f64::from(index) * 0.1, &letters)).collect());
    let spread = multiple((1280, 720), (0..10).map(|index| text(1.0 + f64::from(index) * 4.0, &letters)).collect());
    assert!(once < 5.0 && spread < 5.0 && ten > 5.0 * once, "{once} {ten} {spread}");
}

#[test]
fn the_price_of_the_largest_document_is_found_quickly_enough_to_ask() {
    // Boundaries of 1000 layers on the finest grid.
    let layer = |index: u32| {
        let start = f64::from(index) / 30.0;
        json!({"type": "timer", "start": start, "duration": 20, "fade_in": 5, "fade_out": 5, "position": [index, index]})
    };
    assert!(multiple((1280, 720), (0..1000).map(layer).collect()) > 10.0);
}
