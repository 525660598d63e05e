//! What labelling costs: items an hour, active seconds an item, how often a suggestion was taken, when the queue ends.
//!
//! Time is that between an item's showing and its label, as it was noted with each label, capped where a person was away.

use serde_json::Value;

use super::voice::{Voice, task_of};
use super::{LABEL, Slot};
use crate::engine::quantile_of_sorted;
use crate::project::{Cause, Event};

/// Longer looks at one item than this are breaks, in seconds.
const AWAY: f64 = 120.0;

/// Labels of the rolling figure.
const ROLLING: usize = 50;

/// What one act on an item took.
#[derive(Debug, Clone, PartialEq)]
struct Act {
    seconds: f64,
    label: Option<String>,
    suggestion: Option<String>,
    /// What was proposed but not shown.
    hidden: Option<String>,
    annotator: String,
}

/// What is known of the effort so far. Feed it all events in order.
#[derive(Debug, Clone, Default)]
pub struct EffortLog {
    acts: Vec<Act>,
    /// Breaks, by which the time was cut.
    away: usize,
}

/// The figures of an effort.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effort {
    /// Items that were given a label or finished, with a time.
    pub items: usize,
    /// Active time in seconds.
    pub seconds: f64,
    /// Items an hour of active time.
    pub per_hour: Option<f64>,
    /// The same over the last fifty.
    pub per_hour_lately: Option<f64>,
    /// The median of seconds an item.
    pub median: Option<f64>,
    /// The ninth decile of seconds an item.
    pub p90: Option<f64>,
    /// Labels that were given while something was proposed, and how many of them were what was proposed.
    pub suggested: (usize, usize),
    /// Labels that were given while a suggestion was held back, and how many of them were what it was.
    pub blank: (usize, usize),
    /// By class: items and median seconds.
    pub classes: Vec<(String, usize, f64)>,
    /// By annotator: items and median seconds.
    pub annotators: Vec<(String, usize, f64)>,
    /// Looks at an item that were longer than two minutes, counted as two.
    pub away: usize,
}

impl EffortLog {
    /// Takes in an event.
    pub fn take(&mut self, event: &Event) {
        let (base, _) = Voice::split(&event.field);
        let finished = matches!(task_of(base), Some((_, Slot::Done)));
        if event.cause != Cause::Do || event.value.is_none() || !(base == LABEL || finished) {
            return;
        }
        let detail = event.detail.as_ref();
        let Some(seconds) = detail.and_then(|detail| detail.get("seconds")?.as_f64()).filter(|s| *s >= 0.0) else {
            return;
        };
        self.away += usize::from(seconds > AWAY);
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        self.acts.push(Act {
            seconds: seconds.min(AWAY),
            label: if finished { None } else { text(event.value.as_ref()) },
            suggestion: text(detail.and_then(|detail| detail.get("suggestion"))),
            hidden: text(detail.and_then(|detail| detail.get("hidden"))),
            annotator: event.annotator.clone(),
        });
    }

    /// The figures.
    pub fn figures(&self) -> Effort {
        let seconds: f64 = self.acts.iter().map(|act| act.seconds).sum();
        let rate = |acts: &[Act]| {
            let seconds: f64 = acts.iter().map(|act| act.seconds).sum();
            (seconds > 0.0).then(|| acts.len() as f64 * 3600.0 / seconds)
        };
        let lately = &self.acts[self.acts.len().saturating_sub(ROLLING)..];
        let mut times: Vec<f64> = self.acts.iter().map(|act| act.seconds).collect();
        times.sort_by(f64::total_cmp);
        let shown = self.acts.iter().filter(|act| act.suggestion.is_some() && act.label.is_some());
        let taken = shown.clone().filter(|act| act.suggestion == act.label).count();
        let blank = self.acts.iter().filter(|act| act.hidden.is_some() && act.label.is_some());
        let alike = blank.clone().filter(|act| act.hidden == act.label).count();
        Effort {
            items: self.acts.len(),
            seconds,
            per_hour: rate(&self.acts),
            per_hour_lately: rate(lately),
            median: quantile_of_sorted(&times, 0.5),
            p90: quantile_of_sorted(&times, 0.9),
            suggested: (shown.count(), taken),
            blank: (blank.count(), alike),
            classes: self.grouped(|act| act.label.as_deref()),
            annotators: self.grouped(|act| Some(&act.annotator)),
            away: self.away,
        }
    }

    /// Items and median seconds by a name, those with most items first.
    fn grouped<'a>(&'a self, name: impl Fn(&'a Act) -> Option<&'a str>) -> Vec<(String, usize, f64)> {
        let mut groups: std::collections::BTreeMap<&str, Vec<f64>> = std::collections::BTreeMap::new();
        for act in &self.acts {
            if let Some(name) = name(act) {
                groups.entry(name).or_default().push(act.seconds);
            }
        }
        let figure = |(name, mut times): (&str, Vec<f64>)| {
            times.sort_by(f64::total_cmp);
            (name.to_owned(), times.len(), quantile_of_sorted(&times, 0.5).unwrap_or(0.0))
        };
        let mut found: Vec<_> = groups.into_iter().map(figure).collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found
    }
}

impl Effort {
    /// When so many further items will be done at the present rate, in seconds of active time.
    pub fn forecast(&self, open: usize) -> Option<f64> {
        let rate = self.per_hour_lately.or(self.per_hour).filter(|rate| *rate > 0.0)?;
        Some(open as f64 * 3600.0 / rate)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(label: &str, seconds: f64, suggestion: Option<&str>) -> Event {
        Event {
            seq: 0,
            gesture: 0,
            time: 0,
            annotator: "a".into(),
            name: "label".into(),
            cause: Cause::Do,
            task: "main".into(),
            item: Some(1),
            field: "label".into(),
            value: Some(label.into()),
            replaced: None,
            detail: Some(json!({"seconds": seconds, "suggestion": suggestion})),
        }
    }

    #[test]
    fn figures_are_those_of_the_log() {
        let mut log = EffortLog::default();
        let events = [
            event("x", 2.0, Some("x")),
            event("x", 4.0, Some("y")),
            event("y", 6.0, None),
            event("y", 600.0, None),
            Event { cause: Cause::Undo(1), ..event("x", 9.0, None) },
            Event { field: "skipped".into(), ..event("x", 9.0, None) },
            Event { field: "entities#done@b".into(), annotator: "b".into(), ..event("", 8.0, None) },
        ];
        events.iter().for_each(|event| log.take(event));
        let effort = log.figures();
        assert_eq!((effort.items, effort.seconds, effort.away), (5, 140.0, 1));
        assert_eq!((effort.median, effort.suggested), (Some(6.0), (2, 1)));
        assert_eq!(effort.classes, [("x".into(), 2, 3.0), ("y".into(), 2, 63.0)]);
        assert_eq!(effort.annotators[1], ("b".into(), 1, 8.0));
        assert!((effort.per_hour.unwrap() - 5.0 * 3600.0 / 140.0).abs() < 1e-9);
        assert!((effort.forecast(10).unwrap() - 280.0).abs() < 1e-9);
        assert_eq!(EffortLog::default().figures().forecast(10), None);
    }
}
