//! A project: a folder that a person can read, copy and put under git.
//!
//! In: paths. Out: the [`Config`] (`lapidary.toml`), the [`Ledger`] of everything people decided (SQLite), and a lock
//! that keeps a second program out. Data stays where it is; the project refers to it.

mod allowed;
mod backup;
mod config;
mod folder;
mod history;
mod ledger;
mod packet;
mod recent;
mod store;

pub use allowed::{allow_file, allowed_files};
pub use backup::Recovery;
pub use config::{Config, Content, DataConfig, Settings};
pub use folder::{LF_FOLDER, Project, default_folder, project_of};
pub use history::{Kind as StretchKind, Restore, Stretch, Stretches};
pub use ledger::{Change, Command, GUIDELINE, Gesture, HistoryEntry, Ledger, Mark, Marks, Outcome, SAID_BY};
pub use packet::{Packet, PacketAbout, PacketWriter, Said};
pub use recent::{Recent, home, recent_projects, remember_project};
pub use store::{Cause, Event, Store};
