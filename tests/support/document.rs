//! Composition documents, as JSON.

use serde_json::{Value, json};

use super::picture::Rgba;

/// A composition of `frames` frames on a canvas of this size and rate.
pub(crate) fn composition(
    size: (usize, usize),
    fps: &str,
    background: &str,
    frames: usize,
    layers: Vec<Value>,
) -> Value {
    let (numer, denom) = fps.split_once('/').unwrap_or((fps, "1"));
    let numer: usize = numer.parse().unwrap();
    let denom: usize = denom.parse().unwrap();
    json!({
        "canvas": {"width": size.0, "height": size.1, "fps": format!("{numer}/{denom}"), "background": background},
        "duration": format!("{}/{numer}", frames * denom),
        "layers": layers,
    })
}

/// A clip or an image at a rectangle of the canvas, with additional fields.
pub(crate) fn layer(kind: &str, src: &str, rect: [usize; 4], more: Value) -> Value {
    let mut layer = json!({"type": kind, "src": src, "rect": rect});
    if let (Value::Object(layer), Value::Object(more)) = (&mut layer, more) {
        layer.extend(more);
    }
    layer
}

/// A color as documents write it, without its alpha.
pub(crate) fn hex([red, green, blue, _]: Rgba) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
