//! Settings, read from where they are set.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use callboard_engine::nearest::nearest;

use super::list::{Kind, SETTINGS, Setting};
use crate::net::Allowed;

/// What every variable of this program begins with.
const PREFIX: &str = "CALLBOARD_";

/// Variables that are no settings of a server: those of the commands that speak to one, those of tests,
/// and the one that names the settings file.
const OTHER_VARIABLES: [&str; 3] = ["CALLBOARD_SERVER", "CALLBOARD_TOKEN", "CALLBOARD_CONFIG"];

/// What others put into the environment under our prefix: tests, and clusters that announce a service
/// of this name to every program in them.
const FOREIGN_PREFIXES: [&str; 3] = ["CALLBOARD_TEST_", "CALLBOARD_SERVICE_", "CALLBOARD_PORT"];

/// The settings of a server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The data folder.
    pub data: PathBuf,
    /// The database, where it is not the one in the data folder.
    pub database_url: Option<String>,
    /// The key of the secrets, where it is not the file in the data folder.
    pub secret_key: Option<Hidden>,
    /// The hosts that requests of tools may go to although their addresses are refused to all others.
    pub allow_hosts: Allowed,
    /// How much the server says.
    pub log: String,
    /// The pace of simulated models.
    pub simulated_words_per_second: Option<f64>,
}

/// A text that must not be seen.
#[derive(Clone)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

/// A settings file.
#[derive(Clone, Debug)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

/// Where settings were found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The flags that were given, by key.
    pub flags: Vec<(&'static str, String)>,
    /// The environment.
    pub variables: Vec<(String, String)>,
    /// The settings file, where there is one.
    pub file: Option<File>,
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingMistake {
    /// Where it stands.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for SettingMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " {hint}"),
            None => Ok(()),
        }
    }
}

/// One value that was found, and where.
struct Value {
    place: String,
    text: String,
}

impl Settings {
    /// The settings in what was found, or everything that is wrong with it.
    pub fn read(found: &Found) -> Result<Self, Vec<SettingMistake>> {
        let mut mistakes = unknown_variables(&found.variables);
        let file = found.file.as_ref().map(|file| in_file(file, &mut mistakes)).unwrap_or_default();
        let mut reader = Reader { found, file, mistakes };
        let text = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
        let listen = reader.value("listen", |text| text.parse().ok());
        let data = reader.value("data", |path| text(path).map(PathBuf::from));
        let log = reader.value("log", text);
        let database_url = reader.value("database_url", text);
        let secret_key = reader.value("secret_key", |key| text(key).map(Hidden));
        let allow_hosts = reader.value("allow_hosts", |hosts| hosts.parse().ok()).unwrap_or_default();
        let simulated_words_per_second = reader.value("simulated_words_per_second", |text| {
            text.parse().ok().filter(|pace: &f64| pace.is_finite() && *pace >= 0.0)
        });
        match (listen, data, log) {
            (Some(listen), Some(data), Some(log)) if reader.mistakes.is_empty() => Ok(Self {
                listen,
                data,
                database_url,
                secret_key,
                allow_hosts,
                log,
                simulated_words_per_second,
            }),
            _ => Err(reader.mistakes),
        }
    }
}

/// Looks settings up, and keeps what is wrong with them.
struct Reader<'f> {
    found: &'f Found,
    file: Vec<(&'static str, Value)>,
    mistakes: Vec<SettingMistake>,
}

impl Reader<'_> {
    /// The value of a setting: as it is set, else its default, else nothing.
    fn value<T>(&mut self, key: &'static str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let setting = SETTINGS.iter().find(|setting| setting.key == key)?;
        let Some(value) = self.set(setting) else {
            return if setting.default.is_empty() { None } else { read(setting.default) };
        };
        let read = read(&value.text);
        if read.is_none() {
            // What stands there may be a secret in the wrong place, so it is not repeated.
            let message = format!("This is no value for {key}.");
            let hint = Some(format!("It takes {}.", setting.kind.expected()));
            self.mistakes.push(SettingMistake { place: value.place, message, hint });
        }
        read
    }

    fn set(&self, setting: &Setting) -> Option<Value> {
        let flag = self.found.flags.iter().find(|(key, _)| *key == setting.key);
        if let Some((_, text)) = flag {
            return Some(Value { place: format!("--{}", setting.flag()), text: text.clone() });
        }
        let name = setting.variable();
        // An empty variable is one that is not set: that is how a shell takes one back.
        let variable = self.found.variables.iter().find(|(known, text)| *known == name && !text.is_empty());
        if let Some((name, text)) = variable {
            return Some(Value { place: name.clone(), text: text.clone() });
        }
        let (_, value) = self.file.iter().find(|(key, _)| *key == setting.key)?;
        Some(Value { place: value.place.clone(), text: value.text.clone() })
    }
}

/// Variables that begin as ours do and are none.
fn unknown_variables(variables: &[(String, String)]) -> Vec<SettingMistake> {
    let known: Vec<String> =
        SETTINGS.iter().map(Setting::variable).chain(OTHER_VARIABLES.map(str::to_owned)).collect();
    let ours = variables.iter().filter(|(name, _)| name.starts_with(PREFIX));
    let unknown = ours.filter(|(name, _)| {
        !known.contains(name) && !FOREIGN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    });
    let mistake = |(name, _): &(String, String)| SettingMistake {
        place: name.clone(),
        message: "No setting has this variable.".to_owned(),
        hint: Some(meant(nearest(name, known.iter().map(String::as_str)))),
    };
    unknown.map(mistake).collect()
}

