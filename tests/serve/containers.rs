//! `deploy/compose.yaml`: valid, with the options that `serve` has, and without rights that it does not need; and the service
//! of systemd.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::server::root;
use super::support::process::{Exit, LIMIT, repcast, run};

fn output(mut command: Command, folder: &Path) -> String {
    command.current_dir(folder);
    let line = format!("{command:?}");
    let output = run(command, LIMIT, |_| ());
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.exit, Exit::Code(0), "{line}\n{stdout}{}", output.stderr);
    stdout
}

/// The services as the program that runs them reads them, with secrets that were just made.
fn services() -> Value {
    let folder = tempfile::tempdir().unwrap();
    let deploy = folder.path().join("deploy");
    fs::create_dir_all(folder.path().join("target/package")).unwrap();
    fs::create_dir_all(deploy.join("proxy")).unwrap();
    for file in ["compose.yaml", "proxy/Caddyfile"] {
        fs::copy(root().join("deploy").join(file), deploy.join(file)).unwrap();
    }
    let mut secrets = Command::new(root().join("deploy/compose-secrets"));
    secrets.args(["gym.example", "."]);
    output(secrets, &deploy);
    let keys: Value = serde_json::from_slice(&fs::read(deploy.join("secrets/s3_keys.json")).unwrap()).unwrap();
    let variables = fs::read_to_string(deploy.join(".env")).unwrap();
    let secret = keys["identities"][0]["credentials"][0]["secretKey"].as_str().unwrap();
    assert!(variables.contains(&format!("AWS_SECRET_ACCESS_KEY={secret}\n")) && secret.len() == 48, "{variables}");
    assert!(fs::metadata(deploy.join("secrets/jwt_key")).unwrap().len() >= 32);
    let mut compose = Command::new("docker-compose");
    compose.args(["--file", "compose.yaml", "config"]);
    let normalized = output(compose, &deploy);
    // There is no reader of YAML here, but one where the program comes from.
    fs::write(deploy.join("normalized.yaml"), normalized).unwrap();
    let mut convert = Command::new("python3");
    convert.args(["-c", "import json, yaml; print(json.dumps(yaml.safe_load(open('normalized.yaml'))['services']))"]);
    serde_json::from_str(&output(convert, &deploy)).unwrap()
}

#[test]
fn the_services_are_confined_and_start_in_order() {
    let services = services();
    let services = services.as_object().unwrap();
    let names: Vec<&str> = services.keys().map(String::as_str).collect();
    assert_eq!(names, ["buckets", "postgres", "proxy", "repcast", "store"]);
    for (name, service) in services {
        assert_eq!(service["cap_drop"], serde_json::json!(["ALL"]), "{name}");
        assert_eq!(service["security_opt"], serde_json::json!(["no-new-privileges:true"]), "{name}");
        assert!(service["privileged"].is_null() && service["network_mode"].is_null(), "{name}");
        assert!(service["ports"].is_null() || name == "proxy", "{name}");
        assert!(service["read_only"] == true || name == "store", "{name}");
        assert!(service["healthcheck"].is_object() || name == "buckets", "{name}");
        assert!(service["deploy"]["resources"]["limits"]["memory"].is_string(), "{name}");
        assert!(!service["image"].as_str().unwrap().ends_with(":latest"), "{name}");
    }
    let conditions = &services["repcast"]["depends_on"];
    assert_eq!(conditions["postgres"]["condition"], "service_healthy");
    assert_eq!(conditions["buckets"]["condition"], "service_completed_successfully");
    assert_eq!(services["proxy"]["depends_on"]["repcast"]["condition"], "service_healthy");
    assert!(services["repcast"]["healthcheck"]["test"].to_string().contains("GET /readyz "));
}

#[test]
fn the_container_has_variables_that_serve_reads() {
    let mut help = repcast();
    help.args(["serve", "--help"]);
    let help = output(help, root());
    let services = services();
    let environment = services["repcast"]["environment"].as_object().unwrap();
    let names: BTreeSet<&str> = environment.keys().map(String::as_str).collect();
    assert!(names.len() > 10, "{names:?}");
    let is_known = |name: &str| match name.strip_prefix("REPCAST_") {
        Some(option) => help.contains(&format!("--{} ", option.to_lowercase().replace('_', "-"))),
        // Keys of a store have no option: command lines can be read by others.
        None => help.contains(&format!("[env: {name}")) || (name.contains("KEY") && help.contains(name)),
    };
    let unknown: Vec<&&str> = names.iter().filter(|name| !is_known(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?} are not in:\n{help}");
    // They are values that the program accepts, too; files and folders are those of the container.
    let data = tempfile::tempdir().unwrap();
    let mut check = repcast();
    check.args(["serve", "--check-config"]);
    for (name, value) in environment {
        check.env(name, value.as_str().unwrap());
    }
    fs::write(data.path().join("jwt_key"), [7; 32]).unwrap();
    check.env("JWT_KEY_FILE", data.path().join("jwt_key")).env("REPCAST_DATA", data.path().join("data"));
    check.env("REPCAST_STORE", data.path().join("segments"));
    assert!(output(check, root()).contains("everything is valid"));
}

/// 2.0 of 10 when it was written; a service without any setting has 9.6.
#[test]
fn the_service_of_systemd_is_confined() {
    let mut analyze = Command::new("systemd-analyze");
    analyze.args(["security", "--offline=true", "--threshold=25", "deploy/systemd/repcast.service"]);
    output(analyze, root());
    let unit = fs::read_to_string(root().join("deploy/systemd/repcast.service")).unwrap();
    assert!(unit.lines().any(|line| line == "StateDirectory=repcast"));
}
