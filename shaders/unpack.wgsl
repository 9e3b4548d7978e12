// Turns a decoder's samples, of any layout, into premultiplied RGBA.

struct Component {
    // Byte at which the component's first sample lies, bytes between rows, bytes between samples.
    first: u32,
    stride: u32,
    step: u32,
    // Halvings of width (low half) and height (high half).
    sub: u32,
}

struct Params {
    components: array<Component, 4>,
    // Rows of the matrix from (sample, sample, sample, 1) to red, green, blue; samples run from 0 to 1.
    to_red: vec4f,
    to_green: vec4f,
    to_blue: vec4f,
    // x, y, width, height of the pixels that were uploaded.
    rect: vec4u,
    // Those of them that are written, from the first uploaded; chroma beyond their edges is theirs too.
    inner: vec4u,
    // 1 / largest sample value.
    scale: f32,
    // Where the first chroma sample lies between the pixels it serves: 0 on the first, 0.5 in the middle.
    chroma_shift: f32,
}

// What the samples are, known when the pipeline is made: two bytes each; with alpha, not multiplied into the colors
// yet; how many pixels have the second and third component (0: none, 1: all, 2: some).
override WIDE: bool = false;
override HAS_ALPHA: bool = false;
override STRAIGHT: bool = false;
override CHROMA: u32 = 0u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> bytes: array<u32>;
@group(0) @binding(2) var target_surface: texture_storage_2d<rgba8unorm, write>;

fn byte_at(index: u32) -> u32 {
    return (bytes[index >> 2u] >> ((index & 3u) * 8u)) & 0xffu;
}

fn sample_at(component: Component, x: u32, y: u32) -> f32 {
    let index = component.first + y * component.stride + x * component.step;
    var value = byte_at(index);
    if WIDE {
        value |= byte_at(index + 1u) << 8u;
    }
    return f32(value) * params.scale;
}

// A sample at a pixel, interpolated where the component has fewer samples than there are pixels.
fn chroma_at(component: Component, pixel: vec2u) -> f32 {
    if CHROMA == 1u {
        return sample_at(component, pixel.x, pixel.y);
    }
    let sub = vec2u(component.sub & 0xffffu, component.sub >> 16u);
    let cell = vec2f(vec2u(1u) << sub);
    let last = (params.rect.zw + (vec2u(1u) << sub) - 1u >> sub) - 1u;
    // Chroma samples stand between rows, and on or between columns.
    let shift = select(vec2f(0.0), vec2f(params.chroma_shift, 0.5), sub > vec2u(0u)) * (cell - 1.0);
    let at = clamp((vec2f(pixel) - shift) / cell, vec2f(0.0), vec2f(last));
    let low = vec2u(floor(at));
    let high = min(low + 1u, last);
    let part = at - floor(at);
    let top = mix(sample_at(component, low.x, low.y), sample_at(component, high.x, low.y), part.x);
    let bottom = mix(sample_at(component, low.x, high.y), sample_at(component, high.x, high.y), part.x);
    return mix(top, bottom, part.y);
}

@compute @workgroup_size(16, 8)
fn main(@builtin(global_invocation_id) global: vec3u) {
    // What would lie outside the rectangle repeats its last pixel, which costs less than a branch.
    let id = params.inner.xy + min(global.xy, params.inner.zw - 1u);
    var samples = vec4f(0.0, 0.0, 0.0, 1.0);
    var alpha = 1.0;
    samples.x = sample_at(params.components[0], id.x, id.y);
    if CHROMA != 0u {
        samples.y = chroma_at(params.components[1], id);
        samples.z = chroma_at(params.components[2], id);
    }
    if HAS_ALPHA {
        alpha = min(sample_at(params.components[3], id.x, id.y), 1.0);
    }
    var color = clamp(vec3f(dot(params.to_red, samples), dot(params.to_green, samples), dot(params.to_blue, samples)), vec3f(0.0), vec3f(1.0));
    if STRAIGHT {
        color *= alpha;
    }
    // No color can be stronger than its own alpha.
    let pixel = vec4f(min(color, vec3f(alpha)), alpha);
    textureStore(target_surface, params.rect.xy + id, pixel);
}
