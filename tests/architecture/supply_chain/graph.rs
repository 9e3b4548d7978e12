//! The crates of the lock files, and those that cargo builds for a platform.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::process::Command;

use serde::Deserialize;

use super::super::root;

/// A crate of a lock file.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct LockedCrate {
    pub(super) name: String,
    pub(super) version: String,
    /// Where it comes from; none for the crates of the repository.
    pub(super) source: Option<String>,
}

impl fmt::Display for LockedCrate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.name, self.version)
    }
}

pub(super) fn locked_crates(lock_file: &str) -> Vec<LockedCrate> {
    #[derive(Deserialize)]
    struct LockFile {
        package: Vec<LockedCrate>,
    }
    toml::from_str::<LockFile>(lock_file).unwrap().package
}

/// A crate that is built, with its license expression.
#[derive(Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct BuiltCrate {
    id: String,
    name: String,
    version: String,
    /// Empty where the manifest has none: no rule allows that.
    #[serde(default)]
    pub(super) license: String,
}

/// The crates that are built on any of the platforms, with neural voices and reports of errors, from `cargo metadata`, which downloads what is missing.
pub(super) fn built_crates(targets: &[String]) -> BTreeSet<BuiltCrate> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<BuiltCrate>,
        resolve: Resolve,
    }
    #[derive(Deserialize)]
    struct Resolve {
        nodes: Vec<Node>,
    }
    #[derive(Deserialize)]
    struct Node {
        id: String,
    }
    let mut built = BTreeSet::new();
    for target in targets {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(root()).args([
            "metadata",
            "--format-version=1",
            "--locked",
            "--features",
            "neural-voice,sentry",
        ]);
        command.args(["--filter-platform", target]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Metadata = serde_json::from_slice(&output.stdout).unwrap();
        let ids: HashSet<String> = metadata.resolve.nodes.into_iter().map(|node| node.id).collect();
        built.extend(metadata.packages.into_iter().filter(|found| ids.contains(&found.id)));
    }
    built
}

/// The versions of the crates that are built in more than one.
pub(super) fn duplicates(crates: &BTreeSet<BuiltCrate>) -> BTreeMap<String, BTreeSet<String>> {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in crates {
        versions.entry(found.name.clone()).or_default().insert(found.version.clone());
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

#[test]
fn crates_in_several_versions_are_found() {
    let built = |name: &str, version: &str| BuiltCrate {
        id: format!("{name}@{version}"),
        name: name.to_owned(),
        version: version.to_owned(),
        license: String::new(),
    };
    let crates = BTreeSet::from([built("a", "1.0.0"), built("b", "1.0.0"), built("a", "2.0.0")]);
    let found = duplicates(&crates);
    assert_eq!(found.len(), 1);
    assert_eq!(found["a"].len(), 2);
}
