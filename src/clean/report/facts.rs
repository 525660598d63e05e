//! What a profile tells of a column, as names with values.

use super::figures::{count, number, percent};
use super::{Language, texts};
use crate::clean::profile::{Alert, More, Order};
use crate::data::describe::{Detail, Summary};
use crate::data::show_time;

/// A name, as a key of [`word`](super::word), and a value as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The key of the name.
    pub name: &'static str,
    /// The value.
    pub value: String,
}

/// Values with their rows, under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactList {
    /// The key of the name: `top_values`, `top_words`, `shapes` or `scripts`.
    pub name: &'static str,
    /// The values, or their names, with their rows.
    pub items: Vec<(String, usize)>,
}

fn fact(name: &'static str, value: impl Into<String>) -> Fact {
    Fact { name, value: value.into() }
}

/// Whether a bar stands for what is missing, infinite or no number.
pub fn is_odd(label: &str) -> bool {
    ["NULL", "NaN", "∞", "-∞"].contains(&label)
}

/// Bytes in the unit that people read.
pub fn bytes(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// How much an alert says; empty where its kind says it all.
pub fn alerted(alert: &Alert) -> String {
    match alert.kind {
        _ if alert.is_share() => percent(alert.value),
        "high-correlation" | "imbalance" | "skewed" => format!("{:.2}", alert.value),
        "uniform" => String::new(),
        _ => number(Some(alert.value)),
    }
}

/// A count with its share of all.
fn of_all(some: usize, all: usize) -> String {
    match some {
        0 => "0".to_owned(),
        _ => format!("{} ({})", count(some as u64), percent(some as f64 / all.max(1) as f64)),
    }
}

/// What every column is told first by.
pub fn of(summary: &Summary) -> Vec<Fact> {
    let mut facts =
        vec![fact("missing", of_all(summary.missing, summary.rows)), fact("distinct", count(summary.distinct as u64))];
    match &summary.detail {
        Detail::Numbers(numbers) => {
            let of = numbers.statistics;
            let quantile = |at: usize| number(of.and_then(|of| of.quantiles.get(at).copied()));
            facts.extend([
                fact("min", number(of.map(|of| of.min))),
                fact("q05", quantile(0)),
                fact("q25", quantile(1)),
                fact("median", quantile(2)),
                fact("q75", quantile(3)),
                fact("q95", quantile(4)),
                fact("max", number(of.map(|of| of.max))),
                fact("mean", number(of.map(|of| of.mean))),
                fact("std", number(of.and_then(|of| of.std))),
            ]);
            let odd = numbers.nan + numbers.negative_infinite + numbers.positive_infinite;
            if odd > 0 {
                facts.push(fact("not-finite", of_all(odd, summary.rows)));
            }
        }
        Detail::Times(times) => {
            let shown = |time: Option<i64>| time.map_or_else(|| "–".to_owned(), show_time);
            facts.extend([fact("min", shown(times.min)), fact("max", shown(times.max))]);
        }
        Detail::Texts(texts) => {
            let length = |length: Option<usize>| number(length.map(|length| length as f64));
            facts.extend([
                fact("min_length", length(texts.min)),
                fact("mean_length", number(texts.mean)),
                fact("max_length", length(texts.max)),
            ]);
        }
        Detail::Categories(categories) if categories.others > 0 => {
            facts.push(fact("others", count(categories.others as u64)));
        }
        Detail::Categories(_) | Detail::Bools { .. } => {}
    }
    facts
}

/// What else there is to be known.
pub fn more(more: &More, language: Language) -> Vec<Fact> {
    let mut facts = vec![fact("singles", count(more.singles as u64))];
    if let Some(moments) = &more.moments {
        facts.extend([
            fact("zeros", count(moments.zeros as u64)),
            fact("negative", count(moments.negative as u64)),
            fact("sum", number(Some(moments.sum))),
            fact("range", number(Some(moments.range))),
            fact("iqr", number(Some(moments.iqr))),
            fact("variance", number(moments.variance)),
            fact("variation", number(moments.variation)),
            fact("mad", number(Some(moments.mad))),
            fact("skewness", number(moments.skewness)),
            fact("kurtosis", number(moments.kurtosis)),
        ]);
        let order = match moments.order {
            Order::StrictlyRising => Some("strictly_rising"),
            Order::Rising => Some("rising"),
            Order::StrictlyFalling => Some("strictly_falling"),
            Order::Falling => Some("falling"),
            Order::None => None,
        };
        facts.extend(order.map(|order| fact("order", texts::word(language, order))));
    }
    if let Some(imbalance) = more.imbalance {
        facts.push(fact("imbalance_of", format!("{imbalance:.2}")));
    }
    if let Some(written) = &more.written {
        facts.extend([
            fact("median_length", number(Some(written.lengths[2]))),
            fact("empty_texts", count(written.empty as u64)),
            fact("words", format!("{} ({})", count(written.words), count(written.distinct_words as u64))),
            fact(
                "characters",
                format!("{} ({})", count(written.characters), count(written.distinct_characters as u64)),
            ),
        ]);
    }
    facts.push(fact("memory", bytes(more.bytes)));
    facts
}

/// Lists of values with counts, each under a name. Values of a category are in its chart.
pub fn lists(summary: &Summary, more: &More, language: Language) -> Vec<FactList> {
    let mut lists = Vec::new();
    let mut add = |name: &'static str, items: Vec<(String, usize)>| lists.push(FactList { name, items });
    // Of values that nearly all differ none is frequent.
    let repeats = more.top.first().is_some_and(|(_, count)| *count > 1);
    if repeats && !matches!(summary.detail, Detail::Categories(_) | Detail::Bools { .. }) {
        add("top_values", more.top.clone());
    }
    if let Some(written) = &more.written {
        if matches!(summary.detail, Detail::Texts(_)) {
            add("top_words", written.top_words.clone());
        }
        add("shapes", written.shapes.clone());
        let scripts = written.scripts.iter().map(|(name, count)| (texts::word(language, name).to_owned(), *count));
        if !written.scripts.is_empty() {
            add("scripts", scripts.collect());
        }
    }
    lists
}
