//! Pairs against tables and against the filter language.

use std::sync::Arc;

use arrow_array::{BooleanArray, Float64Array, Int64Array, LargeStringArray, TimestampMicrosecondArray};
use proptest::prelude::*;

use super::super::super::{Frame, filter};
use super::super::describe;
use super::*;

fn text(name: &str, kind: Kind, values: &[Option<&str>]) -> Arc<Column> {
    Arc::new(Column::text(name, kind, LargeStringArray::from(values.to_vec())))
}

fn floats(name: &str, values: &[Option<f64>]) -> Arc<Column> {
    Arc::new(Column::new(name, Values::Float(Float64Array::from(values.to_vec()))))
}

fn of_two(x: &Column, y: &Column, mask: Option<&BooleanBuffer>) -> Pair {
    let work = Work::new();
    let (xs, ys) = (describe(x, None, &work).unwrap(), describe(y, None, &work).unwrap());
    pair(Side::new(x, &xs), Side::new(y, &ys), mask, &work).unwrap()
}

/// Each cell and box keeps exactly the rows it counts, and the cells hold every row once.
fn check_conditions(x: &Arc<Column>, y: &Arc<Column>, mask: &BooleanBuffer) {
    let (frame, work) = (Frame::new(vec![x.clone(), y.clone()]), Work::new());
    let kept = |sql: &str| {
        let filter = filter::parse(sql, &frame).unwrap_or_else(|error| panic!("{sql}: {error}"));
        (&filter.evaluate(&frame, &work).unwrap() & mask).count_set_bits()
    };
    let grid = match of_two(x, y, Some(mask)) {
        Pair::Density(density) => density.grid,
        Pair::Table(table) => table.grid,
        Pair::Boxes(boxes) => {
            for found in &boxes.boxes {
                assert_eq!(kept(&found.sql), found.count, "{}", found.sql);
                assert_eq!(found.shape.is_some(), found.count > 0);
            }
            return;
        }
    };
    assert_eq!(grid.counts.iter().sum::<u64>(), mask.count_set_bits() as u64, "{grid:?}");
    // Some empty cells too; all of them would take minutes.
    for at in (0..grid.counts.len()).filter(|at| grid.counts[*at] > 0 || at % 41 == 0) {
        let (a, b) = (at % grid.x.len(), at / grid.x.len());
        let sql = grid.sql(a, b).unwrap();
        assert_eq!(kept(&sql) as u64, grid.count(a, b), "{sql}");
    }
    assert!(grid.sql(grid.x.len(), 0).is_none() && grid.count(grid.x.len(), 0) == 0);
}

#[test]
fn numbers_against_numbers_are_counted_by_the_bins_of_both() {
    let x = floats("x", &[Some(1.0), Some(2.0), Some(3.0), None, Some(f64::NAN), Some(3.0)]);
    let y = Arc::new(Column::new("y", Values::Int(Int64Array::from(vec![2, 4, 6, 8, 10, 6]))));
    let Pair::Density(found) = of_two(&x, &y, None) else { panic!() };
    assert_eq!((found.pearson, found.spearman, found.rows, found.grid.rows), (Some(1.0), Some(1.0), 4, 6));
    assert_eq!(found.grid.x.iter().map(|bar| bar.count).sum::<usize>(), 6);
    let last = found.grid.x.len() - 3;
    let place = found.grid.y.iter().position(|bar| bar.label == "6").unwrap();
    assert_eq!(found.grid.count(last, place), 2, "{:?}", found.grid);
    assert_eq!(found.grid.sql(last, place).unwrap(), format!("({}) AND (y = 6)", found.grid.x[last].sql));
    let mask = BooleanBuffer::from(vec![true, false, false, true, true, true]);
    let Pair::Density(found) = of_two(&x, &y, Some(&mask)) else { panic!() };
    assert_eq!((found.rows, found.grid.rows, found.grid.counts.iter().sum::<u64>()), (2, 4, 4));
    check_conditions(&x, &y, &mask);
}

