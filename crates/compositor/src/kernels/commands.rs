//! One frame's work as a list of plain commands, executed last.

use repcast_media::{ClipFrame, PixelRect, Rows};
use repcast_model::clip::AlphaMode;

use super::arena::{Arena, Slice};
use super::blend::Blend;
use super::composite::CompositeParams;
use super::kernel::{Constants, prepare};
use super::resolve::NO_CONSTANTS;
use super::unpack::{Unpack, unpack_of};
use crate::device::Gpu;
use crate::error::GpuError;
use crate::layers::surface::{Layered, Surface, Texels};
use crate::tiles::tile_set::TileSet;

/// Staging memory that is allotted together; an upload that does not fit gets as much as it takes.
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
        target: Layered,
    },
    Resolve {
        tiles: Slice,
        count: u32,
        layered: Layered,
    },
    Composite {
        constants: Constants,
        params: Slice,
        tiles: Slice,
        base: Slice,
        count: u32,
        surfaces: Vec<wgpu::TextureView>,
    },
}

/// Rows of texels that lie in staging memory and belong into a surface.
struct Copy {
    buffer: wgpu::Buffer,
    offset: u64,
    row_bytes: u32,
    target: Surface,
    rect: PixelRect,
}

/// What a frame asks of the GPU.
pub(crate) struct Passes {
    uniforms: Arena,
    storage: Arena,
    belt: wgpu::util::StagingBelt,
    copies: Vec<Copy>,
    commands: Vec<Command>,
}

impl Passes {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        Self {
            uniforms: Arena::new(device, wgpu::BufferUsages::UNIFORM),
            storage: Arena::new(device, wgpu::BufferUsages::STORAGE),
            belt: wgpu::util::StagingBelt::new(device.clone(), STAGING_BYTES),
            copies: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// Uploads a part of a frame.
    pub(crate) fn upload(
        &mut self,
        frame: &ClipFrame,
        alpha: AlphaMode,
        target: &Surface,
        part: PixelRect,
    ) -> Result<(), GpuError> {
        if part.width == 0 {
            return Ok(());
        }
        if Texels::of_packed(frame, alpha).is_some() {
            return self.copy(&frame.rows(0, part), target, part);
        }
        let rect = frame.widened(part).intersection(frame.stored);
        let Unpack { constants, params } = unpack_of(frame, rect, part, alpha);
        let planes: Vec<_> = (0..frame.planes.len()).map(|index| frame.rows(index, rect)).collect();
        let samples = self.storage.push_all(planes.iter().flat_map(Rows::iter));
        let params = self.uniforms.push(bytemuck::bytes_of(&params));
        self.commands.push(Command::Unpack { constants, params, samples, target: target.clone(), rect: part });
        Ok(())
    }

    /// Copies rows that are texels already, without another copy in between.
    fn copy(&mut self, rows: &Rows, target: &Surface, rect: PixelRect) -> Result<(), GpuError> {
        let row_bytes = (rows.row_bytes as u32).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let (Some(size), Some(alignment)) = (
            wgpu::BufferSize::new(u64::from(row_bytes) * rows.count as u64),
            wgpu::BufferSize::new(u64::from(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT)),
        ) else {
            return Ok(());
        };
        let slice = self.belt.allocate(size, alignment);
        let mut view = slice.get_mapped_range_mut().map_err(|error| GpuError::Device(error.to_string()))?;
        let mut at = 0;
        for row in rows.iter() {
            view.slice(at..at + row.len()).copy_from_slice(row);
            at += row_bytes as usize;
        }
        drop(view);
        let (buffer, offset) = (slice.buffer().clone(), slice.offset());
        self.copies.push(Copy { buffer, offset, row_bytes, target: target.clone(), rect });
        Ok(())
    }

