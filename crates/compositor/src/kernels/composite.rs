//! The kernel that draws the tiles of a picture; see `shaders/composite.wgsl`.

use std::borrow::Cow;

use super::blend::{bound_edges, edges, rows, taps};
use super::kernel::{Compiles, Constants, Kernel};
use crate::layers::surface::{SURFACE, Surface, Texels, buffer_entry, read_entry};
use repcast_media::{PictureFormat, PixelRect};
use repcast_model::color::Color;
use repcast_model::geometry::{Placement, Size};

pub(crate) const SHADER: &str = include_str!("../../../../shaders/composite.wgsl");

/// Surfaces that one composite can read.
pub(crate) const MAX_ENTRIES: usize = 8;

/// The binding behind the surfaces.
const BASE: u32 = 3 + MAX_ENTRIES as u32;

mod gpu_data {
    /// `Entry` of `composite.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Default, bytemuck::Pod, bytemuck::Zeroable)]
    pub(crate) struct EntryParams {
        pub(crate) source: [[f32; 4]; 2],
        pub(crate) clip: [f32; 4],
        pub(crate) bounds: [i32; 4],
        pub(crate) taps: [u32; 2],
        pub(crate) pad: [u32; 2],
    }

    /// `Params` of `composite.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
    pub(crate) struct CompositeParams {
        pub(crate) entries: [EntryParams; super::MAX_ENTRIES],
        pub(crate) background: [f32; 4],
        pub(crate) size: [u32; 2],
        pub(crate) first: u32,
        pub(crate) pad: u32,
    }
}

pub(crate) use gpu_data::CompositeParams;
use gpu_data::EntryParams;

/// One surface of the stack, as the kernel reads it.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    params: EntryParams,
    texels: Texels,
    /// It covers the canvas pixel on pixel, and nothing of it is cut off or faint.
    is_whole: bool,
}

impl Entry {
    /// A surface somewhere on the canvas.
    pub(crate) fn placed(placement: &Placement, bounds: PixelRect, texels: Texels, opacity: f32) -> Self {
        let mut source = rows(placement);
        source[0][3] = opacity;
        let (clip, bounds, taps) = (edges(placement.clip), bound_edges(bounds), taps(placement));
        Self { params: EntryParams { source, clip, bounds, taps, pad: [0; 2] }, texels, is_whole: false }
    }

    /// A surface of the canvas's own size.
    pub(crate) fn whole(texels: Texels) -> Self {
        Self { params: EntryParams::default(), texels, is_whole: true }
    }
}

impl CompositeParams {
    /// A composite of these entries, which writes its tiles behind the `first` of the frame.
    pub(crate) fn new(entries: &[Entry], background: Color, size: Size, first: u32) -> Self {
        let mut all = [EntryParams::default(); MAX_ENTRIES];
        all.iter_mut().zip(entries).for_each(|(params, entry)| *params = entry.params);
        let [red, green, blue, _] = background.with_alpha(255).premultiplied();
        Self { entries: all, background: [red, green, blue, 0.0], size: [size.width, size.height], first, pad: 0 }
    }
}

/// The shader's constants for a stack, with samples of the picture's own under it or without, and an output.
pub(crate) fn constants(entries: &[Entry], has_base: bool, format: PictureFormat) -> Constants {
    const NAMES: [(&str, &str); MAX_ENTRIES] = [
        ("ENTRY_0", "TEXELS_0"),
        ("ENTRY_1", "TEXELS_1"),
        ("ENTRY_2", "TEXELS_2"),
        ("ENTRY_3", "TEXELS_3"),
        ("ENTRY_4", "TEXELS_4"),
        ("ENTRY_5", "TEXELS_5"),
        ("ENTRY_6", "TEXELS_6"),
        ("ENTRY_7", "TEXELS_7"),
    ];
    let kind = |entry: &Entry| match entry.params.taps {
        _ if entry.is_whole => 4,
        [0, _] => 1,
        [1, 1] => 2,
        [across, down] => 3 | across << 8 | down << 16,
    };
    let mut constants =
        vec![("WRITES_RGBA", u32::from(format == PictureFormat::Rgba)), ("HAS_BASE", u32::from(has_base))];
    for ((entry_name, texels_name), entry) in NAMES.into_iter().zip(entries) {
        constants.extend([(entry_name, kind(entry)), (texels_name, entry.texels.code())]);
    }
    constants
}

/// What reads entries, by their kinds.
const OVER: [&str; 5] = ["over_averaged(", "over_copied(", "over_sampled(", "over_averaged(", "over_whole("];

