//! Whether one labels as one did before and as is known: items that are served again without saying so, gold items, and a
//! guard that notices when labelling leaves what is usual.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::json;

use super::agreement::{Agreement, Interval, Rating, Ratings};
use super::{Classes, LABEL, Voice};
use crate::data::ItemId;
use crate::engine::{Error, Random, Result, Work, quantile_of_sorted};
use crate::project::{Change, Command, Config, Gesture, Marks};

/// The field of what was said when an item was served again: a class name. It never replaces the label.
pub const REPEAT: &str = "repeat";

/// So many other items lie between an item and its repeat at least.
const APART: usize = 50;

/// Resamples of the interval.
const RESAMPLES: usize = 500;

/// Says what an item is when it is served again.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    /// The item.
    pub item: ItemId,
    /// The class.
    pub class: String,
    /// Seconds since it was shown.
    pub seconds: f64,
    /// Who says so.
    pub voice: Voice,
}

impl Command for Repeat {
    fn gesture(&self, _: &Marks, config: &Config) -> Result<Gesture> {
        if super::read_classes(config)?.index(&self.class).is_none() {
            return Err(Error::input("there is no such class").at(&self.class).help("add the class first"));
        }
        let detail = json!({ "seconds": self.seconds });
        let change = Change::set(self.item.0, self.voice.field(REPEAT), self.class.as_str()).because(detail);
        Ok(Gesture { name: REPEAT.to_owned(), changes: vec![change] })
    }
}

/// Which items are served again.
#[derive(Debug, Default)]
pub struct Checks {
    /// The rows that were labelled lately, the oldest first.
    lately: VecDeque<u32>,
    /// Rows that were served again.
    asked: HashSet<u32>,
    served: u64,
}

impl Checks {
    /// A row was given a label.
    pub fn labelled(&mut self, row: u32) {
        self.lately.retain(|other| *other != row);
        self.lately.push_back(row);
    }

    /// Whether the next item is one that checks, of which `share` are. The same answers for the same seed.
    pub fn is_due(&mut self, share: f64, seed: u64) -> bool {
        self.served += 1;
        Random::new(seed ^ self.served.wrapping_mul(0x9E37_79B9_7F4A_7C15)).unit() < share
    }

    /// The row that is served again: the one that was labelled longest ago, at least fifty items before. Each once.
    pub fn again(&mut self) -> Option<u32> {
        while self.lately.len() > APART {
            let row = self.lately.pop_front()?;
            if self.asked.insert(row) {
                return Some(row);
            }
        }
        None
    }
}

/// How far somebody agrees with what they said before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Consistency {
    /// Items that were answered twice.
    pub items: usize,
    /// Of these the ones that were answered alike.
    pub same: usize,
    /// Cohen's kappa between the first and the second answer.
    pub kappa: Interval,
}

/// How far a voice agrees with itself, over the items that were served again.
pub fn consistency(marks: &Marks, voice: &Voice, classes: &Classes, seed: u64) -> Consistency {
    let (label, repeat) = (voice.field(LABEL), voice.field(REPEAT));
    let mut pairs: Vec<(u64, u16, u16)> = marks
        .of(&repeat)
        .filter_map(|(item, second)| {
            let class = |value: &serde_json::Value| classes.index(value.as_str()?).map(|class| class.0);
            Some((item, class(&marks.get(&label, item)?.value)?, class(&second.value)?))
        })
        .collect();
    pairs.sort_unstable();
    let rating = |item: usize, annotator: u32, class: u16| Rating { item: item as u32, annotator, class };
    let ratings = pairs.iter().enumerate().flat_map(|(at, pair)| [rating(at, 0, pair.1), rating(at, 1, pair.2)]);
    let agreement = Ratings::new(pairs.len(), 2, classes.len(), ratings.collect())
        .and_then(|ratings| Agreement::of(&ratings, RESAMPLES, seed, &Work::new()));
    Consistency {
        items: pairs.len(),
        same: pairs.iter().filter(|pair| pair.1 == pair.2).count(),
        kappa: agreement.ok().and_then(|agreement| agreement.cohen_kappa).unwrap_or_default(),
    }
}

/// Labels beside what is known to be right, -1 for none: how many rows have both, and how many of these are right.
pub fn on_gold(labels: &[i16], gold: &[i16]) -> (usize, usize) {
    let both = labels.iter().zip(gold).filter(|(label, gold)| **label >= 0 && **gold >= 0);
    (both.clone().count(), both.filter(|(label, gold)| label == gold).count())
}

/// What is not as usual.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// All of the last items are of one class, which was much rarer before.
    OneClass {
        /// The class.
        class: u16,
        /// How many items.
        items: usize,
    },
    /// The last items took much less time than those before: median seconds now and before.
    Fast {
        /// Now.
        now: f64,
        /// Before.
        before: f64,
    },
    /// Few of the last gold items were right.
    Gold {
        /// Right ones.
        right: usize,
        /// Of so many.
        of: usize,
    },
}

/// Items that are looked at together.
const WINDOW: usize = 20;

/// A class that made up less than this share before is not usual for all items of a window.
const USUAL_SHARE: f64 = 0.5;

/// A median below this part of the one before is fast.
const FAST: f64 = 0.3;

/// Of the gold items of a window at least this share should be right.
const RIGHT: f64 = 0.7;

/// Notices when labelling leaves what is usual; it says so once, and then not again for a while.
#[derive(Debug, Default)]
pub struct Guard {
    last: VecDeque<(u16, f64)>,
    before: HashMap<u16, usize>,
    seconds: Vec<f64>,
    gold: VecDeque<bool>,
    quiet: usize,
}

