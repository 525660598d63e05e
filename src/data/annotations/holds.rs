//! What a format can hold, and what is lost when it cannot: computed from the annotations, not remembered.
//!
//! [`fit`] turns documents into the nearest that a format holds. What had to be changed or left out is counted under a
//! stable code, with examples.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::geometry::{bounds_of_keypoints, bounds_of_parts, corners, upright_bounds};
use super::model::{Annotation, Content, Document, Documents, Info, Keypoints, Label, Mark, Part, Rect, Seen, Span};
use crate::engine::{Error, Result, Work};

macro_rules! features {
    ($($name:ident $code:literal $doc:literal,)*) => {
        /// Something that an annotation or document may have.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Feature {
            $(#[doc = $doc] $name,)*
        }

        impl Feature {
            /// The stable code under which its loss is counted.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

features! {
    Text "text_document" "A document that is a text.",
    Image "image_document" "A document that is an image.",
    Audio "audio_document" "A document that is a sound.",
    Pair "pair_document" "A document of two texts.",
    EmptyDocument "empty_document" "A document without annotations.",
    DocumentId "document_id" "A document's id.",
    Metadata "metadata" "Further fields of a document.",
    Split "split" "The part of the data to which a document belongs.",
    Class "class" "A class of the whole document.",
    ManyClasses "further_class" "More than one class of a document.",
    Span "span" "A stretch of text.",
    Pieces "discontinuous_span" "A span of several pieces.",
    Overlap "overlapping_span" "Spans that overlap or nest.",
    EmptySpan "empty_span" "A span of no characters.",
    Relation "relation" "A relation between annotations.",
    Box "box" "An upright box.",
    RotatedBox "rotated_box" "A turned box.",
    Polygon "polygon" "An area by its outline.",
    Parts "polygon_parts" "An area of several parts.",
    Holes "polygon_holes" "An area with holes.",
    Polyline "polyline" "An open line.",
    Keypoints "keypoints" "Points of an object.",
    ManyKeypoints "keypoint_object" "Several keypoints that are one object.",
    Bounds "keypoint_box" "The box around an object's keypoints.",
    Visibility "keypoint_visibility" "Hidden keypoints told from visible ones.",
    Mask "mask" "Pixels.",
    Segment "segment" "A stretch of time.",
    Answer "answer" "A free text.",
    Ranking "ranking" "Things in order.",
    Unlabelled "unlabelled" "An annotation without a class.",
    AnnotationId "annotation_id" "An annotation's id.",
    Confidence "confidence" "How sure an annotation is.",
    Annotator "annotator" "Who made an annotation.",
    Time "time" "When an annotation was made, or how long it took.",
    Prediction "prediction" "That a model made an annotation.",
    Rejected "rejected" "That a label does not hold.",
    Group "group" "Which annotations belong together.",
    Note "note" "A remark.",
    Attributes "attributes" "Attributes of an annotation.",
    ClassList "class_list" "Declared classes that nothing uses, and their order.",
    Skeleton "skeleton" "Names of keypoints and bones between them.",
}

/// The set of features that a format can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds(u64);

impl Holds {
    /// The set of those features.
    pub const fn of(features: &[Feature]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < features.len() {
            bits |= 1 << features[at] as u64;
            at += 1;
        }
        Self(bits)
    }

    /// Everything.
    pub const ALL: Self = Self(u64::MAX);

    /// Whether the format can hold it.
    pub const fn has(self, feature: Feature) -> bool {
        self.0 >> feature as u64 & 1 == 1
    }

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set without one feature.
    #[must_use]
    pub const fn without(self, feature: Feature) -> Self {
        Self(self.0 & !(1 << feature as u64))
    }
}

/// How many examples of a loss are kept.
const EXAMPLES: usize = 5;

/// What was lost, by code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses(BTreeMap<&'static str, Loss>);

/// One sort of loss.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loss {
    /// How often.
    pub count: usize,
    /// Where, for the first few.
    pub examples: Vec<String>,
}

impl Losses {
    /// Counts a loss.
    pub fn add(&mut self, code: &'static str, example: impl FnOnce() -> String) {
        let loss = self.0.entry(code).or_default();
        loss.count += 1;
        if loss.examples.len() < EXAMPLES {
            loss.examples.push(example());
        }
    }

    /// Adds those of another, in order.
    pub fn merge(&mut self, other: Self) {
        for (code, more) in other.0 {
            let loss = self.0.entry(code).or_default();
            loss.count += more.count;
            let room = EXAMPLES - loss.examples.len().min(EXAMPLES);
            loss.examples.extend(more.examples.into_iter().take(room));
        }
    }

    /// The losses in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Loss)> {
        self.0.iter().map(|(code, loss)| (*code, loss))
    }

    /// How often something of that code was lost.
    pub fn count(&self, code: &str) -> usize {
        self.0.get(code).map_or(0, |loss| loss.count)
    }

    /// Counts a loss several times, without examples.
    pub fn add_many(&mut self, code: &'static str, count: usize) {
        if count > 0 {
            self.0.entry(code).or_default().count += count;
        }
    }

    /// Nothing, where nothing is lost.
    ///
    /// # Errors
    /// If something is lost: the error names and counts it.
    pub fn refuse(&self) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let named: Vec<String> = self.iter().map(|(code, loss)| format!("{code} ({})", loss.count)).collect();
        Err(Error::input(format!("something would be lost: {}", named.join(", ")))
            .help("choose a format that holds it, or leave --strict out"))
    }

    /// True if nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The nearest documents that a format can hold; what does not fit is counted in `losses`.
///
/// # Errors
/// If the work was cancelled.
pub fn fit(documents: &Documents, holds: Holds, losses: &mut Losses, work: &Work) -> Result<Documents> {
    let mut fitted = Documents { documents: Vec::with_capacity(documents.documents.len()), classes: Vec::new() };
    for (row, document) in documents.documents.iter().enumerate() {
        if row % 256 == 0 {
            work.check()?;
        }
        fitted.documents.extend(fit_document(document, holds, losses));
    }
    fit_classes(documents, &mut fitted, holds, losses);
    Ok(fitted)
}

fn fit_classes(documents: &Documents, fitted: &mut Documents, holds: Holds, losses: &mut Losses) {
    let used: std::collections::HashSet<&Label> = fitted
        .documents
        .iter()
        .flat_map(|document| &document.annotations)
        .map(|annotation| &annotation.label)
        .collect();
    let mut classes = Vec::new();
    for class in &documents.classes {
        if !holds.has(Feature::ClassList) {
            if !used.contains(&class.name) {
                losses.add(Feature::ClassList.code(), || class.name.to_string());
            }
            continue;
        }
        let mut class = class.clone();
        let has_skeleton = !class.keypoints.is_empty() || !class.skeleton.is_empty();
        if has_skeleton && !holds.has(Feature::Skeleton) {
            losses.add(Feature::Skeleton.code(), || class.name.to_string());
            class.keypoints.clear();
            class.skeleton.clear();
        }
        classes.push(class);
    }
    drop(used);
    fitted.classes = classes;
}

fn fit_document(document: &Document, holds: Holds, losses: &mut Losses) -> Option<Document> {
    let kind = match &document.content {
        Content::Text(_) => Feature::Text,
        Content::Image(_) => Feature::Image,
        Content::Audio(_) => Feature::Audio,
        Content::Pair(_) => Feature::Pair,
    };
    if !holds.has(kind) {
        losses.add(kind.code(), || document.shown());
        return None;
    }
    let mut fitted = Document::new(document.id.clone(), document.content.clone());
    fitted.meta.clone_from(&document.meta);
    fitted.split.clone_from(&document.split);
    if !holds.has(Feature::DocumentId) && !fitted.id.is_empty() {
        losses.add(Feature::DocumentId.code(), || document.shown());
        fitted.id.clear();
    }
    if !holds.has(Feature::Metadata) && !fitted.meta.is_empty() {
        losses.add(Feature::Metadata.code(), || document.shown());
        fitted.meta.clear();
    }
    if !holds.has(Feature::Split) && !fitted.split.is_empty() {
        losses.add(Feature::Split.code(), || document.shown());
        fitted.split.clear();
    }
    fitted.annotations = fit_annotations(document, holds, losses);
    if fitted.annotations.is_empty() && !holds.has(Feature::EmptyDocument) {
        losses.add(Feature::EmptyDocument.code(), || document.shown());
        return None;
    }
    Some(fitted)
}

/// The annotations that fit, with relations that still point at what they pointed at.
fn fit_annotations(document: &Document, holds: Holds, losses: &mut Losses) -> Vec<Annotation> {
    let overlapping = if holds.has(Feature::Overlap) { Vec::new() } else { overlapping(&document.annotations) };
    let mut places: Vec<Option<usize>> = Vec::with_capacity(document.annotations.len());
    let (mut kept, mut classes) = (Vec::new(), 0usize);
    for (at, annotation) in document.annotations.iter().enumerate() {
        let mut fitting = Fitting { document, holds, losses: &mut *losses };
        let first = kept.len();
        if overlapping.get(at).copied().unwrap_or(false) {
            fitting.lose(Feature::Overlap, annotation);
        } else if matches!(annotation.mark, Mark::Class) && classes > 0 && !holds.has(Feature::ManyClasses) {
            fitting.lose(Feature::ManyClasses, annotation);
        } else {
            classes += usize::from(matches!(annotation.mark, Mark::Class));
            fitting.annotation(annotation, &mut kept);
        }
        places.push((kept.len() > first).then_some(first));
    }
    relink(document, kept, &places, losses)
}

/// Gives relations the new places of their ends; those that have lost one are lost as well.
fn relink(
    document: &Document,
    kept: Vec<Annotation>,
    places: &[Option<usize>],
    losses: &mut Losses,
) -> Vec<Annotation> {
    if !kept.iter().any(|annotation| matches!(annotation.mark, Mark::Relation { .. })) {
        return kept;
    }
    let place = |old: usize| places.get(old).copied().flatten();
    // A relation to a relation that is lost is lost too; whatever is dropped moves what follows.
    let mut alive = vec![true; kept.len()];
    loop {
        let is_broken = |annotation: &Annotation, alive: &[bool]| match annotation.mark {
            Mark::Relation { from, to } => {
                let lives = |end| place(end).is_some_and(|at| alive.get(at).copied().unwrap_or(false));
                !lives(from) || !lives(to)
            }
            _ => false,
        };
        let broken: Vec<usize> = (0..kept.len()).filter(|&at| alive[at] && is_broken(&kept[at], &alive)).collect();
        if broken.is_empty() {
            break;
        }
        for at in broken {
            alive[at] = false;
            losses.add("relation_without_end", || example(document, &kept[at]));
        }
    }
    let mut moved = Vec::with_capacity(kept.len());
    let mut count = 0;
    for alive in &alive {
        moved.push(count);
        count += usize::from(*alive);
    }
    let target = |old: usize| place(old).and_then(|at| moved.get(at).copied()).unwrap_or(0);
    kept.into_iter()
        .zip(&alive)
        .filter(|(_, alive)| **alive)
        .map(|(mut annotation, _)| {
            if let Mark::Relation { from, to } = annotation.mark {
                annotation.mark = Mark::Relation { from: target(from), to: target(to) };
            }
            annotation
        })
        .collect()
}

/// Which spans overlap one that is kept: the earlier one is kept, of two that begin together the longer one.
fn overlapping(annotations: &[Annotation]) -> Vec<bool> {
    let mut spans: Vec<(usize, usize, usize)> = annotations
        .iter()
        .enumerate()
        .filter_map(|(at, annotation)| match &annotation.mark {
            Mark::Span(span) => Some((span.range().0, span.range().1, at)),
            _ => None,
        })
        .collect();
    spans.sort_by_key(|&(start, end, at)| (start, usize::MAX - end, at));
    let (mut lost, mut reached) = (vec![false; annotations.len()], 0);
    for (start, end, at) in spans {
        if start < reached {
            if let Some(lost) = lost.get_mut(at) {
                *lost = true;
            }
        } else {
            reached = end;
        }
    }
    lost
}

fn example(document: &Document, annotation: &Annotation) -> String {
    let of = document.shown();
    match &annotation.mark {
        Mark::Span(span) => format!("{of}: {} “{}”", annotation.label, span.surface),
        _ if annotation.label.is_empty() => of,
        _ => format!("{of}: {}", annotation.label),
    }
}

/// One annotation being made to fit.
struct Fitting<'a> {
    document: &'a Document,
    holds: Holds,
    losses: &'a mut Losses,
}

