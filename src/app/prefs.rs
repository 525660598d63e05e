//! What a person chose for the window, kept for all projects.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;
use serde::{Deserialize, Serialize};

use super::strings::Language;
use crate::engine::files;

/// The choices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prefs {
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// The language of the window.
    pub language: Language,
    /// The keys that were changed, by command.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    /// The renderer that worked last, so that a start on this machine need not try twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renderer: Option<String>,
}

/// Light, dark, or as the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Default for Prefs {
    fn default() -> Self {
        Self { theme: Theme::System, language: Language::detect(), keys: BTreeMap::new(), renderer: None }
    }
}

impl Prefs {
    /// Reads them; what cannot be read is as at the first start.
    pub fn read() -> Self {
        path()
            .and_then(|path| files::read_text(&path).ok())
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    /// Keeps them. That this fails on a read-only home is no reason to bother anybody.
    pub fn write(&self) {
        let Some(path) = path() else { return };
        if let (Some(parent), Ok(text)) = (path.parent(), serde_json::to_string_pretty(self)) {
            let _ = std::fs::create_dir_all(parent);
            let _ = files::write_text(&path, &text);
        }
    }

    /// Puts them into effect.
    pub fn apply(&self, ctx: &egui::Context) {
        ctx.set_theme(match self.theme {
            Theme::System => egui::ThemePreference::System,
            Theme::Light => egui::ThemePreference::Light,
            Theme::Dark => egui::ThemePreference::Dark,
        });
        super::strings::set_language(ctx, self.language);
        super::keymap::install(ctx, Arc::new(super::keymap::Keymap::read(&self.keys)));
    }
}

fn path() -> Option<PathBuf> {
    crate::project::home().map(|home| home.join("window.json"))
}
