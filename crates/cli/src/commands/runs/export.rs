//! `callboard runs export`: a run of a server as one file.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use callboard_api::client::Export;

use crate::commands::server::ServerArgs;
use crate::exit;
use crate::failure::Failure;
use crate::talk::{Ungiven, harmless, is_read_by_a_person, say};

/// Writes a run as one file: its definition, its events, what its models were sent and its documents.
///
/// `callboard runs replay` plays the file again where there is no server. A run that goes on is written as
/// far as it is. No secret is in it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The run's number.
    id: i64,
    /// Writes to this file instead of standard output. It is there when it is whole, and not before.
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut export = args.server.client()?.export_run(args.id).await?;
    match &args.output {
        Some(path) => {
            keep(&mut export, path).await?;
            say(format_args!("run {} is in {}", args.id, path.display()));
        }
        None => give(&mut export).await?,
    }
    Ok(exit::code(0))
}

/// Writes the file beside its place, and puts it there once it is whole.
async fn keep(export: &mut Export, path: &Path) -> Result<(), Failure> {
    let part = part_of(path);
    let written = write(export, &part).await;
    let written = match written {
        Ok(()) => std::fs::rename(&part, path).map_err(|error| unwritten(path, &error)),
        Err(failure) => Err(failure),
    };
    if written.is_err() {
        // What is left of it is of no use; where it cannot be removed, its name says so.
        let _ = std::fs::remove_file(&part);
    }
    written
}

async fn write(export: &mut Export, path: &Path) -> Result<(), Failure> {
    let mut file = File::create(path).map_err(|error| unwritten(path, &error))?;
    while let Some(chunk) = export.next().await? {
        file.write_all(&chunk).map_err(|error| unwritten(path, &error))?;
    }
    file.sync_all().map_err(|error| unwritten(path, &error))
}

/// Where a file is while it is not whole.
fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    Failure::failed("output_failed", format!("{} cannot be written: {error}", path.display()))
        .hint("Check that its folder is there and has room.")
}

/// Gives the file on standard output: as it is to a program, and to a terminal without what could drive it.
async fn give(export: &mut Export) -> Result<(), Failure> {
    let is_read_by_a_person = is_read_by_a_person();
    let mut out = io::stdout();
    // The bytes of a character that is not whole yet.
    let mut left = Vec::new();
    while let Some(chunk) = export.next().await? {
        let written = if is_read_by_a_person {
            left.extend_from_slice(&chunk);
            let whole = left.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
            let text: Vec<u8> = left.drain(..whole).collect();
            out.write_all(harmless(&String::from_utf8_lossy(&text)).as_bytes())
        } else {
            out.write_all(&chunk)
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(Ungiven(error).into()),
            Ok(()) => {}
        }
    }
    match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Ungiven(error).into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