impl Fitting<'_> {
    fn lose(&mut self, feature: Feature, annotation: &Annotation) {
        self.count(feature.code(), annotation);
    }

    fn count(&mut self, code: &'static str, annotation: &Annotation) {
        self.losses.add(code, || example(self.document, annotation));
    }

    fn annotation(&mut self, annotation: &Annotation, kept: &mut Vec<Annotation>) {
        if annotation.label.is_empty() && needs_label(&annotation.mark) && !self.holds.has(Feature::Unlabelled) {
            return self.lose(Feature::Unlabelled, annotation);
        }
        if annotation.is_rejected() && !self.holds.has(Feature::Rejected) {
            return self.lose(Feature::Rejected, annotation);
        }
        if annotation.is_prediction() && !self.holds.has(Feature::Prediction) {
            return self.lose(Feature::Prediction, annotation);
        }
        let marks = self.marks(annotation);
        for (at, mark) in marks.into_iter().enumerate() {
            let mut fitted = Annotation { mark, ..annotation.clone() };
            if at > 0 {
                fitted.id = None;
            }
            if fitted.id.is_some() && !self.holds.has(Feature::AnnotationId) {
                self.lose(Feature::AnnotationId, annotation);
                fitted.id = None;
            }
            self.info(annotation, &mut fitted);
            kept.push(fitted);
        }
    }

    fn info(&mut self, annotation: &Annotation, fitted: &mut Annotation) {
        let Some(info) = fitted.info.as_deref_mut() else { return };
        type Clear = fn(&mut Info);
        let checks: [(Feature, bool, Clear); 6] = [
            (Feature::Confidence, info.confidence.is_some(), |info| info.confidence = None),
            (Feature::Annotator, !info.annotator.is_empty(), |info| info.annotator.clear()),
            (Feature::Time, !info.time.is_empty() || info.seconds.is_some(), |info| {
                info.time.clear();
                info.seconds = None;
            }),
            (Feature::Group, !info.group.is_empty(), |info| info.group.clear()),
            (Feature::Note, !info.note.is_empty(), |info| info.note.clear()),
            (Feature::Attributes, !info.attributes.is_empty(), |info| info.attributes.clear()),
        ];
        for (feature, has, clear) in checks {
            if has && !self.holds.has(feature) {
                self.losses.add(feature.code(), || example(self.document, annotation));
                clear(info);
            }
        }
        if *info == Info::default() {
            fitted.info = None;
        }
    }

    /// What stands for the annotation's mark: itself, something near, several, or nothing.
    fn marks(&mut self, annotation: &Annotation) -> Vec<Mark> {
        let holds = self.holds;
        let plain = |feature: Feature| holds.has(feature);
        let feature = match &annotation.mark {
            Mark::Span(span) => return self.span(annotation, span),
            Mark::Box(rect) if rect.angle != 0.0 => return self.rotated(annotation, *rect),
            Mark::Polygon(parts) => return self.polygon(annotation, parts),
            Mark::Keypoints(points) if plain(Feature::Keypoints) => {
                let mut points = points.clone();
                if !plain(Feature::Visibility) && points.points.iter().any(|point| point.seen == Seen::Hidden) {
                    self.lose(Feature::Visibility, annotation);
                    points.points.iter_mut().filter(|point| point.seen == Seen::Hidden).for_each(|point| {
                        point.seen = Seen::Visible;
                    });
                }
                if points.points.len() > 1 && !plain(Feature::ManyKeypoints) {
                    self.count("keypoints_split", annotation);
                    points.points.retain(|point| point.seen != Seen::Absent);
                    let single = |point| Mark::Keypoints(Keypoints { points: vec![point], bounds: None });
                    return points.points.into_iter().map(single).collect();
                }
                if !plain(Feature::Bounds) && points.bounds.take().is_some() {
                    self.lose(Feature::Bounds, annotation);
                }
                return vec![Mark::Keypoints(points)];
            }
            Mark::Keypoints(points) => {
                let bounds = points.bounds.or_else(|| bounds_of_keypoints(points));
                return self.as_box(annotation, bounds, "keypoints_as_box", Feature::Keypoints);
            }
            Mark::Mask(_) if plain(Feature::Mask) => Feature::Mask,
            Mark::Mask(mask) => {
                return self.as_box(annotation, mask.bounds(), "mask_as_box", Feature::Mask);
            }
            Mark::Class => Feature::Class,
            Mark::Relation { .. } => Feature::Relation,
            Mark::Box(_) => Feature::Box,
            Mark::Polyline(_) => Feature::Polyline,
            Mark::Segment { .. } => Feature::Segment,
            Mark::Answer(_) => Feature::Answer,
            Mark::Ranking(_) => Feature::Ranking,
        };
        if plain(feature) {
            return vec![annotation.mark.clone()];
        }
        self.lose(feature, annotation);
        Vec::new()
    }

    fn span(&mut self, annotation: &Annotation, span: &Span) -> Vec<Mark> {
        let empty = span.range().0 >= span.range().1;
        if !self.holds.has(Feature::Span) {
            self.lose(Feature::Span, annotation);
            return Vec::new();
        }
        if empty && !self.holds.has(Feature::EmptySpan) {
            self.lose(Feature::EmptySpan, annotation);
            return Vec::new();
        }
        if span.pieces.len() < 2 || self.holds.has(Feature::Pieces) {
            return vec![annotation.mark.clone()];
        }
        self.count("discontinuous_span_split", annotation);
        let text = self.document.as_text().unwrap_or_default();
        let piece = |&(start, end): &(usize, usize)| {
            let surface = text.chars().skip(start).take(end - start).collect();
            Mark::Span(Span { pieces: vec![(start, end)], surface })
        };
        span.pieces.iter().map(piece).collect()
    }

    fn rotated(&mut self, annotation: &Annotation, rect: Rect) -> Vec<Mark> {
        if self.holds.has(Feature::RotatedBox) {
            return vec![Mark::Box(rect)];
        }
        if self.holds.has(Feature::Polygon) {
            self.count("rotated_box_as_polygon", annotation);
            return vec![Mark::Polygon(vec![Part { outline: corners(rect).to_vec(), holes: Vec::new() }])];
        }
        self.as_box(annotation, Some(upright_bounds(rect)), "rotated_box_as_box", Feature::RotatedBox)
    }

    fn polygon(&mut self, annotation: &Annotation, parts: &[Part]) -> Vec<Mark> {
        if !self.holds.has(Feature::Polygon) {
            return self.as_box(annotation, bounds_of_parts(parts), "polygon_as_box", Feature::Polygon);
        }
        let mut parts = parts.to_vec();
        if !self.holds.has(Feature::Holes) && parts.iter().any(|part| !part.holes.is_empty()) {
            self.lose(Feature::Holes, annotation);
            parts.iter_mut().for_each(|part| part.holes.clear());
        }
        if parts.len() > 1 && !self.holds.has(Feature::Parts) {
            self.count("polygon_parts_split", annotation);
            return parts.into_iter().map(|part| Mark::Polygon(vec![part])).collect();
        }
        vec![Mark::Polygon(parts)]
    }

    /// A box in place of something that cannot be held.
    fn as_box(
        &mut self,
        annotation: &Annotation,
        bounds: Option<Rect>,
        code: &'static str,
        feature: Feature,
    ) -> Vec<Mark> {
        match bounds.filter(|_| self.holds.has(Feature::Box)) {
            Some(rect) => {
                self.count(code, annotation);
                vec![Mark::Box(rect)]
            }
            None => {
                self.lose(feature, annotation);
                Vec::new()
            }
        }
    }
}

