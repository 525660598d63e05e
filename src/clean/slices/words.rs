//! Conditions on texts: the words that stand in neither very few nor most of them.

use std::collections::{HashMap, HashSet};

use arrow_array::Array as _;
use rayon::prelude::*;

use super::Rows;
use super::bits::Bits;
use crate::data::Column;
use crate::engine::{Result, Work};

/// Words that become conditions.
const WORDS: usize = 40;

/// Texts in which words are counted, in equal steps.
const COUNTED: usize = 20_000;

/// The least and the greatest share of texts with a word.
const SHARES: [f64; 2] = [0.01, 0.6];

/// Letters of a Korean word that stand for it, as particles follow these.
const STEM: usize = 2;

/// One condition for each word; `name` is the quoted column. The rows are those that contain it anywhere, as the condition
/// says, in upper or lower case.
pub(super) fn words(name: &str, column: &Column, rows: &Rows, work: &Work) -> Result<Vec<(String, Bits)>> {
    let Some(texts) = column.folded() else { return Ok(Vec::new()) };
    let present = |row: &u32| texts.is_valid(*row as usize);
    let step = rows.rows.len().div_ceil(COUNTED).max(1);
    let (mut counts, mut looked) = (HashMap::<String, usize>::new(), 0usize);
    for (at, row) in rows.rows.iter().step_by(step).filter(|row| present(row)).enumerate() {
        if at.is_multiple_of(256) {
            work.check()?;
        }
        looked += 1;
        let text = texts.value(*row as usize);
        let said: HashSet<String> = text.split(|c: char| !c.is_alphanumeric()).filter_map(stem).collect();
        said.into_iter().for_each(|word| *counts.entry(word).or_default() += 1);
    }
    let is_fit = |count: usize| {
        let share = count as f64 / looked.max(1) as f64;
        (SHARES[0]..=SHARES[1]).contains(&share)
    };
    let mut fit: Vec<(String, usize)> = counts.into_iter().filter(|(_, count)| is_fit(*count)).collect();
    fit.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    fit.truncate(WORDS);
    let condition = |(word, _): &(String, usize)| {
        work.check()?;
        let mut bits = Bits::none(rows.rows.len());
        let holds = |(_, row): &(usize, &u32)| present(row) && texts.value(**row as usize).contains(word.as_str());
        rows.rows.iter().enumerate().filter(holds).for_each(|(at, _)| bits.insert(at));
        Ok((format!("{name} ILIKE '%{word}%'"), bits))
    };
    fit.par_iter().map(condition).collect()
}

/// A word as it is looked for: none of a single letter or of digits only; of Korean its beginning.
fn stem(word: &str) -> Option<String> {
    let letters = word.chars().count();
    if letters < 2 || word.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let is_korean = word.chars().all(|c| ('가'..='힣').contains(&c));
    Some(if is_korean { word.chars().take(STEM).collect() } else { word.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, LargeStringArray};

    use super::super::{Options, find};
    use super::*;
    use crate::data::{Frame, Kind, Values, filter};

    #[test]
    fn words_are_conditions_that_select_what_was_counted() {
        let texts = (0..900).map(|row| match row % 3 {
            0 => format!("배송이 빨라요 {row}"),
            1 => format!("Delivery was Late {row}"),
            _ => format!("배송은 느려요, 환불 {row}"),
        });
        let wrong = (0..900).map(|row| i64::from(row % 3 == 1 && row % 4 != 0 || row % 20 == 0));
        let frame = Frame::new(vec![
            Arc::new(Column::text("text", Kind::Text, LargeStringArray::from_iter_values(texts))),
            Arc::new(Column::new("wrong", Values::Int(Int64Array::from_iter_values(wrong)))),
        ]);
        let found = find(&frame, "wrong", &Options::default(), &Work::new()).unwrap();
        let first = &found.slices[0];
        assert!(first.condition.contains("text ILIKE '%") && first.confirmed, "{first:?}");
        let mask = filter::parse(&first.condition, &frame).unwrap().evaluate(&frame, &Work::new()).unwrap();
        assert_eq!(mask.count_set_bits(), first.rows);
    }

    #[test]
    fn korean_words_stand_for_all_their_particles() {
        let check = |word: &str, expected: Option<&str>| assert_eq!(stem(word).as_deref(), expected);
        check("배송이", Some("배송"));
        check("delivery", Some("delivery"));
        check("a", None);
        check("2024", None);
        check("폰", None);
    }
}
