//! Values of categories, and bounds of numbers: of columns, of the length of texts, of what images are like.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::Array as _;

use super::drafts::{name_of, of_filter};
use super::{Candidate, Form, Input, Learnt, spread};
use crate::data::filter::{quote_name, quote_text};
use crate::data::{Column, Kind};
use crate::engine::{Result, Work};

/// Distinct values of a category that are tried, the most frequent.
const VALUES: usize = 300;

/// Labelled rows that must lie beyond a bound.
const LEAST: u32 = 3;

/// Values and ranges that may set a class apart.
pub(super) fn candidates(input: &Input, learnt: &Learnt, work: &Work) -> Result<Vec<Candidate>> {
    let context = &input.context;
    let text = context.text.unwrap_or("text");
    let mut found = Vec::new();
    for column in context.frame.columns() {
        work.check()?;
        let name = column.name();
        if input.leave_out.iter().any(|other| other == name) {
            continue;
        }
        let sql = quote_name(name);
        match column.kind() {
            Kind::Category if name != text => values(input, learnt, column, &mut found),
            Kind::Bool => values(input, learnt, column, &mut found),
            Kind::Int | Kind::Float => {
                let whole = column.kind() == Kind::Int;
                bounds(input, learnt, &sql, name, whole, |row| column.number(row), &mut found);
            }
            Kind::Text | Kind::Category if name == text => {
                let Some(texts) = column.strings() else { continue };
                let measure = |row: usize, of: fn(&str) -> usize| {
                    (row < texts.len() && texts.is_valid(row)).then(|| of(texts.value(row)) as f64)
                };
                let letters = |row| measure(row, |text| text.chars().count());
                bounds(input, learnt, &format!("length({sql})"), "length", true, letters, &mut found);
                let words = |row| measure(row, |text| text.split_whitespace().count());
                bounds(input, learnt, &format!("words({sql})"), "words", true, words, &mut found);
            }
            _ => {}
        }
    }
    Ok(found)
}

fn values(input: &Input, learnt: &Learnt, column: &Arc<Column>, found: &mut Vec<Candidate>) {
    let mut counts: HashMap<String, (Vec<u32>, u64)> = HashMap::new();
    for (&row, &label) in learnt.rows.iter().zip(&learnt.labels) {
        let Some(value) = column.show(row as usize) else { continue };
        let fresh = || (vec![0; learnt.shares.len()], 0);
        let (by_class, rows) = counts.entry(value.into_owned()).or_insert_with(fresh);
        by_class[usize::from(label)] += 1;
        *rows = rows.wrapping_add(spread(row));
    }
    let mut counts: Vec<(String, u32, Vec<u32>, u64)> = counts
        .into_iter()
        .map(|(value, (by_class, rows))| (value, by_class.iter().sum(), by_class, rows))
        .filter(|(_, judged, ..)| *judged >= LEAST)
        .collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    for (value, judged, by_class, rows) in counts.into_iter().take(VALUES) {
        let name = name_of(&format!("{} {value}", column.name()));
        let condition = match column.kind() {
            Kind::Bool if value == "true" => quote_name(column.name()),
            Kind::Bool => format!("NOT {}", quote_name(column.name())),
            _ => format!("{} = {}", quote_name(column.name()), quote_text(&value)),
        };
        for (class, correct) in by_class.into_iter().enumerate().filter(|(_, correct)| *correct > 0) {
            let Some(of) = input.context.classes.get(class) else { continue };
            let call = of_filter(of, &condition);
            let (name, condition, class) = (name.clone(), condition.clone(), class as u16);
            found.push(Candidate { name, call, condition, form: Form::Value, class, correct, judged, rows });
        }
    }
}

/// For each class the best bound from below and the best from above.
fn bounds(
    input: &Input,
    learnt: &Learnt,
    sql: &str,
    title: &str,
    whole: bool,
    value: impl Fn(usize) -> Option<f64>,
    found: &mut Vec<Candidate>,
) {
    let known = learnt.rows.iter().zip(&learnt.labels);
    let mut values: Vec<(f64, u16)> = known
        .filter_map(|(&row, &label)| Some((value(row as usize)?, label)))
        .filter(|(value, _)| value.is_finite())
        .collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let totals = |class: u16| values.iter().filter(|(_, label)| *label == class).count() as u32;
    for (class, of) in input.context.classes.iter().enumerate().map(|(class, of)| (class as u16, of)) {
        let (mut correct, all) = (0u32, totals(class));
        let mut best: [Option<(f64, f64, u32, u32)>; 2] = [None, None];
        for (at, pair) in values.windows(2).enumerate() {
            correct += u32::from(pair[0].1 == class);
            if pair[0].0 == pair[1].0 {
                continue;
            }
            let below = (correct, at as u32 + 1);
            let above = (all - correct, values.len() as u32 - at as u32 - 1);
            let cut = between(pair[0].0, pair[1].0, whole);
            for (side, (correct, judged)) in [below, above].into_iter().enumerate() {
                let worth = learnt.lift(class, u64::from(correct), u64::from(judged)) * f64::from(judged).sqrt();
                if judged >= LEAST && worth > best[side].map_or(0.0, |(worth, ..)| worth) {
                    best[side] = Some((worth, cut, correct, judged));
                }
            }
        }
        for (best, (sign, word)) in best.into_iter().zip([("<", "below"), (">=", "from")]) {
            let Some((_, cut, correct, judged)) = best else { continue };
            let number = if whole { format!("{}", cut as i64) } else { format!("{cut}") };
            let condition = format!("{sql} {sign} {number}");
            let call = of_filter(of, &condition);
            let name = name_of(&format!("{title} {word} {number}"));
            found.push(Candidate { name, call, condition, form: Form::Range, class, correct, judged, rows: 0 });
        }
    }
}

/// The roundest number above `low` and not above `high`.
fn between(low: f64, high: f64, whole: bool) -> f64 {
    if whole {
        let (low, high) = (low.floor() as i64 + 1, high.ceil() as i64);
        if (low..=high).contains(&0) {
            return 0.0;
        }
        let mut step = 1i64;
        let mut best = high;
        while step <= high.abs().max(1) {
            let multiple = high.div_euclid(step) * step;
            if multiple < low {
                break;
            }
            best = multiple;
            step = step.saturating_mul(10);
        }
        return best as f64;
    }
    for digits in 0..15 {
        let scale = 10f64.powi(digits - 3);
        let rounded = (high * scale).floor() / scale;
        if rounded > low && rounded <= high {
            return rounded;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_round() {
        let check = |low: f64, high: f64, whole: bool, expected: f64| {
            assert_eq!(between(low, high, whole), expected, "{low} {high}");
        };
        check(17.0, 23.0, true, 20.0);
        check(17.0, 18.0, true, 18.0);
        check(95.0, 312.0, true, 300.0);
        check(-3.0, 4.0, true, 0.0);
        check(0.31, 0.37, false, 0.37);
        check(0.31, 0.47, false, 0.4);
        check(0.310_01, 0.310_02, false, 0.310_02);
        check(1.5, 8.0, false, 8.0);
    }
}
