//! Colours and sizes by name, for the light and the dark theme.

use eframe::egui::{self, Color32};

/// Distances on the grid of 4 points.
pub mod space {
    /// Between an icon and its text in dense places.
    pub const XXS: f32 = 2.0;
    /// Between things that belong together; the gap between tiles.
    pub const XS: f32 = 4.0;
    /// The padding of a pane; between controls.
    pub const S: f32 = 8.0;
    /// Between groups of controls.
    pub const M: f32 = 12.0;
    /// The padding of a card.
    pub const L: f32 = 16.0;
    /// Between sections.
    pub const XL: f32 = 24.0;
    /// Around a page.
    pub const XXL: f32 = 32.0;
}

/// Corner radii in points.
pub mod radius {
    /// Buttons, fields, chips.
    pub const CONTROL: u8 = 3;
    /// Cards and popups.
    pub const CARD: u8 = 6;
}

/// Heights and widths in points.
pub mod size {
    /// A row of a table, dense.
    pub const ROW_DENSE: f32 = 22.0;
    /// A row of a table.
    pub const ROW: f32 = 26.0;
    /// A row of a table, roomy.
    pub const ROW_ROOMY: f32 = 32.0;
    /// The header of a table.
    pub const HEADER: f32 = 26.0;
    /// The header of a table whose columns carry a small plot.
    pub const HEADER_PLOT: f32 = 72.0;
    /// A toolbar.
    pub const TOOLBAR: f32 = 40.0;
    /// The status bar.
    pub const STATUS_BAR: f32 = 24.0;
    /// A button, a field.
    pub const CONTROL: f32 = 26.0;
    /// An icon.
    pub const ICON: f32 = 16.0;
    /// The least side of anything that can be clicked.
    pub const HIT: f32 = 24.0;
    /// A scroll bar, including its margin.
    pub const SCROLL_BAR: f32 = 10.0;
    /// The height of a line of text that is read and annotated (15 points, 1.6 times: Hangul needs the room).
    pub const READING_LINE: f32 = 24.0;
    /// The width of the focus ring.
    pub const FOCUS_RING: f32 = 2.0;
}

/// The colours of a theme, by what they are for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tokens {
    /// True in the dark theme.
    pub dark: bool,
    /// The ground of the window, seen between panes.
    pub app: Color32,
    /// The ground of panes.
    pub panel: Color32,
    /// Fields, tracks and gutters, lying below the panel.
    pub sunken: Color32,
    /// Popups, cards, table headers, lying above the panel.
    pub raised: Color32,
    /// Text.
    pub text: Color32,
    /// Text of lesser rank: units, hints, captions.
    pub weak: Color32,
    /// Links, the focus ring, what is chosen, the filtered part of a plot.
    pub accent: Color32,
    /// Text on `accent`.
    pub on_accent: Color32,
    /// The ground of what is selected.
    pub selection: Color32,
    /// The ground of what the pointer is over.
    pub hover: Color32,
    /// Done, right, kept.
    pub ok: Color32,
    /// Needs a look.
    pub warning: Color32,
    /// Wrong, failed, removed.
    pub error: Color32,
    /// The outline of controls, at least 3:1 to what lies around it.
    pub border: Color32,
    /// Lines that only divide.
    pub hairline: Color32,
    /// The part of a plot that the filter leaves out.
    pub plot_rest: Color32,
    /// The shade behind a dialog.
    pub scrim: Color32,
    /// The shadow of popups.
    pub shadow: Color32,
    /// Colours of code.
    pub syntax: Syntax,
    categories: &'static [(Color32, bool); CATEGORIES],
}

/// The colours of code, each readable on `panel` and `sunken`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Syntax {
    /// Words of the language.
    pub keyword: Color32,
    /// Text in quotes.
    pub string: Color32,
    /// Numbers and constants.
    pub number: Color32,
    /// Names of functions.
    pub function: Color32,
    /// Decorators.
    pub decorator: Color32,
}

/// How many categorical colours there are; what lies beyond is grey.
pub const CATEGORIES: usize = 10;

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// A categorical colour and whether text on it is white (else black).
const fn category(rgb: u32, white: bool) -> (Color32, bool) {
    (hex(rgb), white)
}

static LIGHT_CATEGORIES: [(Color32, bool); CATEGORIES] = [
    category(0x002D5F, true),
    category(0x915700, true),
    category(0x0C765E, true),
    category(0xED4D89, false),
    category(0x049ED3, false),
    category(0x3F2620, true),
    category(0x7A49CB, true),
    category(0xA4932D, false),
    category(0x831400, true),
    category(0x8F939D, false),
];

static DARK_CATEGORIES: [(Color32, bool); CATEGORIES] = [
    category(0x527EF8, false),
    category(0xFDAC3F, false),
    category(0xA9FCE0, false),
    category(0xC92678, true),
    category(0x21BAD5, false),
    category(0xB17A67, false),
    category(0x8F6FA7, false),
    category(0xEBEEA6, false),
    category(0xD71903, true),
    category(0x999B9F, false),
];

