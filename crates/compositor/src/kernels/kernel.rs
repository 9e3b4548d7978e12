//! A shader and the pipelines made of it, one for each set of constants it has been needed with.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::device::compile_queue::CompileQueue;

/// Names and values of a shader's `override` constants.
pub(crate) type Constants = Vec<(&'static str, u32)>;

/// One shader. Its pipelines are made when they are first needed; a software driver takes a tenth of a second for one.
pub(crate) struct Kernel {
    pub(crate) layout: wgpu::BindGroupLayout,
    shared: Arc<Shared>,
}

/// A pipeline that has been of use at least once.
#[derive(Default)]
struct Pipeline {
    /// Tiles that it could have drawn so far.
    missed: u64,
    /// Whether it is compiled, or going to be, in the background.
    is_queued: bool,
    /// Whoever makes it, others wait for the same.
    made: Arc<OnceLock<wgpu::ComputePipeline>>,
}

/// Tiles for which it pays to make a pipeline of their own, which takes a software driver as long as drawing them.
const WORTH_TILES: u64 = 2000;

/// What the threads that make pipelines need.
struct Shared {
    device: wgpu::Device,
    label: &'static str,
    source: fn(&Constants) -> Cow<'static, str>,
    /// What has been read of the source, by its text.
    modules: Mutex<HashMap<Cow<'static, str>, wgpu::ShaderModule>>,
    pipeline_layout: wgpu::PipelineLayout,
    pipelines: Mutex<HashMap<Constants, Pipeline>>,
}

/// Pipelines that are compiled in the background. The queue belongs to the device, which ends it.
pub(crate) struct Compiles(OnceLock<Option<CompileQueue<Compile>>>);

/// A pipeline to be compiled.
struct Compile {
    shared: Arc<Shared>,
    constants: Constants,
}

impl Compiles {
    /// Nothing to compile yet, and no thread.
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The queue; nothing when there is no thread to be had.
    fn queue(&self) -> Option<&CompileQueue<Compile>> {
        let run = |Compile { shared, constants }| drop(shared.make(&constants));
        self.0.get_or_init(|| CompileQueue::start(run).ok()).as_ref()
    }
}

impl Kernel {
    /// A kernel of so many bindings, whose source may leave out what some constants do not need.
    pub(crate) fn new(
        device: &wgpu::Device,
        label: &'static str,
        source: fn(&Constants) -> Cow<'static, str>,
        entries: &[wgpu::BindGroupLayoutEntry],
    ) -> Self {
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(label),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let device = device.clone();
        let (modules, pipelines) = (Mutex::default(), Mutex::default());
        let shared = Shared { device, label, source, modules, pipeline_layout, pipelines };
        Self { layout, shared: Arc::new(shared) }
    }

    /// The pipeline for these constants. Waits for it to be made.
    pub(crate) fn pipeline(&self, constants: &Constants) -> wgpu::ComputePipeline {
        self.shared.make(constants)
    }

    /// Whether there is a pipeline for these constants, to draw so many tiles. Otherwise it is compiled in the background,
    /// for the next time, once there have been enough of them.
    pub(crate) fn is_ready(&self, compiles: &Compiles, constants: &Constants, tiles: u64) -> bool {
        {
            let mut pipelines = self.shared.lock();
            let Pipeline { missed, is_queued, made } = pipelines.entry(constants.clone()).or_default();
            if made.get().is_some() {
                return true;
            }
            *missed = missed.saturating_add(tiles);
            if *is_queued || *missed < WORTH_TILES {
                return false;
            }
            if let Some(queue) = compiles.queue() {
                let job = Compile { shared: self.shared.clone(), constants: constants.clone() };
                *is_queued = queue.push(job);
                return false;
            }
        }
        self.shared.make(constants);
        true
    }
}

/// Makes those of these pipelines that are missing, all cores at work: the first picture needs several.
pub(crate) fn prepare<'a>(wanted: impl Iterator<Item = (&'a Kernel, &'a Constants)>) {
    let mut missing: Vec<(&Shared, &Constants)> = Vec::new();
    for (Kernel { shared, .. }, constants) in wanted {
        let is_known = missing.iter().any(|(known, its)| std::ptr::eq(*known, &**shared) && *its == constants);
        let is_made = || shared.lock().get(constants).is_some_and(|known| known.made.get().is_some());
        if !is_known && !is_made() {
            missing.push((shared, constants));
        }
    }
    if missing.is_empty() {
        return;
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let mut shares = missing.chunks(missing.len().div_ceil(cores).max(1));
        let own = shares.next();
        let make = |share: &[(&Shared, &Constants)]| {
            share.iter().for_each(|(shared, constants)| drop(shared.make(constants)));
        };
        for share in shares {
            // What cannot be made beside is made when it is used.
            let _ = std::thread::Builder::new().name("compile".to_owned()).spawn_scoped(scope, move || make(share));
        }
        own.into_iter().for_each(make);
    });
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<Constants, Pipeline>> {
        // A map that was left by a panicking thread holds whole pipelines all the same.
        self.pipelines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn module(&self, constants: &Constants) -> wgpu::ShaderModule {
        let text = (self.source)(constants);
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            let source = wgpu::ShaderSource::Wgsl(text.clone());
            self.device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(self.label), source })
        };
        modules.entry(text.clone()).or_insert_with(read).clone()
    }

    fn make(&self, constants: &Constants) -> wgpu::ComputePipeline {
        // It is nearly always known, and its name need not be copied then.
        let known = self.lock().get(constants).map(|known| known.made.clone());
        let made = known.unwrap_or_else(|| self.lock().entry(constants.clone()).or_default().made.clone());
        made.get_or_init(|| self.compile(constants)).clone()
    }

    fn compile(&self, constants: &Constants) -> wgpu::ComputePipeline {
        let values: Vec<(&str, f64)> = constants.iter().map(|(name, value)| (*name, f64::from(*value))).collect();
        self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(self.label),
            layout: Some(&self.pipeline_layout),
            module: &self.module(constants),
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions { constants: &values, ..Default::default() },
            cache: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gpu;

    #[test]
    fn no_thread_compiles_after_its_device_is_dropped() {
        let gpu = Gpu::open(None).unwrap();
        let kernel = Arc::downgrade(&gpu.composite.kernel.shared);
        for entry in [1, 2, 4, 0x0203, 0x0302] {
            let constants = vec![("WRITES_RGBA", 0), ("HAS_BASE", 0), ("ENTRY_0", entry), ("TEXELS_0", 0)];
            assert!(!gpu.composite.is_ready(&gpu.compiles, &constants, WORTH_TILES));
        }
        drop(gpu);
        assert!(kernel.upgrade().is_none(), "a thread still has the kernel, and its device");
    }

    #[test]
    fn a_pipeline_is_ready_once_it_is_compiled_in_the_background() {
        let gpu = Gpu::open(None).unwrap();
        let constants = vec![("WRITES_RGBA", 1), ("HAS_BASE", 0), ("ENTRY_0", 4), ("TEXELS_0", 0)];
        let is_ready = |tiles| gpu.composite.is_ready(&gpu.compiles, &constants, tiles);
        assert!(!is_ready(WORTH_TILES - 1));
        let is_queued = || gpu.composite.kernel.shared.lock()[&constants].is_queued;
        assert!(!is_queued());
        assert!(!is_ready(1) && is_queued());
        // Waits for the same as the thread in the background does.
        gpu.composite.kernel.pipeline(&constants);
        assert!(is_ready(1));
    }
}