impl Guard {
    /// Takes in a label: its class, how long it took, and whether it is the one that is known to be right.
    pub fn take(&mut self, class: u16, seconds: f64, right: Option<bool>) -> Option<Warning> {
        self.last.push_back((class, seconds));
        if self.last.len() > WINDOW
            && let Some((class, seconds)) = self.last.pop_front()
        {
            *self.before.entry(class).or_default() += 1;
            let at = self.seconds.partition_point(|other| *other < seconds);
            self.seconds.insert(at, seconds);
        }
        if let Some(right) = right {
            self.gold.push_back(right);
            if self.gold.len() > WINDOW {
                self.gold.pop_front();
            }
        }
        self.quiet = self.quiet.saturating_sub(1);
        if self.quiet > 0 {
            return None;
        }
        let warning = self.on_gold(right).or_else(|| self.one_class()).or_else(|| self.fast());
        if warning.is_some() {
            self.quiet = WINDOW;
        }
        warning
    }

    fn on_gold(&self, right: Option<bool>) -> Option<Warning> {
        let (of, right_ones) = (self.gold.len(), self.gold.iter().filter(|right| **right).count());
        let few = of >= WINDOW / 2 && (right_ones as f64) < RIGHT * of as f64;
        (right == Some(false) && few).then_some(Warning::Gold { right: right_ones, of })
    }

    fn one_class(&self) -> Option<Warning> {
        let (class, _) = *self.last.front()?;
        let all = self.last.len() == WINDOW && self.last.iter().all(|(other, _)| *other == class);
        let rare = (self.before.get(&class).copied().unwrap_or(0) as f64) < USUAL_SHARE * self.seconds.len() as f64;
        (all && rare && self.seconds.len() >= WINDOW).then_some(Warning::OneClass { class, items: WINDOW })
    }

    fn fast(&self) -> Option<Warning> {
        let mut now: Vec<f64> = self.last.iter().map(|(_, seconds)| *seconds).collect();
        now.sort_by(f64::total_cmp);
        let (now, before) = (quantile_of_sorted(&now, 0.5)?, quantile_of_sorted(&self.seconds, 0.5)?);
        let enough = self.last.len() == WINDOW && self.seconds.len() >= WINDOW;
        (enough && now < FAST * before).then_some(Warning::Fast { now, before })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{DataConfig, Ledger, Store};

    #[test]
    fn items_come_again_once_and_not_at_once() {
        let mut checks = Checks::default();
        (0..APART as u32).for_each(|row| checks.labelled(row));
        assert_eq!(checks.again(), None);
        checks.labelled(100);
        assert_eq!(checks.again(), Some(0));
        assert_eq!(checks.again(), None);
        // Labelled again it is not asked a third time.
        checks.labelled(0);
        (200..300).for_each(|row| checks.labelled(row));
        let asked: Vec<u32> = std::iter::from_fn(|| checks.again()).collect();
        assert!(!asked.contains(&0) && asked.contains(&1) && asked.len() == 100);
        let due = (0..10_000).filter(|_| checks.is_due(0.05, 7)).count();
        assert!((400..600).contains(&due), "{due}");
        assert!(!(0..100).any(|_| checks.is_due(0.0, 7)));
    }

    #[test]
    fn consistency_is_between_the_label_and_its_repeat() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::new(Store::open(&folder.path().join("s")).unwrap(), "a").unwrap();
        let classes = Classes::from_names(["x", "y"]).unwrap();
        let mut config = Config::new("p", DataConfig::default());
        super::super::write_classes(&mut config, &classes).unwrap();
        for item in 0..10u64 {
            let class = if item % 2 == 0 { "x" } else { "y" };
            let label = super::super::Label::one(ItemId(item), class).gesture(ledger.marks(), &config).unwrap();
            ledger.apply(label).unwrap();
            let second = if item == 3 { "x" } else { class };
            let repeat = Repeat { item: ItemId(item), class: second.into(), seconds: 1.0, voice: Voice::PROJECT };
            ledger.apply(repeat.gesture(ledger.marks(), &config).unwrap()).unwrap();
        }
        assert_eq!(ledger.marks().get(LABEL, 3).unwrap().value, "y", "the label stays");
        let found = consistency(ledger.marks(), &Voice::PROJECT, &classes, 0);
        assert_eq!((found.items, found.same), (10, 9));
        assert!((found.kappa.value.unwrap() - 0.8).abs() < 1e-9);
        assert_eq!(consistency(ledger.marks(), &Voice::of("b"), &classes, 0).items, 0);
        assert_eq!(on_gold(&[0, 1, -1, 1], &[0, 0, 1, -1]), (2, 1));
    }

    #[test]
    fn the_guard_speaks_of_what_is_not_usual_and_then_is_quiet() {
        let mut guard = Guard::default();
        let usual = (0..100).filter_map(|at| guard.take(at % 4, 4.0, Some(at % 10 > 0))).count();
        assert_eq!(usual, 0);
        let said: Vec<Warning> = (0..25).filter_map(|_| guard.take(0, 4.0, None)).collect();
        assert_eq!(said, [Warning::OneClass { class: 0, items: WINDOW }]);
        let mut guard = Guard::default();
        (0..60).for_each(|at| assert_eq!(guard.take(at % 3, 5.0, None), None));
        let said: Vec<Warning> = (0..15).filter_map(|at| guard.take(at % 3, 0.5, None)).collect();
        assert_eq!(said, [Warning::Fast { now: 0.5, before: 5.0 }]);
        let mut guard = Guard::default();
        let said: Vec<Warning> = (0..12).filter_map(|at| guard.take(at % 3, 5.0, Some(at % 2 == 0))).collect();
        assert_eq!(said, [Warning::Gold { right: 5, of: 10 }]);
    }
}
