//! The official MCP server that shows all of the protocol. The tests that use it start it themselves,
//! with Node.
//!
//! Its version and those of all that it needs are pinned in `xtask/mcp/package-lock.json`. It is
//! installed among the test tools, and no script of a package is run.

use std::fs;
use std::io;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::MCP_EVERYTHING;
use crate::command;
use crate::step::{Outcome, Session, Step};
use crate::web;

pub(super) const STEP: Step =
    Step { name: "mcp", doing: "looks for the official MCP server that tools are tested with", run };

/// What says what to install.
const LISTS: [&str; 2] = ["package.json", "package-lock.json"];
/// Where the server begins, in what was installed.
const SCRIPT: &str = "node_modules/@modelcontextprotocol/server-everything/dist/index.js";

fn run(session: &mut Session) -> Result<Outcome> {
    if let Some(sentence) = web::to_install() {
        return Ok(Outcome::Skipped(sentence));
    }
    let from = session.checkout.root.join("xtask/mcp");
    let folder = session.checkout.tools.join("mcp");
    let lists = LISTS.map(|list| fs::read_to_string(from.join(list)));
    let lists = lists.into_iter().collect::<io::Result<Vec<_>>>();
    let lists = lists.with_context(|| format!("could not read what {} names", from.display()))?;
    // Written last, so that an installation that was cut off is done again.
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lists.concat()) {
        println!("Found in {}.", folder.display());
    } else {
        println!("Installing the MCP server, 32 MB, into {}.", folder.display());
        fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        for (list, text) in LISTS.iter().zip(&lists) {
            fs::write(folder.join(list), text).with_context(|| format!("could not write {list}"))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        command::run(npm.stdout(Stdio::from(io::stderr())))?;
        fs::write(&stamp, lists.concat()).with_context(|| format!("could not write {}", stamp.display()))?;
    }
    session.found.push((MCP_EVERYTHING, folder.join(SCRIPT).display().to_string()));
    Ok(Outcome::Done)
}
