//! A client in TypeScript that is generated from the API's description: it compiles, uses every call, and its calls work.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::server::{Server, root};
use super::session::{Session, small};
use super::support::process::{Exit, LIMIT, run};

/// Without it, the generator demands fields of requests that have a default.
const OPTIONAL: &str = "--default-non-nullable=false";

/// Runs a program in a folder with the installed packages.
fn node(folder: &Path, program: &str, args: &[&str]) -> String {
    let mut command = Command::new("node");
    command.arg(folder.join(program)).args(args).current_dir(folder).stdin(Stdio::null());
    let output = run(command, LIMIT, |_| ());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.exit, Exit::Code(0), "{program}: {text}{}", output.stderr);
    text
}

#[test]
fn a_generated_client_compiles_with_every_call() {
    let source = root().join("tests/serve/typed_client");
    let packages = source.join("node_modules");
    assert!(packages.join("openapi-typescript").is_dir(), "{} is missing; run script/test", packages.display());
    let folder = tempfile::tempdir().unwrap();
    symlink(&packages, folder.path().join("node_modules")).unwrap();
    for file in ["client.ts", "package.json", "tsconfig.json"] {
        std::fs::copy(source.join(file), folder.path().join(file)).unwrap();
    }
    let server = Server::shared();
    let description = server.get("/api/openapi.json").assert_status(200);
    std::fs::write(folder.path().join("openapi.json"), &description.body).unwrap();
    node(folder.path(), "node_modules/openapi-typescript/bin/cli.js", &["openapi.json", "-o", "api.d.ts", OPTIONAL]);
    node(folder.path(), "node_modules/typescript/bin/tsc", &["-p", "."]);

    // What the types say of the calls that need no document is what the server responds.
    let session = Session::start(server, &small(600));
    let base = format!("http://{}", server.address);
    let printed = node(folder.path(), "client.js", &[&base, &session.id, &session.authorization]);
    let report: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(report["state"], "paused", "{report}");
    assert_eq!(report["health"], "ok", "{report}");
    assert!(report["exercises"].as_u64().unwrap() > 0, "{report}");
}

#[test]
fn each_operation_is_described_with_types() {
    let description = Server::shared().get("/api/openapi.json").json();
    let mut ids = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = format!("{method} {path}");
            ids.push(operation["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no id")).to_owned());
            for (status, response) in operation["responses"].as_object().unwrap() {
                let content = response["content"].as_object();
                let is_typed = content.is_none_or(|content| content.values().all(|body| body["schema"] != Value::Null));
                assert!(is_typed, "{name} {status}: {response}");
                let untyped =
                    response["content"]["application/json"]["schema"].as_object().is_some_and(|s| s.is_empty());
                assert!(!untyped, "{name} {status} has no type");
                if status.starts_with(['4', '5']) {
                    let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                    assert_eq!(schema, "#/components/schemas/Problem", "{name} {status}");
                }
            }
            if let Some(body) = operation.get("requestBody") {
                // Files are no JSON.
                let is_file = |kind: &String| kind.starts_with("multipart/") || kind.ends_with("octet-stream");
                for (kind, body) in body["content"].as_object().unwrap() {
                    let has_example = body["example"].is_object() || is_file(kind);
                    assert!(has_example && body["schema"].is_object(), "{name}: {body}");
                }
            }
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "operation ids are unique");
    let schemas = description["components"]["schemas"].as_object().unwrap();
    for name in ["Session", "SessionList", "SessionState", "Exercise", "Health", "Problem", "Workout", "Command"] {
        assert!(schemas.contains_key(name), "{name}: {:?}", schemas.keys());
    }
}