#[test]
fn numbers_by_category_are_boxes() {
    let c = text("c", Kind::Category, &[Some("a"), Some("a"), Some("b"), None, Some("a"), Some("a"), Some("b")]);
    let y = floats("y", &[Some(1.0), Some(3.0), Some(7.0), Some(9.0), Some(f64::INFINITY), Some(2.0), None]);
    for (first, second) in [(&c, &y), (&y, &c)] {
        let Pair::Boxes(found) = of_two(first, second, None) else { panic!() };
        assert_eq!((found.category.as_str(), found.number.as_str()), ("c", "y"));
        let shown: Vec<(&str, &str, usize)> =
            found.boxes.iter().map(|it| (it.label.as_str(), it.sql.as_str(), it.count)).collect();
        let expected = [
            ("a", "(c = 'a') AND (y BETWEEN 1 AND 3)", 3),
            ("b", "(c = 'b') AND (y BETWEEN 7 AND 7)", 1),
            ("NULL", "(c IS NULL) AND (y BETWEEN 9 AND 9)", 1),
        ];
        assert_eq!(shown, expected);
        assert_eq!(found.boxes[0].shape.map(|shape| shape.quartiles), Some([1.5, 2.0, 2.5]));
    }
    check_conditions(&c, &y, &BooleanBuffer::new_set(7));
}

#[test]
fn categories_and_truths_are_a_table() {
    let c = text("c", Kind::Category, &[Some("a"), Some("b"), Some("a"), None, Some("b")]);
    let values = [Some(true), Some(false), Some(true), Some(true), None];
    let flag = Arc::new(Column::new("f", Values::Bool(BooleanArray::from(values.to_vec()))));
    let Pair::Table(found) = of_two(&c, &flag, None) else { panic!() };
    let labels = |bars: &[super::super::Bar]| bars.iter().map(|bar| bar.label.clone()).collect::<Vec<_>>();
    assert_eq!(
        (labels(&found.grid.x), labels(&found.grid.y)),
        (
            vec!["a".to_owned(), "b".to_owned(), "NULL".to_owned()],
            vec!["true".to_owned(), "false".to_owned(), "NULL".to_owned()],
        )
    );
    assert_eq!(found.grid.counts, [2, 0, 1, 0, 1, 0, 0, 1, 0]);
    assert_eq!((found.rows, found.cramers_v.map(|v| v > 0.9)), (3, Some(true)));
    check_conditions(&c, &flag, &BooleanBuffer::from(vec![true, true, false, true, true]));
}

#[test]
fn a_scatter_is_a_sample_of_whole_pairs() {
    let xs: Vec<Option<f64>> = (0..1000).map(|n| (n % 10 != 0).then(|| f64::from(n))).collect();
    let x = floats("x", &xs);
    let at = TimestampMicrosecondArray::from((0..1000).map(|n| n * 1_000_000).collect::<Vec<i64>>());
    let y = Column::new("at", Values::Time(at));
    let work = Work::new();
    let all = scatter(&x, &y, None, 5000, 1, &work).unwrap();
    assert_eq!((all.points.len(), all.of), (900, 900));
    assert!(all.points.iter().all(|point| point.x == point.y && f64::from(point.row) == point.x));
    let some = scatter(&x, &y, None, 50, 1, &work).unwrap();
    assert_eq!((some.points.len(), some.of), (50, 900));
    assert!(some.points.is_sorted_by(|a, b| a.row < b.row));
    assert_eq!(scatter(&x, &y, None, 50, 1, &work).unwrap(), some);
    assert_ne!(scatter(&x, &y, None, 50, 2, &work).unwrap(), some);
    let mask = BooleanBuffer::collect_bool(1000, |row| row < 20);
    assert_eq!(scatter(&x, &y, Some(&mask), 50, 1, &work).unwrap().of, 18);
}