/// Free texts and rankings say something without a class; everything else names one.
fn needs_label(mark: &Mark) -> bool {
    !matches!(mark, Mark::Answer(_) | Mark::Ranking(_))
}

/// What a reader or writer did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Documents read or written.
    pub documents: usize,
    /// Annotations read or written.
    pub annotations: usize,
    /// What was left out or changed.
    pub lost: Losses,
    /// What was inferred, and from what: ("offset unit", "UTF-16 for 12 of 12 spans").
    pub inferred: Vec<(String, String)>,
    /// What the person should know, one sentence each.
    pub notes: Vec<String>,
}

impl Report {
    /// A report that counts documents and their annotations.
    pub fn of(documents: &Documents) -> Self {
        Self {
            documents: documents.documents.len(),
            annotations: documents.documents.iter().map(|document| document.annotations.len()).sum(),
            ..Self::default()
        }
    }

    /// Says what was inferred.
    pub fn infer(&mut self, what: &str, value: impl Into<String>) {
        self.inferred.push((what.to_owned(), value.into()));
    }

    /// Counts what was read or written, once that is done.
    #[must_use]
    pub fn counted(mut self, documents: &Documents) -> Self {
        let counts = Self::of(documents);
        (self.documents, self.annotations) = (counts.documents, counts.annotations);
        self
    }
}

