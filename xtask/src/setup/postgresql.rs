//! The programs of a PostgreSQL server, for store tests that start one of their own.
//!
//! No server is started here and none that runs already is touched: a test makes its own data
//! folder, takes a free port, and stops what it started.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{POSTGRESQL_FOLDER, apt};
use crate::command;
use crate::step::{Outcome, Session, Step};

pub(super) const STEP: Step =
    Step { name: "postgresql", doing: "looks for the programs of a PostgreSQL server", run };

/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Read by Debian's scripts when a server is installed; it tells them not to make and start a cluster.
const NO_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/callboard-tests.conf";

fn run(session: &mut Session) -> Result<Outcome> {
    if find().is_none() && apt::usable() {
        install_without_cluster()?;
    }
    let Some(folder) = find() else {
        return Ok(Outcome::Skipped(
            "Install PostgreSQL 15 or newer (Debian: `apt install postgresql`) and put `initdb` and `pg_ctl` on \
             the path."
                .to_owned(),
        ));
    };
    println!("Found in {}.", folder.display());
    session.found.push((POSTGRESQL_FOLDER, folder.display().to_string()));
    Ok(Outcome::Done)
}

fn install_without_cluster() -> Result<()> {
    let setting = Path::new(NO_CLUSTER);
    let folder = setting.parent().context("the setting lies in no folder")?;
    fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    fs::write(setting, "create_main_cluster = false\n")
        .with_context(|| format!("could not write {NO_CLUSTER}"))?;
    let installed = apt::install(&["postgresql"]);
    // Whoever installs a server later gets what Debian does by itself.
    fs::remove_file(setting).with_context(|| format!("could not remove {NO_CLUSTER}"))?;
    installed
}

/// The folder of the programs.
pub(crate) fn find() -> Option<PathBuf> {
    // The file on the path may be a link; the server's other programs lie beside the real one.
    let on_path = command::find("initdb").and_then(|file| file.canonicalize().ok());
    let on_path = on_path.and_then(|file| file.parent().map(Path::to_path_buf));
    on_path.filter(|folder| is_complete(folder)).or_else(|| newest(Path::new(DEBIAN)))
}

/// The programs of the highest version in a folder of versions.
fn newest(versions: &Path) -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(versions)
        .ok()?
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| is_complete(folder))
        .collect();
    found.sort();
    found.pop().map(|(_, folder)| folder)
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_complete_version_is_taken() {
        let versions = std::env::temp_dir().join(format!("callboard-xtask-{}", std::process::id()));
        for (version, programs) in [
            ("9", &["initdb", "pg_ctl", "postgres"][..]),
            ("15", &["initdb", "pg_ctl", "postgres"]),
            ("17", &["psql"]),
        ] {
            let folder = versions.join(version).join("bin");
            fs::create_dir_all(&folder).unwrap();
            for program in programs {
                fs::write(folder.join(program), "").unwrap();
            }
        }
        let found = newest(&versions);
        fs::remove_dir_all(&versions).unwrap();
        assert_eq!(found, Some(versions.join("15/bin")));
    }
}
