//! The classes of a task: their names, fixed colours and fixed keys.

use serde::{Deserialize, Serialize};

use crate::engine::{Error, Result};

/// The position of a class in its task, from 0. Not a vote: a vote may abstain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassIndex(pub u16);

impl ClassIndex {
    /// The position as an index.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// One class. Colour and key are given once and never move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// The name, as it stands in data and exports.
    pub name: String,
    /// Index into the palette, fixed when the class is made.
    pub color: u8,
    /// The key that gives this class while labelling, as a physical key ("1" … "9", then letters).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<char>,
    /// What belongs to the class, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Other names under which the class stands in the data: those of classes that were merged into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

/// The classes of a task in their order, which is also the order of probability columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Classes(Vec<Class>);

/// The keys given to classes, in this order (D3 of the interface blueprint).
const KEYS: [char; 18] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'q', 'w', 'e', 't', 'y', 'a', 'd', 'g', 'c'];

impl Classes {
    /// Classes from names in the given order.
    ///
    /// # Errors
    /// If a name is empty or stands twice.
    pub fn from_names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut classes = Self::default();
        for name in names {
            classes.add(name.as_ref())?;
        }
        Ok(classes)
    }

    /// Adds a class with the next free colour and key.
    ///
    /// # Errors
    /// If the name is empty or already there, or there are more classes than votes can tell apart.
    pub fn add(&mut self, name: &str) -> Result<ClassIndex> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Error::input("a class needs a name"));
        }
        if self.index(name).is_some() {
            return Err(Error::input("there are two classes of one name").at(name));
        }
        if self.0.len() >= i16::MAX as usize {
            return Err(Error::input("too many classes").help("at most 32,767 classes are possible"));
        }
        let key = KEYS.into_iter().find(|key| self.0.iter().all(|class| class.key != Some(*key)));
        let color = (0..10u8).find(|color| self.0.iter().all(|class| class.color != *color)).unwrap_or(9);
        self.0.push(Class { name: name.to_owned(), color, key, description: String::new(), aliases: Vec::new() });
        Ok(ClassIndex((self.0.len() - 1) as u16))
    }

    /// The same with another name for a class, which keeps its colour and key.
    ///
    /// # Errors
    /// If there is no such class, or the name is empty or taken.
    pub fn renamed(&self, name: &str, to: &str) -> Result<Self> {
        let at = self.index(name).ok_or_else(|| Error::input("there is no such class").at(name))?.index();
        let to = to.trim();
        if to.is_empty() {
            return Err(Error::input("a class needs a name"));
        }
        if self.index(to).is_some_and(|other| other.index() != at) {
            return Err(Error::input("there are two classes of one name").at(to));
        }
        let mut made = self.clone();
        if let Some(class) = made.0.get_mut(at) {
            class.name = to.to_owned();
        }
        Ok(made)
    }

    /// The same without a class.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        Self(self.0.iter().filter(|class| class.name != name).cloned().collect())
    }

    /// The same with some classes merged into another one, which takes over their names as aliases.
    ///
    /// # Errors
    /// If there is no such class.
    pub fn merged(&self, into: &str, names: &[String]) -> Result<Self> {
        let missing = |name: &str| Error::input("there is no such class").at(name);
        let mut made = self.clone();
        for name in names.iter().filter(|name| *name != into) {
            let at = made.index(name).ok_or_else(|| missing(name))?.index();
            let gone = made.0.remove(at);
            let kept = made.0.iter_mut().find(|class| class.name == into).ok_or_else(|| missing(into))?;
            kept.aliases.push(gone.name);
            kept.aliases.extend(gone.aliases);
        }
        Ok(made)
    }

    /// The same with another key for a class, or none.
    ///
    /// # Errors
    /// If another class has it.
    pub fn with_key(&self, name: &str, key: Option<char>) -> Result<Self> {
        if let Some(other) = key.and_then(|key| self.by_key(key)).and_then(|at| self.get(at)).filter(|c| c.name != name)
        {
            return Err(Error::input("another class has this key").at(&other.name));
        }
        let mut made = self.clone();
        made.0.iter_mut().filter(|class| class.name == name).for_each(|class| class.key = key);
        Ok(made)
    }

    /// The class of that name.
    pub fn index(&self, name: &str) -> Option<ClassIndex> {
        self.0.iter().position(|class| class.name == name).map(|index| ClassIndex(index as u16))
    }

    /// The class of that name, whole.
    pub fn named(&self, name: &str) -> Option<&Class> {
        self.0.iter().find(|class| class.name == name)
    }

    /// The class at that position.
    pub fn get(&self, index: ClassIndex) -> Option<&Class> {
        self.0.get(index.index())
    }

    /// The number of classes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without classes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The classes in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Class> {
        self.0.iter()
    }

    /// The names in order.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|class| class.name.clone()).collect()
    }

    /// The class that a key gives.
    pub fn by_key(&self, key: char) -> Option<ClassIndex> {
        self.0.iter().position(|class| class.key == Some(key)).map(|index| ClassIndex(index as u16))
    }
}

/// Names that differ in case and spaces only, as positions: groups of two or more, the first of each in front. Whether they
/// mean one class is a person's to say.
pub fn variants<S: AsRef<str>>(names: &[S]) -> Vec<Vec<usize>> {
    let mut groups: std::collections::BTreeMap<String, Vec<usize>> = std::collections::BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        let words: Vec<&str> = name.as_ref().split_whitespace().collect();
        groups.entry(words.join(" ").to_lowercase()).or_default().push(at);
    }
    let mut found: Vec<Vec<usize>> = groups.into_values().filter(|group| group.len() > 1).collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_and_spaces_are_variants() {
        let check = |names: &[&str], expected: &[&[usize]]| {
            let found = variants(names);
            assert_eq!(found.iter().map(Vec::as_slice).collect::<Vec<_>>(), expected, "{names:?}");
        };
        check(&["Spam", "ham", "spam", "SPAM ", "Ham"], &[&[0, 2, 3], &[1, 4]]);
        check(&["very  good", "Very good", "good"], &[&[0, 1]]);
        check(&["a", "b"], &[]);
        check(&[], &[]);
    }

    #[test]
    fn merged_classes_keep_their_names_as_aliases() {
        let classes = Classes::from_names(["Spam", "ham", "spam", "SPAM"]).unwrap();
        let names = ["spam".to_owned(), "SPAM".to_owned(), "Spam".to_owned()];
        let merged = classes.merged("Spam", &names).unwrap();
        assert_eq!(merged.names(), ["Spam", "ham"]);
        assert_eq!(merged.named("Spam").unwrap().aliases, ["spam", "SPAM"]);
        assert_eq!(merged.merged("ham", &["Spam".to_owned()]).unwrap().named("ham").unwrap().aliases.len(), 3);
        assert!(classes.merged("nobody", &names).is_err() && classes.merged("ham", &["x".to_owned()]).is_err());
    }

    #[test]
    fn keys_and_colours_are_given_once_and_differ() {
        let classes = Classes::from_names((0..20).map(|n| format!("c{n}"))).unwrap();
        let keys: std::collections::HashSet<_> = classes.iter().filter_map(|class| class.key).collect();
        assert_eq!(keys.len(), 18, "the nineteenth class has no key, it is reached by the picker");
        assert_eq!(classes.by_key('2'), Some(ClassIndex(1)));
        assert!(Classes::from_names(["a", "a"]).is_err());
        assert!(Classes::from_names([" "]).is_err());
    }
}
