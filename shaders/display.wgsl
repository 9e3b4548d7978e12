// Converts tiles of a composited frame from NV12 (BT.709, limited range) to RGB, at full size or scaled.
//
// `output/display.rs` draws a rectangle for each tile that has changed.

// #include "shared/bt709.wgsl"

struct Params {
    // Size of the frame in pixels, and bytes from one row to the next.
    size: vec2u,
    stride: u32,
    // Side of a tile in pixels.
    tile: u32,
    // Size of the display, and frame pixels per display pixel.
    shown: vec2f,
    shrink: vec2f,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> frame: array<u32>;

// Whether the display has the size of the frame.
override IS_EXACT: bool = true;
// Samples per display pixel, horizontally and vertically, for strong reductions.
override TAPS: u32 = 1u;

// A display pixel depends on frame pixels up to half a pixel around the area that it covers.
const REACH: f32 = 0.51;

// A tile as x | y << 16, counted in tiles. Display pixels around it depend on it too.
@vertex
fn corner(@builtin(vertex_index) index: u32, @location(0) tile: u32) -> @builtin(position) vec4f {
    let corner = vec2u(index & 1u, index >> 1u);
    let at = vec2f((vec2u(tile & 0xffffu, tile >> 16u) + corner) * params.tile) / params.shrink;
    let margin = select(REACH / params.shrink + REACH, vec2f(0.0), IS_EXACT);
    let position = (at + margin * (vec2f(corner) * 2.0 - 1.0)) / params.shown * 2.0 - 1.0;
    return vec4f(position.x, -position.y, 0.0, 1.0);
}

fn luma_at(pixel: vec2u) -> f32 {
    let index = pixel.y * params.stride + pixel.x;
    return f32((frame[index / 4u] >> (index % 4u * 8u)) & 0xffu);
}

// Cb and Cr of a block of two by two pixels.
fn chroma_at(cell: vec2u) -> vec2f {
    let index = (params.size.y + cell.y) * params.stride + cell.x * 2u;
    let pair = frame[index / 4u] >> (index % 4u * 8u);
    return vec2f(f32(pair & 0xffu), f32((pair >> 8u) & 0xffu));
}

// Bilinear interpolation between the four samples around a position; sample centers lie at halves.
fn luma_around(at: vec2f) -> f32 {
    let from_middle = clamp(at - 0.5, vec2f(0.0), vec2f(params.size - 1u));
    let first = vec2u(from_middle);
    let second = min(first + 1u, params.size - 1u);
    let part = from_middle - vec2f(first);
    let upper = mix(luma_at(first), luma_at(vec2u(second.x, first.y)), part.x);
    let lower = mix(luma_at(vec2u(first.x, second.y)), luma_at(second), part.x);
    return mix(upper, lower, part.y);
}

// The mean of a grid of samples.
fn luma_under(at: vec2f) -> f32 {
    var sum = 0.0;
    for (var row = 0u; row < TAPS; row++) {
        for (var column = 0u; column < TAPS; column++) {
            let offset = (vec2f(f32(column), f32(row)) + 0.5) / f32(TAPS) - 0.5;
            let tap = clamp(at + offset * params.shrink, vec2f(0.0), vec2f(params.size) - 1.0);
            sum += luma_at(vec2u(tap));
        }
    }
    return sum / f32(TAPS * TAPS);
}

fn rgb(luma: f32, chroma: vec2f) -> vec4f {
    let y = (luma - 16.0) / 219.0;
    let centered = (chroma - 128.0) / 112.0;
    let red = y + centered.y * (1.0 - KR);
    let blue = y + centered.x * (1.0 - KB);
    return vec4f(red, (y - KR * red - KB * blue) / (1.0 - KR - KB), blue, 1.0);
}

@fragment
fn main(@builtin(position) position: vec4f) -> @location(0) vec4f {
    if IS_EXACT {
        let pixel = vec2u(position.xy);
        return rgb(luma_at(pixel), chroma_at(pixel / 2u));
    }
    let at = position.xy * params.shrink;
    // The eye resolves chroma less finely than luma: the nearest sample is sufficient.
    let chroma = chroma_at(min(vec2u(at), params.size - 1u) / 2u);
    if TAPS == 1u {
        return rgb(luma_around(at), chroma);
    }
    return rgb(luma_under(at), chroma);
}
