//! `callboard secret`: the secrets of a project of a server. Values go there and never come back, but for
//! a new key of callbacks, which the server makes and shows once.

use std::io::{IsTerminal, Read};
use std::process::ExitCode;

use console::Term;

use super::server::{self, ServerArgs, carry_out};
use crate::exit;
use crate::failure::Failure;
use crate::table::{Table, words};
use crate::talk::{give, say};

/// What is read of a value: more than a server keeps, which says so.
const VALUE_BYTES_MAX: u64 = 1024 * 1024;

/// Sets, removes and lists the secrets of a project of a server, and makes the key of its callbacks.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Set(Set),
    Remove(Remove),
    List(List),
    CallbackKey(CallbackKey),
}

/// Whose secrets, and where.
#[derive(clap::Args)]
struct Place {
    /// The project: its name or its number. May be left out where the server has only one.
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    #[command(flatten)]
    server: ServerArgs,
}

/// Sets a secret. Its value is read from standard input, without the line end behind it.
#[derive(clap::Args)]
struct Set {
    /// The secret's name.
    name: String,
    #[command(flatten)]
    place: Place,
}

/// Removes a secret.
#[derive(clap::Args)]
struct Remove {
    /// The secret's name.
    name: String,
    #[command(flatten)]
    place: Place,
}

/// Lists the secrets by name, and when each was set. Their values are not shown anywhere.
#[derive(clap::Args)]
struct List {
    /// Prints the server's answer as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Makes a new key with which the project's callbacks are signed from then on, and prints it this once.
#[derive(clap::Args)]
struct CallbackKey {
    #[command(flatten)]
    place: Place,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::Set(args) => carry_out(set(args)),
        Command::Remove(args) => carry_out(remove(args)),
        Command::List(args) => carry_out(list(args)),
        Command::CallbackKey(args) => carry_out(callback_key(args)),
    }
}

async fn set(args: &Set) -> Result<ExitCode, Failure> {
    let client = args.place.server.client()?;
    // Who is asked for a secret should know that it will be taken.
    let project = server::project(&client, args.place.project.as_deref()).await?;
    let value = value(&args.name)?;
    let secret = client.set_secret(project.id, &args.name, value).await?;
    say(format_args!("the secret {} of project {} is set", secret.name, project.name));
    Ok(exit::code(0))
}

async fn remove(args: &Remove) -> Result<ExitCode, Failure> {
    let client = args.place.server.client()?;
    let project = server::project(&client, args.place.project.as_deref()).await?;
    client.remove_secret(project.id, &args.name).await?;
    say(format_args!("the secret {} of project {} is removed", args.name, project.name));
    Ok(exit::code(0))
}

async fn list(args: &List) -> Result<ExitCode, Failure> {
    let client = args.place.server.client()?;
    let project = server::project(&client, args.place.project.as_deref()).await?;
    let secrets = client.secrets(project.id).await?;
    if args.json {
        give(serde_json::to_string(&secrets).map_err(|error| Failure::failed("internal", error))?)?;
        return Ok(exit::code(0));
    }
    if secrets.items.is_empty() {
        say(format_args!("project {} has no secrets", project.name));
        return Ok(exit::code(0));
    }
    let mut table = Table::new([words("NAME"), words("SET")]);
    for secret in secrets.items {
        table.row([secret.name, secret.set_at.to_string()]);
    }
    table.give()?;
    Ok(exit::code(0))
}

async fn callback_key(args: &CallbackKey) -> Result<ExitCode, Failure> {
    let client = args.place.server.client()?;
    let project = server::project(&client, args.place.project.as_deref()).await?;
    let made = client.make_callback_key(project.id).await?;
    give(made.key)?;
    say(format_args!(
        "callbacks of project {} are signed with it from now on; it is not shown again",
        project.name
    ));
    Ok(exit::code(0))
}

/// The value, from standard input. A person who types it does not see it, and neither does anyone else.
fn value(name: &str) -> Result<String, Failure> {
    let failed = |error: std::io::Error| {
        Failure::wrong_use("input_unreadable", format!("the value cannot be read: {error}"))
    };
    if std::io::stdin().is_terminal() {
        let term = Term::stderr();
        term.write_str(&format!("Value of {name} (it is not shown): ")).map_err(failed)?;
        return term.read_secure_line().map_err(failed);
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(VALUE_BYTES_MAX).read_to_end(&mut bytes).map_err(failed)?;
    let mut value = String::from_utf8(bytes).map_err(|_| {
        Failure::wrong_use("input_not_utf8", "the value on standard input is not UTF-8")
            .hint("Encode it as text, such as base64.")
    })?;
    let line = value.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line).len());
    value.truncate(line.unwrap_or(value.len()));
    Ok(value)
}
