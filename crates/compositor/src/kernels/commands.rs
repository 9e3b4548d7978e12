//! The GPU work of one frame as a list of commands, recorded first and submitted last.

use std::ops::Range;

use super::Kernels;
use super::arena::{Arena, Slice};
use super::blend::Blend;
use super::composite::CompositeParams;
use super::kernel::{Constants, compile_missing};
use super::resolve::NO_CONSTANTS;
use super::unpack::{Unpack, unpack_of};
use crate::device::GpuContext;
use crate::device::surface::{BlendTarget, Surface, Texels};
use crate::error::GpuError;
use crate::tiles::content_id::ClipColors;
use crate::tiles::tile_set::TileSet;
use repcast_media::{ClipFrame, PixelRect, Rows};

/// Chunk size of staging memory in bytes; a larger upload gets a chunk of its own.
const STAGING_BYTES: u64 = 1 << 20;

#[expect(clippy::large_enum_variant, reason = "a frame has a handful of commands, in one list")]
enum Command {
    Unpack {
        constants: Constants,
        params: Slice,
        samples: Slice,
        target: Surface,
        rect: PixelRect,
    },
    Blend {
        constants: Constants,
        params: Slice,
        tiles: Slice,
        count: u32,
        source: Option<Surface>,
        target: BlendTarget,
    },
    Resolve {
        tiles: Slice,
        count: u32,
        target: BlendTarget,
    },
    Composite {
        constants: Constants,
        params: Slice,
        tiles: Slice,
        base: Slice,
        /// The bytes that the tiles are written to.
        output: Range<u64>,
        count: u32,
        surfaces: Vec<wgpu::TextureView>,
    },
}

/// A copy of texels from staging memory to a surface.
struct StagedCopy {
    buffer: wgpu::Buffer,
    offset: u64,
    row_bytes: u32,
    target: Surface,
    rect: PixelRect,
}

/// Recorded uploads and dispatches of a frame.
pub(crate) struct CommandList {
    uniforms: Arena,
    storage: Arena,
    belt: wgpu::util::StagingBelt,
    copies: Vec<StagedCopy>,
    commands: Vec<Command>,
}

