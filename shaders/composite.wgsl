// Composites a stack of surfaces over the background, in the listed tiles, and writes the tiles consecutively for the
// read-back.
//
// `kernels/composite.rs` generates the marked sections for each pipeline; here they are those of a full stack in NV12.

// #include "shared/bt709.wgsl"
// #include "shared/sampling.wgsl"
// #include "shared/texels.wgsl"
// #include "shared/tiles.wgsl"

struct Entry {
    // Rows of the map from canvas to surface pixels; the fourth number is the opacity in the first row.
    source_x: vec4f,
    source_y: vec4f,
    // Canvas rectangle that the entry is clipped to: left, top, right, bottom.
    clip: vec4f,
    // Surface rectangle outside which the surface is transparent: left, top, right, bottom.
    bounds: vec4i,
    // Samples per pixel, horizontally and vertically.
    taps: vec2u,
    // Corner radius of the clip rectangle, in pixels.
    radius: f32,
    pad: u32,
}

struct Params {
    entries: array<Entry, 8>,
    // Color below all entries; the fourth number is 0: nothing below it is visible.
    background: vec4f,
    size: vec2u,
    pad: vec2u,
}

// Whether `write_rgba` replaces `write_nv12`.
override WRITES_RGBA: bool = false;
// Whether a passthrough clip, given as luma and chroma samples, takes the place of the background.
override HAS_BASE: bool = false;

// Each entry, constant per pipeline: tiles with the same visible layers are drawn together by a pipeline with just
// these entries. The low byte is the kind, see `color_at`. For reduced surfaces the second and third byte are the
// samples per pixel, horizontally and vertically: constant, they leave no loop, and llvmpipe leaks memory at every run
// of a loop. `ROUNDED` states that the clip rectangle has rounded corners.
override ENTRY_0: u32 = 0u;
override ENTRY_1: u32 = 0u;
override ENTRY_2: u32 = 0u;
override ENTRY_3: u32 = 0u;
override ENTRY_4: u32 = 0u;
override ENTRY_5: u32 = 0u;
override ENTRY_6: u32 = 0u;
override ENTRY_7: u32 = 0u;

const ROUNDED: u32 = 0x1000000u;

// Texel formats of the entries, see `shared/texels.wgsl`.
override TEXELS_0: u32 = 0u;
override TEXELS_1: u32 = 0u;
override TEXELS_2: u32 = 0u;
override TEXELS_3: u32 = 0u;
override TEXELS_4: u32 = 0u;
override TEXELS_5: u32 = 0u;
override TEXELS_6: u32 = 0u;
override TEXELS_7: u32 = 0u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> tiles: array<u32>;
@group(0) @binding(2) var<storage, read_write> drawn: array<u32>;
@group(0) @binding(3) var surface_0: texture_2d<f32>;
@group(0) @binding(4) var surface_1: texture_2d<f32>;
@group(0) @binding(5) var surface_2: texture_2d<f32>;
@group(0) @binding(6) var surface_3: texture_2d<f32>;
@group(0) @binding(7) var surface_4: texture_2d<f32>;
@group(0) @binding(8) var surface_5: texture_2d<f32>;
@group(0) @binding(9) var surface_6: texture_2d<f32>;
@group(0) @binding(10) var surface_7: texture_2d<f32>;
// Samples of the passthrough clip in these tiles, in the layout of the written tiles.
@group(0) @binding(11) var<storage, read> base: array<u32>;

fn load(surface: texture_2d<f32>, texels: u32, at: vec2i) -> vec4f {
    return decode_texel(textureLoad(surface, at, 0), texels);
}

// Outside its bounds a surface counts as transparent.
fn copied(surface: texture_2d<f32>, texels: u32, index: u32, center: vec2f) -> vec4f {
    let bounds = params.entries[index].bounds;
    let at = vec2i(floor(source_at(index, center)));
    let inside = all(at >= bounds.xy) && all(at < bounds.zw);
    return load(surface, texels, at) * select(0.0, 1.0, inside);
}