#[test]
fn all_columns_are_compared_by_what_fits_their_kinds() {
    let rows = 60;
    let parts: Vec<Option<&str>> = (0..rows).map(|row| Some(["a", "b", "c"][row % 3])).collect();
    let frame = Frame::new(vec![
        floats("x", &(0..rows).map(|row| Some(row as f64)).collect::<Vec<_>>()),
        floats("minus", &(0..rows).map(|row| (row != 3).then_some(-2.0 * row as f64)).collect::<Vec<_>>()),
        text("c", Kind::Category, &parts),
        text("same", Kind::Category, &parts),
        text("prose", Kind::Text, &parts),
        floats("by c", &(0..rows).map(|row| Some((row % 3) as f64)).collect::<Vec<_>>()),
        floats("constant", &vec![Some(1.0); rows]),
    ]);
    let found = correlations(&frame, None, 0, &Work::new()).unwrap();
    assert_eq!((found.names.len(), found.left_out.as_slice(), found.pairs.len()), (6, &["prose".to_owned()][..], 15));
    let check = |a: &str, b: &str, measure: Measure, value: Option<f64>, rows: u64| {
        let at = |name: &str| found.names.iter().position(|it| it == name).unwrap();
        let pair = found.get(at(a), at(b)).unwrap();
        assert_eq!((pair.measure, pair.rows), (measure, rows), "{a} {b}");
        let near = |(x, y): (f64, f64)| (x - y).abs() < 1e-9;
        assert!(pair.value.zip(value).map_or(pair.value == value, near), "{a} {b}: {pair:?}");
        assert_eq!(found.get(at(b), at(a)), Some(pair));
    };
    check("x", "minus", Measure::Pearson, Some(-1.0), 59);
    check("c", "same", Measure::CramersV, Some(1.0), 60);
    check("by c", "c", Measure::CorrelationRatio, Some(1.0), 60);
    check("x", "constant", Measure::Pearson, None, 60);
    check("c", "constant", Measure::CorrelationRatio, None, 60);
    assert!(found.get(1, 1).is_none() && found.get(0, 99).is_none());
    let mask = BooleanBuffer::collect_bool(rows, |row| row < 10);
    assert_eq!(correlations(&frame, Some(&mask), 0, &Work::new()).unwrap().pairs[0].rows, 9);
}

#[test]
fn gaps_are_counted_alone_and_together() {
    let frame = Frame::new(vec![
        floats("x", &[Some(1.0), None, None, Some(2.0), Some(f64::NAN)]),
        text("full", Kind::Text, &[Some(""), Some("a"), Some("b"), Some("c"), Some("d")]),
        text("y z", Kind::Text, &[Some("a"), None, None, None, Some("b")]),
    ]);
    let found = missing(&frame, None, &Work::new()).unwrap();
    let columns: Vec<(&str, usize)> = found.columns.iter().map(|it| (it.sql.as_str(), it.count)).collect();
    assert_eq!(columns, [("x IS NULL", 2), ("\"full\" IS NULL", 0), ("\"y z\" IS NULL", 3)]);
    let patterns: Vec<(&[usize], usize)> = found.patterns.iter().map(|it| (it.columns.as_slice(), it.count)).collect();
    assert_eq!(patterns, [(&[][..], 2), (&[0, 2][..], 2), (&[2][..], 1)]);
    assert_eq!(found.patterns[2].sql, "x IS NOT NULL AND \"y z\" IS NULL");
    for pattern in &found.patterns {
        let filter = filter::parse(&pattern.sql, &frame).unwrap_or_else(|error| panic!("{}: {error}", pattern.sql));
        assert_eq!(filter.evaluate(&frame, &Work::new()).unwrap().count_set_bits(), pattern.count);
    }
    let mask = BooleanBuffer::from(vec![true, true, false, false, false]);
    let found = missing(&frame, Some(&mask), &Work::new()).unwrap();
    assert_eq!((found.rows, found.columns[2].share, found.patterns.len()), (2, 0.5, 2));
    let nothing = missing(&Frame::default(), None, &Work::new()).unwrap();
    assert!(nothing.patterns.is_empty() && nothing.columns.is_empty());
}

