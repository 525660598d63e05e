//! One label an item, from the best source that has one. People always win.

use serde::Serialize;

/// Where a final label came from, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A person, in this project.
    Hand,
    /// The data, as it was opened.
    Given,
    /// The labelling functions, through the label model.
    Functions,
    /// The end model, for items that no function covers.
    Model,
    /// Nobody: the item has no label.
    None,
}

impl Source {
    /// All sources, best first.
    pub const ALL: [Self; 5] = [Self::Hand, Self::Given, Self::Functions, Self::Model, Self::None];

    /// The name in exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hand => "hand",
            Self::Given => "given",
            Self::Functions => "functions",
            Self::Model => "model",
            Self::None => "",
        }
    }
}

/// What a model or the label model says: a label a row (`None` where it has none) and the probability of that label.
#[derive(Debug, Clone, Copy)]
pub struct Opinion<'a> {
    /// One label a row.
    pub labels: &'a [Option<u16>],
    /// Rows x classes, row by row, each row summing to 1.
    pub probabilities: &'a [f32],
}

/// The final labels of all rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FinalLabels {
    /// One label a row: a class index, -1 for none.
    pub label: Vec<i16>,
    /// The probability that the source gives to its label, in 0-1; 1 for a person; `None` where nothing is known.
    pub probability: Vec<Option<f32>>,
    /// Where each label came from.
    pub source: Vec<Source>,
}

impl FinalLabels {
    /// Takes the best source for each row. `hand` and `given` hold -1 where they say nothing; all are of equal length.
    pub fn resolve(
        hand: &[i16],
        given: Option<&[i16]>,
        functions: Option<Opinion<'_>>,
        model: Option<Opinion<'_>>,
        classes: usize,
    ) -> Self {
        let mut made = Self {
            label: Vec::with_capacity(hand.len()),
            probability: Vec::with_capacity(hand.len()),
            source: Vec::with_capacity(hand.len()),
        };
        let of = |opinion: Option<Opinion<'_>>, row: usize| -> Option<(i16, Option<f32>)> {
            let opinion = opinion?;
            let label = (*opinion.labels.get(row)?)?;
            Some((label as i16, opinion.probabilities.get(row * classes + usize::from(label)).copied()))
        };
        for (row, &label) in hand.iter().enumerate() {
            let given = given.and_then(|given| given.get(row)).copied().unwrap_or(-1);
            let (label, probability, source) = if label >= 0 {
                (label, Some(1.0), Source::Hand)
            } else if given >= 0 {
                // The data does not say how sure it is.
                (given, None, Source::Given)
            } else if let Some((label, probability)) = of(functions, row) {
                (label, probability, Source::Functions)
            } else if let Some((label, probability)) = of(model, row) {
                (label, probability, Source::Model)
            } else {
                (-1, None, Source::None)
            };
            made.label.push(label);
            made.probability.push(probability);
            made.source.push(source);
        }
        made
    }

    /// How many labels came from each source, in the order of [`Source::ALL`].
    pub fn by_source(&self) -> [(Source, usize); 5] {
        Source::ALL.map(|source| (source, self.source.iter().filter(|&&other| other == source).count()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_win_then_the_data_then_functions_then_the_model() {
        let (functions, model) = ([Some(1), None, None, None], [Some(0), Some(0), None, Some(1)]);
        let probabilities = [0.2, 0.8, 0.5, 0.5, 0.5, 0.5, 0.4, 0.6];
        let opinion = |labels| Opinion { labels, probabilities: &probabilities };
        let check = |hand: [i16; 4], given: Option<&[i16]>, expected: [(i16, Source); 4]| {
            let found = FinalLabels::resolve(&hand, given, Some(opinion(&functions)), Some(opinion(&model)), 2);
            let pairs: Vec<_> = found.label.into_iter().zip(found.source).collect();
            assert_eq!(pairs, expected);
        };
        use Source::{Functions, Given, Hand, Model, None as Nobody};
        check([-1; 4], None, [(1, Functions), (0, Model), (-1, Nobody), (1, Model)]);
        check([0, -1, -1, -1], Some(&[1, 1, 1, -1]), [(0, Hand), (1, Given), (1, Given), (1, Model)]);
        let found = FinalLabels::resolve(&[-1, 0], None, Some(opinion(&functions)), None, 2);
        assert_eq!(found.probability, [Some(0.8), Some(1.0)]);
    }
}
