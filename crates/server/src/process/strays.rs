//! Processes that have left the group of their program, found by the mark in their environment.
//!
//! Where there is no `/proc` nothing is found: only Linux shows the environment that a process was
//! started with. A process that wiped the mark before it started another program is not found either;
//! there is no way to hold one that wants to hide and runs under our own account.

use std::time::{Duration, Instant};

/// How long to look again for what was killed. Longer than it takes to die, short enough for a server
/// that starts; what hangs in a call that cannot be cut off is left to its fate, and said.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// How long to wait before looking again.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Kills every process of our own account whose mark is this one or begins with it and a slash, and
/// waits until they are gone. `<store>` ends what an earlier server left behind, `<store>/<run>/<call>`
/// what one call did. How many there were.
///
/// Never killed are this process, and whatever does not bear the mark.
pub async fn end_strays(mark: &str) -> usize {
    let began = Instant::now();
    let mut all = std::collections::BTreeSet::new();
    // Looked for until none is found: one that is killed may just have started another.
    loop {
        let looked_for = mark.to_owned();
        // The files of `/proc` are read without waiting for a disk, but there can be thousands.
        let looking = tokio::task::spawn_blocking(move || marked::kill(&looked_for));
        // Reading of a process that hangs in the kernel can hang as well; nobody's call hangs with it.
        let found = tokio::time::timeout(GONE_WITHIN, looking).await.map(Result::unwrap_or_default);
        let hangs = found.is_err() || began.elapsed() > GONE_WITHIN;
        match found {
            Ok(found) if found.is_empty() => return all.len(),
            Ok(found) => all.extend(found),
            Err(_elapsed) => {}
        }
        if hangs {
            tracing::warn!(mark, processes = ?all, "processes that a call started may still be there");
            return all.len();
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

#[cfg(target_os = "linux")]
mod marked {
    use std::os::unix::fs::MetadataExt as _;

    use rustix::io::Errno;
    use rustix::process::{self, Pid, PidfdFlags, Signal};

    use super::super::program::MARK;

    /// Kills what bears the mark, and says which processes that were.
    pub(super) fn kill(mark: &str) -> Vec<i32> {
        let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
        let numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let others = numbers.filter_map(Pid::from_raw).filter(|pid| *pid != process::getpid());
        others
            .filter(|pid| bears(*pid, mark) && end(*pid, mark))
            .map(|pid| pid.as_raw_nonzero().get())
            .collect()
    }

    /// Whether the process is ours and bears the mark. One that has ended has no environment.
    fn bears(pid: Pid, mark: &str) -> bool {
        let folder = format!("/proc/{pid}");
        let ours = process::geteuid().as_raw();
        if !std::fs::metadata(&folder).is_ok_and(|found| found.uid() == ours) {
            return false;
        }
        let Ok(environment) = std::fs::read(format!("{folder}/environ")) else { return false };
        environment.split(|byte| *byte == 0).any(|variable| {
            let value = variable.strip_prefix(MARK.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
            value.is_some_and(|value| begins_with(value, mark))
        })
    }

    /// Whether a mark is that one or lies under it. An empty one would be everybody's.
    pub(super) fn begins_with(value: &[u8], mark: &str) -> bool {
        let rest = value.strip_prefix(mark.as_bytes());
        !mark.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    }

    /// Kills a process that was seen to bear the mark. Its number could have become another's since,
    /// so it is held by a handle first and looked at again; a kernel or a sandbox without handles
    /// leaves the number.
    fn end(pid: Pid, mark: &str) -> bool {
        match process::pidfd_open(pid, PidfdFlags::empty()) {
            Ok(held) => {
                if !bears(pid, mark) {
                    return false;
                }
                end_group(pid);
                process::pidfd_send_signal(held, Signal::KILL).is_ok()
            }
            Err(Errno::SRCH) => false,
            Err(_no_handles) => {
                end_group(pid);
                process::kill_process(pid, Signal::KILL).is_ok()
            }
        }
    }

    /// The group of a process is its own where the process leads it. Others it may only have joined,
    /// and theirs are found by their own marks.
    fn end_group(pid: Pid) {
        if process::getpgid(Some(pid)) == Ok(pid) && process::getpgrp() != pid {
            let _gone = process::kill_process_group(pid, Signal::KILL);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod marked {
    /// There is nowhere to look.
    pub(super) fn kill(_mark: &str) -> Vec<i32> {
        Vec::new()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::marked::begins_with;

    #[test]
    fn a_mark_covers_what_lies_under_it_and_nothing_that_only_begins_alike() {
        let table = [
            ("store/1/2", "store", true),
            ("store/1/2", "store/1", true),
            ("store/1/2", "store/1/2", true),
            ("store/1/22", "store/1/2", false),
            ("store/11/2", "store/1", false),
            ("store2/1/2", "store", false),
            ("other/store/1", "store", false),
            ("store", "store/1", false),
            ("store/1/2", "", false),
            ("", "", false),
        ];
        for (value, mark, expected) in table {
            assert_eq!(begins_with(value.as_bytes(), mark), expected, "{value} under {mark}");
        }
    }
}
