//! Crates depend on lower layers only, and name only the third-party crates that belong there. Read from the manifests.

use std::collections::BTreeSet;
use std::fs;

use super::{read, root};

/// The layers from the lowest, and the crates of each.
const LAYERS: [&[&str]; 7] = [
    &["model"],
    &["media", "planner"],
    &["mux"],
    &["compositor", "mixer", "gstreamer", "speech", "storage", "http", "database", "objects", "capture"],
    &["engine", "cameras"],
    &["service"],
    &["server", "preview"],
];

/// Third-party crates that any crate may use: vocabulary, errors, logging, plain data.
const ANYWHERE: [&str; 5] = ["bytes", "serde", "serde_json", "thiserror", "tracing"];

/// Third-party crates by the beginning of their name, and the only crates that may use them.
const HOMES: [(&str, &[&str]); 63] = [
    ("arboard", &["preview"]),
    ("argon2", &["service"]),
    ("axum", &["http", "server"]),
    ("brotli", &["server"]),
    ("base64", &["server"]),
    ("bytemuck", &["compositor", "preview"]),
    ("crossbeam-channel", &["compositor", "engine", "service", "preview"]),
    ("ebur128", &["mixer"]),
    ("egui", &["preview"]),
    ("fluent-bundle", &["model"]),
    ("futures-util", &["capture", "database", "http", "objects", "server", "service"]),
    ("gif", &["gstreamer"]),
    ("glyphon", &["compositor"]),
    ("governor", &["http"]),
    ("gstreamer", &["gstreamer"]),
    ("hmac", &["service"]),
    ("http", &["capture", "http", "server"]),
    ("hyper", &["capture", "http"]),
    ("icu_segmenter", &["compositor"]),
    ("if-addrs", &["http"]),
    ("image", &["gstreamer", "storage"]),
    ("ipnet", &["media", "http"]),
    ("jiff", &["mux", "server"]),
    ("jsonwebtoken", &["service"]),
    ("libc", &["compositor", "gstreamer"]),
    ("libloading", &["preview"]),
    ("lz4_flex", &["gstreamer"]),
    ("moxcms", &["gstreamer"]),
    ("mp4-atom", &["gstreamer", "mux"]),
    ("multer", &["server"]),
    ("num-", &["model"]),
    ("object_store", &["objects"]),
    ("ort", &["speech"]),
    ("parking_lot", &["capture", "cameras", "compositor", "gstreamer", "engine", "service", "http"]),
    ("png", &["gstreamer", "storage"]),
    ("pollster", &["compositor"]),
    ("prometheus-client", &["http", "server"]),
    ("qrcodegen", &["model"]),
    ("reqwest", &["objects", "service"]),
    ("retina", &["capture"]),
    ("ring", &["service"]),
    ("rubato", &["mixer"]),
    ("rust-embed", &["server"]),
    ("rustix", &["cameras"]),
    ("rustls", &["objects", "service"]),
    ("schemars", &["model"]),
    ("sha2", &["storage", "engine", "service"]),
    ("signalsmith-stretch", &["mixer"]),
    ("socket2", &["http"]),
    ("softbuffer", &["preview"]),
    ("sqlx", &["database"]),
    ("strsim", &["model"]),
    ("subtle", &["service"]),
    ("tempfile", &["gstreamer", "speech", "storage", "engine", "objects"]),
    ("tokio", &["capture", "cameras", "database", "engine", "service", "http", "objects", "server"]),
    ("toml", &["model"]),
    ("tower", &["http"]),
    ("uni", &["model", "compositor"]),
    ("url", &["capture"]),
    ("utoipa", &["server"]),
    ("uuid", &["service", "http"]),
    ("w", &["compositor", "preview"]),
    ("zxcvbn", &["service"]),
];

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|crates| crates.contains(&name))
}

