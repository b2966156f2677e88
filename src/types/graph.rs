//! What needs what, among the declarations of all modules; and the circles in it.

use crate::core::{ComponentId, FunctionId, GlobalId, SchemaId};
use std::collections::{BTreeMap, BTreeSet};

/// A declaration that could need itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    Global(GlobalId),
    Function(FunctionId),
    Schema(SchemaId),
    Component(ComponentId),
}

impl Node {
    fn key(self) -> (u8, u32) {
        match self {
            Node::Global(id) => (0, id.0),
            Node::Function(id) => (1, id.0),
            Node::Schema(id) => (2, id.0),
            Node::Component(id) => (3, id.0),
        }
    }

    fn from_key((kind, id): (u8, u32)) -> Node {
        match kind {
            0 => Node::Global(GlobalId(id)),
            1 => Node::Function(FunctionId(id)),
            2 => Node::Schema(SchemaId(id)),
            _ => Node::Component(ComponentId(id)),
        }
    }
}

/// Edges from what needs to what is needed.
#[derive(Debug, Default)]
pub struct Graph {
    edges: BTreeMap<(u8, u32), BTreeSet<(u8, u32)>>,
}

impl Graph {
    /// Notes that evaluating `from` may evaluate `to`.
    pub fn needs(&mut self, from: Node, to: Node) {
        self.edges.entry(from.key()).or_default().insert(to.key());
    }

    /// One circle for each group of nodes that need each other, in the order of declaration.
    pub fn cycles(&self) -> Vec<Vec<Node>> {
        let mut cycles = Vec::new();
        let mut done: BTreeSet<(u8, u32)> = BTreeSet::new();
        for &start in self.edges.keys() {
            if !done.contains(&start) {
                self.walk(start, &mut done, &mut cycles);
            }
        }
        cycles
    }

    /// Depth first without recursion: programs may be deep.
    fn walk(&self, start: (u8, u32), done: &mut BTreeSet<(u8, u32)>, cycles: &mut Vec<Vec<Node>>) {
        let mut path: Vec<(u8, u32)> = vec![start];
        let mut pending: Vec<Vec<(u8, u32)>> = vec![self.next(start)];
        let mut on_path: BTreeSet<(u8, u32)> = BTreeSet::from([start]);
        while let (Some(&node), Some(next)) = (path.last(), pending.last_mut()) {
            match next.pop() {
                Some(to) if done.contains(&to) => {}
                Some(to) if on_path.contains(&to) => {
                    let from = path.iter().position(|known| *known == to).unwrap_or(0);
                    cycles.push(path[from..].iter().map(|key| Node::from_key(*key)).collect());
                    // One report a group: what lies on this circle leads to no second one.
                    done.extend(path[from..].iter().copied());
                }
                Some(to) => {
                    path.push(to);
                    on_path.insert(to);
                    pending.push(self.next(to));
                }
                None => {
                    done.insert(node);
                    on_path.remove(&node);
                    path.pop();
                    pending.pop();
                }
            }
        }
    }

    fn next(&self, node: (u8, u32)) -> Vec<(u8, u32)> {
        self.edges.get(&node).map(|next| next.iter().rev().copied().collect()).unwrap_or_default()
    }
}
