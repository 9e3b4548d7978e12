// Blends a stack of surfaces over the background, inside the listed tiles, and writes these tiles one after the other, as
// they leave the GPU.

struct Entry {
    // Rows of the map from canvas to surface pixels; the fourth number is the opacity in the first row.
    source_x: vec4f,
    source_y: vec4f,
    // Canvas rectangle that the entry is cut to: left, top, right, bottom.
    clip: vec4f,
    // Surface rectangle outside which the surface is transparent: left, top, right, bottom.
    bounds: vec4i,
    // Samples a pixel across and down.
    taps: vec2u,
    pad: vec2u,
}

struct Params {
    entries: array<Entry, 8>,
    // Color under everything; the fourth number is 0, nothing lies below it.
    background: vec4f,
    size: vec2u,
    // Tiles written before these.
    first: u32,
    pad: u32,
}

// Whether `write_rgba` stands in place of `write_nv12`.
override WRITES_RGBA: bool = false;
// Whether the lowest thing seen is a clip whose samples are the picture's own: luma and chroma, and no background.
override HAS_BASE: bool = false;

// What each entry is, known when the pipeline is made: tiles that see the same entries are drawn together by a pipeline
// that has just these. The low byte is a kind, of which `color_at` tells. Of surfaces that are made smaller the second and
// third byte are how many samples a pixel takes, across and down; they leave no loop then, and llvmpipe leaks memory at
// every run of a loop.
override ENTRY_0: u32 = 0u;
override ENTRY_1: u32 = 0u;
override ENTRY_2: u32 = 0u;
override ENTRY_3: u32 = 0u;
override ENTRY_4: u32 = 0u;
override ENTRY_5: u32 = 0u;
override ENTRY_6: u32 = 0u;
override ENTRY_7: u32 = 0u;

// What their texels are: the order of components, and four times the kind of alpha.
override TEXELS_0: u32 = 0u;
override TEXELS_1: u32 = 0u;
override TEXELS_2: u32 = 0u;
override TEXELS_3: u32 = 0u;
override TEXELS_4: u32 = 0u;
override TEXELS_5: u32 = 0u;
override TEXELS_6: u32 = 0u;
override TEXELS_7: u32 = 0u;

const TILE: u32 = 32u;

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
// The clip's samples in these tiles, laid out like the tiles that are written.
@group(0) @binding(11) var<storage, read> base: array<u32>;

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

fn load(surface: texture_2d<f32>, texels: u32, at: vec2i) -> vec4f {
    return decoded(textureLoad(surface, at, 0), texels & 3u, texels >> 2u);
}

// Outside the bounds a surface is transparent, whatever it holds there.
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
    // The picture's own edge goes on outside; only what its bounds leave out is transparent.
    let last = vec2i(textureDimensions(surface)) - 1;
    let first = clamp(vec2i(corner), vec2i(0), last);
    let second = clamp(vec2i(corner) + 1, vec2i(0), last);
    // A neighbour outside the bounds weighs nothing.
    let near = (1.0 - part) * select(vec2f(0.0), vec2f(1.0), (first >= bounds.xy) & (first < bounds.zw));
    let far = part * select(vec2f(0.0), vec2f(1.0), (second >= bounds.xy) & (second < bounds.zw));
    let top = load(surface, texels, first) * near.x + load(surface, texels, vec2i(second.x, first.y)) * far.x;
    let bottom = load(surface, texels, vec2i(first.x, second.y)) * near.x + load(surface, texels, second) * far.x;
    return top * near.y + bottom * far.y;
}

fn source_at(index: u32, center: vec2f) -> vec2f {
    let x = params.entries[index].source_x.xyz;
    let y = params.entries[index].source_y.xyz;
    return vec2f(dot(x, vec3f(center, 1.0)), dot(y, vec3f(center, 1.0)));
}

