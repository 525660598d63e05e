//! Groups in formats whose groups are numbers.

use std::collections::HashMap;

use super::holds::Losses;
use super::model::Document;

/// The number of every group: its own where it is one, else one that is free; its name is lost then.
pub(super) fn group_numbers<'a>(document: &'a Document, lost: &mut Losses) -> HashMap<&'a str, usize> {
    let names = || document.annotations.iter().filter_map(|annotation| Some(annotation.info.as_ref()?.group.as_str()));
    let own = |name: &str| name.parse::<u32>().ok().filter(|number| number.to_string() == name);
    let mut groups: HashMap<&str, usize> = names().filter_map(|name| Some((name, own(name)? as usize))).collect();
    let mut next = groups.values().max().map_or(1, |most| most + 1);
    for name in names().filter(|name| !name.is_empty()) {
        if !groups.contains_key(name) {
            lost.add("group_name", || format!("{}: {name}", document.shown()));
            groups.insert(name, next);
            next += 1;
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::super::model::{Annotation, Info, Mark};
    use super::*;

    #[test]
    fn numbers_are_kept_and_names_get_free_ones() {
        let mut document = Document::text("d", "");
        for group in ["7", "team", "", "7", "team", "b", "007"] {
            let info = Info { group: group.to_owned(), ..Info::default() };
            document.annotations.push(Annotation::new("a", Mark::Class).with_info(info));
        }
        let mut lost = Losses::default();
        let numbers = group_numbers(&document, &mut lost);
        let of = |name: &str| numbers.get(name).copied();
        assert_eq!([of("7"), of("team"), of("b"), of("007"), of("")], [Some(7), Some(8), Some(9), Some(10), None]);
        assert_eq!(lost.count("group_name"), 3);
    }
}
