//! Composited frames after the GPU: read back into pooled memory, captured, displayed.

pub(crate) mod capture;
pub(crate) mod display;
pub(crate) mod frame_pool;
pub(crate) mod latest_frame;
pub(crate) mod readback;
