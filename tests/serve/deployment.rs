//! The files of `deploy`: each is checked by the program that reads it, and names only metrics that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::server::{Server, root};
use super::support::process::{Exit, LIMIT, run};

fn succeed(program: &str, args: &[&str], folder: &Path) {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).env("HOME", folder);
    let output = run(command, LIMIT, |_| ());
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.exit, Exit::Code(0), "{program} {args:?}\n{stdout}{}", output.stderr);
}

#[test]
fn alerts_fire_when_they_should() {
    let folder = root().join("deploy/prometheus");
    succeed("promtool", &["check", "rules", "rules.yml"], &folder);
    succeed("promtool", &["test", "rules", "rules_test.yml"], &folder);
}

#[test]
fn configurations_of_proxies_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root().join("deploy/proxy/Caddyfile"), folder.path().join("Caddyfile")).unwrap();
    succeed("caddy", &["validate", "--adapter", "caddyfile", "--config", "Caddyfile"], folder.path());

    let certificate = rcgen::generate_simple_self_signed(["gym.example".to_owned()]).unwrap();
    fs::write(folder.path().join("fullchain.pem"), certificate.cert.pem()).unwrap();
    fs::write(folder.path().join("privkey.pem"), certificate.signing_key.serialize_pem()).unwrap();
    let site = fs::read_to_string(root().join("deploy/proxy/nginx.conf")).unwrap();
    let site = site.replace("/etc/ssl/gym.example", folder.path().to_str().unwrap());
    let site = site.replace("listen 80;", "listen 127.0.0.1:47180;").replace("listen 443 ", "listen 127.0.0.1:47143 ");
    let prefix = folder.path().display();
    let main = format!(
        "pid {prefix}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n\
         client_body_temp_path {prefix}/a;\nproxy_temp_path {prefix}/b;\nfastcgi_temp_path {prefix}/c;\n\
         uwsgi_temp_path {prefix}/d;\nscgi_temp_path {prefix}/e;\n{site}\n}}\n"
    );
    let path = folder.path().join("nginx.conf");
    fs::write(&path, main).unwrap();
    succeed("/usr/sbin/nginx", &["-t", "-q", "-c", path.to_str().unwrap()], folder.path());
}

/// The names of metrics in PromQL.
fn metrics_of(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("repcast_") || word.starts_with("http_")).map(str::to_owned).collect()
}

#[test]
fn rules_and_the_dashboard_name_metrics_that_exist() {
    let read = |path: &str| fs::read_to_string(root().join("deploy").join(path)).unwrap();
    let rules = read("prometheus/rules.yml");
    let expressions = rules.split("expr:").skip(1).map(|rest| rest.split("labels:").next().unwrap());
    let mut named: BTreeSet<String> = expressions.flat_map(metrics_of).collect();
    let dashboard: Value = serde_json::from_str(&read("grafana/repcast.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    named.extend(targets.flat_map(|target| metrics_of(target["expr"].as_str().unwrap())));
    assert!(named.len() > 15, "{named:?}");

    let folder = tempfile::tempdir().unwrap();
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("cert.pem"), certificate.cert.pem()).unwrap();
    fs::write(path("key.pem"), certificate.signing_key.serialize_pem()).unwrap();
    let (store, cert, key) = (path("store"), path("cert.pem"), path("key.pem"));
    let options = ["--store", &store, "--tls-cert", &cert, "--tls-key", &key, "--admin-listen", "127.0.0.1:0"];
    let server = Server::start(&options);
    // Metrics of requests have labels, and appear with the first request.
    let url = format!("https://{}/healthz", server.address);
    let answered = Command::new("curl").args(["--silent", "--insecure", "--output", "/dev/null", &url]).status();
    assert!(answered.unwrap().success());
    let admin = server.stderr_lines().iter().find_map(|line| Some(line.strip_prefix("metrics on ")?.to_owned()));
    let text = ureq::get(admin.unwrap()).call().unwrap().body_mut().read_to_string().unwrap();
    let exists = |name: &str| text.lines().any(|line| line.starts_with(name));
    let families = |name: &str| text.contains(&format!("# TYPE {} ", name.trim_end_matches("_total")));
    // Series with labels appear with their first value.
    let missing: Vec<&String> = named
        .iter()
        .filter(|name| !exists(name) && !families(name.trim_end_matches("_bucket").trim_end_matches("_total")))
        .collect();
    assert!(missing.is_empty(), "{missing:?} are not in:\n{text}");
    let expiry = text.lines().find_map(|line| line.strip_prefix("repcast_certificate_expiry_timestamp_seconds "));
    // The default of rcgen: the year 4096.
    assert!(expiry.unwrap().parse::<f64>().unwrap() > 6e10, "{expiry:?}");
}

#[test]
fn the_state_of_the_store_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&["--store", folder.path().to_str().unwrap(), "--store-mb", "5"]);
    let health = server.get("/healthz").assert_status(200).json();
    assert_eq!(health["store"]["limit_bytes"], 5_000_000, "{health}");
    assert_eq!((&health["store"]["condition"], &health["store"]["failures"]), (&"ok".into(), &0.into()), "{health}");
    assert!(Server::shared().get("/healthz").json()["store"].is_null());
}
