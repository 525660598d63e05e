//! Charts as SVG: plain text without a library, coloured by the page's style, so that they are right in light and dark.

use std::fmt::Write as _;

use super::figures::{clipped, escaped};

/// Width and height of a chart of bars, in its own units; the page scales it.
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 90.0;

/// The height of the labels under it.
const LABELS: f64 = 14.0;

/// A chart under way.
struct Chart {
    out: String,
}

impl Chart {
    fn new(width: f64, height: f64, label: &str) -> Self {
        let label = escaped(label);
        Self { out: format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{label}\">") }
    }

    // Writing to a text cannot fail.
    fn rect(&mut self, class: &str, [x, y, width, height]: [f64; 4], title: &str) {
        let _ = write!(
            self.out,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"",
            width.max(0.0),
            height.max(0.0)
        );
        if title.is_empty() {
            self.out.push_str("/>");
        } else {
            let _ = write!(self.out, "><title>{}</title></rect>", escaped(title));
        }
    }

    fn line(&mut self, class: &str, [x1, y1, x2, y2]: [f64; 4]) {
        let _ =
            write!(self.out, "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>");
    }

    fn text(&mut self, anchor: &str, x: f64, y: f64, text: &str) {
        let text = escaped(&clipped(text));
        let _ = write!(self.out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
    }

    fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}

/// A histogram: bars of equal width in their order, with the labels of the first and last under them. Each bar has its
/// label and count as a title.
pub(super) fn histogram(bars: &[(String, u64)], label: &str) -> String {
    let mut chart = Chart::new(WIDTH, HEIGHT + LABELS, label);
    let most = bars.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1) as f64;
    let step = WIDTH / bars.len().max(1) as f64;
    for (at, (name, count)) in bars.iter().enumerate() {
        // A bar that is not 0 can be seen.
        let height = if *count > 0 { (*count as f64 / most * HEIGHT).max(1.0) } else { 0.0 };
        let place = [at as f64 * step + 0.5, HEIGHT - height, (step - 1.0).max(0.5), height];
        chart.rect("a", place, &format!("{}: {count}", clipped(name)));
    }
    chart.line("axis", [0.0, HEIGHT, WIDTH, HEIGHT]);
    if let Some((first, _)) = bars.first() {
        chart.text("start", 0.0, HEIGHT + LABELS - 3.0, first);
    }
    if let (Some((last, _)), true) = (bars.last(), bars.len() > 1) {
        chart.text("end", WIDTH, HEIGHT + LABELS - 3.0, last);
    }
    chart.finish()
}

/// Values with their shares (0-1), one under the other.
pub(super) fn values(rows: &[(String, f64, String)], label: &str) -> String {
    const ROW: f64 = 16.0;
    let mut chart = Chart::new(WIDTH, ROW * rows.len().max(1) as f64, label);
    let most = rows.iter().map(|(_, share, _)| *share).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    for (at, (name, share, shown)) in rows.iter().enumerate() {
        let top = at as f64 * ROW;
        chart.rect("a soft", [0.0, top + 1.0, share / most * WIDTH, ROW - 2.0], &format!("{}: {shown}", clipped(name)));
        chart.text("start", 4.0, top + 12.0, name);
        chart.text("end", WIDTH - 2.0, top + 12.0, shown);
    }
    chart.finish()
}

/// Two distributions side by side: for each part a bar of the reference and one of the current rows.
pub(super) fn pairs(parts: &[(String, f64, f64)], label: &str) -> String {
    let mut chart = Chart::new(WIDTH, HEIGHT + LABELS, label);
    let most = parts.iter().map(|(_, a, b)| a.max(*b)).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let step = WIDTH / parts.len().max(1) as f64;
    let half = (step - 1.0).max(1.0) / 2.0;
    for (at, (name, a, b)) in parts.iter().enumerate() {
        let title = format!("{}: {:.1} % → {:.1} %", clipped(name), a * 100.0, b * 100.0);
        let left = at as f64 * step + 0.5;
        for (class, share, x) in [("a", *a, left), ("b", *b, left + half)] {
            let height = share / most * HEIGHT;
            chart.rect(class, [x, HEIGHT - height, half, height], &title);
        }
    }
    chart.line("axis", [0.0, HEIGHT, WIDTH, HEIGHT]);
    if let Some((first, ..)) = parts.first() {
        chart.text("start", 0.0, HEIGHT + LABELS - 3.0, first);
    }
    if let (Some((last, ..)), true) = (parts.last(), parts.len() > 1) {
        chart.text("end", WIDTH, HEIGHT + LABELS - 3.0, last);
    }
    chart.finish()
}

/// A distance with its interval, the threshold and the reach of chance, on a scale from `from` to `to`.
pub(super) struct Whisker {
    pub(super) distance: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) threshold: f64,
    pub(super) noise: f64,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) drifted: bool,
}

