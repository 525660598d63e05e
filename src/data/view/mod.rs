//! The view: which rows are shown, and in which order.
//!
//! A [`View`] is a rule, not rows: conditions, a search and sort keys, saved with the project and meaning the same when
//! the data has changed. Evaluated over a frame it gives a [`Snapshot`], which every pane draws. A [`Selection`] is a set
//! of items by their stable ids, a value like the view.

mod facet;
mod saved;
mod select;
mod sort;

use std::sync::Arc;

use arrow_buffer::BooleanBuffer;
use serde::{Deserialize, Serialize};

use super::filter::{self, FilterError};
use super::search::{self, Search};
use super::{Column, Dataset, Frame, Ids};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};

pub use facet::{FacetCount, facet};
pub use saved::{SavedView, read_views, remove_view, save_view};
pub use select::{SelectMode, Selection};
pub(crate) use sort::sort_by;

/// Where a chip comes from, so that the pane that made it can show and remove it, and leave it out of its own counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Somebody wrote it.
    #[default]
    Written,
    /// A bar or brush over the column of that name.
    Column(String),
    /// A gesture in the pane of that name.
    Pane(String),
}

/// One condition of a view, shown as a chip.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Chip {
    /// The condition in the filter language.
    pub sql: String,
    /// True if it keeps exactly the rows for which the condition is not true, those for which it is unknown included.
    #[serde(default)]
    pub negated: bool,
    /// Where it comes from.
    #[serde(default)]
    pub origin: Origin,
    /// The items themselves, where a gesture chose them one by one; `sql` is then only what the chip is called.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "shared")]
    pub items: Option<Arc<Selection>>,
}

impl Chip {
    /// A chip that somebody wrote.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), ..Self::default() }
    }

    /// A chip that keeps items which a gesture in a pane chose; `name` is what it is called.
    pub fn of_items(items: Selection, name: impl Into<String>, pane: &str) -> Self {
        let origin = Origin::Pane(pane.to_owned());
        Self { sql: name.into(), negated: false, origin, items: Some(Arc::new(items)) }
    }

    /// The condition as one expression, the negation included.
    pub fn expression(&self) -> String {
        // A comment at the end of the condition must not swallow the parenthesis.
        if self.negated { format!("({}\n) IS NOT TRUE", self.sql) } else { self.sql.clone() }
    }
}

/// Reads and writes a shared selection as the selection itself.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::Selection;

    pub(super) fn serialize<S: Serializer>(items: &Option<Arc<Selection>>, to: S) -> Result<S::Ok, S::Error> {
        items.as_deref().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Arc<Selection>>, D::Error> {
        Ok(Option::<Selection>::deserialize(from)?.map(Arc::new))
    }
}

/// A column to sort by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SortKey {
    /// The column's name.
    pub column: String,
    /// True for the greatest first. Missing values come last either way.
    #[serde(default)]
    pub descending: bool,
}

/// A rule that picks and orders rows. The empty view shows all, as they are in the source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// Conditions, all of which must hold.
    pub filters: Vec<Chip>,
    /// A full-text search.
    pub search: Option<Search>,
    /// The columns to sort by, the first of most weight.
    pub sort: Vec<SortKey>,
}

impl View {
    /// All conditions as one expression of the filter language; `None` without conditions. Search and order are not in
    /// it, nor are chips that hold items.
    pub fn expression(&self) -> Option<String> {
        let written: Vec<&Chip> = self.filters.iter().filter(|chip| chip.items.is_none()).collect();
        match written.as_slice() {
            [] => None,
            [only] => Some(only.expression()),
            many => {
                Some(many.iter().map(|chip| format!("({}\n)", chip.expression())).collect::<Vec<_>>().join(" AND "))
            }
        }
    }

    /// The name of this rule.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut print = Fingerprinter::new("view 1").number(self.filters.len() as u64);
        for chip in &self.filters {
            print = print.text(&chip.sql).number(u64::from(chip.negated));
            if let Some(items) = &chip.items {
                print = items.iter().fold(print.number(items.len() as u64), |print, item| print.number(item.0));
            }
            print = match &chip.origin {
                Origin::Written => print.number(0),
                Origin::Column(name) => print.number(1).text(name),
                Origin::Pane(name) => print.number(2).text(name),
            };
        }
        print = print.number(u64::from(self.search.is_some()));
        if let Some(search) = &self.search {
            print = print.text(&search.text).number(search.mode as u64).number(u64::from(search.match_case));
        }
        print = print.number(self.sort.len() as u64);
        for key in &self.sort {
            print = print.text(&key.column).number(u64::from(key.descending));
        }
        print.finish()
    }
}

