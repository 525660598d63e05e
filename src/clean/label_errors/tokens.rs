//! Label errors of tokens, and what they say of their sentences and entities.
//!
//! Source: Wang and Mueller 2022, "Detecting Label Errors in Token Classification Data": a sentence is as good as its worst
//! token, or the mean of its tokens weighted towards the worst.

use std::ops::Range;

use super::many::ranks;

/// The temperature of the weighted mean.
const TEMPERATURE: f64 = 0.05;

/// How good the labels of a sentence are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SentenceScore {
    /// The lowest score of its tokens, 0-1; NaN without any.
    pub worst: f64,
    /// The mean of the scores, each weighted by `exp((1 - score) / 0.05)`; NaN without any.
    pub softmin: f64,
}

impl SentenceScore {
    /// The score of a sentence whose tokens have these; NaN counts as none.
    pub fn of(tokens: impl Iterator<Item = f64> + Clone) -> Self {
        Self {
            worst: tokens.clone().filter(|score| !score.is_nan()).fold(f64::NAN, f64::min),
            softmin: softmin(tokens, TEMPERATURE),
        }
    }
}

/// The mean of scores in 0-1 weighted by `exp((1 - score) / temperature)`, so that low ones weigh most; NaN of none.
pub(super) fn softmin(scores: impl Iterator<Item = f64>, temperature: f64) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for score in scores.filter(|score| !score.is_nan()) {
        let weight = ((1.0 - score) / temperature).exp();
        sum += weight * score;
        weights += weight;
    }
    sum / weights
}

/// The scores of sentences, and their ranks (1 for the worst). `sentence` is the number of each token's sentence, from 0;
/// `scores` are the tokens' self-confidences.
pub fn sentence_scores(sentence: &[u32], scores: &[f64]) -> (Vec<SentenceScore>, Vec<u32>) {
    let count = sentence.iter().max().map_or(0, |&last| last as usize + 1);
    let mut tokens: Vec<Vec<f64>> = vec![Vec::new(); count];
    for (&sentence, &score) in sentence.iter().zip(scores) {
        tokens[sentence as usize].push(score);
    }
    let found: Vec<SentenceScore> = tokens.iter().map(|scores| SentenceScore::of(scores.iter().copied())).collect();
    let worst: Vec<f64> = found.iter().map(|score| score.softmin).collect();
    let rank = ranks(&worst);
    (found, rank)
}

/// An entity as the tags of its tokens give it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Its tokens, by position.
    pub tokens: Range<usize>,
    /// Its class, the tag without what says where the entity begins.
    pub class: String,
    /// The lowest probability, over its tokens, of a tag of this class: of `B-X` and `I-X` together, so that an unsure
    /// boundary counts little. NaN without usable probabilities.
    pub score: f64,
}

/// The entities of tags such as `B-PER`, `I-PER`, `O`, or plain `PER`. `of_class` gives the probability that a token is of
/// a class, under any tag. An entity ends where the sentence does, where the class changes, and before a `B-`.
pub fn entities<'a>(
    tags: impl Iterator<Item = Option<&'a str>>,
    sentence: &[u32],
    of_class: impl Fn(usize, &str) -> f64,
) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::new();
    for (at, tag) in tags.enumerate() {
        let Some(tag) = tag.filter(|tag| *tag != "O") else { continue };
        let class = class_of(tag);
        let score = of_class(at, class);
        let goes_on = found.last_mut().filter(|last| {
            last.tokens.end == at && last.class == class && !begins(tag) && sentence.get(at) == sentence.get(at - 1)
        });
        match goes_on {
            Some(last) => {
                last.tokens.end = at + 1;
                last.score = last.score.min(score);
            }
            None => found.push(Entity { tokens: at..at + 1, class: class.to_owned(), score }),
        }
    }
    found
}

/// The class of a tag: `PER` of `B-PER`.
pub fn class_of(tag: &str) -> &str {
    match tag.split_once('-') {
        Some((prefix, class)) if ["B", "I", "L", "U", "E", "S", "M"].contains(&prefix) => class,
        _ => tag,
    }
}

fn begins(tag: &str) -> bool {
    ["B-", "U-", "S-"].iter().any(|prefix| tag.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::super::golden::{close, data, json, numbers};
    use super::*;

    #[test]
    fn sentences_score_as_cleanlabs() {
        let Some(data) = data() else { return };
        let golden = json(data.join("golden/token_small.json"));
        let (mut sentence, mut scores) = (Vec::new(), Vec::new());
        for (at, (labels, rows)) in
            golden["labels"].as_array().unwrap().iter().zip(golden["pred_probs"].as_array().unwrap()).enumerate()
        {
            for (label, row) in numbers(labels).into_iter().zip(rows.as_array().unwrap()) {
                sentence.push(at as u32);
                scores.push(numbers(row)[label as usize]);
            }
        }
        let (found, rank) = sentence_scores(&sentence, &scores);
        let worst: Vec<f64> = found.iter().map(|score| score.worst).collect();
        let softmin: Vec<f64> = found.iter().map(|score| score.softmin).collect();
        close(&worst, &numbers(&golden["sentence_min"]), "worst");
        close(&softmin, &numbers(&golden["sentence_softmin"]), "softmin");
        assert_eq!(rank, [2, 1, 3]);
    }

    #[test]
    fn entities_are_runs_of_their_tags() {
        let check = |tags: &[&str], sentence: &[u32], expected: &[(Range<usize>, &str)]| {
            let tags = tags.iter().map(|tag| Some(*tag).filter(|tag| !tag.is_empty()));
            let found = entities(tags, sentence, |at, _| 1.0 - at as f64 / 10.0);
            let found: Vec<(Range<usize>, &str)> = found.iter().map(|e| (e.tokens.clone(), e.class.as_str())).collect();
            assert_eq!(found, expected);
        };
        check(&["B-PER", "I-PER", "O", "B-LOC"], &[0; 4], &[(0..2, "PER"), (3..4, "LOC")]);
        check(&["B-PER", "B-PER"], &[0, 0], &[(0..1, "PER"), (1..2, "PER")]);
        check(&["I-PER", "I-PER"], &[0, 1], &[(0..1, "PER"), (1..2, "PER")]);
        check(&["PER", "PER", "", "LOC"], &[0; 4], &[(0..2, "PER"), (3..4, "LOC")]);
        check(&["O"], &[0], &[]);
        let found = entities([Some("B-X"), Some("I-X")].into_iter(), &[0, 0], |at, class| {
            assert_eq!(class, "X");
            [0.9, 0.2][at]
        });
        assert_eq!(found[0].score, 0.2, "as good as its worst token");
        assert!(SentenceScore::of(std::iter::empty()).worst.is_nan());
    }
}