fn meant(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("Did you mean {nearest}?"),
        None => "The manual lists them: docs/reference/settings.md.".to_owned(),
    }
}

/// What a settings file says.
fn in_file(file: &File, mistakes: &mut Vec<SettingMistake>) -> Vec<(&'static str, Value)> {
    let path = file.path.display();
    let table: toml::Table = match file.text.parse() {
        Ok(table) => table,
        Err(error) => {
            let error: toml::de::Error = error;
            let place = error
                .span()
                .map_or_else(|| path.to_string(), |span| format!("{path}:{}", line(&file.text, span.start)));
            let message = format!("The file cannot be read as TOML: {}.", error.message());
            mistakes.push(SettingMistake { place, message, hint: None });
            return Vec::new();
        }
    };
    let mut values = Vec::new();
    for (key, value) in &table {
        let place = format!("{path}: {key}");
        match setting_of(key) {
            Ok(setting) => match text(value) {
                Some(text) => values.push((setting.key, Value { place, text })),
                None => mistakes.push(SettingMistake {
                    place,
                    message: format!("This is no value for {key}."),
                    hint: Some(format!("It takes {}.", setting.kind.expected())),
                }),
            },
            Err((message, hint)) => mistakes.push(SettingMistake { place, message, hint: Some(hint) }),
        }
    }
    values
}

/// The setting that a key of the file means, or why it means none.
fn setting_of(key: &str) -> Result<&'static Setting, (String, String)> {
    match SETTINGS.iter().find(|setting| setting.key == key) {
        Some(setting) if setting.kind == Kind::Secret => Err((
            "A secret does not belong into this file.".to_owned(),
            format!("Set the variable {} instead.", setting.variable()),
        )),
        Some(setting) => Ok(setting),
        None => {
            let known = SETTINGS.iter().filter(|setting| setting.kind != Kind::Secret);
            let nearest = nearest(key, known.map(|setting| setting.key));
            Err(("There is no such setting.".to_owned(), meant(nearest)))
        }
    }
}

fn text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_)
        | toml::Value::Table(_) => None,
    }
}

fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(flags: &[(&'static str, &str)], variables: &[(&str, &str)], file: Option<&str>) -> Found {
        Found {
            flags: flags.iter().map(|(key, text)| (*key, (*text).to_owned())).collect(),
            variables: variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            file: file.map(|text| File { path: "callboard.toml".into(), text: text.to_owned() }),
        }
    }

    fn mistakes(found: &Found) -> Vec<String> {
        Settings::read(found).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn flags_come_before_variables_and_these_before_the_file() {
        let file = Some("listen = \"127.0.0.1:3\"\nlog = \"debug\"\ndata = \"f\"\n");
        let variables =
            &[("CALLBOARD_LISTEN", "127.0.0.1:2"), ("CALLBOARD_DATA", "v"), ("CALLBOARD_LOG", "")];
        let settings = Settings::read(&found(&[("listen", "127.0.0.1:1")], variables, file)).unwrap();
        assert_eq!(settings.listen.port(), 1);
        assert_eq!(settings.data, PathBuf::from("v"));
        assert_eq!(settings.log, "debug");
        let defaults = Settings::read(&Found::default()).unwrap();
        assert_eq!((defaults.listen.port(), defaults.database_url), (8080, None));
    }

    #[test]
    fn what_is_no_setting_is_a_mistake_wherever_it_stands() {
        let wrong = found(
            &[("listen", "everywhere")],
            &[
                ("CALLBOARD_LISTN", "x"),
                ("CALLBOARD_TEST_A", ""),
                ("CALLBOARD_PORT_80_TCP", ""),
                ("PATH", ""),
            ],
            Some("lisen = \"x\"\ndata = [1]\nsecret_key = \"hush\"\n"),
        );
        assert_eq!(
            mistakes(&wrong),
            [
                "CALLBOARD_LISTN: No setting has this variable. Did you mean CALLBOARD_LISTEN?",
                "callboard.toml: lisen: There is no such setting. Did you mean listen?",
                "callboard.toml: data: This is no value for data. It takes the path of a folder.",
                "callboard.toml: secret_key: A secret does not belong into this file. \
                 Set the variable CALLBOARD_SECRET_KEY instead.",
                "--listen: This is no value for listen. It takes an IP address and a port, such as 127.0.0.1:8080.",
            ]
        );
        let broken = mistakes(&found(&[], &[], Some("log = \"a\"\nlisten\n")));
        assert!(broken[0].starts_with("callboard.toml:2: The file cannot be read as TOML"), "{broken:?}");
    }

    #[test]
    fn hosts_are_allowed_by_name_and_a_text_that_names_none_is_a_mistake() {
        let hosts = "intranet.example, [::1]:3000";
        let settings = Settings::read(&found(&[("allow_hosts", hosts)], &[], None)).unwrap();
        assert_eq!(settings.allow_hosts, hosts.parse().unwrap());
        assert_eq!(Settings::read(&Found::default()).unwrap().allow_hosts, Allowed::default());
        assert_eq!(
            mistakes(&found(&[], &[("CALLBOARD_ALLOW_HOSTS", "http://intranet.example")], None)),
            [
                "CALLBOARD_ALLOW_HOSTS: This is no value for allow_hosts. It takes names or addresses of hosts with \
              commas between them, each alone or with a port, such as intranet.example, 10.0.0.5:8080, [::1]:3000."
            ]
        );
    }

    #[test]
    fn a_secret_is_not_shown() {
        let settings = Settings::read(&found(&[], &[("CALLBOARD_SECRET_KEY", "hush")], None)).unwrap();
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