/// The shader with what these constants need of it, as it says itself.
fn source(constants: &Constants) -> Cow<'static, str> {
    let value = |wanted: &str| constants.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let mut lines = String::with_capacity(SHADER.len());
    for line in SHADER.lines() {
        let entry = (0..MAX_ENTRIES).find(|index| line.contains(&format!("surface_{index}, {index}u, ")));
        let over = entry.map(|index| value(&format!("ENTRY_{index}")).map(|entry| OVER[(entry & 0xff) as usize]));
        match over {
            Some(None) => continue,
            Some(Some(over)) => lines += &line.replace("over_averaged(", over),
            None if value("WRITES_RGBA") == Some(1) => lines += &line.replace("  write_nv12(", "  write_rgba("),
            None => lines += line,
        }
        lines.push('\n');
    }
    lines.into()
}

pub(crate) struct CompositeKernel {
    pub(crate) kernel: Kernel,
    nothing: Surface,
}

impl CompositeKernel {
    pub(crate) fn new(device: &wgpu::Device) -> Self {
        let mut entries = vec![
            buffer_entry(0, wgpu::BufferBindingType::Uniform),
            buffer_entry(1, wgpu::BufferBindingType::Storage { read_only: true }),
            buffer_entry(2, wgpu::BufferBindingType::Storage { read_only: false }),
        ];
        entries.extend((0..MAX_ENTRIES as u32).map(|index| read_entry(3 + index, SURFACE)));
        entries.push(buffer_entry(BASE, wgpu::BufferBindingType::Storage { read_only: true }));
        let nothing = Surface::new(device, Size { width: 1, height: 1 }, "nothing");
        Self { kernel: Kernel::new(device, "composite", source, &entries), nothing }
    }

    /// A transparent surface.
    pub(crate) fn nothing(&self) -> &Surface {
        &self.nothing
    }

    /// Whether so many tiles of a stack can be drawn at once by a pipeline for just its entries.
    pub(crate) fn is_ready(&self, compiles: &Compiles, constants: &Constants, tiles: u64) -> bool {
        self.kernel.is_ready(compiles, constants, tiles)
    }

    #[expect(clippy::too_many_arguments, reason = "one argument a binding, and the number of tiles")]
    pub(crate) fn encode(
        &self,
        device: &wgpu::Device,
        pass: &mut wgpu::ComputePass<'_>,
        params: wgpu::BindingResource<'_>,
        tiles: wgpu::BindingResource<'_>,
        drawn: &wgpu::Buffer,
        surfaces: &[wgpu::TextureView],
        base: wgpu::BindingResource<'_>,
        constants: &Constants,
        tile_count: u32,
    ) {
        let mut entries = vec![
            wgpu::BindGroupEntry { binding: 0, resource: params },
            wgpu::BindGroupEntry { binding: 1, resource: tiles },
            wgpu::BindGroupEntry { binding: 2, resource: drawn.as_entire_binding() },
        ];
        entries.extend((0..MAX_ENTRIES).map(|index| wgpu::BindGroupEntry {
            binding: 3 + index as u32,
            resource: wgpu::BindingResource::TextureView(surfaces.get(index).unwrap_or(&self.nothing.view)),
        }));
        entries.push(wgpu::BindGroupEntry { binding: BASE, resource: base });
        let (label, layout) = (Some("composite"), &self.kernel.layout);
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor { label, layout, entries: &entries });
        pass.set_pipeline(&self.kernel.pipeline(constants));
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(tile_count, 1, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_is_made_of_what_its_entries_need_and_nothing_else() {
        for (kind, over) in [(1, "over_copied"), (2, "over_sampled"), (0x0203, "over_averaged"), (4, "over_whole")] {
            for rgba in [0, 1] {
                let all = [("ENTRY_0", kind), ("WRITES_RGBA", rgba), ("ENTRY_1", kind)];
                for (shown, count) in [(1..2, 0), (0..2, 1), (0..3, 2)] {
                    let source = source(&all[shown].to_vec()).into_owned();
                    let (_, body) = source.split_once("fn color_at").unwrap();
                    let calls = |name: &str| body.matches(&format!("{name}(")).count();
                    assert_eq!(calls(over), count, "{body}");
                    assert_eq!(body.matches("color = over_").count(), count);
                    let writes = |name: &str| body.contains(&format!("    {name}(inside"));
                    assert_eq!((writes("write_rgba"), writes("write_nv12")), (rgba == 1, rgba == 0));
                }
            }
        }
    }
}