const SEQUENTIAL: [Color32; 5] = [hex(0x440154), hex(0x3B528B), hex(0x21918C), hex(0x5EC962), hex(0xFDE725)];
const DIVERGING: [Color32; 4] = [hex(0xB35806), hex(0xF1A340), hex(0x998EC3), hex(0x542788)];
const DIVERGING_MIDDLE: Color32 = hex(0xF7F7F7);

/// The colour at `share` (0-1) of the way through evenly spaced `stops`.
fn along(stops: &[Color32; 5], share: f32) -> Color32 {
    let place = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 } * (stops.len() - 1) as f32;
    let index = (place as usize).min(stops.len() - 2);
    match stops.get(index..index + 2) {
        Some([from, to]) => from.lerp_to_gamma(*to, place - index as f32),
        _ => Color32::TRANSPARENT,
    }
}

static LIGHT: Tokens = Tokens {
    dark: false,
    app: hex(0xF4F5F7),
    panel: hex(0xFFFFFF),
    sunken: hex(0xECEEF2),
    raised: hex(0xFFFFFF),
    text: hex(0x1D2129),
    weak: hex(0x566070),
    accent: hex(0x1F5FBF),
    on_accent: hex(0xFFFFFF),
    selection: hex(0xD6E4FB),
    hover: hex(0xEEF2F8),
    ok: hex(0x0B7A4B),
    warning: hex(0x8A5A00),
    error: hex(0xB3261E),
    border: hex(0x7A8494),
    hairline: hex(0xD7DBE2),
    plot_rest: hex(0xC9D3E2),
    scrim: Color32::from_black_alpha(72),
    shadow: Color32::from_black_alpha(32),
    syntax: Syntax {
        keyword: hex(0x7A2F9B),
        string: hex(0x0B6B45),
        number: hex(0x8A4B00),
        function: hex(0x1A53A8),
        decorator: hex(0x5B5F00),
    },
    categories: &LIGHT_CATEGORIES,
};

static DARK: Tokens = Tokens {
    dark: true,
    app: hex(0x15171B),
    panel: hex(0x1B1D22),
    sunken: hex(0x121418),
    raised: hex(0x23262C),
    text: hex(0xE6E8EC),
    weak: hex(0xA3ABB9),
    accent: hex(0x7FB0FF),
    on_accent: hex(0x0D1626),
    selection: hex(0x23406B),
    hover: hex(0x262A31),
    ok: hex(0x5FCB98),
    warning: hex(0xF2B84B),
    error: hex(0xFF8A80),
    border: hex(0x7A8393),
    hairline: hex(0x343943),
    plot_rest: hex(0x3B4350),
    scrim: Color32::from_black_alpha(140),
    shadow: Color32::from_black_alpha(110),
    syntax: Syntax {
        keyword: hex(0xD5A6F2),
        string: hex(0x8FD8B0),
        number: hex(0xF0BE7A),
        function: hex(0x9CC4FF),
        decorator: hex(0xD9DB8A),
    },
    categories: &DARK_CATEGORIES,
};

impl Tokens {
    /// The tokens of the theme that is on. A `&Ui` will do as well.
    pub fn of(ctx: &egui::Context) -> &'static Self {
        Self::of_theme(ctx.theme())
    }

    /// The tokens of a theme.
    pub fn of_theme(theme: egui::Theme) -> &'static Self {
        match theme {
            egui::Theme::Light => &LIGHT,
            egui::Theme::Dark => &DARK,
        }
    }

    /// The colour of category `index`. From the eleventh on, grey: those are told apart by name.
    pub fn category(&self, index: usize) -> Color32 {
        self.category_entry(index).0
    }

    /// The colour of text on [`Self::category`], black or white, at least 4.5:1.
    pub fn on_category(&self, index: usize) -> Color32 {
        if self.category_entry(index).1 { Color32::WHITE } else { Color32::BLACK }
    }

    fn category_entry(&self, index: usize) -> (Color32, bool) {
        let [.., grey] = self.categories;
        self.categories.get(index).copied().unwrap_or(*grey)
    }

    /// A colour for a share of 0-1, for densities and matrices: viridis, dark to bright.
    pub fn sequential(&self, share: f32) -> Color32 {
        along(&SEQUENTIAL, share)
    }

    /// A colour for a value of -1 to 1, for differences: PuOr, whose middle is the ground of the theme.
    pub fn diverging(&self, value: f32) -> Color32 {
        let middle = if self.dark { self.sunken } else { DIVERGING_MIDDLE };
        let [low, lower, higher, high] = DIVERGING;
        along(&[low, lower, middle, higher, high], value / 2.0 + 0.5)
    }

    /// Black or white, whichever is easier to read on `ground`; at least 4.5:1 on any colour.
    pub fn readable_on(ground: Color32) -> Color32 {
        let [black, white] = [Color32::BLACK, Color32::WHITE];
        if contrast(black, ground) >= contrast(white, ground) { black } else { white }
    }

    /// `color` as a quiet ground for [`Self::text`]: a tint of the panel.
    pub fn tint(&self, color: Color32) -> Color32 {
        self.panel.lerp_to_gamma(color, if self.dark { 0.22 } else { 0.13 })
    }

    /// `color` as the outline of a ground made by [`Self::tint`].
    pub fn tint_line(&self, color: Color32) -> Color32 {
        self.panel.lerp_to_gamma(color, if self.dark { 0.45 } else { 0.35 })
    }

    /// Text of what is switched off.
    pub fn disabled(&self) -> Color32 {
        self.panel.lerp_to_gamma(self.weak, 0.6)
    }
}

