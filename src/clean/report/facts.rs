//! What a profile tells of a column, as names with values.

use minijinja::context;
use minijinja::value::Value;

use super::figures::{clipped, count, number, percent};
use super::{Language, list, texts};
use crate::clean::profile::{More, Order};
use crate::data::describe::{Detail, Summary};
use crate::data::show_time;

/// A name, as a key of [`texts`], and a value as it is shown.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
}

fn fact(name: &'static str, value: impl Into<String>) -> Fact {
    Fact { name, value: value.into() }
}

/// Whether a bar stands for what is missing, infinite or no number.
pub(super) fn is_odd(label: &str) -> bool {
    ["NULL", "NaN", "∞", "-∞"].contains(&label)
}

/// Bytes in the unit that people read.
pub(super) fn bytes(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
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
pub(super) fn of(summary: &Summary) -> Vec<Fact> {
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
pub(super) fn more(more: &More, language: Language) -> Vec<Fact> {
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
pub(super) fn lists(summary: &Summary, more: &More, language: Language) -> Vec<Value> {
    let list_of = |name: &'static str, items: Vec<(String, usize)>| {
        let item = |(value, rows): (String, usize)| context! { value => clipped(&value), rows => count(rows as u64) };
        context! { name => texts::word(language, name), items => list(items.into_iter().map(item)) }
    };
    let mut lists = Vec::new();
    // Of values that nearly all differ none is frequent.
    let repeats = more.top.first().is_some_and(|(_, count)| *count > 1);
    if repeats && !matches!(summary.detail, Detail::Categories(_) | Detail::Bools { .. }) {
        lists.push(list_of("top_values", more.top.clone()));
    }
    if let Some(written) = &more.written {
        if matches!(summary.detail, Detail::Texts(_)) {
            lists.push(list_of("top_words", written.top_words.clone()));
        }
        lists.push(list_of("shapes", written.shapes.clone()));
        let scripts = written.scripts.iter().map(|(name, count)| (texts::word(language, name).to_owned(), *count));
        if !written.scripts.is_empty() {
            lists.push(list_of("scripts", scripts.collect()));
        }
    }
    lists
}