/// A part of a view that picks rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The chip at this place of [`View::filters`].
    Filter(usize),
    /// The search.
    Search,
    /// The sort key at this place of [`View::sort`]; it picks nothing, but it can fail.
    Sort(usize),
}

/// What one part of a view does to the number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartCount {
    /// Which part.
    pub part: Part,
    /// The rows that this part alone would keep.
    pub alone: usize,
    /// The rows that the view would keep without this part.
    pub without: usize,
}

/// A view evaluated over a frame: what every pane draws.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The rows that are shown, in display order.
    pub rows: Arc<Vec<u32>>,
    /// The rows that are shown, as a mask over the frame.
    pub mask: BooleanBuffer,
    /// The rule.
    pub view: View,
    /// What each part does, filters first, then the search.
    pub parts: Vec<PartCount>,
    masks: Vec<BooleanBuffer>,
    /// The display position of each row of the frame, [`HIDDEN`] for one that is not shown; `None` while every row is
    /// shown in its place.
    positions: Option<Vec<u32>>,
}

/// Stands for the position of a row that is not shown.
const HIDDEN: u32 = u32::MAX;

impl Snapshot {
    /// Where a row of the frame stands in the display; `None` if it is not shown. Answers at once, however many rows
    /// there are: panes ask it every frame.
    pub fn position(&self, row: u32) -> Option<usize> {
        match &self.positions {
            None => Some(row as usize).filter(|&row| row < self.rows.len()),
            Some(positions) => positions.get(row as usize).filter(|&&at| at != HIDDEN).map(|&at| at as usize),
        }
    }

    /// The rows that would be shown without the parts for which `leave_out` holds; a pane counts within this mask with
    /// its own chip left out.
    pub fn mask_without(&self, leave_out: impl Fn(Part) -> bool) -> BooleanBuffer {
        let kept = self.parts.iter().zip(&self.masks).filter(|(count, _)| !leave_out(count.part));
        kept.fold(BooleanBuffer::new_set(self.mask.len()), |mask, (_, part)| &mask & part)
    }

    /// The rows that would be shown without the chips that were made on a column.
    pub fn mask_without_column(&self, column: &str) -> BooleanBuffer {
        self.mask_without(|part| match part {
            Part::Filter(index) => {
                let chip = self.view.filters.get(index);
                chip.is_some_and(|chip| matches!(&chip.origin, Origin::Column(name) if name == column))
            }
            Part::Search | Part::Sort(_) => false,
        })
    }

    /// If the view is empty, the parts without any one of which it would not be; none if several must go together.
    pub fn emptied_by(&self) -> Vec<Part> {
        let alone = self.parts.iter().filter(|count| count.without > 0).map(|count| count.part);
        if self.rows.is_empty() { alone.collect() } else { Vec::new() }
    }
}

/// The name of a set of rows.
pub fn mask_print(mask: &BooleanBuffer) -> Fingerprint {
    let bytes: Vec<u8> = mask.bit_chunks().iter_padded().flat_map(u64::to_le_bytes).collect();
    Fingerprinter::new("rows").number(mask.len() as u64).bytes(&bytes).finish()
}

/// Why a view cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewError {
    /// The part at fault; `None` if the work was cancelled.
    pub part: Option<Part>,
    /// What is wrong.
    pub error: Error,
    /// For a condition that cannot be read, the place in its source.
    pub filter: Option<Box<FilterError>>,
}

impl std::fmt::Display for ViewError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for ViewError {}

impl From<ViewError> for Error {
    fn from(error: ViewError) -> Self {
        match error.part {
            Some(Part::Filter(index)) => error.error.at(format!("filter {}", index + 1)),
            Some(Part::Search) => error.error.at("search"),
            Some(Part::Sort(index)) => error.error.at(format!("sort key {}", index + 1)),
            None => error.error,
        }
    }
}

