//! How the window looks: colours, sizes, fonts and icons, given once and used everywhere.
//!
//! Widgets and panes take every colour and every distance from here; nothing else in `app` names a number or a colour.
//! The values are those of part D4 of the interface blueprint; their contrast is checked by a test.

mod fonts;
pub mod icons;
mod tokens;
mod visuals;

pub use fonts::{body, caption, figures, icon, mono, page, reading, section, small_mono, strong, system_font_fallback};
pub use tokens::{CATEGORIES, Syntax, Tokens, contrast, radius, size, space};

use eframe::egui;

/// Installs fonts, text styles, spacing and the colours of both themes.
///
/// Call it once, before the first frame (in tests through `with_context_setup`). The theme itself is chosen with
/// [`egui::Context::set_theme`]. System fonts are not asked for here, see [`system_font_fallback`].
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts::definitions());
    for theme in [egui::Theme::Light, egui::Theme::Dark] {
        ctx.set_style_of(theme, visuals::style(theme));
    }
}
