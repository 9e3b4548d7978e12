// Copies the listed tiles of a blend target from packed integers into a surface, the format that composites read
// fastest.

// #include "shared/tiles.wgsl"

@group(0) @binding(0) var<storage, read> tiles: array<u32>;
@group(0) @binding(1) var source: texture_2d<u32>;
@group(0) @binding(2) var target_surface: texture_storage_2d<rgba8unorm, write>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let origin = tile_origin(tiles[group.x]);
    let last = textureDimensions(target_surface) - 1u;
    for (var index = 0u; index < 4u; index++) {
        // Invocations outside the canvas repeat its last pixel, which costs less than a branch.
        let pixel = min(origin + local.xy + vec2u(index & 1u, index >> 1u) * 16u, last);
        textureStore(target_surface, pixel, unpack4x8unorm(textureLoad(source, pixel, 0).r));
    }
}
