// Draws one layer over a surface, inside the listed tiles.

struct Params {
    // Rows of the map from canvas to source pixels; the fourth number is unused.
    source_x: vec4f,
    source_y: vec4f,
    // Canvas rectangle that the layer is cut to: left, top, right, bottom.
    clip: vec4f,
    // Source rectangle outside which the source is transparent: left, top, right, bottom.
    bounds: vec4i,
    // Premultiplied color of a shape.
    color: vec4f,
    opacity: f32,
    // Corner radius of a shape, in pixels.
    radius: f32,
    // Bilinear samples a pixel and direction: more than one when the source is made smaller.
    taps: vec2u,
}

// What is drawn, known when the pipeline is made.
override KIND: u32 = 0u;
// What the source's texels are: the order of components, and four times the kind of alpha.
override TEXELS: u32 = 0u;

const CLEAR: u32 = 0u;
const SHAPE: u32 = 1u;
const COPY: u32 = 2u;
const SCALED: u32 = 3u;
const TILE: u32 = 32u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> tiles: array<u32>;
@group(0) @binding(2) var source: texture_2d<f32>;
@group(0) @binding(3) var target_surface: texture_storage_2d<r32uint, read_write>;

// What a surface's texels are.
const ORDER_RGBA: u32 = 0u;
const ORDER_ARGB: u32 = 1u;
const ORDER_BGRA: u32 = 2u;
const ORDER_ABGR: u32 = 3u;
const ALPHA_PREMULTIPLIED: u32 = 0u;
const ALPHA_STRAIGHT: u32 = 1u;
const ALPHA_ABSENT: u32 = 2u;

// The premultiplied color of a texel, as the decoder left it.
fn decoded(texel: vec4f, order: u32, alpha: u32) -> vec4f {
    var color = texel;
    if order == ORDER_ARGB {
        color = texel.gbar;
    } else if order == ORDER_BGRA {
        color = texel.bgra;
    } else if order == ORDER_ABGR {
        color = texel.abgr;
    }
    if alpha == ALPHA_ABSENT {
        return vec4f(color.rgb, 1.0);
    }
    if alpha == ALPHA_STRAIGHT {
        return vec4f(color.rgb * color.a, color.a);
    }
    // No color can be stronger than its own alpha.
    return vec4f(min(color.rgb, vec3f(color.a)), color.a);
}

fn texel(at: vec2i) -> vec4f {
    let inside = all(at >= params.bounds.xy) && all(at < params.bounds.zw);
    return decoded(textureLoad(source, at, 0), TEXELS & 3u, TEXELS >> 2u) * select(0.0, 1.0, inside);
}

fn bilinear(at: vec2f) -> vec4f {
    let corner = floor(at - 0.5);
    let part = at - 0.5 - corner;
    // The picture's own edge goes on outside; only what its bounds leave out is transparent.
    let last = vec2i(textureDimensions(source)) - 1;
    let first = clamp(vec2i(corner), vec2i(0), last);
    let second = clamp(vec2i(corner) + 1, vec2i(0), last);
    let top = mix(texel(first), texel(vec2i(second.x, first.y)), part.x);
    let bottom = mix(texel(vec2i(first.x, second.y)), texel(second), part.x);
    return mix(top, bottom, part.y);
}

fn source_at(center: vec2f) -> vec2f {
    return vec2f(dot(params.source_x.xyz, vec3f(center, 1.0)), dot(params.source_y.xyz, vec3f(center, 1.0)));
}

// How much of a pixel lies inside the clip rectangle.
fn clip_coverage(center: vec2f) -> f32 {
    let inside = min(center + 0.5, params.clip.zw) - max(center - 0.5, params.clip.xy);
    return clamp(inside.x, 0.0, 1.0) * clamp(inside.y, 0.0, 1.0);
}

// How much of a pixel lies inside the clip rectangle with rounded corners.
fn shape_coverage(center: vec2f) -> f32 {
    let half_size = (params.clip.zw - params.clip.xy) * 0.5;
    let radius = min(params.radius, min(half_size.x, half_size.y));
    // From each edge by itself, so that a bar that grows to the right keeps its left end to the bit.
    let beyond = max(params.clip.xy + radius - center, center - (params.clip.zw - radius));
    if radius <= 0.0 || beyond.x <= 0.0 || beyond.y <= 0.0 {
        return clip_coverage(center);
    }
    return clamp(radius - length(beyond) + 0.5, 0.0, 1.0);
}

fn layer_at(pixel: vec2u) -> vec4f {
    let center = vec2f(pixel) + 0.5;
    if KIND == SHAPE {
        return params.color * shape_coverage(center);
    }
    let covered = clip_coverage(center);
    if KIND == COPY {
        return texel(vec2i(floor(source_at(center)))) * covered;
    }
    var sum = vec4f(0.0);
    for (var row = 0u; row < params.taps.y; row++) {
        for (var column = 0u; column < params.taps.x; column++) {
            let offset = (vec2f(vec2u(column, row)) + 0.5) / vec2f(params.taps) - 0.5;
            sum += bilinear(source_at(center + offset));
        }
    }
    return sum / f32(params.taps.x * params.taps.y) * covered;
}

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let tile = tiles[group.x];
    let origin = vec2u(tile & 0xffffu, tile >> 16u) * TILE;
    let size = textureDimensions(target_surface);
    for (var index = 0u; index < 4u; index++) {
        let pixel = origin + local.xy + vec2u(index & 1u, index >> 1u) * 16u;
        if any(pixel >= size) {
            continue;
        }
        if KIND == CLEAR {
            textureStore(target_surface, pixel, vec4u(0u));
            continue;
        }
        let above = layer_at(pixel) * params.opacity;
        let below = unpack4x8unorm(textureLoad(target_surface, pixel).r);
        textureStore(target_surface, pixel, vec4u(pack4x8unorm(above + below * (1.0 - above.a)), 0u, 0u, 0u));
    }
}