/// Evaluates a view over a frame whose rows are the items `ids`.
///
/// # Errors
/// If a condition, the search or a sort key cannot be used with this frame, with the part at fault; or if the work was
/// cancelled.
pub fn evaluate(view: &View, frame: &Frame, ids: &Ids, work: &Work) -> Result<Snapshot, ViewError> {
    let rows = frame.rows();
    let failed = |part: Part| {
        move |error: Error| ViewError { part: (!error.is_cancelled()).then_some(part), error, filter: None }
    };
    work.stage("filtering", 0);
    let mut masks = Vec::with_capacity(view.filters.len() + 1);
    let mut parts = Vec::with_capacity(view.filters.len() + 1);
    for (index, chip) in view.filters.iter().enumerate() {
        let part = Part::Filter(index);
        let found = match &chip.items {
            Some(items) => items.mask(frame, ids),
            None => {
                let filter = filter::parse(&chip.sql, frame).map_err(|error| ViewError {
                    part: Some(part),
                    error: error.clone().into(),
                    filter: Some(Box::new(error)),
                })?;
                filter.evaluate(frame, work).map_err(failed(part))?
            }
        };
        masks.push(if chip.negated { !&found } else { found });
        parts.push(part);
    }
    if let Some(search) = &view.search {
        masks.push(search::search(frame, &[], search, work).map_err(failed(Part::Search))?);
        parts.push(Part::Search);
    }
    let (mask, counts) = combine(&masks, rows);
    let parts =
        parts.into_iter().zip(counts).map(|(part, (alone, without))| PartCount { part, alone, without }).collect();
    let mut keys: Vec<(&Column, bool)> = Vec::with_capacity(view.sort.len());
    for (index, key) in view.sort.iter().enumerate() {
        keys.push((frame.column(&key.column).map_err(failed(Part::Sort(index)))?, key.descending));
    }
    let cancelled = |error| ViewError { part: None, error, filter: None };
    let sorted = sort::sort(mask.set_indices_u32().collect(), &keys, work).map_err(cancelled)?;
    let positions = positions(&sorted, rows);
    Ok(Snapshot { rows: Arc::new(sorted), mask, view: view.clone(), parts, masks, positions })
}

/// The inverse of the display order, see [`Snapshot::position`].
fn positions(shown: &[u32], rows: usize) -> Option<Vec<u32>> {
    if shown.len() == rows && shown.iter().zip(0u32..).all(|(&row, at)| row == at) {
        return None;
    }
    let mut positions = vec![HIDDEN; rows];
    for (&row, at) in shown.iter().zip(0u32..) {
        if let Some(place) = positions.get_mut(row as usize) {
            *place = at;
        }
    }
    Some(positions)
}

/// The rows in all masks, and for each mask its own count and the count without it.
fn combine(masks: &[BooleanBuffer], rows: usize) -> (BooleanBuffer, Vec<(usize, usize)>) {
    let all = BooleanBuffer::new_set(rows);
    // What the masks after each one keep together.
    let mut after = vec![all.clone()];
    for mask in masks.iter().rev() {
        let next = after.last().map_or_else(|| mask.clone(), |rest| rest & mask);
        after.push(next);
    }
    let mut before = all;
    let mut counts = Vec::with_capacity(masks.len());
    for (mask, rest) in masks.iter().zip(after.iter().rev().skip(1)) {
        counts.push((mask.count_set_bits(), (&before & rest).count_set_bits()));
        before = &before & mask;
    }
    (before, counts)
}

/// A view over a frame as a derived value. `print` is the name of the frame's content, layers included.
#[derive(Debug, Clone)]
pub struct ViewOf {
    /// The rule.
    pub view: View,
    /// The columns.
    pub frame: Frame,
    /// The data whose items they stand beside.
    pub dataset: Arc<Dataset>,
    /// The name of the content of the columns.
    pub print: Fingerprint,
}

