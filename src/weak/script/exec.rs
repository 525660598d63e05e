//! The evaluator: statements.

use super::budget::{Eval, wrong_type};
use super::machine::Machine;
use super::tree::{Stmt, Target, Try};
use super::value::Value;

/// How a statement ended.
pub(crate) enum Flow<'a> {
    Next,
    Break,
    Continue,
    Return(Value<'a>),
}

impl<'a> Machine<'a> {
    /// Does statements until one leaves the block.
    pub(crate) fn run(&mut self, block: &'a [Stmt]) -> Eval<Flow<'a>> {
        for statement in block {
            match self.statement(statement)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, statement: &'a Stmt) -> Eval<Flow<'a>> {
        self.budget.steps(1)?;
        match statement {
            Stmt::Expr(value) => {
                self.eval(value)?;
            }
            Stmt::Assign(targets, value) => {
                let at = value.at;
                let value = self.eval(value)?;
                for target in targets {
                    self.assign(target, value.clone()).map_err(|raise| raise.at(at))?;
                }
            }
            Stmt::Augment { target, op, value } => {
                self.augment(target, *op, value).map_err(|raise| raise.at(value.at))?;
            }
            Stmt::If { branches, other } => {
                for (test, body) in branches {
                    if self.test(test)? {
                        return self.inside(body);
                    }
                }
                return self.inside(other);
            }
            Stmt::For { target, iter, body, other } => return self.for_loop(target, iter, body, other),
            Stmt::While { test, body, other } => {
                while self.test(test)? {
                    match self.inside(body).map_err(|raise| raise.at(test.at))? {
                        Flow::Next | Flow::Continue => {}
                        Flow::Break => return Ok(Flow::Next),
                        flow => return Ok(flow),
                    }
                }
                return self.inside(other);
            }
            Stmt::Return(value) => {
                return Ok(Flow::Return(match value {
                    Some(value) => self.eval(value)?,
                    None => Value::None,
                }));
            }
            Stmt::Break => return Ok(Flow::Break),
            Stmt::Continue => return Ok(Flow::Continue),
            Stmt::Pass => {}
            Stmt::Delete(object, index) => {
                let at = object.at;
                let object = self.eval(object)?;
                let index = self.eval(index)?;
                self.delete_index(&object, &index).map_err(|raise| raise.at(at))?;
            }
            Stmt::Try(node) => return self.try_block(node),
        }
        Ok(Flow::Next)
    }

    fn inside(&mut self, block: &'a [Stmt]) -> Eval<Flow<'a>> {
        if block.is_empty() {
            return Ok(Flow::Next);
        }
        self.deeper()?;
        let flow = self.run(block);
        self.back();
        flow
    }

    fn for_loop(
        &mut self,
        target: &'a Target,
        iter: &'a super::tree::Expr,
        body: &'a [Stmt],
        other: &'a [Stmt],
    ) -> Eval<Flow<'a>> {
        let over = self.eval(iter)?;
        let mut items = self.iter(&over).map_err(|raise| raise.at(iter.at))?;
        while let Some(item) = self.advance(&mut items).map_err(|raise| raise.at(iter.at))? {
            self.assign(target, item).map_err(|raise| raise.at(iter.at))?;
            match self.inside(body).map_err(|raise| raise.at(iter.at))? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow => return Ok(flow),
            }
        }
        self.inside(other)
    }

    fn augment(&mut self, target: &'a Target, op: super::tree::Binary, value: &'a super::tree::Expr) -> Eval<()> {
        match target {
            Target::Index(parts) => {
                let object = self.eval(&parts.0)?;
                let index = self.eval(&parts.1)?;
                let old = self.index(&object, &index)?;
                let value = self.eval(value)?;
                let new = self.in_place(op, &old, &value)?;
                self.set_index(&object, &index, new)
            }
            Target::Many { .. } => Err(wrong_type("this cannot be changed in place")),
            target => {
                let old = self.read_target(target)?;
                let value = self.eval(value)?;
                let new = self.in_place(op, &old, &value)?;
                self.assign(target, new)
            }
        }
    }

    /// `try`: faults of the sorts that a handler names are caught; limits never are.
    fn try_block(&mut self, node: &'a Try) -> Eval<Flow<'a>> {
        let mut flow = self.inside(&node.body);
        if let Err(raise) = &flow {
            let sort = raise.sort;
            if let Some((_, body)) = node.handlers.iter().find(|(sorts, _)| sorts.contains(&sort)) {
                flow = self.inside(body);
            }
        } else if matches!(flow, Ok(Flow::Next)) {
            flow = self.inside(&node.other);
        }
        match self.inside(&node.finally)? {
            Flow::Next => flow,
            left => Ok(left),
        }
    }
}
