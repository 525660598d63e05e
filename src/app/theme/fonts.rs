//! Fonts: which faces are shipped, and the sizes in which text is set.

use std::sync::{Arc, LazyLock};

use eframe::egui::{self, FontData, FontDefinitions, FontFamily, FontId};

/// Text in points.
const CAPTION: f32 = 11.0;
const BODY: f32 = 13.0;
/// Hack runs larger than Pretendard, so figures beside text are set a point smaller.
const FIGURES: f32 = 12.0;
const READING: f32 = 15.0;
const SECTION: f32 = 15.0;
const PAGE: f32 = 20.0;

static BOLD: LazyLock<FontFamily> = LazyLock::new(|| FontFamily::Name("bold".into()));
static ICONS: LazyLock<FontFamily> = LazyLock::new(|| FontFamily::Name("icons".into()));

/// Captions, axis labels, badges: 11 points.
pub fn caption() -> FontId {
    FontId::new(CAPTION, FontFamily::Proportional)
}

/// Body text: 13 points.
pub fn body() -> FontId {
    FontId::new(BODY, FontFamily::Proportional)
}

/// Body text in bold.
pub fn strong() -> FontId {
    FontId::new(BODY, BOLD.clone())
}

/// Text that is annotated: 15 points.
pub fn reading() -> FontId {
    FontId::new(READING, FontFamily::Proportional)
}

/// Code: 13 points, monospaced.
pub fn mono() -> FontId {
    FontId::new(BODY, FontFamily::Monospace)
}

/// Figures in columns, where digits must stand below each other: 12 points, monospaced.
pub fn figures() -> FontId {
    FontId::new(FIGURES, FontFamily::Monospace)
}

/// Line numbers and small figures: 11 points, monospaced.
pub fn small_mono() -> FontId {
    FontId::new(CAPTION, FontFamily::Monospace)
}

/// The heading of a section: 15 points, bold.
pub fn section() -> FontId {
    FontId::new(SECTION, BOLD.clone())
}

/// The title of a page: 20 points, bold.
pub fn page() -> FontId {
    FontId::new(PAGE, BOLD.clone())
}

/// Icons of the given height in points, see [`super::icons`].
pub fn icon(size: f32) -> FontId {
    FontId::new(size, ICONS.clone())
}

/// The fonts of every family: Pretendard for text (Latin and Korean), Hack for code, Phosphor for icons.
///
/// Text falls back to code and the other way round, so that Korean shows in code. Icons have a family of their own:
/// Pretendard uses some of their code points itself, so in a line of text they would come out as something else.
pub(super) fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    fonts.font_data.retain(|name, _| name == "Hack");
    let shipped: [(&str, &'static [u8]); 3] = [
        ("Pretendard", include_bytes!("../../../assets/fonts/Pretendard-Regular.otf")),
        ("Pretendard-Bold", include_bytes!("../../../assets/fonts/Pretendard-Bold.otf")),
        ("Phosphor", include_bytes!("../../../assets/fonts/Phosphor.ttf")),
    ];
    for (name, bytes) in shipped {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let chain = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    fonts.families = [
        (FontFamily::Proportional, chain(&["Pretendard", "Hack"])),
        (FontFamily::Monospace, chain(&["Hack", "Pretendard"])),
        (BOLD.clone(), chain(&["Pretendard-Bold", "Hack"])),
        (ICONS.clone(), chain(&["Phosphor"])),
    ]
    .into();
    fonts
}

/// The text styles that egui's own widgets use.
pub(super) fn text_styles() -> std::collections::BTreeMap<egui::TextStyle, FontId> {
    [
        (egui::TextStyle::Small, caption()),
        (egui::TextStyle::Body, body()),
        (egui::TextStyle::Button, body()),
        (egui::TextStyle::Monospace, mono()),
        (egui::TextStyle::Heading, section()),
        (egui::TextStyle::Name("reading".into()), reading()),
        (egui::TextStyle::Name("page".into()), page()),
        (egui::TextStyle::Name("strong".into()), strong()),
    ]
    .into()
}

/// Asks the system's fonts for characters that the shipped fonts lack (Hanja, Kana, Arabic, emoji).
///
/// `locale` is a BCP-47 tag such as `ko`: characters shared by several languages take the shapes of that one. The fonts
/// are listed on a background thread. Not for tests: which fonts are found depends on the machine. Start the window
/// with `system_font_fallback: false`, or eframe adds a second provider in front of this one.
pub fn system_font_fallback(ctx: &egui::Context, locale: &str) {
    let provider = egui_system_font_provider::SystemFontProvider::new().with_locale(Some(locale));
    ctx.set_font_providers(vec![Arc::new(provider)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::theme::icons;

    #[test]
    fn every_icon_is_in_the_font() {
        let mut fonts = egui::epaint::text::Fonts::new(egui::epaint::text::TextOptions::default(), definitions());
        for (name, icon_text) in icons::ALL {
            assert!(fonts.has_glyphs(&icon(16.0), icon_text), "{name}");
        }
        let text = "Aa 0123 가힣ㄱㅏ … – × · → ← ↑ ↓ ≥ ≤ % ₩ “ ” ‘ ’ °";
        for font in [body(), strong(), mono()] {
            for c in text.chars() {
                assert!(fonts.has_glyph(&font, c), "{c:?} in {font:?}");
            }
        }
    }
}
