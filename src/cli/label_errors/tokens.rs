//! `label-errors --sentence`: rows are tokens; what their labels say of sentences and entities.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::files;
use crate::clean::label_errors::{LabelErrors as Found, class_of, entities, sentence_scores};
use crate::data::{Column, Values};
use crate::learn::Matrix;

/// Entities listed at most.
const LISTED: usize = 50;

/// What is known of the sentences of tokens.
pub(super) struct Sentences {
    of_token: Vec<u32>,
    names: Vec<String>,
    scores: Vec<f64>,
    worst: Vec<f64>,
    rank: Vec<u32>,
    entities: Vec<Value>,
    low_entities: usize,
}

impl Sentences {
    pub(super) fn of(
        column: &Column,
        found: &Found,
        probabilities: &Matrix<f64>,
        labels: &[Option<u16>],
        classes: &[String],
    ) -> Self {
        let mut places: HashMap<String, u32> = HashMap::new();
        let mut names = Vec::new();
        let of_token: Vec<u32> = (0..column.len())
            .map(|row| {
                let name = column.show(row).unwrap_or_default().into_owned();
                *places.entry(name).or_insert_with_key(|name| {
                    names.push(name.clone());
                    names.len() as u32 - 1
                })
            })
            .collect();
        let (scores, rank) = sentence_scores(&of_token, &found.self_confidence);
        let columns: HashMap<&str, Vec<usize>> =
            classes.iter().enumerate().fold(HashMap::new(), |mut all, (at, name)| {
                all.entry(class_of(name)).or_insert_with(Vec::new).push(at);
                all
            });
        let of_class = |token: usize, class: &str| {
            let row = probabilities.row(token);
            columns.get(class).map_or(f64::NAN, |columns| columns.iter().filter_map(|at| row.get(*at)).sum::<f64>())
        };
        let tags =
            labels.iter().map(|label| label.and_then(|label| classes.get(usize::from(label))).map(String::as_str));
        let mut all = entities(tags, &of_token, of_class);
        all.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.tokens.start.cmp(&b.tokens.start)));
        let low = all.iter().filter(|entity| entity.score < 0.5).count();
        let listed = all.iter().take(LISTED).map(|entity| {
            json!({"first_row": entity.tokens.start, "last_row": entity.tokens.end - 1, "class": entity.class, "score": entity.score})
        });
        Self {
            entities: listed.collect(),
            low_entities: low,
            scores: scores.iter().map(|score| score.softmin).collect(),
            worst: scores.iter().map(|score| score.worst).collect(),
            names,
            of_token,
            rank,
        }
    }

    /// The columns of the result: score and rank of each token's sentence.
    pub(super) fn columns(&self) -> Vec<Arc<Column>> {
        let score = |of: &[f64], sentence: &u32| of.get(*sentence as usize).copied().unwrap_or(f64::NAN);
        let ranks = self.of_token.iter().map(|sentence| self.rank.get(*sentence as usize).map(|&rank| i64::from(rank)));
        vec![
            files::number_column("sentence_score", self.of_token.iter().map(|sentence| score(&self.scores, sentence))),
            files::number_column("sentence_worst", self.of_token.iter().map(|sentence| score(&self.worst, sentence))),
            Arc::new(Column::new("sentence_rank", Values::Int(ranks.collect()))),
        ]
    }

    /// The fields of the answer.
    pub(super) fn json(&self) -> Value {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.sort_by_key(|&at| self.rank.get(at).copied());
        let worst: Vec<Value> = order
            .into_iter()
            .take(LISTED)
            .map(
                |at| json!({"sentence": self.names.get(at), "score": self.scores.get(at), "worst": self.worst.get(at)}),
            )
            .collect();
        json!({
            "count": self.names.len(),
            "worst": worst,
            "entities_below_half": self.low_entities,
            "worst_entities": self.entities,
        })
    }
}
