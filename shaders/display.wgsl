// Tiles of a composited picture as RGB, at its own size or scaled: NV12 in (BT.709, limited range), pixels of a window out.
//
// `src/gpu/display.rs` draws a rectangle for each tile that has changed.

struct Params {
    // Of the picture in pixels, and the bytes from one of its rows to the next.
    size: vec2u,
    stride: u32,
    tile: u32,
    // Of what is shown, and how many pixels of the picture one of its own covers.
    shown: vec2f,
    shrink: vec2f,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> picture: array<u32>;

// Whether each pixel that is shown is one of the picture.
override IS_EXACT: bool = true;
// Samples for each pixel, across and down, where the picture is shown much smaller than it is.
override TAPS: u32 = 1u;

// What is shown depends on pixels of the picture up to a half beside its own place, and on all that it covers.
const REACH: f32 = 0.51;

// A tile as x | y << 16, counted in tiles. What is shown near it depends on it too.
@vertex
fn corner(@builtin(vertex_index) index: u32, @location(0) tile: u32) -> @builtin(position) vec4f {
    let corner = vec2u(index & 1u, index >> 1u);
    let at = vec2f((vec2u(tile & 0xffffu, tile >> 16u) + corner) * params.tile) / params.shrink;
    let margin = select(REACH / params.shrink + REACH, vec2f(0.0), IS_EXACT);
    let place = (at + margin * (vec2f(corner) * 2.0 - 1.0)) / params.shown * 2.0 - 1.0;
    return vec4f(place.x, -place.y, 0.0, 1.0);
}

fn luma_at(pixel: vec2u) -> f32 {
    let index = pixel.y * params.stride + pixel.x;
    return f32((picture[index / 4u] >> (index % 4u * 8u)) & 0xffu);
}

// Cb and Cr of a cell of two by two pixels.
fn chroma_at(cell: vec2u) -> vec2f {
    let index = (params.size.y + cell.y) * params.stride + cell.x * 2u;
    let pair = picture[index / 4u] >> (index % 4u * 8u);
    return vec2f(f32(pair & 0xffu), f32((pair >> 8u) & 0xffu));
}

// Between the four samples around a place, whose middles lie at halves.
fn luma_around(place: vec2f) -> f32 {
    let from_middle = clamp(place - 0.5, vec2f(0.0), vec2f(params.size - 1u));
    let first = vec2u(from_middle);
    let second = min(first + 1u, params.size - 1u);
    let part = from_middle - vec2f(first);
    let upper = mix(luma_at(first), luma_at(vec2u(second.x, first.y)), part.x);
    let lower = mix(luma_at(vec2u(first.x, second.y)), luma_at(second), part.x);
    return mix(upper, lower, part.y);
}

// The mean of a grid of samples.
fn luma_under(place: vec2f) -> f32 {
    var sum = 0.0;
    for (var row = 0u; row < TAPS; row++) {
        for (var column = 0u; column < TAPS; column++) {
            let offset = (vec2f(f32(column), f32(row)) + 0.5) / f32(TAPS) - 0.5;
            let tap = clamp(place + offset * params.shrink, vec2f(0.0), vec2f(params.size) - 1.0);
            sum += luma_at(vec2u(tap));
        }
    }
    return sum / f32(TAPS * TAPS);
}

// ITU-R BT.709.
const KR: f32 = 0.2126;
const KB: f32 = 0.0722;

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
    let place = position.xy * params.shrink;
    // Eyes do not resolve color as finely as light, so that the nearest cell will do.
    let chroma = chroma_at(min(vec2u(place), params.size - 1u) / 2u);
    if TAPS == 1u {
        return rgb(luma_around(place), chroma);
    }
    return rgb(luma_under(place), chroma);
}