fn bilinear(surface: texture_2d<f32>, texels: u32, index: u32, at: vec2f) -> vec4f {
    let bounds = params.entries[index].bounds;
    let corner = floor(at - 0.5);
    let part = at - 0.5 - corner;
    // The edge texels of the surface extend outwards; only texels outside the bounds are transparent.
    let last = vec2i(textureDimensions(surface)) - 1;
    let first = clamp(vec2i(corner), vec2i(0), last);
    let second = clamp(vec2i(corner) + 1, vec2i(0), last);
    // Texels outside the bounds have no weight.
    let near = (1.0 - part) * select(vec2f(0.0), vec2f(1.0), (first >= bounds.xy) & (first < bounds.zw));
    let far = part * select(vec2f(0.0), vec2f(1.0), (second >= bounds.xy) & (second < bounds.zw));
    let top = load(surface, texels, first) * near.x + load(surface, texels, vec2i(second.x, first.y)) * far.x;
    let bottom = load(surface, texels, vec2i(first.x, second.y)) * near.x + load(surface, texels, second) * far.x;
    return top * near.y + bottom * far.y;
}

fn source_at(index: u32, center: vec2f) -> vec2f {
    return map_point(params.entries[index].source_x, params.entries[index].source_y, center);
}

fn averaged(surface: texture_2d<f32>, texels: u32, index: u32, center: vec2f, taps: vec2u) -> vec4f {
    var sum = vec4f(0.0);
    for (var row = 0u; row < taps.y; row++) {
        for (var column = 0u; column < taps.x; column++) {
            sum += bilinear(surface, texels, index, source_at(index, center + tap_offset(column, row, taps)));
        }
    }
    return sum / f32(taps.x * taps.y);
}

// The coverage of a pixel by an entry, opacity included.
fn covered(index: u32, entry: u32, center: vec2f) -> f32 {
    let clip = params.entries[index].clip;
    let opacity = params.entries[index].source_x.w;
    if (entry & ROUNDED) != 0u {
        return rounded_coverage(clip, params.entries[index].radius, center) * opacity;
    }
    return rect_coverage(clip, center) * opacity;
}

// The fourth number is the visible fraction of the base below all entries.
fn over(below: vec4f, above: vec4f) -> vec4f {
    return vec4f(above.rgb, 0.0) + below * (1.0 - above.a);
}

// Kind 4: a surface of the size of the canvas, opacity 1.
fn over_whole(below: vec4f, surface: texture_2d<f32>, index: u32, entry: u32, texels: u32, center: vec2f) -> vec4f {
    return over(below, load(surface, texels, vec2i(center)));
}

// Kind 1: surface pixels coincide with canvas pixels.
fn over_copied(below: vec4f, surface: texture_2d<f32>, index: u32, entry: u32, texels: u32, center: vec2f) -> vec4f {
    return over(below, copied(surface, texels, index, center) * covered(index, entry, center));
}

// Kind 2: one bilinear sample per pixel.
fn over_sampled(below: vec4f, surface: texture_2d<f32>, index: u32, entry: u32, texels: u32, center: vec2f) -> vec4f {
    return over(below, bilinear(surface, texels, index, source_at(index, center)) * covered(index, entry, center));
}

// Kind 3: several samples, because the surface is reduced.
fn over_averaged(below: vec4f, surface: texture_2d<f32>, index: u32, entry: u32, texels: u32, center: vec2f) -> vec4f {
    let taps = vec2u(entry >> 8u & 0xffu, entry >> 16u & 0xffu);
    return over(below, averaged(surface, texels, index, center, taps) * covered(index, entry, center));
}

// The section holds one line per entry of the pipeline, with the function of its kind: drivers spend memory and time on
// code before they find that it is unused.
fn color_at(pixel: vec2u) -> vec4f {
    let center = vec2f(pixel) + 0.5;
    var color = select(params.background, vec4f(0.0, 0.0, 0.0, 1.0), HAS_BASE);
    // #begin layers
    color = over_averaged(color, surface_0, 0u, ENTRY_0, TEXELS_0, center);
    color = over_averaged(color, surface_1, 1u, ENTRY_1, TEXELS_1, center);
    color = over_averaged(color, surface_2, 2u, ENTRY_2, TEXELS_2, center);
    color = over_averaged(color, surface_3, 3u, ENTRY_3, TEXELS_3, center);
    color = over_averaged(color, surface_4, 4u, ENTRY_4, TEXELS_4, center);
    color = over_averaged(color, surface_5, 5u, ENTRY_5, TEXELS_5, center);
    color = over_averaged(color, surface_6, 6u, ENTRY_6, TEXELS_6, center);
    color = over_averaged(color, surface_7, 7u, ENTRY_7, TEXELS_7, center);
    // #end layers
    return clamp(color, vec4f(0.0), vec4f(1.0));
}

