//! The expressions whose value is text.

use super::super::column::{fold, lower_into, show_float, show_time};
use super::bits::Bits;
use super::evaluate::{Bound, Chunk};
use super::numbers::Numbers;
use super::texts::{self, TextBuilder, Texts};
use super::tree::{Function, Node, Op, Type, Value};

impl Chunk<'_> {
    /// Texts.
    pub(super) fn texts<'n>(&'n self, node: &'n Node, need: &Bits) -> Texts<'n> {
        match &node.op {
            Op::Literal(Value::Text(text)) => Texts::constant(Some(text), &self.all),
            Op::Column(slot) => match self.column(*slot) {
                Some(column) => match column.strings() {
                    Some(array) => Texts::column(array, self.start, self.present(column)),
                    None => Texts::constant(None, &self.all),
                },
                None => Texts::constant(None, &self.all),
            },
            Op::Fold(inner) => {
                if let Op::Column(slot) = inner.op
                    && let Some(Bound { column, folded: Some(folded) }) = self.columns.get(slot)
                {
                    return Texts::column(folded, self.start, self.present(column));
                }
                let texts = self.texts(inner, need);
                self.make(&texts.valid, need, |row, out| {
                    out.push_str(&fold(texts.get(row)));
                    true
                })
            }
            Op::Concat(skip_null, parts) => {
                let vectors: Vec<Texts<'_>> = parts.iter().map(|part| self.texts(part, need)).collect();
                let whole = vectors.iter().fold(self.all, |known, part| known.and(&part.valid));
                let known = if *skip_null { self.all } else { whole };
                self.make(&known, need, |row, out| {
                    vectors.iter().filter(|part| part.valid.has(row)).for_each(|part| out.push_str(part.get(row)));
                    true
                })
            }
            Op::Case(branches, last) => {
                let mut picks: Vec<(Texts<'_>, Bits)> = Vec::new();
                self.each_branch(branches, last.as_deref(), need, |value, rows| {
                    picks.push((self.texts(value, rows), *rows));
                });
                self.pick(&picks, need)
            }
            Op::Coalesce(parts) => {
                let mut picks = Vec::new();
                let mut open = *need;
                for part in parts {
                    let texts = self.texts(part, &open);
                    let rows = open.and(&texts.valid);
                    open = open.minus(&rows);
                    picks.push((texts, rows));
                }
                self.pick(&picks, need)
            }
            Op::Extreme(greatest, parts) => {
                let vectors: Vec<Texts<'_>> = parts.iter().map(|part| self.texts(part, need)).collect();
                self.make(&self.all, need, |row, out| {
                    let values = vectors.iter().filter(|part| part.valid.has(row)).map(|part| part.get(row));
                    let best = if *greatest { values.max() } else { values.min() };
                    best.map(|text| out.push_str(text)).is_some()
                })
            }
            Op::Cast(inner) => self.cast_to_text(inner, need),
            Op::Call(function, arguments) => self.call_to_text(*function, arguments, need),
            _ => Texts::constant(None, &self.all),
        }
    }

    /// Makes a text for each row that is known and needed.
    fn make<'n>(&self, known: &Bits, need: &Bits, mut write: impl FnMut(usize, &mut String) -> bool) -> Texts<'n> {
        let wanted = known.and(need);
        let mut builder = TextBuilder::new(self.rows);
        for row in 0..self.rows {
            builder.push(|out| wanted.has(row) && write(row, out));
        }
        builder.finish()
    }

    fn pick<'n>(&self, picks: &[(Texts<'_>, Bits)], need: &Bits) -> Texts<'n> {
        self.make(&self.all, need, |row, out| {
            let taken = picks.iter().find(|(_, rows)| rows.has(row));
            match taken {
                Some((texts, _)) if texts.valid.has(row) => {
                    out.push_str(texts.get(row));
                    true
                }
                _ => false,
            }
        })
    }

    fn cast_to_text<'n>(&self, inner: &Node, need: &Bits) -> Texts<'n> {
        use std::fmt::Write as _;
        match inner.ty {
            Type::Int => {
                let numbers = self.whole(inner, need);
                self.make(&numbers.valid, need, |row, out| {
                    numbers.get(row).is_some_and(|number| write!(out, "{number}").is_ok())
                })
            }
            Type::Time => {
                let numbers = self.whole(inner, need);
                self.make(&numbers.valid, need, |row, out| {
                    numbers.get(row).map(|micros| out.push_str(&show_time(micros))).is_some()
                })
            }
            Type::Float => {
                let numbers = self.real(inner, need);
                self.make(&numbers.valid, need, |row, out| {
                    numbers.get(row).map(|number| out.push_str(&show_float(number))).is_some()
                })
            }
            Type::Bool => {
                let truth = self.truth(inner, need);
                self.make(&truth.known(), need, |row, out| {
                    out.push_str(if truth.yes.has(row) { "true" } else { "false" });
                    true
                })
            }
            Type::Null | Type::Text => Texts::constant(None, &self.all),
        }
    }

    fn call_to_text<'n>(&self, function: Function, arguments: &[Node], need: &Bits) -> Texts<'n> {
        let Some((first, rest)) = arguments.split_first() else { return Texts::constant(None, &self.all) };
        let texts = self.texts(first, need);
        let strings: Vec<Texts<'_>> =
            rest.iter().filter(|node| node.ty == Type::Text).map(|node| self.texts(node, need)).collect();
        let counts: Vec<Numbers<'_, i64>> =
            rest.iter().filter(|node| node.ty == Type::Int).map(|node| self.whole(node, need)).collect();
        let known = strings.iter().map(|vector| &vector.valid).chain(counts.iter().map(|vector| &vector.valid));
        let known = known.fold(texts.valid, |all, valid| all.and(valid));
        let string = |index: usize, row: usize| strings.get(index).map(|vector| vector.get(row));
        let count = |index: usize, row: usize| counts.get(index).and_then(|vector| vector.get(row));
        self.make(&known, need, |row, out| {
            let text = texts.get(row);
            match function {
                Function::Lower => lower_into(text.chars(), out),
                Function::Upper => out.extend(text.chars().flat_map(char::to_uppercase)),
                Function::Trim { left, right } => out.push_str(texts::trim(text, string(0, row), left, right)),
                Function::Substr => out.push_str(texts::substr(text, count(0, row).unwrap_or(1), count(1, row))),
                Function::Left => out.push_str(texts::left(text, count(0, row).unwrap_or(0))),
                Function::Right => out.push_str(texts::right(text, count(0, row).unwrap_or(0))),
                Function::Replace => match string(0, row).unwrap_or("") {
                    "" => out.push_str(text),
                    old => {
                        let new = string(1, row).unwrap_or("");
                        let mut rest = text;
                        while let Some((before, after)) = rest.split_once(old) {
                            out.push_str(before);
                            out.push_str(new);
                            rest = after;
                        }
                        out.push_str(rest);
                    }
                },
                _ => return false,
            }
            true
        })
    }
}