fn averaged(surface: texture_2d<f32>, texels: u32, index: u32, center: vec2f, taps: vec2u) -> vec4f {
    var sum = vec4f(0.0);
    for (var row = 0u; row < taps.y; row++) {
        for (var column = 0u; column < taps.x; column++) {
            let offset = (vec2f(vec2u(column, row)) + 0.5) / vec2f(taps) - 0.5;
            sum += bilinear(surface, texels, index, source_at(index, center + offset));
        }
    }
    return sum / f32(taps.x * taps.y);
}

// How much of a pixel an entry covers.
fn covered(index: u32, center: vec2f) -> f32 {
    let clip = params.entries[index].clip;
    let inside = clamp(min(center + 0.5, clip.zw) - max(center - 0.5, clip.xy), vec2f(0.0), vec2f(1.0));
    return inside.x * inside.y * params.entries[index].source_x.w;
}

// The fourth number is how much is seen of what lies below everything.
fn over(below: vec4f, above: vec4f) -> vec4f {
    return vec4f(above.rgb, 0.0) + below * (1.0 - above.a);
}

// A surface of the canvas's own size, opacity 1.
fn over_whole(below: vec4f, surface: texture_2d<f32>, index: u32, entry: u32, texels: u32, center: vec2f) -> vec4f {
    return over(below, load(surface, texels, vec2i(center)));
}

// Surface pixels fall on canvas pixels.
fn over_copied(below: vec4f, surface: texture_2d<f32>, index: u32, entry: u32, texels: u32, center: vec2f) -> vec4f {
    return over(below, copied(surface, texels, index, center) * covered(index, center));
}

// One bilinear sample a pixel.
fn over_sampled(below: vec4f, surface: texture_2d<f32>, index: u32, entry: u32, texels: u32, center: vec2f) -> vec4f {
    return over(below, bilinear(surface, texels, index, source_at(index, center)) * covered(index, center));
}

// Several, because the surface is made smaller.
fn over_averaged(below: vec4f, surface: texture_2d<f32>, index: u32, entry: u32, texels: u32, center: vec2f) -> vec4f {
    let taps = vec2u(entry >> 8u & 0xffu, entry >> 16u);
    return over(below, averaged(surface, texels, index, center, taps) * covered(index, center));
}

// Whoever makes a pipeline leaves out the lines of the entries that it does not have, and puts into the others, in place of
// `over_averaged`, what their kind needs: 1 is `over_copied`, 2 `over_sampled`, 3 `over_averaged`, 4 `over_whole`. A driver
// takes memory and time for all that it is shown, before it finds that it is not used.
fn color_at(pixel: vec2u) -> vec4f {
    let center = vec2f(pixel) + 0.5;
    var color = select(params.background, vec4f(0.0, 0.0, 0.0, 1.0), HAS_BASE);
    color = over_averaged(color, surface_0, 0u, ENTRY_0, TEXELS_0, center);
    color = over_averaged(color, surface_1, 1u, ENTRY_1, TEXELS_1, center);
    color = over_averaged(color, surface_2, 2u, ENTRY_2, TEXELS_2, center);
    color = over_averaged(color, surface_3, 3u, ENTRY_3, TEXELS_3, center);
    color = over_averaged(color, surface_4, 4u, ENTRY_4, TEXELS_4, center);
    color = over_averaged(color, surface_5, 5u, ENTRY_5, TEXELS_5, center);
    color = over_averaged(color, surface_6, 6u, ENTRY_6, TEXELS_6, center);
    color = over_averaged(color, surface_7, 7u, ENTRY_7, TEXELS_7, center);
    return clamp(color, vec4f(0.0), vec4f(1.0));
}

// ITU-R BT.709, limited range, 8 bits.
const KR: f32 = 0.2126;
const KB: f32 = 0.0722;

fn luma(color: vec3f) -> f32 {
    return dot(color, vec3f(KR, 1.0 - KR - KB, KB));
}

