//! The rules of `deny.toml`, as far as these tests check them.

use serde::Deserialize;

use super::read;

#[derive(Deserialize)]
pub(super) struct Policy {
    pub(super) graph: GraphRules,
    pub(super) advisories: AdvisoryRules,
    pub(super) licenses: LicenseRules,
    pub(super) sources: SourceRules,
    pub(super) bans: DuplicateRules,
}

#[derive(Deserialize)]
pub(super) struct GraphRules {
    pub(super) targets: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct AdvisoryRules {
    pub(super) ignore: Vec<IgnoredAdvisory>,
}

#[derive(Deserialize)]
pub(super) struct IgnoredAdvisory {
    pub(super) id: String,
    pub(super) reason: String,
}

#[derive(Deserialize)]
pub(super) struct LicenseRules {
    pub(super) allow: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct SourceRules {
    pub(super) allow_registry: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct DuplicateRules {
    pub(super) skip: Vec<SkippedCrate>,
}

/// A version of a crate that is allowed in addition to another one.
#[derive(Deserialize)]
pub(super) struct SkippedCrate {
    /// The name and the versions, as `NAME@VERSIONS`.
    #[serde(rename = "crate")]
    pub(super) name: String,
    pub(super) reason: String,
}

impl Policy {
    pub(super) fn read() -> Self {
        toml::from_str(&read("deny.toml")).unwrap()
    }
}

impl SkippedCrate {
    pub(super) fn name_and_version(&self) -> (&str, semver::VersionReq) {
        let (name, versions) = self.name.split_once('@').unwrap();
        (name, versions.parse().unwrap())
    }
}
