//! Third-party crates by the rules of `deny.toml`: known vulnerabilities, licenses, sources, and crates in several versions.

mod advisories;
mod graph;
mod licenses;
mod policy;

use std::collections::BTreeSet;

use advisories::{Snapshot, refresh_snapshot};
use graph::{LockedCrate, built_crates, duplicates, locked_crates};
use policy::Policy;

use super::read;

/// The lock files of the repository: of the program, and of the fuzz targets, which are a workspace of their own.
const LOCK_FILES: [&str; 2] = ["Cargo.lock", "fuzz/Cargo.lock"];

fn all_locked_crates() -> BTreeSet<LockedCrate> {
    LOCK_FILES.iter().flat_map(|file| locked_crates(&read(file))).collect()
}

/// The faults, and the exceptions of the policy that excuse nothing.
fn with_unused<'a>(
    mut faults: Vec<String>,
    exceptions: impl Iterator<Item = &'a str>,
    used: &BTreeSet<&str>,
) -> Vec<String> {
    faults.extend(
        exceptions.filter(|name| !used.contains(name)).map(|name| format!("deny.toml: {name} is not needed any more")),
    );
    faults
}

#[test]
fn no_crate_has_a_known_vulnerability() {
    let (policy, snapshot, crates) = (Policy::read(), Snapshot::read(), all_locked_crates());
    let mut used = BTreeSet::new();
    let mut faults = Vec::new();
    for (advisory, found) in snapshot.affecting(&crates) {
        match policy.advisories.ignore.iter().find(|ignored| ignored.id == advisory.id) {
            Some(ignored) => drop(used.insert(ignored.id.as_str())),
            None => faults.push(format!("{found}: {advisory}")),
        }
    }
    let ignored = policy.advisories.ignore.iter().map(|ignored| ignored.id.as_str());
    let faults = with_unused(faults, ignored, &used);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn all_crates_come_from_the_registry() {
    let allowed = Policy::read().sources.allow_registry;
    let is_allowed = |found: &LockedCrate| match &found.source {
        None => true,
        Some(source) => {
            source.strip_prefix("registry+").is_some_and(|registry| allowed.iter().any(|url| url == registry))
        }
    };
    let faults: Vec<_> = all_locked_crates().into_iter().filter(|found| !is_allowed(found)).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn all_crates_have_permissive_licenses() {
    let policy = Policy::read();
    let refused = |license: &str| !licenses::is_satisfied(license, &policy.licenses.allow);
    let crates = built_crates(&policy.graph.targets);
    assert!(crates.len() > 100);
    let faults: Vec<_> = crates.iter().filter(|found| refused(&found.license)).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn crates_in_several_versions_are_listed_with_a_reason() {
    let policy = Policy::read();
    let skipped = |name: &str, version: &str| {
        policy.bans.skip.iter().find(|skip| {
            let (skip_name, skip_version) = skip.name_and_version();
            skip_name == name && skip_version.matches(&version.parse().unwrap())
        })
    };
    let mut used = BTreeSet::new();
    let mut faults = Vec::new();
    for (name, versions) in duplicates(&built_crates(&policy.graph.targets)) {
        let skips: Vec<_> = versions.iter().filter_map(|version| skipped(&name, version)).collect();
        if versions.len() - skips.len() > 1 {
            faults.push(format!("{name} in versions {versions:?}"));
        }
        used.extend(skips.iter().map(|skip| skip.name.as_str()));
    }
    let faults = with_unused(faults, policy.bans.skip.iter().map(|skip| skip.name.as_str()), &used);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_exception_has_a_reason() {
    let policy = Policy::read();
    let skips = policy.bans.skip.iter().map(|skip| (&skip.name, &skip.reason));
    let ignored = policy.advisories.ignore.iter().map(|ignored| (&ignored.id, &ignored.reason));
    let without: Vec<_> = skips.chain(ignored).filter(|(_, reason)| reason.trim().is_empty()).collect();
    assert!(without.is_empty(), "{without:?}");
}

/// Replaces the snapshot by the advisories of a clone of the database; see `script/advisories`.
#[test]
#[ignore = "writes the snapshot from the clone that REPCAST_ADVISORY_DB names"]
fn refresh() {
    refresh_snapshot(&std::env::var("REPCAST_ADVISORY_DB").unwrap());
}