/// The names in the `[dependencies]` of a manifest, and of its targets; not those of tests.
fn dependencies(manifest: &str) -> Vec<String> {
    let manifest: toml::Table = manifest.parse().unwrap();
    let keys = |table: Option<&toml::Value>| -> Vec<String> {
        table.and_then(toml::Value::as_table).map(|table| table.keys().cloned().collect()).unwrap_or_default()
    };
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let of_targets = targets.into_iter().flat_map(|targets| targets.values());
    let mut names = keys(manifest.get("dependencies"));
    names.extend(of_targets.flat_map(|target| keys(target.get("dependencies"))));
    names
}

/// What is wrong with the dependencies of a crate.
fn faults(name: &str, manifest: &str) -> Vec<String> {
    let Some(own) = layer(name) else { return vec![format!("crates/{name} is in no layer")] };
    let fault = |dependency: &String| {
        if let Some(local) = dependency.strip_prefix("repcast-") {
            let is_lower = layer(local).is_some_and(|other| other < own);
            return (!is_lower).then(|| format!("{name} depends on {local}, which is not in a lower layer"));
        }
        let is_allowed = ANYWHERE.contains(&dependency.as_str())
            || HOMES.iter().any(|(start, homes)| dependency.starts_with(start) && homes.contains(&name));
        (!is_allowed).then(|| format!("{name} uses {dependency}, which does not belong there"))
    };
    dependencies(manifest).iter().filter_map(fault).collect()
}

fn crates() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("crates")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn crates_depend_on_lower_layers_and_on_what_belongs_there() {
    let faults: Vec<_> =
        crates().iter().flat_map(|name| faults(name, &read(&format!("crates/{name}/Cargo.toml")))).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let listed: BTreeSet<String> = LAYERS.iter().flat_map(|crates| crates.iter().map(ToString::to_string)).collect();
    assert_eq!(listed, crates());
}

#[test]
fn a_build_without_the_preview_needs_no_windowing() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    assert_eq!(manifest["features"]["preview"], toml::Value::from(vec!["dep:repcast-preview"]));
    assert_eq!(manifest["dependencies"]["repcast-preview"]["optional"], true.into());
    let windowing = ["egui", "softbuffer", "winit"];
    for name in crates().iter().filter(|name| *name != "preview") {
        let dependencies = dependencies(&read(&format!("crates/{name}/Cargo.toml")));
        let found = dependencies.iter().find(|dependency| windowing.iter().any(|start| dependency.starts_with(start)));
        assert_eq!(found, None, "{name}");
    }
}

#[test]
fn only_a_build_with_neural_voices_compiles_their_runtime() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    assert_eq!(manifest["features"]["default"], toml::Value::from(vec!["preview"]));
    assert_eq!(manifest["features"]["neural-voice"], toml::Value::from(vec!["repcast-speech/neural"]));
    let speech: toml::Table = read("crates/speech/Cargo.toml").parse().unwrap();
    assert_eq!(speech["dependencies"]["ort"]["optional"], true.into());
    assert_eq!(speech["features"]["neural"], toml::Value::from(vec!["dep:ort"]));
    assert!(!speech["features"].as_table().unwrap().contains_key("default"));
}

/// Without this, the rules could be kept by a check that sees nothing.
#[test]
fn wrong_dependencies_are_found() {
    let manifest = "[dependencies]\nrepcast-engine.workspace = true\naxum = \"0.8\"\nserde = \"1\"\n\
        [target.'cfg(unix)'.dependencies]\ntokio = \"1\"\n[dev-dependencies]\nrepcast-server = \"1\"\n";
    assert_eq!(
        faults("mux", manifest),
        [
            "mux uses axum, which does not belong there",
            "mux depends on engine, which is not in a lower layer",
            "mux uses tokio, which does not belong there",
        ]
    );
    assert_eq!(faults("storage", "[dependencies]\nrepcast-compositor = {}\n").len(), 1);
    assert_eq!(faults("novelty", "").len(), 1);
}
