//! The commands of labelling.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Classes, Voice};
use crate::data::ItemId;
use crate::engine::{Error, Result};
use crate::project::{Change, Command, Config, GUIDELINE, Gesture, Marks};

/// The field of an item's class: a class name.
pub const LABEL: &str = "label";
/// The field of items passed over: `true`.
pub const SKIPPED: &str = "skipped";
/// The field of items left out of what is delivered: `true`.
pub const EXCLUDED: &str = "excluded";
/// The field of the project's classes: the list as it stands in `lapidary.toml`.
const CLASSES: &str = "classes";

/// Gives items a class, or takes it away.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The items.
    pub items: Vec<ItemId>,
    /// The class's name; `None` clears the label.
    pub class: Option<String>,
    /// Seconds since the item was first shown, where it was shown.
    pub seconds: Option<f64>,
    /// The suggestion that stood beside the item, where one did.
    pub suggestion: Option<String>,
    /// The suggestion that was held back, so that it could not sway.
    pub hidden: Option<String>,
    /// What the item is in a few words, so that its label still means something when the source has lost it.
    pub about: Option<String>,
    /// The version of the guidelines that holds, where there are any.
    pub guideline: Option<Arc<str>>,
    /// Whose label it is.
    pub voice: Voice,
}

impl Label {
    /// Gives items a class.
    pub fn of(items: Vec<ItemId>, class: impl Into<String>) -> Self {
        let class = Some(class.into());
        Self {
            items,
            class,
            seconds: None,
            suggestion: None,
            hidden: None,
            about: None,
            guideline: None,
            voice: Voice::PROJECT,
        }
    }

    /// Gives one item a class.
    pub fn one(item: ItemId, class: &str) -> Self {
        Self::of(vec![item], class)
    }
}

impl Command for Label {
    fn gesture(&self, marks: &Marks, config: &Config) -> Result<Gesture> {
        if let Some(class) = &self.class
            && read_classes(config)?.index(class).is_none()
        {
            return Err(Error::input("there is no such class").at(class).help("add the class first"));
        }
        let mut detail = json!({ "seconds": self.seconds, "suggestion": self.suggestion });
        if let Some(hidden) = &self.hidden {
            detail["hidden"] = hidden.as_str().into();
        }
        if let Some(about) = &self.about {
            detail["about"] = about.as_str().into();
        }
        if let Some(guideline) = &self.guideline {
            detail[GUIDELINE] = (&**guideline).into();
        }
        let (label, skipped) = (self.voice.field(LABEL), self.voice.field(SKIPPED));
        let mut changes = Vec::with_capacity(self.items.len());
        for item in &self.items {
            match &self.class {
                Some(class) => changes.push(Change::set(item.0, &*label, class.as_str()).because(detail.clone())),
                None if marks.get(&label, item.0).is_some() => changes.push(Change::clear(item.0, &*label)),
                None => {}
            }
            // An item that gets a label is no longer passed over.
            if self.class.is_some() && marks.get(&skipped, item.0).is_some() {
                changes.push(Change::clear(item.0, &*skipped));
            }
        }
        let name = if self.class.is_some() { "label" } else { "clear-label" };
        Ok(Gesture { name: name.to_owned(), changes })
    }
}

/// Passes an item over: it is not shown again until the skipped ones are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The item.
    pub item: ItemId,
    /// Who passes it over.
    pub voice: Voice,
}

impl Command for Skip {
    fn gesture(&self, _: &Marks, _: &Config) -> Result<Gesture> {
        let change = Change::set(self.item.0, self.voice.field(SKIPPED), true);
        Ok(Gesture { name: "skip".to_owned(), changes: vec![change] })
    }
}

/// Sets the project's classes. The session writes them to `lapidary.toml` as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetClasses(pub Classes);

impl Command for SetClasses {
    fn gesture(&self, marks: &Marks, _: &Config) -> Result<Gesture> {
        if let Some((_, mark)) =
            marks.of(LABEL).find(|(_, mark)| mark.value.as_str().is_some_and(|name| self.0.index(name).is_none()))
        {
            let name = mark.value.as_str().unwrap_or_default();
            return Err(Error::input("a class that items carry cannot be removed").at(name).help("relabel them first"));
        }
        Ok(Gesture { name: "classes".to_owned(), changes: vec![Self::change(&self.0)] })
    }
}

impl SetClasses {
    /// The change of the list itself.
    pub(super) fn change(classes: &Classes) -> Change {
        let value = serde_json::to_value(classes).unwrap_or(Value::Null);
        Change { item: None, field: CLASSES.to_owned(), value: Some(value), detail: None }
    }
}

/// The classes that a configuration holds.
///
/// # Errors
/// If a class table is not right.
pub fn read_classes(config: &Config) -> Result<Classes> {
    let wrong = |source: toml::de::Error| {
        Error::input(format!("a class is not right, {}", source.message())).at("lapidary.toml, [[classes]]")
    };
    let list = config.classes.iter().cloned().map(toml::Value::Table).collect();
    let classes: Classes = toml::Value::Array(list).try_into().map_err(wrong)?;
    // Through `add`, so that a list edited by hand is checked like any other.
    Classes::from_names(classes.names())?;
    Ok(classes)
}

/// Puts classes into a configuration.
///
/// # Errors
/// If they cannot be expressed in TOML.
pub fn write_classes(config: &mut Config, classes: &Classes) -> Result<()> {
    let table = |class| {
        toml::Table::try_from(class).map_err(|source| Error::input(format!("a class cannot be written, {source}")))
    };
    config.classes = classes.iter().map(table).collect::<Result<_>>()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::DataConfig;

    fn config(names: &[&str]) -> Config {
        let mut config = Config::new("p", DataConfig::default());
        write_classes(&mut config, &Classes::from_names(names).unwrap()).unwrap();
        config
    }

    #[test]
    fn classes_round_trip_through_the_configuration() {
        let classes = Classes::from_names(["긍정", "부정"]).unwrap();
        assert_eq!(read_classes(&config(&["긍정", "부정"])).unwrap(), classes);
    }

    #[test]
    fn an_unknown_class_is_refused() {
        let gesture = |class| Label::one(ItemId(1), class).gesture(&Marks::default(), &config(&["a"]));
        assert_eq!(gesture("a").unwrap().changes.len(), 1);
        assert_eq!(gesture("b").unwrap_err().to_string(), "there is no such class: b");
    }
}
