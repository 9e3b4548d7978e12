//! A compute shader and its pipelines, one for each set of constants that has been used.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::device::GpuContext;
use crate::device::compile_queue::CompileQueue;

/// Names and values of a shader's `override` constants.
pub(crate) type Constants = Vec<(&'static str, u32)>;

/// One compute shader. Pipelines are compiled on first use; a software driver takes a tenth of a second for each.
pub(crate) struct Kernel {
    pub(crate) layout: wgpu::BindGroupLayout,
    core: Arc<KernelCore>,
}

/// A pipeline that was requested at least once.
#[derive(Default)]
struct PipelineEntry {
    /// Tiles that it could have drawn before it was compiled.
    missed_tiles: u64,
    /// Whether it is queued for compilation in the background, or was.
    is_queued: bool,
    /// Filled by the first thread that compiles it, for which the others wait.
    compiled: Arc<OnceLock<wgpu::ComputePipeline>>,
}

/// Missed tiles after which a specialized pipeline is compiled: a software driver draws them in the same time.
const SPECIALIZE_AFTER_TILES: u64 = 2000;

/// Shader modules by their source.
type Modules = HashMap<Cow<'static, str>, Arc<OnceLock<wgpu::ShaderModule>>>;

/// What threads that compile pipelines share. Its locks are not held while something is compiled.
struct KernelCore {
    device: wgpu::Device,
    label: &'static str,
    source: fn(&Constants) -> Cow<'static, str>,
    modules: Mutex<Modules>,
    pipeline_layout: wgpu::PipelineLayout,
    pipelines: Mutex<HashMap<Constants, PipelineEntry>>,
}

/// Compiles pipelines in the background. It belongs to the device, which joins its thread.
pub(crate) struct BackgroundCompiler(OnceLock<Option<CompileQueue<CompileJob>>>);

/// A pipeline to be compiled.
struct CompileJob {
    core: Arc<KernelCore>,
    constants: Constants,
}

impl BackgroundCompiler {
    /// The thread starts with the first job.
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The queue; `None` if its thread cannot be started.
    fn queue(&self) -> Option<&CompileQueue<CompileJob>> {
        let run = |CompileJob { core, constants }| drop(core.pipeline(&constants));
        self.0.get_or_init(|| CompileQueue::start(run).ok()).as_ref()
    }
}

impl Kernel {
    /// A kernel with these bindings. `source` returns the shader for some constants, which may omit unused code.
    pub(crate) fn new(
        context: &GpuContext,
        label: &'static str,
        source: fn(&Constants) -> Cow<'static, str>,
        entries: &[wgpu::BindGroupLayoutEntry],
    ) -> Self {
        let device = context.device.clone();
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(label),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let (modules, pipelines) = (Mutex::default(), Mutex::default());
        Self { layout, core: Arc::new(KernelCore { device, label, source, modules, pipeline_layout, pipelines }) }
    }

    /// The pipeline for these constants, compiled now if necessary.
    pub(crate) fn pipeline(&self, constants: &Constants) -> wgpu::ComputePipeline {
        self.core.pipeline(constants)
    }

    /// Whether the pipeline for these constants is compiled, to draw `tiles`. If it is not, it is compiled in the
    /// background once it has missed enough tiles.
    pub(crate) fn is_ready(&self, compiler: &BackgroundCompiler, constants: &Constants, tiles: u64) -> bool {
        {
            let mut pipelines = self.core.lock();
            let entry = pipelines.entry(constants.clone()).or_default();
            if entry.compiled.get().is_some() {
                return true;
            }
            entry.missed_tiles = entry.missed_tiles.saturating_add(tiles);
            if entry.is_queued || entry.missed_tiles < SPECIALIZE_AFTER_TILES {
                return false;
            }
            entry.is_queued = true;
        }
        let Some(queue) = compiler.queue() else {
            self.core.pipeline(constants);
            return true;
        };
        if !queue.push(CompileJob { core: self.core.clone(), constants: constants.clone() }) {
            // The queue is full; the next frame tries again.
            self.core.lock().entry(constants.clone()).or_default().is_queued = false;
        }
        false
    }
}

/// Compiles the missing ones of these pipelines on all cores: the first frame needs several.
pub(crate) fn compile_missing<'a>(requested: impl Iterator<Item = (&'a Kernel, &'a Constants)>) {
    let mut missing: Vec<(&KernelCore, &Constants)> = Vec::new();
    for (Kernel { core, .. }, constants) in requested {
        let is_listed = missing.iter().any(|(listed, its)| std::ptr::eq(*listed, &**core) && *its == constants);
        let is_compiled = || core.lock().get(constants).is_some_and(|entry| entry.compiled.get().is_some());
        if !is_listed && !is_compiled() {
            missing.push((core, constants));
        }
    }
    if missing.is_empty() {
        return;
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let mut shares = missing.chunks(missing.len().div_ceil(cores).max(1));
        let own = shares.next();
        let compile = |share: &[(&KernelCore, &Constants)]| {
            share.iter().for_each(|(core, constants)| drop(core.pipeline(constants)));
        };
        for share in shares {
            // Without a thread, the pipelines are compiled when they are used.
            let builder = std::thread::Builder::new().name("compile".to_owned());
            let _ = builder.spawn_scoped(scope, move || compile(share));
        }
        own.into_iter().for_each(compile);
    });
}

