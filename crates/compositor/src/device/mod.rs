//! The graphics device and its textures. It depends on no kernel and no cache.

pub(crate) mod adapters;
pub(crate) mod compile_queue;
pub(crate) mod context;
pub(crate) mod driver_memory;
pub(crate) mod open_devices;
pub(crate) mod surface;

pub(crate) use context::GpuContext;
