//! Every setting there is.

use std::fmt::Write as _;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its key in the settings file. The flag is the same with `-`, the variable the same in capitals
    /// behind `CALLBOARD_`.
    pub key: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it is where nothing is set; empty where that is nothing.
    pub default: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Why the default is what it is.
    pub reason: &'static str,
}

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An address and a port.
    Address,
    /// A folder.
    Folder,
    /// A text.
    Text,
    /// A text that must not be seen: it is read from the environment alone.
    Secret,
    /// A number, 0 or more.
    Number,
    /// Hosts, with commas between them.
    Hosts,
}

impl Kind {
    /// What it takes, in words.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Address => "an IP address and a port, such as 127.0.0.1:8080",
            Self::Folder => "the path of a folder",
            Self::Text | Self::Secret => "a text",
            Self::Number => "a number that is 0 or more",
            Self::Hosts => {
                "names or addresses of hosts with commas between them, each alone or with a port, such as \
                 intranet.example, 10.0.0.5:8080, [::1]:3000"
            }
        }
    }
}

/// The settings, in the order of the manual.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "listen",
        kind: Kind::Address,
        default: "127.0.0.1:8080",
        about: "Where the server listens. Port 0 takes any free port and says which.",
        reason: "Without accounts only this machine may reach it; any other address is refused.",
    },
    Setting {
        key: "data",
        kind: Kind::Folder,
        default: "callboard-data",
        about: "The folder with the database, the key of the secrets and the lock. It is made where it is not there.",
        reason: "Beside where the server is started, so that trying it out leaves nothing elsewhere.",
    },
    Setting {
        key: "database_url",
        kind: Kind::Text,
        default: "",
        about: "The database: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.",
        reason: "An SQLite file in the data folder needs nothing else and is enough for one server.",
    },
    Setting {
        key: "secret_key",
        kind: Kind::Secret,
        default: "",
        about: "The key under which secrets are sealed: 32 bytes in base64. Only as a variable.",
        reason: "A file in the data folder that its owner alone can read, made at the first start, keeps it by itself.",
    },
    Setting {
        key: "allow_hosts",
        kind: Kind::Hosts,
        default: "",
        about: "The hosts that requests of tools and callbacks may go to although they lead to loopback, private or \
                link-local addresses. Each is compared with the host as an address names it, not with what it leads to.",
        reason: "What an agent is told could else make it ask this machine, its network or its cloud for what only \
                 they may know; public addresses need no entry.",
    },
    Setting {
        key: "log",
        kind: Kind::Text,
        default: "warn",
        about: "How much the server says on standard error: error, warn, info, debug, or a filter by module.",
        reason: "What happens to runs is in their records; the log is for what goes wrong with the server.",
    },
    Setting {
        key: "simulated_words_per_second",
        kind: Kind::Number,
        default: "",
        about: "The pace of simulated models that do not set their own; 0 is at once.",
        reason: "Slow enough to be watched, which is what they are for; tests set 0.",
    },
];

/// The page of the manual.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Settings\n\n\
         <!-- Made by `cargo xtask generate` from the list in the program. -->\n\n\
         A setting of `callboard serve` is looked for among the flags, then in the environment, then in the file \
         callboard.toml in the folder where the server is started, or the one that `--config` or \
         `CALLBOARD_CONFIG` names.\n\
         What is set and is no setting is a mistake, and the server does not start.\n\n\
         | key in the file | flag | variable | takes | default |\n|---|---|---|---|---|\n",
    );
    // Writing to a string cannot fail.
    for setting in SETTINGS {
        let variable = setting.variable();
        let _: std::fmt::Result = match setting.kind {
            Kind::Secret => writeln!(page, "| | | `{variable}` | {} | |", setting.kind.expected()),
            Kind::Address | Kind::Folder | Kind::Text | Kind::Number | Kind::Hosts => {
                let default =
                    if setting.default.is_empty() { String::new() } else { format!("`{}`", setting.default) };
                let (key, flag, takes) = (setting.key, setting.flag(), setting.kind.expected());
                writeln!(page, "| `{key}` | `--{flag}` | `{variable}` | {takes} | {default} |")
            }
        };
    }
    for setting in SETTINGS {
        let _: std::fmt::Result =
            write!(page, "\n## {}\n\n{}\n\n{}\n", setting.key, setting.about, setting.reason);
    }
    page
}

impl Setting {
    /// Its flag, without the dashes before it.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// Its variable of the environment.
    pub fn variable(&self) -> String {
        format!("CALLBOARD_{}", self.key.to_ascii_uppercase())
    }
}
