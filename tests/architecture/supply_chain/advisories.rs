//! A snapshot of the RustSec advisory database: the affected versions of every crate that has an advisory.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::{fmt, fs};

use semver::VersionReq;
use serde::{Deserialize, Serialize};

use super::super::{read, root};
use super::graph::LockedCrate;

/// The snapshot; a readme in its folder describes it.
const SNAPSHOT: &str = "tests/architecture/supply_chain/rustsec/advisories.json";

/// All advisories of the database at one commit.
#[derive(Serialize, Deserialize)]
pub(super) struct Snapshot {
    source: String,
    commit: String,
    date: String,
    advisories: Vec<Advisory>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Advisory {
    pub(super) id: String,
    #[serde(rename = "crate")]
    package: String,
    title: String,
    /// `unmaintained`, `unsound` or `notice`; none for a vulnerability.
    #[serde(skip_serializing_if = "Option::is_none")]
    informational: Option<String>,
    patched: Vec<String>,
    unaffected: Vec<String>,
    /// The original of an advisory that its license requires to be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl Advisory {
    /// A version that is neither patched nor unaffected. A pre-release is affected unless it is named.
    fn affects(&self, version: &str) -> bool {
        let version = version.parse().unwrap();
        let matches = |versions: &String| versions.parse::<VersionReq>().unwrap().matches(&version);
        !self.patched.iter().chain(&self.unaffected).any(matches)
    }
}

impl fmt::Display for Advisory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, title, patched, .. } = self;
        let kind = self.informational.as_deref().unwrap_or("vulnerable");
        let patched = if patched.is_empty() { "no version".to_owned() } else { patched.join(" or ") };
        write!(formatter, "{kind}: {title}; patched in {patched}; https://rustsec.org/advisories/{id}.html")
    }
}

impl Snapshot {
    pub(super) fn read() -> Self {
        serde_json::from_str(&read(SNAPSHOT)).unwrap()
    }

    /// The crates from the registry that have an advisory.
    pub(super) fn affecting<'a>(
        &'a self,
        crates: &'a BTreeSet<LockedCrate>,
    ) -> impl Iterator<Item = (&'a Advisory, &'a LockedCrate)> {
        crates.iter().filter(|found| found.source.is_some()).flat_map(|found| {
            let of_crate = self.advisories.iter().filter(|advisory| advisory.package == found.name);
            of_crate.filter(|advisory| advisory.affects(&found.version)).map(move |advisory| (advisory, found))
        })
    }

    /// One line for each advisory, so that changes can be read.
    fn to_json(&self) -> String {
        let lines: Vec<String> =
            self.advisories.iter().map(|advisory| serde_json::to_string(advisory).unwrap()).collect();
        let Self { source, commit, date, .. } = self;
        let head = format!("\"source\": {source:?},\n\"commit\": {commit:?},\n\"date\": {date:?}");
        format!("{{\n{head},\n\"advisories\": [\n{}\n]\n}}\n", lines.join(",\n"))
    }
}

/// An advisory as the database has it: TOML in a fenced block, a title, and a description in Markdown. None if it was
/// withdrawn.
fn parse(text: &str) -> Option<Advisory> {
    #[derive(Deserialize)]
    struct Document {
        advisory: Front,
        #[serde(default)]
        versions: Versions,
    }
    #[derive(Deserialize)]
    struct Front {
        id: String,
        package: String,
        informational: Option<String>,
        withdrawn: Option<toml::Value>,
        license: Option<String>,
        url: Option<String>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Versions {
        patched: Vec<String>,
        unaffected: Vec<String>,
    }
    let (front, description) = text.strip_prefix("```toml\n").unwrap().split_once("\n```").unwrap();
    let Document { advisory, versions } = toml::from_str(front).unwrap();
    let title = description.lines().find_map(|line| line.strip_prefix("# ")).unwrap().trim().to_owned();
    let needs_attribution = advisory.license.is_some_and(|license| license != "CC0-1.0");
    advisory.withdrawn.is_none().then(|| Advisory {
        id: advisory.id,
        package: advisory.package,
        title,
        informational: advisory.informational.map(|kind| kind.trim().to_owned()),
        patched: versions.patched,
        unaffected: versions.unaffected,
        url: advisory.url.filter(|_| needs_attribution),
    })
}

/// Writes the snapshot from a clone of the database.
pub(super) fn refresh_snapshot(clone: &str) {
    let mut advisories = Vec::new();
    for folder in fs::read_dir(Path::new(clone).join("crates")).unwrap() {
        let files = fs::read_dir(folder.unwrap().path()).unwrap();
        advisories.extend(files.filter_map(|file| parse(&fs::read_to_string(file.unwrap().path()).unwrap())));
    }
    advisories.sort_by(|one, other| one.id.cmp(&other.id));
    let log = Command::new("git").args(["-C", clone, "log", "-1", "--format=%H %cs"]).output().unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    let (commit, date) = log.trim().split_once(' ').unwrap();
    let source = "https://github.com/rustsec/advisory-db".to_owned();
    let snapshot = Snapshot { source, commit: commit.to_owned(), date: date.to_owned(), advisories };
    fs::write(root().join(SNAPSHOT), snapshot.to_json()).unwrap();
}

/// Without this, the rule could be kept by a snapshot that is empty or a comparison that finds nothing.
#[test]
fn affected_versions_are_found() {
    let snapshot = Snapshot::read();
    assert!(snapshot.advisories.len() > 1000);
    let is_affected = |name: &str, version: &str| {
        let source = Some("registry+x".to_owned());
        let found = LockedCrate { name: name.to_owned(), version: version.to_owned(), source };
        snapshot.affecting(&BTreeSet::from([found])).count() > 0
    };
    // RUSTSEC-2022-0013: regex, patched in 1.5.5; RUSTSEC-2023-0018: remove_dir_all, in 0.8.0.
    assert!(is_affected("regex", "1.5.4") && !is_affected("regex", "1.5.5"));
    assert!(is_affected("remove_dir_all", "0.7.0") && !is_affected("remove_dir_all", "0.8.0"));
    assert!(!is_affected("no-such-crate", "1.0.0"));
}

#[test]
fn advisories_of_the_database_are_read() {
    let text = |more: &str| {
        format!(
            "```toml\n[advisory]\nid = \"RUSTSEC-2000-0001\"\npackage = \"a\"\n{more}\n[versions]\npatched = [\">= 1.2.0\"]\n\
             unaffected = [\"< 1.1.0\"]\n```\n\n# A title\n\nText.\n"
        )
    };
    let advisory = parse(&text("url = \"https://example.com\"")).unwrap();
    assert_eq!((advisory.title.as_str(), advisory.url.as_deref()), ("A title", None));
    assert_eq!(
        ["1.0.9", "1.1.0", "1.2.0", "2.0.0"].map(|version| advisory.affects(version)),
        [false, true, false, false]
    );
    assert!(parse(&text("withdrawn = \"2020-01-01\"")).is_none());
    let foreign = parse(&text("license = \"CC-BY-4.0\"\nurl = \"https://example.com\"")).unwrap();
    assert_eq!(foreign.url.as_deref(), Some("https://example.com"));
}
