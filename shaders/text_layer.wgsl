// Blends an opaque text layer over its target with one opacity for the whole layer.
//
// `kernels/text_layer.rs` draws one rectangle that covers the target.

struct Params {
    // 0 to 1.
    opacity: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
// Premultiplied, of the size of the target.
@group(0) @binding(1) var layer: texture_2d<f32>;

@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    let corner = vec2f(f32(index & 1u), f32(index >> 1u));
    return vec4f(corner * 2.0 - 1.0, 0.0, 1.0);
}

@fragment
fn main(@builtin(position) position: vec4f) -> @location(0) vec4f {
    return textureLoad(layer, vec2u(position.xy), 0) * params.opacity;
}
