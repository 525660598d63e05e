//! Lists, structs and maps of Arrow files as JSON text.

use arrow_array::builder::LargeStringBuilder;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, LargeBinaryArray, LargeStringArray, UInt64Array,
};
use arrow_buffer::NullBuffer;
use arrow_cast::cast;
use arrow_schema::DataType;
use serde_json::Value;

use super::arrow::{placeholder, shown};
use crate::engine::{Error, Result};

/// An array prepared for being written row by row.
struct Node {
    nulls: Option<NullBuffer>,
    content: Content,
}

enum Content {
    Null,
    Bool(BooleanArray),
    Int(Int64Array),
    Unsigned(UInt64Array),
    Float(Float64Array),
    Text(LargeStringArray),
    Bytes(LargeBinaryArray),
    /// Where each row starts in the child (one more than rows), and the child.
    List(Vec<usize>, Box<Node>),
    Struct(Vec<(String, Node)>),
    /// As a list, of keys and values.
    Map(Vec<usize>, Box<Node>, Box<Node>),
}

/// The rows of a nested array as JSON text; missing rows stay missing.
///
/// # Errors
/// If the array holds a type that cannot be shown.
pub(super) fn json(array: &ArrayRef) -> Result<LargeStringArray> {
    let node = Node::new(array)?;
    let mut builder = LargeStringBuilder::new();
    for row in 0..array.len() {
        builder.append_option((!array.is_null(row)).then(|| node.value(row).to_string()));
    }
    Ok(builder.finish())
}

impl Node {
    fn new(array: &ArrayRef) -> Result<Self> {
        use DataType as D;
        let to = |target: &D| cast(array, target).map_err(|error| Error::input(format!("a nested column: {error}")));
        let content = match array.data_type() {
            D::Null => Content::Null,
            D::Boolean => Content::Bool(array.as_boolean().clone()),
            D::Int8 | D::Int16 | D::Int32 | D::Int64 => {
                Content::Int(to(&D::Int64)?.as_primitive::<Int64Type>().clone())
            }
            D::UInt8 | D::UInt16 | D::UInt32 | D::UInt64 => {
                Content::Unsigned(to(&D::UInt64)?.as_primitive::<UInt64Type>().clone())
            }
            D::Float16 | D::Float32 | D::Float64 => {
                Content::Float(to(&D::Float64)?.as_primitive::<Float64Type>().clone())
            }
            D::Utf8 | D::LargeUtf8 | D::Utf8View => Content::Text(to(&D::LargeUtf8)?.as_string::<i64>().clone()),
            D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => {
                Content::Bytes(to(&D::LargeBinary)?.as_binary::<i64>().clone())
            }
            D::Dictionary(_, inner) => return Self::new(&to(inner)?),
            D::List(_) => {
                let list = array.as_list::<i32>();
                let starts = list.value_offsets().iter().map(|start| *start as usize).collect();
                Content::List(starts, Box::new(Self::new(list.values())?))
            }
            D::LargeList(_) => {
                let list = array.as_list::<i64>();
                let starts = list.value_offsets().iter().map(|start| *start as usize).collect();
                Content::List(starts, Box::new(Self::new(list.values())?))
            }
            D::FixedSizeList(_, length) => {
                let starts = (0..=array.len()).map(|row| row * *length as usize).collect();
                Content::List(starts, Box::new(Self::new(array.as_fixed_size_list().values())?))
            }
            D::Struct(fields) => {
                let columns = fields.iter().zip(array.as_struct().columns());
                let nodes = columns.map(|(field, column)| Ok((field.name().clone(), Self::new(column)?)));
                Content::Struct(nodes.collect::<Result<_>>()?)
            }
            D::Map(..) => {
                let map = array.as_map();
                let starts = map.value_offsets().iter().map(|start| *start as usize).collect();
                Content::Map(starts, Box::new(Self::new(map.keys())?), Box::new(Self::new(map.values())?))
            }
            _ => Content::Text(shown(array)?),
        };
        Ok(Self { nulls: array.logical_nulls(), content })
    }

    fn value(&self, row: usize) -> Value {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Value::Null;
        }
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(array) => array.value(row).into(),
            Content::Int(array) => array.value(row).into(),
            Content::Unsigned(array) => array.value(row).into(),
            Content::Float(array) => array.value(row).into(),
            Content::Text(array) => array.value(row).into(),
            Content::Bytes(array) => placeholder(array.value(row).len()).into(),
            Content::List(starts, child) => (starts[row]..starts[row + 1]).map(|at| child.value(at)).collect(),
            Content::Struct(fields) => fields.iter().map(|(name, node)| (name.clone(), node.value(row))).collect(),
            Content::Map(starts, keys, values) => (starts[row]..starts[row + 1])
                .map(|at| match keys.value(at) {
                    Value::String(key) => (key, values.value(at)),
                    other => (other.to_string(), values.value(at)),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::builder::{Int32Builder, MapBuilder, StringBuilder};
    use arrow_array::types::Int32Type;
    use arrow_array::{FixedSizeListArray, ListArray, StringArray, StructArray};
    use arrow_schema::Field;

    use super::*;

    fn check(array: ArrayRef, expected: &[Option<&str>]) {
        let texts = json(&array).unwrap();
        assert_eq!(texts.iter().collect::<Vec<_>>(), expected, "{}", array.data_type());
        let tail = json(&array.slice(1, array.len() - 1)).unwrap();
        assert_eq!(tail.iter().collect::<Vec<_>>(), expected[1..], "a slice of {}", array.data_type());
    }

    #[test]
    fn nested_values_are_json() {
        let rows = || vec![Some(vec![Some(1), None]), None, Some(vec![])];
        check(
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(rows())),
            &[Some("[1,null]"), None, Some("[]")],
        );
        let pairs = vec![Some(vec![Some(1), Some(2)]), None, Some(vec![Some(3), None])];
        let pairs = FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(pairs, 2);
        check(Arc::new(pairs), &[Some("[1,2]"), None, Some("[3,null]")]);
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("가\"b"), None]));
        let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(rows()[..2].to_vec()));
        let both = StructArray::from(vec![
            (Arc::new(Field::new("t", DataType::Utf8, true)), texts),
            (Arc::new(Field::new("l", lists.data_type().clone(), true)), lists),
        ]);
        check(Arc::new(both), &[Some(r#"{"t":"가\"b","l":[1,null]}"#), Some(r#"{"t":null,"l":null}"#)]);
        let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
        map.keys().append_value("k");
        map.values().append_value(7);
        map.append(true).unwrap();
        map.append(false).unwrap();
        check(Arc::new(map.finish()), &[Some(r#"{"k":7}"#), None]);
    }
}