impl Whisker {
    pub(super) fn draw(&self, label: &str) -> String {
        const WIDE: f64 = 160.0;
        let mut chart = Chart::new(WIDE, 16.0, label);
        let x = |value: f64| {
            ((value - self.from) / (self.to - self.from).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0) * (WIDE - 6.0) + 3.0
        };
        chart.rect("noise", [x(self.from), 2.0, x(self.noise) - x(self.from), 12.0], "");
        chart.line("threshold", [x(self.threshold), 0.0, x(self.threshold), 16.0]);
        let class = if self.drifted { "bad" } else { "plain" };
        chart.line(class, [x(self.low), 8.0, x(self.high), 8.0]);
        chart.rect(class, [x(self.distance) - 2.5, 5.5, 5.0, 5.0], label);
        chart.finish()
    }
}

/// A series with gaps, and the place from which on it has changed.
pub(super) fn line(values: &[Option<f64>], change: Option<usize>, first: &str, last: &str, label: &str) -> String {
    let mut chart = Chart::new(WIDTH, HEIGHT + LABELS, label);
    let known = || values.iter().flatten().copied().filter(|value| value.is_finite());
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    // From 0 where that leaves half of the height to what is told; else what is told fills it.
    let from = if least >= 0.0 && least <= most / 2.0 { 0.0 } else { least };
    let step = WIDTH / values.len().max(1) as f64;
    let middle = |at: usize| (at as f64 + 0.5) * step;
    if let Some(at) = change {
        chart.line("threshold", [at as f64 * step, 0.0, at as f64 * step, HEIGHT]);
    }
    let y = |value: f64| HEIGHT - 3.0 - (value - from) / (most - from).max(f64::MIN_POSITIVE) * (HEIGHT - 6.0);
    for (at, pair) in values.windows(2).enumerate() {
        if let [Some(a), Some(b)] = pair {
            chart.line("plain", [middle(at), y(*a), middle(at + 1), y(*b)]);
        }
    }
    for (at, value) in values.iter().enumerate() {
        if let Some(value) = value {
            chart.rect("plain", [middle(at) - 2.0, y(*value) - 2.0, 4.0, 4.0], &format!("{value:.4}"));
        }
    }
    chart.line("axis", [0.0, HEIGHT, WIDTH, HEIGHT]);
    chart.text("start", 0.0, HEIGHT + LABELS - 3.0, first);
    chart.text("end", WIDTH, HEIGHT + LABELS - 3.0, last);
    chart.finish()
}

/// A square of numbers from -1 to 1 between names, those above the diagonal left out.
pub(super) fn matrix(names: &[String], value: impl Fn(usize, usize) -> Option<f64>, label: &str) -> String {
    const CELL: f64 = 22.0;
    const HEAD: f64 = 150.0;
    let size = names.len() as f64 * CELL;
    let mut chart = Chart::new(HEAD + size, size.max(CELL), label);
    for (row, name) in names.iter().enumerate() {
        let top = row as f64 * CELL;
        chart.text("end", HEAD - 6.0, top + 15.0, &name.chars().take(22).collect::<String>());
        for (column, other) in names.iter().enumerate().take(row) {
            let Some(value) = value(row, column) else { continue };
            let class = if value < 0.0 { "b" } else { "a" };
            let title = format!("{} · {}: {value:.2}", clipped(name), clipped(other));
            let _ = write!(chart.out, "<g opacity=\"{:.2}\">", value.abs().clamp(0.03, 1.0));
            chart.rect(class, [HEAD + column as f64 * CELL + 1.0, top + 1.0, CELL - 2.0, CELL - 2.0], &title);
            chart.out.push_str("</g>");
        }
    }
    chart.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every element is closed and nothing of a label becomes markup.
    fn check(svg: &str) {
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{svg}");
        assert!(!svg.contains("<b>") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        for tag in ["title", "text", "g", "rect"] {
            let opened = svg.matches(&format!("<{tag}>")).count() + svg.matches(&format!("<{tag} ")).count();
            let closed = svg.matches(&format!("</{tag}>")).count();
            assert!(closed <= opened && (tag == "rect" || closed == opened), "{tag}: {svg}");
        }
    }

    #[test]
    fn charts_are_well_formed_whatever_is_in_them() {
        let name = || "<b>&\"'\u{7}".to_owned();
        check(&histogram(&[(name(), 0), (name(), 7)], "<b>"));
        check(&histogram(&[], ""));
        check(&values(&[(name(), 0.5, name()), (name(), 0.0, name())], "x"));
        check(&pairs(&[(name(), 0.0, 0.0)], "x"));
        check(&line(&[None, Some(0.2), Some(0.0), None], Some(2), &name(), &name(), "x"));
        check(&line(&[], None, "", "", "x"));
        check(&matrix(&[name(), name(), name()], |a, b| Some(if a + b == 1 { -0.5 } else { 1.0 }), "x"));
        let whisker = Whisker {
            distance: 0.2,
            low: 0.1,
            high: 9.0,
            threshold: 0.1,
            noise: 0.05,
            from: 0.0,
            to: 0.3,
            drifted: true,
        };
        check(&whisker.draw("x"));
        check(&Whisker { from: 0.0, to: 0.0, ..whisker }.draw("x"));
    }

    #[test]
    fn the_highest_bar_fills_the_chart_and_small_ones_can_be_seen() {
        let svg = histogram(&[("a".into(), 1_000_000), ("b".into(), 1)], "x");
        assert!(svg.contains("height=\"90.0\"") && svg.contains("height=\"1.0\""), "{svg}");
    }
}