// Luma of ITU-R BT.709, full scale.
fn luma(color: vec3f) -> f32 {
    return dot(color, vec3f(KR, 1.0 - KR - KB, KB));
}

// Luma in limited range; `below` is the luma of the base.
fn luma_byte(color: vec4f, below: u32) -> u32 {
    var value = 16.5 + 219.0 * luma(color.rgb);
    if HAS_BASE {
        value += color.a * (f32(below) - 16.0);
    }
    return u32(value);
}

// Cb and Cr in limited range; `below` holds those of the base.
fn chroma_bytes(color: vec4f, below: u32) -> u32 {
    let y = luma(color.rgb);
    var chroma = vec2f(color.b - y, color.r - y) * 112.0 / vec2f(1.0 - KB, 1.0 - KR);
    if HAS_BASE {
        chroma += color.a * (vec2f(vec2u(below & 0xffu, below >> 8u & 0xffu)) - 128.0);
    }
    let bytes = vec2u(128.5 + chroma);
    return bytes.x | (bytes.y << 8u);
}

// Words per tile. RGBA: one per pixel. NV12: one per four luma samples, then one per two chroma pairs.
const WORDS_RGBA: u32 = TILE * TILE;
const WORDS_LUMA: u32 = TILE * TILE / 4u;
const WORDS_NV12: u32 = WORDS_LUMA + WORDS_LUMA / 2u;

fn write_rgba(corner: vec2u, tile: u32, local: vec2u) {
    for (var index = 0u; index < 8u; index++) {
        let step = vec2u(index & 3u, index >> 2u);
        let at = local * vec2u(4u, 2u) + step;
        drawn[tile * WORDS_RGBA + at.y * TILE + at.x] = pack4x8unorm(vec4f(color_at(corner + step).rgb, 1.0));
    }
}

// A block of two by two pixels: two bytes of upper luma, two of lower luma, one pair of chroma. The samples of the base
// have the same order, in the lower halves.
fn quad(pixel: vec2u, below: vec3u) -> vec3u {
    let a = color_at(pixel);
    let b = color_at(pixel + vec2u(1u, 0u));
    let c = color_at(pixel + vec2u(0u, 1u));
    let d = color_at(pixel + vec2u(1u, 1u));
    let upper = luma_byte(a, below.x & 0xffu) | (luma_byte(b, below.x >> 8u & 0xffu) << 8u);
    let lower = luma_byte(c, below.y & 0xffu) | (luma_byte(d, below.y >> 8u & 0xffu) << 8u);
    return vec3u(upper, lower, chroma_bytes((a + b + c + d) * 0.25, below.z));
}

// A block of four by two pixels: two words of luma and one of chroma. Unrolled, because a loop costs a software driver
// more than its body.
fn write_nv12(corner: vec2u, tile: u32, local: vec2u) {
    let words = TILE / 4u;
    let luma_word = local.y * 2u * words + local.x;
    let chroma_word = WORDS_LUMA + local.y * words + local.x;
    let start = tile * WORDS_NV12;
    var below = vec3u(0u);
    if HAS_BASE {
        below = vec3u(base[start + luma_word], base[start + luma_word + words], base[start + chroma_word]);
    }
    let bytes = quad(corner, below) | (quad(corner + vec2u(2u, 0u), below >> vec3u(16u)) << vec3u(16u));
    drawn[start + luma_word] = bytes.x;
    drawn[start + luma_word + words] = bytes.y;
    drawn[start + chroma_word] = bytes.z;
}

@compute @workgroup_size(8, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let corner = tile_origin(tiles[group.x]) + local.xy * vec2u(4u, 2u);
    // Invocations outside the canvas repeat its last block, which costs less than a branch and is not read back.
    let inside = min(corner, (params.size - 1u) / vec2u(4u, 2u) * vec2u(4u, 2u));
    // #begin write
    write_nv12(inside, group.x, local.xy);
    // #end write
}