impl Derived for ViewOf {
    type Output = Snapshot;

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("view of a frame 1").print(self.view.fingerprint()).print(self.print).finish()
    }

    fn compute(&self, work: &Work) -> Result<Snapshot> {
        Ok(evaluate(&self.view, &self.frame, &self.dataset.ids, work)?)
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, LargeStringArray};
    use proptest::prelude::*;

    use super::super::search::SearchMode;
    use super::super::{Kind, ReadReport, Row, Values};
    use super::*;

    fn frame() -> Frame {
        let texts = vec![Some("one apple"), Some("two pears"), None, Some("Apple pie"), Some("plum")];
        let labels = vec![Some("a"), Some("b"), Some("a"), None, Some("b")];
        Frame::new(vec![
            Arc::new(Column::text("text", Kind::Text, LargeStringArray::from(texts))),
            Arc::new(Column::text("label", Kind::Category, LargeStringArray::from(labels))),
            Arc::new(Column::new("n", Values::Int(Int64Array::from(vec![Some(5), Some(4), None, Some(2), Some(1)])))),
        ])
    }

    fn chip(sql: &str, negated: bool, origin: Origin) -> Chip {
        Chip { negated, origin, ..Chip::new(sql) }
    }

    fn sort_by(column: &str, descending: bool) -> SortKey {
        SortKey { column: column.to_owned(), descending }
    }

    fn evaluate(view: &View, frame: &Frame, work: &Work) -> Result<Snapshot, ViewError> {
        super::evaluate(view, frame, &Ids::from_content(frame), work)
    }

    fn words(text: &str) -> Option<Search> {
        Some(Search { text: text.to_owned(), mode: SearchMode::Words, match_case: false })
    }

    #[test]
    fn a_view_filters_searches_and_sorts_and_counts_its_parts() {
        let view = View {
            filters: vec![
                chip("n > 1", false, Origin::Written),
                chip("label = 'b'", true, Origin::Column("label".into())),
            ],
            search: words("apple"),
            sort: vec![sort_by("n", false)],
        };
        let snapshot = evaluate(&view, &frame(), &Work::new()).unwrap();
        assert_eq!(*snapshot.rows, [3, 0]);
        assert_eq!(snapshot.mask.set_indices().collect::<Vec<_>>(), [0, 3]);
        let count = |part, alone, without| PartCount { part, alone, without };
        assert_eq!(
            snapshot.parts,
            [count(Part::Filter(0), 3, 2), count(Part::Filter(1), 3, 2), count(Part::Search, 2, 2)]
        );
        assert!(snapshot.emptied_by().is_empty());
        let kept: Vec<usize> = snapshot.mask_without_column("label").set_indices().collect();
        assert_eq!(kept, [0, 3]);
        let places: Vec<_> = (0..6).map(|row| snapshot.position(row)).collect();
        assert_eq!(places, [Some(1), None, None, Some(0), None, None]);
    }

    #[test]
    fn items_chosen_one_by_one_are_a_part_like_any_other() {
        let (frame, work) = (frame(), Work::new());
        let ids = Ids::from_content(&frame);
        let chosen: Selection = [0, 3].into_iter().filter_map(|row| ids.id(Row(row))).collect();
        let mut view = View { filters: vec![Chip::of_items(chosen, "2 rows", "map")], ..View::default() };
        assert_eq!(*evaluate(&view, &frame, &work).unwrap().rows, [0, 3]);
        assert_eq!(view.expression(), None);
        let before = view.fingerprint();
        view.filters[0].negated = true;
        assert_ne!(view.fingerprint(), before);
        assert_eq!(*evaluate(&view, &frame, &work).unwrap().rows, [1, 2, 4]);
        let saved = toml::to_string(&view).unwrap();
        assert_eq!(toml::from_str::<View>(&saved).unwrap(), view);
    }

    #[test]
    fn the_empty_view_shows_all_and_an_emptied_one_says_by_what() {
        let all = evaluate(&View::default(), &frame(), &Work::new()).unwrap();
        assert_eq!((all.rows.len(), all.mask.count_set_bits(), all.parts.len()), (5, 5, 0));
        assert_eq!((all.position(4), all.position(5)), (Some(4), None));
        let view = View { filters: vec![Chip::new("n > 100"), Chip::new("n < 100")], ..View::default() };
        let none = evaluate(&view, &frame(), &Work::new()).unwrap();
        assert_eq!((none.rows.len(), none.emptied_by()), (0, vec![Part::Filter(0)]));
        let nothing = evaluate(&view, &Frame::default().with([]), &Work::new());
        assert_eq!(nothing.unwrap_err().part, Some(Part::Filter(0)), "the column is not there");
    }

    #[test]
    fn the_part_at_fault_is_named() {
        let check = |view: View, part: Part, message: &str| {
            let error = evaluate(&view, &frame(), &Work::new()).unwrap_err();
            assert_eq!(error.part, Some(part), "{error}");
            assert_eq!(Error::from(error).to_string(), message);
        };
        let filters = vec![Chip::new("n > 1"), Chip::new("m > 1")];
        check(View { filters, ..View::default() }, Part::Filter(1), "there is no column m: filter 2: column 1");
        let search = Some(Search { text: "(".into(), mode: SearchMode::Regex, match_case: false });
        let message = "this regular expression is wrong: unclosed group: search: (";
        check(View { search, ..View::default() }, Part::Search, message);
        let sort = vec![sort_by("n", false), sort_by("x", false)];
        check(View { sort, ..View::default() }, Part::Sort(1), "there is no such column: sort key 2: x");
        let cancelled = Work::new();
        cancelled.cancel();
        let view = View { filters: vec![Chip::new("n > 1")], ..View::default() };
        let error = evaluate(&view, &frame(), &cancelled).unwrap_err();
        assert!(error.part.is_none() && error.error.is_cancelled());
    }

    #[test]
    fn a_view_is_saved_as_a_rule_and_named_by_it() {
        let view = View {
            filters: vec![chip("n > 1", true, Origin::Column("n".into()))],
            search: words("p"),
            sort: vec![sort_by("n", true)],
        };
        let saved = serde_json::to_string(&view).unwrap();
        assert_eq!(serde_json::from_str::<View>(&saved).unwrap(), view);
        assert_eq!(serde_json::from_str::<View>("{}").unwrap(), View::default());
        assert_eq!(serde_json::from_str::<Chip>(r#"{"sql":"a"}"#).unwrap(), Chip::new("a"));
        let dataset = Dataset::new(frame(), None, "".into(), Fingerprint::of(b"d"), ReadReport::default()).unwrap();
        let dataset = Arc::new(dataset);
        let print = |print: &str| ViewOf {
            view: view.clone(),
            frame: frame(),
            dataset: dataset.clone(),
            print: Fingerprint::of(print.as_bytes()),
        };
        assert_eq!(print("a").fingerprint(), print("a").fingerprint());
        assert_ne!(print("a").fingerprint(), print("b").fingerprint());
        assert_ne!(view.fingerprint(), View { sort: vec![], ..view.clone() }.fingerprint());
        assert_eq!(print("a").compute(&Work::new()).unwrap().rows.len(), 1);
    }

    #[test]
    fn facets_count_within_the_rest_of_the_view() {
        let view = View {
            filters: vec![Chip::new("n > 1 OR n IS NULL"), chip("label = 'a'", false, Origin::Column("label".into()))],
            ..View::default()
        };
        let (frame, work) = (frame(), Work::new());
        let snapshot = evaluate(&view, &frame, &work).unwrap();
        let column = frame.column("label").unwrap();
        let facets = facet(column, &snapshot.mask_without_column("label"), &work).unwrap();
        let shown: Vec<_> = facets.iter().map(|facet| (facet.value.as_deref(), facet.total, facet.shown)).collect();
        assert_eq!(shown, [(Some("a"), 2, 2), (Some("b"), 2, 1), (None, 1, 1)]);
        for facet in &facets {
            let view = View { filters: vec![Chip::new(facet.sql("label"))], ..View::default() };
            assert_eq!(evaluate(&view, &frame, &work).unwrap().rows.len(), facet.total);
        }
        assert!(facet(frame.column("n").unwrap(), &snapshot.mask, &work).is_err());
    }

    #[test]
    fn a_range_of_the_display_is_selected_by_ids() {
        let (frame, work) = (frame(), Work::new());
        let ids = Ids::from_content(&frame);
        let view = View { sort: vec![sort_by("n", false)], ..View::default() };
        let snapshot = evaluate(&view, &frame, &work).unwrap();
        assert_eq!(*snapshot.rows, [4, 3, 1, 0, 2]);
        let selected = Selection::of_range(&snapshot, &ids, 3, 1);
        assert_eq!(selected.mask(&frame, &ids).set_indices().collect::<Vec<_>>(), [0, 1, 3]);
        assert!(ids.id(Row(3)).is_some_and(|id| selected.contains(id)));
        assert_eq!(Selection::of_mask(&snapshot.mask, &ids).len(), 5);
        assert_eq!(Selection::of_range(&snapshot, &ids, 4, usize::MAX).len(), 1);
    }

    proptest! {
        #[test]
        fn counts_of_parts_agree_with_views_without_them(chosen in proptest::collection::vec((0usize..5, any::<bool>()), 0..4)) {
            let conditions = ["n > 1", "label = 'a'", "text LIKE '%p%'", "n < 5", "label IS NULL"];
            let filters: Vec<Chip> = chosen.iter().map(|(index, negated)| chip(conditions[*index], *negated, Origin::Written)).collect();
            let view = View { filters, search: words("e"), sort: vec![] };
            let (frame, work) = (frame(), Work::new());
            let rows = |view: &View| evaluate(view, &frame, &work).unwrap().rows.len();
            let snapshot = evaluate(&view, &frame, &work).unwrap();
            for count in &snapshot.parts {
                let (mut without, mut alone) = (view.clone(), View::default());
                match count.part {
                    Part::Filter(index) => alone.filters.push(without.filters.remove(index)),
                    _ => alone.search = without.search.take(),
                }
                prop_assert_eq!((rows(&alone), rows(&without)), (count.alone, count.without));
                prop_assert_eq!(snapshot.mask_without(|part| part == count.part).count_set_bits(), count.without);
            }
            if let Some(sql) = view.expression() {
                let whole = View { filters: vec![Chip::new(sql)], search: view.search.clone(), sort: vec![] };
                prop_assert_eq!(evaluate(&whole, &frame, &work).unwrap().rows, snapshot.rows);
            }
        }
    }
}
