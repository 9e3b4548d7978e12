//! The graphics adapters of this machine.

/// An adapter as `doctor` lists it.
#[derive(Clone, Debug)]
pub struct AdapterSummary {
    /// Name given by the driver.
    pub name: String,
    /// Discrete, integrated, virtual or CPU.
    pub kind: String,
    /// Vulkan, Metal or Direct3D 12.
    pub backend: String,
    /// Driver and version.
    pub driver: String,
}

/// Lists the adapters of this machine, the preferred one first.
#[must_use]
pub fn list_adapters() -> Vec<AdapterSummary> {
    sorted_adapters(&instance())
        .iter()
        .map(|adapter| {
            let info = adapter.get_info();
            AdapterSummary {
                name: info.name,
                kind: format!("{:?}", info.device_type),
                backend: info.backend.to_string(),
                driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
            }
        })
        .collect()
}

const BACKENDS: wgpu::Backends = wgpu::Backends::PRIMARY;

pub(super) fn instance() -> wgpu::Instance {
    let backends = BACKENDS;
    wgpu::Instance::new(wgpu::InstanceDescriptor { backends, ..wgpu::InstanceDescriptor::new_without_display_handle() })
}

pub(super) fn sorted_adapters(instance: &wgpu::Instance) -> Vec<wgpu::Adapter> {
    let mut adapters = pollster::block_on(instance.enumerate_adapters(BACKENDS));
    adapters.sort_by_key(|adapter| match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    });
    adapters
}
