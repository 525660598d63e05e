//! Votes that are in the data already: `column(…)`.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::script::builtins::similar;
use super::super::script::freeze::{Cold, ColdObject};
use super::super::script::value::Value;
use super::super::votes::ABSTAIN;
use super::declared::{Arguments, Checked};
use super::labels::Labels;
use super::{Applied, Within};
use crate::data::Column;
use crate::engine::{Result, Work};
use crate::weak::Said;
use crate::weak::shades::{MOST_MEANINGS, Shading};

/// What each value of a column says.
pub(super) fn of_column(
    column: &Column,
    votes: &HashMap<String, Said>,
    all: usize,
    rows: Option<&[u32]>,
    work: &Work,
) -> Result<Applied> {
    let at = |row: usize| {
        let value = (row < column.len()).then(|| column.show(row)).flatten();
        value.and_then(|value| votes.get(&*value))
    };
    let hard = |row: usize| at(row).map_or(ABSTAIN, Said::hard);
    let hards: Vec<i16> = match rows {
        Some(rows) => rows.par_iter().with_min_len(1024).map(|&row| hard(row as usize)).collect(),
        None => (0..all).into_par_iter().with_min_len(1024).map(hard).collect(),
    };
    work.check()?;
    if votes.values().all(|said| matches!(said, Said::Vote(_))) {
        return Ok(Applied::plain(hards));
    }
    let mut shading = Shading::default();
    for place in 0..hards.len() {
        let row = rows.map_or(Some(place), |rows| rows.get(place).map(|row| *row as usize));
        if let Some(Said::Shaded(meaning)) = row.and_then(at) {
            shading.add(place, meaning.clone());
        }
    }
    let (shades, _) = Shading::join(vec![(0, shading)], hards.len());
    Ok(Applied { shades: shades.map(Arc::new), ..Applied::plain(hards) })
}

/// Which class each value of a column means: as a mapping says, else a value means the class of its name.
pub(super) fn votes_of_column(
    arguments: &Arguments,
    within: &Within<'_>,
    labels: &Labels,
) -> Checked<(String, HashMap<String, Said>)> {
    let context = within.context;
    let help = "as in column(\"old_votes\", {\"yes\": SPAM, \"no\": HAM})";
    arguments.only(&["name", "classes"])?;
    let Some(Cold::Str(name)) = arguments.get("name", 0) else {
        return arguments.refuse("column() needs the name of a column first", help);
    };
    let Some(column) = context.column(name) else {
        let meant = similar(name, context.names());
        let listed = || format!("the columns are: {}", context.names().join(", "));
        let help = meant.map_or_else(listed, |meant| format!("did you mean `{meant}`?"));
        return arguments.refuse(format!("there is no column `{name}`"), help);
    };
    let mut votes = HashMap::new();
    match arguments.get("classes", 1) {
        None | Some(Cold::None) => {
            for class in context.classes {
                if let Some(vote) = labels.vote(&Value::text(class.clone())) {
                    votes.insert(class.clone(), Said::Vote(vote));
                }
            }
        }
        Some(cold) => {
            let Some(ColdObject::Table(entries)) = arguments.loose.frozen.object(cold) else {
                return arguments.refuse("column() needs a dict from values to classes", help);
            };
            for (value, class) in entries {
                let value = match value {
                    Cold::Str(text) => text.to_string(),
                    Cold::Int(int) => int.to_string(),
                    Cold::Float(float) => crate::data::show_float(*float),
                    Cold::Bool(flag) => flag.to_string(),
                    _ => return arguments.refuse("a value of a column is a text or a number", help),
                };
                let said = labels.said_of(class, &arguments.loose.frozen, &within.shared.tree);
                let Some(said) = said else {
                    return arguments.refuse(format!("\"{value}\" stands for no class"), labels.listed());
                };
                votes.insert(value, said);
            }
        }
    }
    if votes.len() > MOST_MEANINGS && votes.values().any(|said| matches!(said, Said::Shaded(_))) {
        return arguments.refuse(format!("more than {MOST_MEANINGS} values stand for classes"), "name fewer of them");
    }
    Ok((column.name().to_owned(), votes))
}