// What lies below everything is a byte of luma, of which a part is seen.
fn luma_byte(color: vec4f, below: u32) -> u32 {
    var value = 16.5 + 219.0 * luma(color.rgb);
    if HAS_BASE {
        value += color.a * (f32(below) - 16.0);
    }
    return u32(value);
}

fn chroma_bytes(color: vec4f, below: u32) -> u32 {
    let y = luma(color.rgb);
    var chroma = vec2f(color.b - y, color.r - y) * 112.0 / vec2f(1.0 - KB, 1.0 - KR);
    if HAS_BASE {
        chroma += color.a * (vec2f(vec2u(below & 0xffu, below >> 8u & 0xffu)) - 128.0);
    }
    let bytes = vec2u(128.5 + chroma);
    return bytes.x | (bytes.y << 8u);
}

// The words of a tile: of RGBA a word a pixel, of NV12 a word for four of luma and then one for two pairs of chroma.
const WORDS_RGBA: u32 = TILE * TILE;
const WORDS_LUMA: u32 = TILE * TILE / 4u;
const WORDS_NV12: u32 = WORDS_LUMA + WORDS_LUMA / 2u;

fn write_rgba(corner: vec2u, slot: u32, tile: u32, local: vec2u) {
    for (var index = 0u; index < 8u; index++) {
        let step = vec2u(index & 3u, index >> 2u);
        let place = local * vec2u(4u, 2u) + step;
        drawn[slot * WORDS_RGBA + place.y * TILE + place.x] = pack4x8unorm(vec4f(color_at(corner + step).rgb, 1.0));
    }
}

// Two pixels across and two down: two bytes of upper luma, two of lower luma, one pair of chroma. What lies below them
// comes in the same order, in the lower halves.
fn square(pixel: vec2u, below: vec3u) -> vec3u {
    let a = color_at(pixel);
    let b = color_at(pixel + vec2u(1u, 0u));
    let c = color_at(pixel + vec2u(0u, 1u));
    let d = color_at(pixel + vec2u(1u, 1u));
    let upper = luma_byte(a, below.x & 0xffu) | (luma_byte(b, below.x >> 8u & 0xffu) << 8u);
    let lower = luma_byte(c, below.y & 0xffu) | (luma_byte(d, below.y >> 8u & 0xffu) << 8u);
    return vec3u(upper, lower, chroma_bytes((a + b + c + d) * 0.25, below.z));
}

// Four pixels across and two down: two words of luma and one of chroma. Written out, because a loop costs a software
// driver more than its body.
fn write_nv12(corner: vec2u, slot: u32, tile: u32, local: vec2u) {
    let words = TILE / 4u;
    let luma_word = local.y * 2u * words + local.x;
    let chroma_word = WORDS_LUMA + local.y * words + local.x;
    var below = vec3u(0u);
    if HAS_BASE {
        let start = tile * WORDS_NV12;
        below = vec3u(base[start + luma_word], base[start + luma_word + words], base[start + chroma_word]);
    }
    let bytes = square(corner, below) | (square(corner + vec2u(2u, 0u), below >> vec3u(16u)) << vec3u(16u));
    drawn[slot * WORDS_NV12 + luma_word] = bytes.x;
    drawn[slot * WORDS_NV12 + luma_word + words] = bytes.y;
    drawn[slot * WORDS_NV12 + chroma_word] = bytes.z;
}

@compute @workgroup_size(8, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let tile = tiles[group.x];
    let corner = vec2u(tile & 0xffffu, tile >> 16u) * TILE + local.xy * vec2u(4u, 2u);
    // What would lie outside the canvas repeats its last block, which costs less than a branch. Nobody reads it.
    let inside = min(corner, (params.size - 1u) / vec2u(4u, 2u) * vec2u(4u, 2u));
    // Or `write_rgba`, as above.
    write_nv12(inside, params.first + group.x, group.x, local.xy);
}
