//! The kernel that composites the tiles of a frame; see `shaders/composite.wgsl`.

use std::borrow::Cow;

use super::bindings::{SURFACE, buffer_entry, read_entry};
use super::blend::{bound_edges, edges, rows, taps};
use super::include::shader;
use super::kernel::{Constants, Kernel};
use crate::device::GpuContext;
use crate::device::surface::{Surface, Texels};
use crate::tiles::MAX_ENTRIES;
use repcast_media::{FrameFormat, PixelRect};
use repcast_model::color::Color;
use repcast_model::geometry::{Placement, Size};

pub(crate) const SHADER: &str = shader!("composite");

/// The binding after those of the surfaces: samples of a passthrough clip.
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
        pub(crate) radius: f32,
        pub(crate) pad: u32,
    }

    /// `Params` of `composite.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
    pub(crate) struct CompositeParams {
        pub(crate) entries: [EntryParams; super::MAX_ENTRIES],
        pub(crate) background: [f32; 4],
        pub(crate) size: [u32; 2],
        pub(crate) pad: [u32; 2],
    }
}

pub(crate) use gpu_data::CompositeParams;
use gpu_data::EntryParams;

/// A surface of the stack as the kernel reads it.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    params: EntryParams,
    texels: Texels,
    /// It has the size of the canvas, unclipped and opaque.
    is_whole: bool,
}

impl Entry {
    /// A surface with a placement on the canvas.
    pub(crate) fn placed(placement: &Placement, bounds: PixelRect, texels: Texels, opacity: f32) -> Self {
        let mut source = rows(placement);
        source[0][3] = opacity;
        let (clip, bounds, taps) = (edges(placement.clip), bound_edges(bounds), taps(placement));
        let params = EntryParams { source, clip, bounds, taps, radius: placement.radius, pad: 0 };
        Self { params, texels, is_whole: false }
    }

    /// A surface of the size of the canvas.
    pub(crate) fn whole(texels: Texels) -> Self {
        Self { params: EntryParams::default(), texels, is_whole: true }
    }
}

impl CompositeParams {
    /// A composite of these entries.
    pub(crate) fn new(entries: &[Entry], background: Color, size: Size) -> Self {
        let mut all = [EntryParams::default(); MAX_ENTRIES];
        all.iter_mut().zip(entries).for_each(|(params, entry)| *params = entry.params);
        let [red, green, blue, _] = background.with_alpha(255).premultiplied();
        Self { entries: all, background: [red, green, blue, 0.0], size: [size.width, size.height], pad: [0; 2] }
    }
}

/// The bit of an entry's kind for a clip rectangle with rounded corners, as in the shader.
const ROUNDED: u32 = 1 << 24;

/// The shader's constants for each entry: its kind, and its texels.
const CONSTANT_NAMES: [(&str, &str); MAX_ENTRIES] = [
    ("ENTRY_0", "TEXELS_0"),
    ("ENTRY_1", "TEXELS_1"),
    ("ENTRY_2", "TEXELS_2"),
    ("ENTRY_3", "TEXELS_3"),
    ("ENTRY_4", "TEXELS_4"),
    ("ENTRY_5", "TEXELS_5"),
    ("ENTRY_6", "TEXELS_6"),
    ("ENTRY_7", "TEXELS_7"),
];

/// The shader's constants for a stack. `has_base` states that a passthrough clip takes the place of the background.
pub(crate) fn constants(entries: &[Entry], has_base: bool, format: FrameFormat) -> Constants {
    let rounded = |entry: &Entry| if entry.params.radius > 0.0 { ROUNDED } else { 0 };
    let kind = |entry: &Entry| match entry.params.taps {
        _ if entry.is_whole => 4,
        [0, _] => 1 | rounded(entry),
        [1, 1] => 2 | rounded(entry),
        [across, down] => 3 | across << 8 | down << 16 | rounded(entry),
    };
    let mut constants =
        vec![("WRITES_RGBA", u32::from(format == FrameFormat::Rgba)), ("HAS_BASE", u32::from(has_base))];
    for ((entry_name, texels_name), entry) in CONSTANT_NAMES.into_iter().zip(entries) {
        constants.extend([(entry_name, kind(entry)), (texels_name, entry.texels.code())]);
    }
    constants
}

/// The shader's function for each kind of entry; kind 0 is unused.
const OVER: [&str; 5] = ["over_averaged", "over_copied", "over_sampled", "over_averaged", "over_whole"];

