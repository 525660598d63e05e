//! What a person says about labelling an item, beside its label: unsure, bad item, a comment.

use serde_json::Value;

use super::Voice;
use crate::data::ItemId;
use crate::engine::Result;
use crate::project::{Change, Command, Config, Gesture, Marks};

/// The field of items whose label is uncertain: `true`.
pub const UNSURE: &str = "unsure";
/// The field of items that should not be in the data: `true`.
pub const BAD: &str = "bad_item";
/// The field of comments: a text.
pub const COMMENT: &str = "comment";

/// Says something of an item, or takes it back.
#[derive(Debug, Clone, PartialEq)]
pub struct Remark {
    /// The item.
    pub item: ItemId,
    /// Who says so.
    pub voice: Voice,
    /// [`UNSURE`], [`BAD`] or [`COMMENT`].
    pub field: &'static str,
    /// What is said; `None` takes it back.
    pub value: Option<Value>,
}

impl Remark {
    /// Turns a flag of an item on or off.
    pub fn flag(item: ItemId, voice: Voice, field: &'static str, on: bool) -> Self {
        Self { item, voice, field, value: on.then_some(Value::Bool(true)) }
    }

    /// Comments on an item; an empty text takes the comment back.
    pub fn comment(item: ItemId, voice: Voice, text: &str) -> Self {
        let text = text.trim();
        Self { item, voice, field: COMMENT, value: (!text.is_empty()).then(|| text.into()) }
    }
}

impl Command for Remark {
    fn gesture(&self, marks: &Marks, _: &Config) -> Result<Gesture> {
        let field = self.voice.field(self.field);
        let now = marks.get(&field, self.item.0).map(|mark| &mark.value);
        let changes = if now == self.value.as_ref() {
            Vec::new()
        } else {
            vec![Change { item: Some(self.item.0), field: field.into_owned(), value: self.value.clone(), detail: None }]
        };
        Ok(Gesture { name: self.field.to_owned(), changes })
    }
}
