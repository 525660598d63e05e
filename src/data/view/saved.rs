//! Saved views: rules with a name, kept as `[[views]]` in `lapidary.toml`, where people read and edit them.

use serde::{Deserialize, Serialize};

use super::View;
use crate::engine::{Error, Result};
use crate::project::Config;

/// A view with a name. The rule is kept, not the rows: opened again, it shows what it means then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Its name, which no other saved view of the project has.
    pub name: String,
    /// The rule.
    #[serde(flatten)]
    pub view: View,
}

/// The saved views of a project, in the order in which they were saved.
///
/// # Errors
/// If one of them is not written as a view.
pub fn read_views(config: &Config) -> Result<Vec<SavedView>> {
    let read = |table: &toml::Table| {
        table.clone().try_into().map_err(|source: toml::de::Error| {
            Error::input(format!("a saved view is not right, {}", source.message()))
                .at("lapidary.toml, [[views]]")
                .help("mend or remove it in a text editor")
        })
    };
    config.views.iter().map(read).collect()
}

/// Saves a view under a name, in place of one of that name.
///
/// # Errors
/// If the name is empty, or the view cannot be written.
pub fn save_view(config: &mut Config, name: &str, view: &View) -> Result<()> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::input("a saved view needs a name"));
    }
    let saved = SavedView { name: name.to_owned(), view: view.clone() };
    let table = toml::Table::try_from(&saved)
        .map_err(|source| Error::input(format!("the view cannot be written, {source}")).at(name))?;
    match config.views.iter_mut().find(|other| is_named(other, name)) {
        Some(other) => *other = table,
        None => config.views.push(table),
    }
    Ok(())
}

/// Removes the saved view of a name, if there is one.
pub fn remove_view(config: &mut Config, name: &str) {
    config.views.retain(|view| !is_named(view, name));
}

fn is_named(table: &toml::Table, name: &str) -> bool {
    table.get("name").and_then(toml::Value::as_str) == Some(name)
}

#[cfg(test)]
mod tests {
    use super::super::{Chip, Origin, SortKey};
    use super::*;
    use crate::data::search::Search;
    use crate::project::DataConfig;

    #[test]
    fn a_view_is_saved_replaced_and_removed_by_its_name() {
        let mut config = Config::new("p", DataConfig::default());
        let view = View {
            filters: vec![Chip { negated: true, origin: Origin::Column("n".into()), ..Chip::new("n > 1") }],
            search: Some(Search { text: "한국".into(), ..Search::default() }),
            sort: vec![SortKey { column: "n".into(), descending: true }],
        };
        let names = |config: &Config| read_views(config).unwrap().into_iter().map(|v| v.name).collect::<Vec<_>>();
        save_view(&mut config, " short ones ", &view).unwrap();
        save_view(&mut config, "all", &View::default()).unwrap();
        assert_eq!(names(&config), ["short ones", "all"]);
        assert_eq!(read_views(&config).unwrap()[0].view, view);
        // The file keeps them too.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lapidary.toml");
        config.write(&path).unwrap();
        assert_eq!(Config::read(&path).unwrap(), config);
        save_view(&mut config, "short ones", &View::default()).unwrap();
        assert_eq!(read_views(&config).unwrap()[0].view, View::default());
        remove_view(&mut config, "short ones");
        assert_eq!(names(&config), ["all"]);
        assert!(save_view(&mut config, "  ", &view).unwrap_err().what().contains("name"));
        config.views.push(toml::toml! { filters = 3 });
        assert!(read_views(&config).unwrap_err().place().unwrap().contains("[[views]]"));
    }
}
