//! What a person says about labelling an item, beside its label: unsure and what else it might be, bad item, a comment.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Voice;
use crate::data::ItemId;
use crate::engine::Result;
use crate::project::{Change, Command, Config, Gesture, Marks};

/// The field of items whose label is uncertain: `true`, or what is known of the doubt (see [`Doubt`]).
pub const UNSURE: &str = "unsure";
/// The field of items that should not be in the data: `true`.
pub const BAD: &str = "bad_item";
/// The field of comments: a text.
pub const COMMENT: &str = "comment";

/// How uncertain a label is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Doubt {
    /// The class that it might be instead.
    pub second: Option<Arc<str>>,
    /// How sure the person is of the label, in 0-1.
    pub confidence: Option<f64>,
}

impl Doubt {
    /// What a field says; `None` if it says that there is no doubt.
    pub fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(true) => Some(Self::default()),
            Value::Object(fields) => Some(Self {
                second: fields.get("second").and_then(Value::as_str).map(Into::into),
                confidence: fields
                    .get("confidence")
                    .and_then(Value::as_f64)
                    .filter(|share| (0.0..=1.0).contains(share)),
            }),
            _ => None,
        }
    }

    /// True where nothing more is known than that there is a doubt.
    pub fn is_bare(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn value(&self) -> Value {
        if self.is_bare() {
            return Value::Bool(true);
        }
        let mut value = json!({});
        if let Some(second) = &self.second {
            value["second"] = (&**second).into();
        }
        if let Some(confidence) = self.confidence {
            value["confidence"] = confidence.into();
        }
        value
    }
}

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

    /// Says how uncertain an item's label is.
    pub fn doubt(item: ItemId, voice: Voice, doubt: &Doubt) -> Self {
        Self { item, voice, field: UNSURE, value: Some(doubt.value()) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubts_are_read_as_they_are_said() {
        let check = |second: Option<&str>, confidence: Option<f64>| {
            let doubt = Doubt { second: second.map(Into::into), confidence };
            let said = Remark::doubt(ItemId(1), Voice::PROJECT, &doubt).value;
            assert_eq!(said.as_ref().and_then(Doubt::read), Some(doubt));
        };
        check(None, None);
        check(Some("ham"), None);
        check(Some("ham"), Some(0.6));
        check(None, Some(0.5));
        assert_eq!(Doubt::read(&Value::Bool(false)), None);
        assert_eq!(Doubt::read(&json!({"confidence": 7})), Some(Doubt::default()));
        // A plain flag is what older projects hold.
        assert_eq!(Remark::flag(ItemId(1), Voice::PROJECT, UNSURE, true).value, Some(Value::Bool(true)));
    }
}
