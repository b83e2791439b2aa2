//! The server of the demo, which never outlives it.
//!
//! A small shell stands between the two. It waits for the end of its standard input, which comes when
//! this process lets go of it or ends, even by force, and then ends the server.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

/// The pace of all simulated models of the server.
pub(super) const PACE: &str = "CALLBOARD_SIMULATED_WORDS_PER_SECOND";

/// Settings that a server with a new folder takes from the environment; others were meant for
/// another server.
const TAKEN: [&str; 2] = [PACE, "CALLBOARD_LOG"];

/// Ending in order takes the server less: nothing of the demo is long.
const STOP_MAX: Duration = Duration::from_secs(10);

/// Runs its arguments for as long as its standard input is open, and ends as they do.
const GUARDIAN: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
exec 2>/dev/null
{ read -r _ <&3; kill -TERM "$server"; } >/dev/null &
reader=$!
wait "$server"
status=$?
kill "$reader"
exit "$status"
"#;

pub(super) struct Server {
    guardian: Child,
    /// The server runs for as long as this is held.
    leash: Option<ChildStdin>,
}

impl Server {
    /// Starts the program on a port with its data in a folder. `kept` is whether the folder is the
    /// person's own; `pace` is for when the environment has none.
    pub(super) fn start(program: &Path, port: u16, data: &Path, kept: bool, pace: &str) -> Result<Server> {
        let mut command = Command::new("sh");
        command.args(["-c", GUARDIAN, "sh"]).arg(program);
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(data);
        for name in foreign(env::vars_os().map(|(name, _)| name), kept) {
            command.env_remove(name);
        }
        if env::var_os(PACE).is_none() {
            command.env(PACE, pace);
        }
        // A file with settings in the folder that the demo was started from is for another server, too.
        Server::guarded(command.current_dir(data))
            .with_context(|| format!("could not start {}", program.display()))
    }

    fn guarded(command: &mut Command) -> Result<Server> {
        // Ctrl-C in the terminal must reach the demo alone, which then ends the server in order.
        command.stdin(Stdio::piped()).stdout(Stdio::from(io::stderr())).process_group(0);
        let mut guardian = command.spawn()?;
        Ok(Server { leash: guardian.stdin.take(), guardian })
    }

    /// Waits for the server to end by itself.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus> {
        Ok(self.guardian.wait().await?)
    }

    /// Ends the server, and waits until it has.
    pub(super) async fn stop(&mut self) {
        drop(self.leash.take());
        if timeout(STOP_MAX, self.guardian.wait()).await.is_err() {
            self.stop_by_force().await;
        }
    }

    /// Ends the guardian and all that it has started.
    async fn stop_by_force(&mut self) {
        if let Some(group) = self.guardian.id() {
            let kill = format!("kill -s KILL -- -{group}");
            // Where even that cannot be done, there is nothing left to try.
            drop(Command::new("sh").args(["-c", &kill]).status().await);
            drop(self.guardian.wait().await);
        }
    }
}

/// The variables that this server must not see.
fn foreign(names: impl Iterator<Item = OsString>, kept: bool) -> Vec<OsString> {
    let is_foreign = |name: &str| match kept {
        // A folder of the person's own may come with settings of theirs, but the data is to be in it.
        true => name == "CALLBOARD_DATABASE_URL",
        false => name.starts_with("CALLBOARD_") && !TAKEN.contains(&name),
    };
    names.filter(|name| name.to_str().is_some_and(is_foreign)).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    fn guarded(script: &str) -> Server {
        let mut command = Command::new("sh");
        Server::guarded(command.args(["-c", GUARDIAN, "sh", "sh", "-c", script])).unwrap()
    }

    #[tokio::test]
    async fn a_server_is_told_to_end_when_the_demo_lets_go_of_it() {
        let mut server = guarded("exec tail -f /dev/null");
        server.stop().await;
        // As a shell says that a signal to terminate has ended what it waited for.
        assert_eq!(server.ended().await.unwrap().code(), Some(128 + 15));
    }

    #[tokio::test]
    async fn a_server_that_does_not_listen_is_ended_by_force() {
        let mut server = guarded("trap '' TERM; exec tail -f /dev/null");
        server.stop_by_force().await;
        assert_eq!(server.ended().await.unwrap().signal(), Some(9));
    }

    #[tokio::test]
    async fn a_server_that_ends_by_itself_says_how() {
        let mut server = guarded("exit 3");
        assert_eq!(server.ended().await.unwrap().code(), Some(3));
        server.stop().await;
    }

    #[test]
    fn settings_that_were_meant_for_another_server_are_left_out() {
        let names = ["CALLBOARD_DATABASE_URL", "CALLBOARD_ADMIN_EMAIL", "CALLBOARD_LOG", PACE, "HOME"];
        let foreign = |kept| foreign(names.iter().map(OsString::from), kept);
        assert_eq!(foreign(false), ["CALLBOARD_DATABASE_URL", "CALLBOARD_ADMIN_EMAIL"]);
        assert_eq!(foreign(true), ["CALLBOARD_DATABASE_URL"]);
    }
}
