// A composited picture as the pixels of a window: NV12 (BT.709, limited range) to RGB, at its own size or scaled.
//
// `src/gpu/display.rs` draws one triangle over the rectangle that shows the picture; what lies around it is not touched.

struct Params {
    // Where the rectangle begins on the target, and how many pixels of the picture one of the target's covers.
    origin: vec2f,
    shrink: vec2f,
    // Of the picture, in pixels, and the bytes from one of its rows to the next.
    size: vec2u,
    stride: u32,
    pad: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> picture: array<u32>;

// Whether each pixel of the target is one of the picture.
override IS_EXACT: bool = true;
// Samples of the picture for each pixel of a scaled one, across and down.
override TAPS: u32 = 1u;

@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
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
    let last = vec2f(params.size - 1u);
    let from_middle = clamp(place - 0.5, vec2f(0.0), last);
    let first = vec2u(from_middle);
    let second = min(first + 1u, params.size - 1u);
    let part = from_middle - vec2f(first);
    let upper = mix(luma_at(first), luma_at(vec2u(second.x, first.y)), part.x);
    let lower = mix(luma_at(vec2u(first.x, second.y)), luma_at(second), part.x);
    return mix(upper, lower, part.y);
}

fn chroma_around(place: vec2f) -> vec2f {
    let cells = params.size / 2u;
    let from_middle = clamp(place * 0.5 - 0.5, vec2f(0.0), vec2f(cells - 1u));
    let first = vec2u(from_middle);
    let second = min(first + 1u, cells - 1u);
    let part = from_middle - vec2f(first);
    let upper = mix(chroma_at(first), chroma_at(vec2u(second.x, first.y)), part.x);
    let lower = mix(chroma_at(vec2u(first.x, second.y)), chroma_at(second), part.x);
    return mix(upper, lower, part.y);
}

// ITU-R BT.709.
const KR: f32 = 0.2126;
const KB: f32 = 0.0722;

fn rgb(luma: f32, chroma: vec2f) -> vec3f {
    let y = (luma - 16.0) / 219.0;
    let centered = (chroma - 128.0) / 112.0;
    let red = y + centered.y * (1.0 - KR);
    let blue = y + centered.x * (1.0 - KB);
    return vec3f(red, (y - KR * red - KB * blue) / (1.0 - KR - KB), blue);
}

@fragment
fn main(@builtin(position) position: vec4f) -> @location(0) vec4f {
    let place = (position.xy - params.origin) * params.shrink;
    if IS_EXACT {
        let pixel = min(vec2u(place), params.size - 1u);
        return vec4f(rgb(luma_at(pixel), chroma_at(pixel / 2u)), 1.0);
    }
    var luma = 0.0;
    var chroma = vec2f(0.0);
    for (var row = 0u; row < TAPS; row++) {
        for (var column = 0u; column < TAPS; column++) {
            let offset = (vec2f(f32(column), f32(row)) + 0.5) / f32(TAPS) - 0.5;
            let tap = place + offset * params.shrink;
            luma += luma_around(tap);
            chroma += chroma_around(tap);
        }
    }
    let count = f32(TAPS * TAPS);
    return vec4f(rgb(luma / count, chroma / count), 1.0);
}
