//! Names for columns: none is empty, and no two are equal.

use std::collections::HashSet;

/// The name of the `number`th column (from 1) where the file gives none.
pub(super) fn nameless(number: usize) -> String {
    format!("column_{number}")
}

/// The note on a column without a name.
pub(super) fn nameless_note(number: usize) -> String {
    format!("column {number} has no name and is called {}", nameless(number))
}

/// Gives nameless columns a name and repeated names a number, and notes that.
pub(super) fn unique<'a>(given: impl Iterator<Item = &'a str> + Clone) -> (Vec<String>, Vec<String>) {
    let mut taken: HashSet<String> = given.clone().map(str::to_owned).collect();
    let (mut used, mut names, mut notes) = (HashSet::new(), Vec::new(), Vec::new());
    for (at, cell) in given.enumerate() {
        let (number, mut name) = (at + 1, cell.to_owned());
        if name.is_empty() {
            name = nameless(number);
            notes.push(nameless_note(number));
        }
        if used.contains(&name) || (cell.is_empty() && taken.contains(&name)) {
            let (wanted, mut count) = (name.clone(), 2);
            while taken.contains(&name) || used.contains(&name) {
                name = format!("{wanted}_{count}");
                count += 1;
            }
            notes.push(format!("the column name {wanted} is used twice; column {number} is called {name}"));
        }
        taken.insert(name.clone());
        used.insert(name.clone());
        names.push(name);
    }
    (names, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_never_empty_or_equal() {
        let check = |given: &[&str], expected: &[&str], notes: usize| {
            let (names, said) = unique(given.iter().copied());
            assert_eq!(names, expected);
            assert_eq!(said.len(), notes, "{said:?}");
        };
        check(&["a", "b"], &["a", "b"], 0);
        check(&["a", "a", "a"], &["a", "a_2", "a_3"], 2);
        check(&["a", "a", "", "a_2", "a"], &["a", "a_3", "column_3", "a_2", "a_4"], 3);
        check(&["", "column_1"], &["column_1_2", "column_1"], 2);
        check(&["", ""], &["column_1", "column_2"], 2);
    }
}
