//! The settings of a server: one list, with what each is for, its default and the reason for it.
//!
//! A setting is looked for among the flags, then in the environment, then in the settings file. What
//! is set and is no setting is a mistake, wherever it stands: a misspelt limit that is ignored is
//! found out on the worst day. The page of the manual is made from the list.

mod list;
mod read;

pub use list::{Kind, SETTINGS, Setting, markdown};
pub use read::{File, Found, SettingMistake, Settings};
