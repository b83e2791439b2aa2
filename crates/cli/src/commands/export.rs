//! `callboard export`: a project of a server as its file.

use std::process::ExitCode;

use callboard_api::client::Form;

use super::server::{self, ServerArgs, carry_out};
use crate::exit;
use crate::failure::Failure;
use crate::talk::give_text;

/// Prints a project of a server as its file.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project: its name or its number.
    project: String,
    /// As JSON instead of YAML.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let client = args.server.client()?;
    carry_out(async {
        let project = server::project(&client, Some(&args.project)).await?;
        let form = if args.json { Form::Json } else { Form::Yaml };
        let file = client.export(project.id, form).await?;
        give_text(file.trim_end())?;
        Ok(exit::code(0))
    })
}