/// A label made once and shared.
#[derive(Debug, Default)]
pub struct Labels(std::collections::HashMap<String, Label>);

impl Labels {
    /// The shared label of that name.
    pub fn get(&mut self, name: &str) -> Label {
        match self.0.get(name) {
            Some(label) => label.clone(),
            None => {
                let label: Label = Arc::from(name);
                self.0.insert(name.to_owned(), label.clone());
                label
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(label: &str, pieces: &[(usize, usize)]) -> Annotation {
        let surface = "x".repeat(pieces.iter().map(|(start, end)| end - start).sum());
        Annotation::new(label, Mark::Span(Span { pieces: pieces.to_vec(), surface }))
    }

    fn fitted(annotations: Vec<Annotation>, holds: Holds) -> (Vec<Annotation>, Vec<(&'static str, usize)>) {
        let mut document = Document::text("d", "x".repeat(50));
        document.annotations = annotations;
        let documents = Documents { documents: vec![document], classes: Vec::new() };
        let mut losses = Losses::default();
        let fitted = fit(&documents, holds, &mut losses, &Work::new()).unwrap();
        let kept = fitted.documents.into_iter().flat_map(|document| document.annotations).collect();
        (kept, losses.iter().map(|(code, loss)| (code, loss.count)).collect())
    }

    #[test]
    fn everything_fits_where_everything_is_held() {
        let all = vec![span("A", &[(0, 3), (5, 6)]), span("B", &[(1, 2)]), Annotation::new("c", Mark::Class)];
        assert_eq!(fitted(all.clone(), Holds::ALL), (all, vec![]));
    }

    #[test]
    fn what_does_not_fit_is_named_and_relations_follow() {
        let relation = |from, to| Annotation::new("r", Mark::Relation { from, to });
        let all = vec![
            span("A", &[(0, 5)]),
            span("B", &[(2, 7)]),
            span("C", &[(8, 9)]),
            relation(0, 2),
            relation(0, 1),
            Annotation::new("m", Mark::Box(Rect::default())),
        ];
        let holds = Holds::ALL.without(Feature::Overlap).without(Feature::Box);
        let (kept, lost) = fitted(all, holds);
        assert_eq!(kept, [span("A", &[(0, 5)]), span("C", &[(8, 9)]), relation(0, 1)]);
        assert_eq!(lost, [("box", 1), ("overlapping_span", 1), ("relation_without_end", 1)]);
    }

    #[test]
    fn the_nearest_shape_stands_in() {
        let turned = Annotation::new("a", Mark::Box(Rect { angle: 90.0, ..Rect::new(0.0, 0.0, 4.0, 2.0) }));
        let (kept, lost) = fitted(vec![turned.clone()], Holds::ALL.without(Feature::RotatedBox));
        assert!(matches!(&kept[0].mark, Mark::Polygon(parts) if parts[0].outline.len() == 4));
        assert_eq!(lost, [("rotated_box_as_polygon", 1)]);
        let (kept, lost) = fitted(vec![turned], Holds::ALL.without(Feature::RotatedBox).without(Feature::Polygon));
        assert!(matches!(kept[0].mark, Mark::Box(rect) if (rect.width - 2.0).abs() < 1e-9 && rect.angle == 0.0));
        assert_eq!(lost, [("rotated_box_as_box", 1)]);
    }
}
