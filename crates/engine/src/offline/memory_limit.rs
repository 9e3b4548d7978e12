//! The memory available to a render: of the machine, and of the control groups (containers, services) that it runs in.

use std::fs;
use std::path::Path;

/// Where the kernel reports the limit of a control group: the line of `/proc/self/cgroup` begins with `controller`, and the
/// group's folder is found under `root`. Version 2 first, then version 1 (Linux, Documentation/admin-guide/cgroup-v2.rst
/// and cgroup-v1/memory.rst).
struct Hierarchy {
    controller: &'static str,
    root: &'static str,
    limit: &'static str,
    used: &'static str,
    /// The line of `memory.stat` with the memory that the kernel reclaims under pressure.
    reclaimable: &'static str,
}

const HIERARCHIES: [Hierarchy; 2] = [
    Hierarchy {
        controller: "",
        root: "sys/fs/cgroup",
        limit: "memory.max",
        used: "memory.current",
        reclaimable: "inactive_file",
    },
    Hierarchy {
        controller: "memory",
        root: "sys/fs/cgroup/memory",
        limit: "memory.limit_in_bytes",
        used: "memory.usage_in_bytes",
        reclaimable: "total_inactive_file",
    },
];

/// Bytes that can be allocated without swapping; `None` where the system does not report it.
pub(super) fn available_bytes() -> Option<u64> {
    available_below(Path::new("/"))
}

fn available_below(root: &Path) -> Option<u64> {
    let meminfo = fs::read_to_string(root.join("proc/meminfo")).ok();
    let machine = meminfo.as_deref().and_then(|text| field(text, "MemAvailable:")).map(|kib| kib.saturating_mul(1024));
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let of_groups = HIERARCHIES.iter().filter_map(|hierarchy| hierarchy.available(root, &groups));
    machine.into_iter().chain(of_groups).min()
}

impl Hierarchy {
    /// The least that is left to the group and its ancestors; `None` without a limit.
    fn available(&self, root: &Path, groups: &str) -> Option<u64> {
        let path = groups.lines().find_map(|line| {
            let (_, named) = line.split_once(':')?;
            let (controllers, path) = named.split_once(':')?;
            controllers.split(',').any(|controller| controller == self.controller).then_some(path)
        })?;
        let top = root.join(self.root);
        let group = top.join(path.trim_start_matches('/'));
        // Inside a container the path may be that of the host, and the group's own folder the top.
        let folders = group.ancestors().take_while(|folder| folder.starts_with(&top)).chain([top.as_path()]);
        folders.filter_map(|folder| self.left(folder)).min()
    }

    fn left(&self, folder: &Path) -> Option<u64> {
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        // `max` means no limit.
        let limit: u64 = read(self.limit)?.trim().parse().ok()?;
        let used: u64 = read(self.used)?.trim().parse().ok()?;
        let reclaimable = read("memory.stat").and_then(|text| field(&text, self.reclaimable)).unwrap_or(0);
        Some(limit.saturating_sub(used.saturating_sub(reclaimable)))
    }
}

/// The number after a name at the start of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.split_whitespace().next() == Some(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with the files of a machine.
    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal:  8000 kB\nMemFree: 10 kB\nMemAvailable:    4000 kB\n");

    #[test]
    fn the_smallest_limit_applies() {
        let available = |files: &[(&str, &str)]| available_below(machine(files).path());
        assert_eq!(available(&[]), None);
        assert_eq!(available(&[MEMINFO]), Some(4000 << 10));
        let v2 = ("proc/self/cgroup", "0::/app/job\n");
        let unlimited = ("sys/fs/cgroup/app/job/memory.max", "max\n");
        assert_eq!(available(&[MEMINFO, v2, unlimited]), Some(4000 << 10));
        // The limit of a parent group, less the memory in use that cannot be reclaimed.
        let around = [
            ("sys/fs/cgroup/app/memory.max", "1000000\n"),
            ("sys/fs/cgroup/app/memory.current", "600000\n"),
            ("sys/fs/cgroup/app/memory.stat", "anon 5\nactive_file 9\ninactive_file 200000\n"),
        ];
        assert_eq!(available(&[&[MEMINFO, v2, unlimited][..], &around].concat()), Some(600_000));
        // A container that sees its own group as the root, whatever its path.
        let top = [("sys/fs/cgroup/memory.max", "300000\n"), ("sys/fs/cgroup/memory.current", "400000\n")];
        assert_eq!(available(&[&[MEMINFO, v2][..], &top].concat()), Some(0));
        let v1 = [
            ("proc/self/cgroup", "5:cpu,cpuacct:/other\n4:memory:/job\n0::/\n"),
            ("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "500000\n"),
            ("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "100000\n"),
            ("sys/fs/cgroup/memory/job/memory.stat", "inactive_file 7\ntotal_inactive_file 50000\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000000000\n"),
        ];
        assert_eq!(available(&[&[MEMINFO][..], &v1].concat()), Some(450_000));
        assert_eq!(available(&[("proc/meminfo", "MemAvailable: lots\n")]), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_reports_its_memory() {
        assert!(available_bytes().is_some_and(|bytes| bytes > 0));
    }
}