impl KernelCore {
    fn lock(&self) -> MutexGuard<'_, HashMap<Constants, PipelineEntry>> {
        // A panic while the lock is held leaves complete entries.
        self.pipelines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pipeline(&self, constants: &Constants) -> wgpu::ComputePipeline {
        // The entry nearly always exists, and the constants need not be cloned then.
        let existing = self.lock().get(constants).map(|entry| entry.compiled.clone());
        let compiled = existing.unwrap_or_else(|| self.lock().entry(constants.clone()).or_default().compiled.clone());
        compiled.get_or_init(|| self.compile(constants)).clone()
    }

    fn module(&self, constants: &Constants) -> wgpu::ShaderModule {
        let text = (self.source)(constants);
        let module = {
            let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
            modules.entry(text.clone()).or_default().clone()
        };
        let parse = || {
            let source = wgpu::ShaderSource::Wgsl(text);
            self.device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(self.label), source })
        };
        module.get_or_init(parse).clone()
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
        let core = Arc::downgrade(&gpu.kernels.composite.kernel.core);
        for entry in [1, 2, 4, 0x0203, 0x0302] {
            let constants = vec![("WRITES_RGBA", 0), ("HAS_BASE", 0), ("ENTRY_0", entry), ("TEXELS_0", 0)];
            assert!(!gpu.kernels.composite.kernel.is_ready(&gpu.compiler, &constants, SPECIALIZE_AFTER_TILES));
        }
        drop(gpu);
        assert!(core.upgrade().is_none(), "a thread still has the kernel, and its device");
    }

    #[test]
    fn a_pipeline_is_ready_once_it_is_compiled_in_the_background() {
        let gpu = Gpu::open(None).unwrap();
        let kernel = &gpu.kernels.composite.kernel;
        let constants = vec![("WRITES_RGBA", 1), ("HAS_BASE", 0), ("ENTRY_0", 4), ("TEXELS_0", 0)];
        let is_ready = |tiles| kernel.is_ready(&gpu.compiler, &constants, tiles);
        assert!(!is_ready(SPECIALIZE_AFTER_TILES - 1));
        let is_queued = || kernel.core.lock()[&constants].is_queued;
        assert!(!is_queued());
        assert!(!is_ready(1) && is_queued());
        // Waits for the same compilation as the background thread.
        kernel.pipeline(&constants);
        assert!(is_ready(1));
    }
}