impl CommandList {
    pub(crate) fn new(context: &GpuContext) -> Self {
        let device = &context.device;
        Self {
            uniforms: Arena::new(device, wgpu::BufferUsages::UNIFORM),
            storage: Arena::new(device, wgpu::BufferUsages::STORAGE),
            belt: wgpu::util::StagingBelt::new(device.clone(), STAGING_BYTES),
            copies: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// Records the upload of a part of a frame.
    pub(crate) fn upload(
        &mut self,
        frame: &ClipFrame,
        colors: ClipColors,
        target: &Surface,
        part: PixelRect,
    ) -> Result<(), GpuError> {
        if part.width == 0 {
            return Ok(());
        }
        if Texels::of_packed(frame, colors).is_some() {
            return self.copy(&frame.rows(0, part), target, part);
        }
        let rect = frame.widened(part).intersection(frame.stored);
        let Unpack { constants, params } = unpack_of(frame, rect, part, colors);
        let planes: Vec<_> = (0..frame.planes.len()).map(|index| frame.rows(index, rect)).collect();
        let samples = self.storage.push_all(planes.iter().flat_map(Rows::iter));
        let params = self.uniforms.push(bytemuck::bytes_of(&params));
        self.commands.push(Command::Unpack { constants, params, samples, target: target.clone(), rect: part });
        Ok(())
    }

    /// Copies rows of texels straight into mapped staging memory.
    fn copy(&mut self, rows: &Rows, target: &Surface, rect: PixelRect) -> Result<(), GpuError> {
        let row_bytes = (rows.row_bytes as u32).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let (Some(size), Some(alignment)) = (
            wgpu::BufferSize::new(u64::from(row_bytes) * rows.count as u64),
            wgpu::BufferSize::new(u64::from(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT)),
        ) else {
            return Ok(());
        };
        let slice = self.belt.allocate(size, alignment);
        let mut view = slice.get_mapped_range_mut()?;
        let mut at = 0;
        for row in rows.iter() {
            view.slice(at..at + row.len()).copy_from_slice(row);
            at += row_bytes as usize;
        }
        drop(view);
        let (buffer, offset) = (slice.buffer().clone(), slice.offset());
        self.copies.push(StagedCopy { buffer, offset, row_bytes, target: target.clone(), rect });
        Ok(())
    }

    /// Records a blend of the listed tiles.
    pub(crate) fn blend(&mut self, blend: &Blend, tiles: &TileSet, source: Option<&Surface>, target: &BlendTarget) {
        let records = tiles.records();
        if records.is_empty() {
            return;
        }
        let params = self.uniforms.push(bytemuck::bytes_of(&blend.params));
        let (tiles, count) = (self.storage.push(bytemuck::cast_slice(&records)), records.len() as u32);
        let (constants, source, target) = (blend.constants(), source.cloned(), target.clone());
        self.commands.push(Command::Blend { constants, params, tiles, count, source, target });
    }

    /// Records the conversion of blended tiles to the surface that composites read.
    pub(crate) fn resolve(&mut self, tiles: &TileSet, target: &BlendTarget) {
        let records = tiles.records();
        let (tiles, count) = (self.storage.push(bytemuck::cast_slice(&records)), records.len() as u32);
        self.commands.push(Command::Resolve { tiles, count, target: target.clone() });
    }

    /// Records a composite of the listed tiles into the bytes `output`; `base` holds the samples of a passthrough clip in
    /// them.
    pub(crate) fn composite(
        &mut self,
        constants: Constants,
        params: &CompositeParams,
        tiles: &[u32],
        base: &[u8],
        output: Range<u64>,
        surfaces: Vec<wgpu::TextureView>,
    ) {
        let params = self.uniforms.push(bytemuck::bytes_of(params));
        let (tiles, count) = (self.storage.push(bytemuck::cast_slice(tiles)), tiles.len() as u32);
        let base = self.storage.push(base);
        self.commands.push(Command::Composite { constants, params, tiles, base, output, count, surfaces });
    }

    /// Whether nothing is recorded.
    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.copies.is_empty()
    }

    /// Submits all commands in order, then a copy of the first bytes that composites wrote into `drawn`.
    pub(crate) fn submit(
        &mut self,
        context: &GpuContext,
        kernels: &Kernels,
        drawn: &wgpu::Buffer,
        copy_to: Option<(&wgpu::Buffer, u64)>,
    ) -> Result<wgpu::SubmissionIndex, GpuError> {
        let device = &context.device;
        compile_missing(self.commands.iter().map(|command| match command {
            Command::Unpack { constants, .. } => (&kernels.unpack.kernel, constants),
            Command::Blend { constants, .. } => (&kernels.blend.kernel, constants),
            Command::Resolve { .. } => (&kernels.resolve.kernel, &NO_CONSTANTS),
            Command::Composite { constants, .. } => (&kernels.composite.kernel, constants),
        }));
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("frame") });
        self.uniforms.upload(device, &mut self.belt, &mut encoder)?;
        self.storage.upload(device, &mut self.belt, &mut encoder)?;
        for StagedCopy { buffer, offset, row_bytes, target, rect } in self.copies.drain(..) {
            let layout = wgpu::TexelCopyBufferLayout { offset, bytes_per_row: Some(row_bytes), rows_per_image: None };
            encoder.copy_buffer_to_texture(
                wgpu::TexelCopyBufferInfo { buffer: &buffer, layout },
                wgpu::TexelCopyTextureInfo {
                    origin: wgpu::Origin3d { x: rect.x, y: rect.y, z: 0 },
                    ..target.texture.as_image_copy()
                },
                wgpu::Extent3d { width: rect.width, height: rect.height, depth_or_array_layers: 1 },
            );
        }
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for command in self.commands.drain(..) {
                match command {
                    Command::Unpack { constants, params, samples, target, rect } => {
                        let bytes = self.storage.binding(samples);
                        let params = self.uniforms.binding(params);
                        kernels.unpack.encode(context, &mut pass, &constants, params, bytes, &target.view, rect);
                    }
                    Command::Blend { constants, params, tiles, count, source, target } => {
                        let (params, tiles) = (self.uniforms.binding(params), self.storage.binding(tiles));
                        let source = source.as_ref().map(|source| &source.view);
                        kernels.blend.encode(
                            context,
                            &mut pass,
                            &constants,
                            params,
                            tiles,
                            source,
                            &target.packed,
                            count,
                        );
                    }
                    Command::Resolve { tiles, count, target: BlendTarget { packed, resolved } } => {
                        let tiles = self.storage.binding(tiles);
                        kernels.resolve.encode(context, &mut pass, tiles, &packed, &resolved.view, count);
                    }
                    Command::Composite { constants, params, tiles, base, output, count, surfaces } => {
                        let (params, tiles) = (self.uniforms.binding(params), self.storage.binding(tiles));
                        let base = self.storage.binding(base);
                        let drawn = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                            buffer: drawn,
                            offset: output.start,
                            size: wgpu::BufferSize::new(output.end - output.start),
                        });
                        kernels
                            .composite
                            .encode(context, &mut pass, params, tiles, drawn, &surfaces, base, &constants, count);
                    }
                }
            }
        }
        if let Some((copy_to, bytes)) = copy_to {
            encoder.copy_buffer_to_buffer(drawn, 0, copy_to, 0, bytes);
        }
        self.belt.finish_and_recall_on_submit(&encoder);
        let submission = context.queue.submit([encoder.finish()]);
        context.check()?;
        Ok(submission)
    }
}
