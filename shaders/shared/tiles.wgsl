// Tiles: squares of the canvas, listed as x | y << 16, counted in tiles.

// Side of a tile in pixels.
const TILE: u32 = 32u;

// The upper left pixel of a tile.
fn tile_origin(tile: u32) -> vec2u {
    return vec2u(tile & 0xffffu, tile >> 16u) * TILE;
}
