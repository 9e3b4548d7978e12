// Copies the listed tiles of a run, which is blended in place as integers, into the form that composites read fastest.

const TILE: u32 = 32u;

@group(0) @binding(0) var<storage, read> tiles: array<u32>;
@group(0) @binding(1) var source: texture_2d<u32>;
@group(0) @binding(2) var target_surface: texture_storage_2d<rgba8unorm, write>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let tile = tiles[group.x];
    let origin = vec2u(tile & 0xffffu, tile >> 16u) * TILE;
    let last = textureDimensions(target_surface) - 1u;
    for (var index = 0u; index < 4u; index++) {
        // What would lie outside the canvas repeats its last pixel, which costs less than a branch.
        let pixel = min(origin + local.xy + vec2u(index & 1u, index >> 1u) * 16u, last);
        textureStore(target_surface, pixel, unpack4x8unorm(textureLoad(source, pixel, 0).r));
    }
}
