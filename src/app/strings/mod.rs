//! Every text of the window, in English and in Korean.
//!
//! [`Strings`] is one table of fixed texts ([`table`]); texts with values in them are methods ([`values`]). A text
//! without its translation does not compile. To add one: a line in `table.rs`, or a method in `values.rs`.

mod clean;
mod errors;
mod functions;
mod instant;
mod number;
mod particle;
mod stages;
mod table;
mod values;
mod work;

pub use instant::{moment, moment_and_hertz};
pub use number::{bytes, decimal, duration, grouped, percent};
pub use particle::{Particle, with_particle};
pub use table::Strings;

use eframe::egui;
use serde::{Deserialize, Serialize};

/// The languages of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Korean.
    #[serde(rename = "ko")]
    Korean,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// The language of the environment: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set, else English.
    pub fn detect() -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty())
            .map_or(Self::English, |value| Self::from_locale(&value))
    }

    /// The language of a locale such as `ko_KR.UTF-8` or `ko`. What is not known is English.
    pub fn from_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("ko") { Self::Korean } else { Self::English }
    }

    /// The BCP-47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// The name of the language in that language.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Korean => "한국어",
        }
    }
}

impl From<Language> for crate::clean::report::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::English => Self::English,
            Language::Korean => Self::Korean,
        }
    }
}

/// Where the language is kept in egui's memory, so that widgets find it.
fn language_id() -> egui::Id {
    egui::Id::unique("lapidary language")
}

/// Chooses the language of everything that is drawn from now on.
pub fn set_language(ctx: &egui::Context, language: Language) {
    ctx.data_mut(|data| data.insert_temp(language_id(), language));
    ctx.request_repaint();
}

/// The texts in the language chosen by [`set_language`]. A `&Ui` will do as well.
pub fn strings(ctx: &egui::Context) -> &'static Strings {
    Strings::of(ctx.data(|data| data.get_temp(language_id())).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_follows_the_locale() {
        let check = |locale: &str, expected| assert_eq!(Language::from_locale(locale), expected, "{locale}");
        check("ko_KR.UTF-8", Language::Korean);
        check("ko", Language::Korean);
        check("KO-kr", Language::Korean);
        check("kok_IN", Language::English);
        check("en_US.UTF-8", Language::English);
        check("C", Language::English);
        check("", Language::English);
    }
}
