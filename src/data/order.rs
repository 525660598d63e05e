//! The order in which values stand where nobody gave another: numbers by value, then text by code point.

/// The values in order, each once. This is the order of classes that are found in data.
pub fn in_order(mut values: Vec<String>) -> Vec<String> {
    values.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        (Ok(_), Err(_)) => std::cmp::Ordering::Less,
        (Err(_), Ok(_)) => std::cmp::Ordering::Greater,
        _ => a.cmp(b),
    });
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_sort_by_number_then_by_code_point() {
        let check = |values: &[&str], expected: &[&str]| {
            assert_eq!(in_order(values.iter().map(|&value| value.into()).collect()), expected);
        };
        check(&["10", "9", "1", "9"], &["1", "9", "10"]);
        check(&["spam", "ham", "가"], &["ham", "spam", "가"]);
        check(&["b", "2", "a", "-1"], &["-1", "2", "a", "b"]);
    }
}
