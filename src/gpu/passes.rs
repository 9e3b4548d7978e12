//! One frame's work as a list of plain commands, executed last.

use crate::media::PixelRect;

use super::arena::{Arena, Slice};
use super::blend::{Blend, Kind};
use super::composite::CompositeParams;
use super::device::Gpu;
use super::error::GpuError;
use super::kernel::Constants;
use super::surface::Surface;
use super::tiles::TileSet;
use super::unpack::Unpack;

/// Samples for an unpack: gathered in the frame's arena, or already on the GPU.
pub(super) enum Samples {
    Arena(Slice),
    Buffer(wgpu::Buffer),
}

enum Command {
    Unpack { constants: Constants, params: Slice, samples: Samples, target: Surface, rect: PixelRect },
    Blend { kind: Kind, params: Slice, tiles: Slice, count: u32, source: Option<Surface>, target: Surface },
    Composite { constants: Constants, params: Slice, tiles: Slice, count: u32, surfaces: Vec<wgpu::TextureView> },
}

/// What a frame asks of the GPU.
pub(super) struct Passes {
    uniforms: Arena,
    storage: Arena,
    belt: wgpu::util::StagingBelt,
    commands: Vec<Command>,
}

impl Passes {
    pub(super) fn new(device: &wgpu::Device, chunk: u64) -> Self {
        Self {
            uniforms: Arena::new(device, wgpu::BufferUsages::UNIFORM),
            storage: Arena::new(device, wgpu::BufferUsages::STORAGE),
            belt: wgpu::util::StagingBelt::new(device.clone(), chunk),
            commands: Vec::new(),
        }
    }

    /// Where samples are gathered before [`Self::unpack`].
    pub(super) fn storage(&mut self) -> &mut Arena {
        &mut self.storage
    }

    pub(super) fn unpack(&mut self, unpack: Unpack, samples: Samples, target: &Surface, rect: PixelRect) {
        let params = self.uniforms.push(bytemuck::bytes_of(&unpack.params));
        let constants = unpack.constants;
        self.commands.push(Command::Unpack { constants, params, samples, target: target.clone(), rect });
    }

    pub(super) fn blend(&mut self, blend: &Blend, tiles: &TileSet, source: Option<&Surface>, target: &Surface) {
        let records = tiles.records();
        if records.is_empty() {
            return;
        }
        let params = self.uniforms.push(bytemuck::bytes_of(&blend.params));
        let (tiles, count) = (self.storage.push(bytemuck::cast_slice(&records)), records.len() as u32);
        let (kind, source, target) = (blend.kind, source.cloned(), target.clone());
        self.commands.push(Command::Blend { kind, params, tiles, count, source, target });
    }

    pub(super) fn composite(&mut self, constants: Constants, params: &CompositeParams, tiles: &[u32], surfaces: Vec<wgpu::TextureView>) {
        let params = self.uniforms.push(bytemuck::bytes_of(params));
        let (tiles, count) = (self.storage.push(bytemuck::cast_slice(tiles)), tiles.len() as u32);
        self.commands.push(Command::Composite { constants, params, tiles, count, surfaces });
    }

    /// Submits everything in order, then a copy of `picture` into `copy_to`.
    pub(super) fn submit(
        &mut self,
        gpu: &Gpu,
        picture: &wgpu::Buffer,
        copy_to: &wgpu::Buffer,
    ) -> Result<(), GpuError> {
        let device = &gpu.device;
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("frame") });
        self.uniforms.upload(device, &mut self.belt, &mut encoder)?;
        self.storage.upload(device, &mut self.belt, &mut encoder)?;
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for command in self.commands.drain(..) {
                match command {
                    Command::Unpack { constants, params, samples, target, rect } => {
                        let bytes = match &samples {
                            Samples::Arena(slice) => self.storage.binding(*slice),
                            Samples::Buffer(buffer) => buffer.as_entire_binding(),
                        };
                        let params = self.uniforms.binding(params);
                        gpu.unpack.encode(device, &mut pass, &constants, params, bytes, &target.view, rect);
                    }
                    Command::Blend { kind, params, tiles, count, source, target } => {
                        let (params, tiles) = (self.uniforms.binding(params), self.storage.binding(tiles));
                        let source = source.as_ref().map(|source| &source.view);
                        gpu.blend.encode(device, &mut pass, kind, params, tiles, source, &target.view, count);
                    }
                    Command::Composite { constants, params, tiles, count, surfaces } => {
                        let (params, tiles) = (self.uniforms.binding(params), self.storage.binding(tiles));
                        gpu.composite.encode(device, &mut pass, params, tiles, picture, &surfaces, &constants, count);
                    }
                }
            }
        }
        encoder.copy_buffer_to_buffer(picture, 0, copy_to, 0, copy_to.size());
        self.belt.finish_and_recall_on_submit(&encoder);
        gpu.queue.submit([encoder.finish()]);
        gpu.check()
    }
}
