//! Validates every shader without a GPU.
//!
//! wgpu validates them too, but only when a pipeline is created and only for the adapter in use. Here each file is validated
//! on its own, and an error is shown with its line.

use std::fs;
use std::path::Path;

use naga::front::wgsl;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{Module, ShaderStage};
use repcast_compositor::SHADERS;

/// Parses and validates a shader; the error shows the source line, as a compiler does.
fn validated(name: &str, source: &str) -> Result<Module, String> {
    let path = format!("shaders/{name}.wgsl");
    let module = wgsl::parse_str(source).map_err(|error| error.emit_to_string_with_path(source, &path))?;
    // The capabilities of an adapter are checked when a device is opened; here the language alone is validated.
    Validator::new(ValidationFlags::all(), Capabilities::all())
        .validate(&module)
        .map_err(|error| error.emit_to_string_with_path(source, &path))?;
    Ok(module)
}

#[test]
fn every_shader_is_valid_and_has_its_entry_point() {
    let mut wrong = Vec::new();
    for (name, source) in SHADERS {
        match validated(name, source) {
            Ok(module) => {
                let points = &module.entry_points;
                let has = |name, stage| points.iter().any(|point| point.name == name && point.stage == stage);
                let draws = has("corner", ShaderStage::Vertex) && has("main", ShaderStage::Fragment);
                if !has("main", ShaderStage::Compute) && !draws {
                    wrong.push(format!(
                        "shaders/{name}.wgsl: has neither `main` to compute nor `corner` and `main` to draw"
                    ));
                }
            }
            Err(message) => wrong.push(message),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The test above does not see a file that is missing from the list.
#[test]
fn every_shader_file_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let mut found: Vec<String> = files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let mut listed: Vec<&str> = SHADERS.iter().map(|(name, _)| *name).collect();
    found.sort();
    listed.sort_unstable();
    assert_eq!(found, listed);
    for (name, source) in SHADERS {
        let mut resolved = String::new();
        for line in fs::read_to_string(folder.join(format!("{name}.wgsl"))).unwrap().split_inclusive('\n') {
            match line.strip_prefix("// #include \"").and_then(|rest| rest.trim_end().strip_suffix('"')) {
                Some(shared) => resolved += &fs::read_to_string(folder.join(shared)).unwrap(),
                None => resolved += line,
            }
        }
        assert_eq!(source, resolved, "{name}");
    }
}

#[test]
fn errors_are_found() {
    assert!(validated("unparsable", "fn main( {").is_err());
    let mistyped = "@compute @workgroup_size(1) fn main() { let x: f32 = 1u; }";
    assert!(validated("mistyped", mistyped).is_err());
    let unsound =
        "@group(0) @binding(0) var<storage> x: array<u32>; @compute @workgroup_size(1) fn main() { x[0] = 1u; }";
    assert!(validated("unsound", unsound).is_err());
}