/// The shader with just the code that a pipeline with these constants runs.
fn source(constants: &Constants) -> Cow<'static, str> {
    let value = |wanted: &str| constants.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let mut layers = String::new();
    for (index, (entry_name, texels_name)) in CONSTANT_NAMES.into_iter().enumerate() {
        if let Some(entry) = value(entry_name) {
            let over = OVER[(entry & 0xff) as usize];
            let arguments = format!("color, surface_{index}, {index}u, {entry_name}, {texels_name}, center");
            layers += &format!("    color = {over}({arguments});\n");
        }
    }
    let write = if value("WRITES_RGBA") == Some(1) { "write_rgba" } else { "write_nv12" };
    let write = format!("    {write}(inside, group.x, local.xy);\n");
    with_section(&with_section(SHADER, "layers", &layers), "write", &write).into()
}

/// Replaces the section of the shader between `// #begin NAME` and `// #end NAME`.
fn with_section(shader: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("    // #begin {name}\n"), format!("    // #end {name}\n"));
    let section = shader.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    section.map_or_else(|| shader.to_owned(), |(before, after)| [before, text, after].concat())
}

pub(crate) struct CompositeKernel {
    pub(crate) kernel: Kernel,
    /// Bound in place of absent surfaces.
    placeholder: Surface,
}

impl CompositeKernel {
    pub(crate) fn new(context: &GpuContext) -> Self {
        let mut entries = vec![
            buffer_entry(0, wgpu::BufferBindingType::Uniform),
            buffer_entry(1, wgpu::BufferBindingType::Storage { read_only: true }),
            buffer_entry(2, wgpu::BufferBindingType::Storage { read_only: false }),
        ];
        entries.extend((0..MAX_ENTRIES as u32).map(|index| read_entry(3 + index, SURFACE)));
        entries.push(buffer_entry(BASE, wgpu::BufferBindingType::Storage { read_only: true }));
        let placeholder = Surface::new(context, Size { width: 1, height: 1 }, "placeholder");
        Self { kernel: Kernel::new(context, "composite", source, &entries), placeholder }
    }

    /// A transparent surface of one pixel.
    pub(crate) fn placeholder(&self) -> &Surface {
        &self.placeholder
    }

    #[expect(clippy::too_many_arguments, reason = "one argument per binding, and the number of tiles")]
    pub(crate) fn encode(
        &self,
        context: &GpuContext,
        pass: &mut wgpu::ComputePass<'_>,
        params: wgpu::BindingResource<'_>,
        tiles: wgpu::BindingResource<'_>,
        drawn: wgpu::BindingResource<'_>,
        surfaces: &[wgpu::TextureView],
        base: wgpu::BindingResource<'_>,
        constants: &Constants,
        tile_count: u32,
    ) {
        let mut entries = vec![
            wgpu::BindGroupEntry { binding: 0, resource: params },
            wgpu::BindGroupEntry { binding: 1, resource: tiles },
            wgpu::BindGroupEntry { binding: 2, resource: drawn },
        ];
        entries.extend((0..MAX_ENTRIES).map(|index| wgpu::BindGroupEntry {
            binding: 3 + index as u32,
            resource: wgpu::BindingResource::TextureView(surfaces.get(index).unwrap_or(&self.placeholder.view)),
        }));
        entries.push(wgpu::BindGroupEntry { binding: BASE, resource: base });
        let (label, layout) = (Some("composite"), &self.kernel.layout);
        let group = context.device.create_bind_group(&wgpu::BindGroupDescriptor { label, layout, entries: &entries });
        pass.set_pipeline(&self.kernel.pipeline(constants));
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(tile_count, 1, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shader_contains_only_what_its_entries_need() {
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
                    assert!(!source.contains("#begin") && !source.contains("#end"));
                    assert_eq!((writes("write_rgba"), writes("write_nv12")), (rgba == 1, rgba == 0));
                }
            }
        }
    }

    #[test]
    fn the_shader_file_is_that_of_a_full_stack() {
        let mut constants = vec![("WRITES_RGBA", 0), ("HAS_BASE", 0)];
        constants.extend(CONSTANT_NAMES.iter().map(|(entry, _)| (*entry, 0x0203)));
        let without_markers = |shader: &str| {
            let lines = shader.lines().filter(|line| !line.contains("// #begin") && !line.contains("// #end"));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        assert_eq!(source(&constants), without_markers(SHADER));
    }
}