    pub(crate) fn blend(&mut self, blend: &Blend, tiles: &TileSet, source: Option<&Surface>, target: &Layered) {
        let records = tiles.records();
        if records.is_empty() {
            return;
        }
        let params = self.uniforms.push(bytemuck::bytes_of(&blend.params));
        let (tiles, count) = (self.storage.push(bytemuck::cast_slice(&records)), records.len() as u32);
        let (constants, source, target) = (blend.constants(), source.cloned(), target.clone());
        self.commands.push(Command::Blend { constants, params, tiles, count, source, target });
    }

    /// Makes blended tiles readable.
    pub(crate) fn resolve(&mut self, tiles: &TileSet, layered: &Layered) {
        let records = tiles.records();
        let (tiles, count) = (self.storage.push(bytemuck::cast_slice(&records)), records.len() as u32);
        self.commands.push(Command::Resolve { tiles, count, layered: layered.clone() });
    }

    pub(crate) fn composite(
        &mut self,
        constants: Constants,
        params: &CompositeParams,
        tiles: &[u32],
        base: &[u8],
        surfaces: Vec<wgpu::TextureView>,
    ) {
        let params = self.uniforms.push(bytemuck::bytes_of(params));
        let (tiles, count) = (self.storage.push(bytemuck::cast_slice(tiles)), tiles.len() as u32);
        let base = self.storage.push(base);
        self.commands.push(Command::Composite { constants, params, tiles, base, count, surfaces });
    }

    /// Whether there is anything to submit.
    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.copies.is_empty()
    }

    /// Submits everything in order, then a copy of so many bytes of what composites have `drawn`.
    pub(crate) fn submit(
        &mut self,
        gpu: &Gpu,
        drawn: &wgpu::Buffer,
        copy_to: Option<(&wgpu::Buffer, u64)>,
    ) -> Result<wgpu::SubmissionIndex, GpuError> {
        let device = &gpu.device;
        prepare(self.commands.iter().map(|command| match command {
            Command::Unpack { constants, .. } => (&gpu.unpack.kernel, constants),
            Command::Blend { constants, .. } => (&gpu.blend.kernel, constants),
            Command::Resolve { .. } => (&gpu.resolve.kernel, &NO_CONSTANTS),
            Command::Composite { constants, .. } => (&gpu.composite.kernel, constants),
        }));
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("frame") });
        self.uniforms.upload(device, &mut self.belt, &mut encoder)?;
        self.storage.upload(device, &mut self.belt, &mut encoder)?;
        for Copy { buffer, offset, row_bytes, target, rect } in self.copies.drain(..) {
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
                        gpu.unpack.encode(device, &mut pass, &constants, params, bytes, &target.view, rect);
                    }
                    Command::Blend { constants, params, tiles, count, source, target } => {
                        let (params, tiles) = (self.uniforms.binding(params), self.storage.binding(tiles));
                        let source = source.as_ref().map(|source| &source.view);
                        gpu.blend.encode(device, &mut pass, &constants, params, tiles, source, &target.packed, count);
                    }
                    Command::Resolve { tiles, count, layered: Layered { packed, resolved } } => {
                        let tiles = self.storage.binding(tiles);
                        gpu.resolve.encode(device, &mut pass, tiles, &packed, &resolved.view, count);
                    }
                    Command::Composite { constants, params, tiles, base, count, surfaces } => {
                        let (params, tiles) = (self.uniforms.binding(params), self.storage.binding(tiles));
                        let base = self.storage.binding(base);
                        gpu.composite
                            .encode(device, &mut pass, params, tiles, drawn, &surfaces, base, &constants, count);
                    }
                }
            }
        }
        if let Some((copy_to, bytes)) = copy_to {
            encoder.copy_buffer_to_buffer(drawn, 0, copy_to, 0, bytes);
        }
        self.belt.finish_and_recall_on_submit(&encoder);
        let submission = gpu.queue.submit([encoder.finish()]);
        gpu.check()?;
        Ok(submission)
    }
}