/// The contrast of two opaque colours, 1 to 21 (WCAG 2.2, "contrast ratio").
pub fn contrast(a: Color32, b: Color32) -> f32 {
    fn luminance(color: Color32) -> f32 {
        let channel = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
    }
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    if a > b { a / b } else { b / a }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(what: &str, front: Color32, back: Color32, least: f32) {
        let ratio = contrast(front, back);
        assert!(ratio >= least, "{what}: {ratio:.2} is less than {least}");
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
        assert!((contrast(Color32::from_gray(0x77), Color32::WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn text_and_borders_can_be_seen_on_every_surface() {
        for tokens in [&LIGHT, &DARK] {
            let theme = if tokens.dark { "dark" } else { "light" };
            let surfaces = [
                ("app", tokens.app),
                ("panel", tokens.panel),
                ("sunken", tokens.sunken),
                ("raised", tokens.raised),
                ("hover", tokens.hover),
            ];
            for (surface, back) in surfaces {
                for (name, front) in [
                    ("text", tokens.text),
                    ("weak", tokens.weak),
                    ("accent", tokens.accent),
                    ("ok", tokens.ok),
                    ("warning", tokens.warning),
                    ("error", tokens.error),
                    ("keyword", tokens.syntax.keyword),
                    ("string", tokens.syntax.string),
                    ("number", tokens.syntax.number),
                    ("function", tokens.syntax.function),
                    ("decorator", tokens.syntax.decorator),
                ] {
                    check(&format!("{theme} {name} on {surface}"), front, back, 4.5);
                }
                check(&format!("{theme} border on {surface}"), tokens.border, back, 3.0);
            }
            check(&format!("{theme} text on selection"), tokens.text, tokens.selection, 4.5);
            check(&format!("{theme} weak on selection"), tokens.weak, tokens.selection, 4.5);
            check(&format!("{theme} text on accent"), tokens.on_accent, tokens.accent, 4.5);
            check(&format!("{theme} accent beside the rest of a plot"), tokens.accent, tokens.plot_rest, 3.0);
        }
    }

    #[test]
    fn categories_can_be_seen_and_written_on() {
        for tokens in [&LIGHT, &DARK] {
            for index in 0..CATEGORIES + 3 {
                let color = tokens.category(index);
                check(&format!("category {index} on panel"), color, tokens.panel, 3.0);
                check(&format!("text on category {index}"), tokens.on_category(index), color, 4.5);
                check(&format!("text on the tint of category {index}"), tokens.text, tokens.tint(color), 4.5);
            }
            assert_eq!(tokens.category(CATEGORIES), tokens.category(CATEGORIES - 1), "beyond the palette all is grey");
        }
    }

    #[test]
    fn ramps_go_through_their_stops_and_can_be_written_on() {
        for tokens in [&LIGHT, &DARK] {
            let stop = |found: Color32, expected: u32| assert_eq!(found, hex(expected));
            stop(tokens.sequential(0.0), 0x440154);
            stop(tokens.sequential(0.5), 0x21918C);
            stop(tokens.sequential(1.0), 0xFDE725);
            stop(tokens.sequential(7.0), 0xFDE725);
            stop(tokens.sequential(f32::NAN), 0x440154);
            stop(tokens.diverging(-1.0), 0xB35806);
            stop(tokens.diverging(1.0), 0x542788);
            for step in 0..=100 {
                let share = step as f32 / 100.0;
                for color in [tokens.sequential(share), tokens.diverging(share * 2.0 - 1.0)] {
                    check("text on a ramp", Tokens::readable_on(color), color, 4.5);
                }
            }
        }
    }

    #[test]
    fn messages_can_be_read_on_their_own_tint() {
        for tokens in [&LIGHT, &DARK] {
            for color in [tokens.ok, tokens.warning, tokens.error, tokens.accent] {
                check("text on tint", tokens.text, tokens.tint(color), 4.5);
                check("message on tint", color, tokens.tint(color), 4.0);
            }
        }
    }
}