#[test]
fn columns_that_do_not_fit_are_refused_and_cancelled_work_stops() {
    let (x, y) = (floats("x", &[Some(1.0)]), floats("y", &[]));
    let work = Work::new();
    let (xs, ys) = (describe(&x, None, &work).unwrap(), describe(&y, None, &work).unwrap());
    assert!(pair(Side::new(&x, &xs), Side::new(&y, &ys), None, &work).is_err());
    assert!(scatter(&x, &y, None, 1, 0, &work).is_err());
    let empty = pair(Side::new(&y, &ys), Side::new(&y, &ys), None, &work).unwrap();
    assert!(matches!(empty, Pair::Density(density) if density.rows == 0 && density.grid.counts.is_empty()));
    work.cancel();
    assert!(pair(Side::new(&x, &xs), Side::new(&x, &xs), None, &work).unwrap_err().is_cancelled());
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let mut random = crate::engine::Random::new(3);
    let values: Vec<Option<f64>> = (0..100_000).map(|row| (row % 7 != 0).then(|| random.unit() * 1e6)).collect();
    let (x, other): (_, Vec<Option<f64>>) = (floats("x", &values), values.iter().rev().copied().collect());
    let classes: Vec<Option<&str>> = (0..100_000).map(|row| Some(["a", "b", "c"][row % 3])).collect();
    let frame = Frame::new(vec![x.clone(), floats("y", &other), text("c", Kind::Category, &classes)]);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let columns = frame.columns();
            let all = correlations(&frame, None, 0, &Work::new()).unwrap();
            (of_two(&columns[0], &columns[1], None), of_two(&columns[0], &columns[2], None), all)
        })
    };
    assert_eq!(run(1), run(2));
}

type Rows = (Vec<Option<f64>>, Vec<Option<i64>>, Vec<Option<String>>, Vec<bool>);

fn rows() -> impl Strategy<Value = Rows> {
    let real = prop_oneof![any::<f64>(), -1.0..1.0f64, (-20i32..20).prop_map(|n| f64::from(n) / 10.0)];
    let row = (
        proptest::option::of(real),
        proptest::option::of(-5i64..40),
        proptest::option::of("[ab']{0,2}"),
        any::<bool>(),
    );
    proptest::collection::vec(row, 1..30).prop_map(|rows| {
        let mut parts: Rows = Default::default();
        for (real, whole, text, shown) in rows {
            parts.0.push(real);
            parts.1.push(whole);
            parts.2.push(text);
            parts.3.push(shown);
        }
        parts
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn cells_and_boxes_are_filters((reals, wholes, texts, mask) in rows()) {
        let mask = BooleanBuffer::from(mask);
        let days: TimestampMicrosecondArray =
            wholes.iter().map(|day| day.map(|day| day * 86_400_000_000)).collect();
        let flags: BooleanArray = wholes.iter().map(|whole| whole.map(|whole| whole % 2 == 0)).collect();
        let strings: LargeStringArray = texts.iter().map(Option::as_deref).collect();
        let columns = [
            floats("a b", &reals),
            Arc::new(Column::new("n", Values::Int(Int64Array::from(wholes)))),
            Arc::new(Column::new("day", Values::Time(days))),
            Arc::new(Column::new("flag", Values::Bool(flags))),
            Arc::new(Column::text("kind", Kind::Category, strings.clone())),
            Arc::new(Column::text("prose", Kind::Text, strings)),
        ];
        for (at, x) in columns.iter().enumerate() {
            for y in &columns[at + 1..] {
                check_conditions(x, y, &mask);
            }
        }
    }
}
