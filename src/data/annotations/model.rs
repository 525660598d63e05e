//! The common form of annotations: documents, and what is said of them.
//!
//! Text offsets are code points, half-open, 0-based. Image coordinates are pixels of the image as it is shown (turned as
//! its EXIF data say), x to the right, y down, with (0, 0) the outer corner of the first pixel. Times are seconds.

use std::sync::Arc;

use serde_json::Value;

use super::rle::Mask;

/// The name of a class; empty where an annotation has none.
pub type Label = Arc<str>;

/// Attributes and other pairs that are carried along as they are.
pub type Pairs = Vec<(String, Value)>;

/// Annotated documents, and the classes that are declared for them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Documents {
    /// The documents in the order of the file.
    pub documents: Vec<Document>,
    /// The classes in their declared order, which numbers them in formats that write numbers; may be empty.
    pub classes: Vec<Class>,
}

/// A declared class.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: Label,
    /// The class above it (COCO's `supercategory`), or empty.
    pub parent: String,
    /// The names of its keypoints in order.
    pub keypoints: Vec<String>,
    /// The bones between its keypoints, as 0-based places in `keypoints`.
    pub skeleton: Vec<(usize, usize)>,
}

impl Class {
    /// A class of that name without keypoints.
    pub fn named(name: impl Into<Label>) -> Self {
        Self { name: name.into(), parent: String::new(), keypoints: Vec::new(), skeleton: Vec::new() }
    }
}

/// What is annotated.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The id in the file, or empty where it had none.
    pub id: String,
    /// The text, or the media.
    pub content: Content,
    /// What is said of it.
    pub annotations: Vec<Annotation>,
    /// Further fields of the document.
    pub meta: Pairs,
    /// The part of the data to which it belongs (`train`, `val`), or empty.
    pub split: String,
}

impl Document {
    /// A document without annotations.
    pub fn new(id: impl Into<String>, content: Content) -> Self {
        Self { id: id.into(), content, annotations: Vec::new(), meta: Vec::new(), split: String::new() }
    }

    /// A text without annotations.
    pub fn text(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(id, Content::Text(text.into()))
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The image, if this is one.
    pub fn as_image(&self) -> Option<&Image> {
        match &self.content {
            Content::Image(image) => Some(image),
            _ => None,
        }
    }

    /// The path of the media file, if there is one.
    pub fn path(&self) -> Option<&str> {
        match &self.content {
            Content::Image(image) => Some(&image.path),
            Content::Audio(audio) => Some(&audio.path),
            Content::Text(_) | Content::Pair(_) => None,
        }
    }

    /// A name for messages: the id, the path, or the beginning of the text.
    pub fn shown(&self) -> String {
        if !self.id.is_empty() {
            return self.id.clone();
        }
        match &self.content {
            Content::Text(text) => text.chars().take(24).collect(),
            Content::Pair(pair) => pair.left.chars().take(24).collect(),
            _ => self.path().unwrap_or_default().to_owned(),
        }
    }
}

/// The content of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A text.
    Text(String),
    /// An image file.
    Image(Image),
    /// A sound file.
    Audio(Audio),
    /// Two texts to choose between, or a text and its counterpart.
    Pair(Pair),
}

/// An image file and its size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// The path as the file gives it, with `/` between its parts.
    pub path: String,
    /// The width in pixels as shown; 0 if unknown.
    pub width: u32,
    /// The height in pixels as shown; 0 if unknown.
    pub height: u32,
    /// The EXIF orientation of the file, 1-8; 0 if unknown.
    pub orientation: u8,
}

/// A sound file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Audio {
    /// The path as the file gives it.
    pub path: String,
    /// The duration in seconds, if known.
    pub seconds: Option<f64>,
}

/// Two texts, with what was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pair {
    /// What both answer, or empty.
    pub prompt: String,
    /// The first text.
    pub left: String,
    /// The second text.
    pub right: String,
}

/// One thing said of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// The id in the file, if it had one.
    pub id: Option<Arc<str>>,
    /// The class.
    pub label: Label,
    /// What is marked.
    pub mark: Mark,
    /// What else is known of it; boxed, since most have nothing.
    pub info: Option<Box<Info>>,
}

impl Annotation {
    /// An annotation of which nothing else is known.
    pub fn new(label: impl Into<Label>, mark: Mark) -> Self {
        Self { id: None, label: label.into(), mark, info: None }
    }

    /// The same with an id.
    #[must_use]
    pub fn with_id(mut self, id: impl AsRef<str>) -> Self {
        self.id = Some(Arc::from(id.as_ref()));
        self
    }

    /// The same with what else is known, if that is anything.
    #[must_use]
    pub fn with_info(mut self, info: Info) -> Self {
        self.info = (info != Info::default()).then(|| Box::new(info));
        self
    }

    /// What else is known, to be changed.
    pub fn info_mut(&mut self) -> &mut Info {
        self.info.get_or_insert_with(Box::default)
    }

    /// Whether a model and not a person made it.
    pub fn is_prediction(&self) -> bool {
        self.info.as_ref().is_some_and(|info| info.prediction)
    }

    /// Whether it says that the label does not hold.
    pub fn is_rejected(&self) -> bool {
        self.info.as_ref().is_some_and(|info| info.rejected)
    }

    /// A text kept in the information, by key.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.info.as_ref()?.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// What may be known of an annotation beside what it marks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Info {
    /// How sure the annotator or model is, usually 0-1.
    pub confidence: Option<f64>,
    /// Who made it: a person's name, or a model's version.
    pub annotator: String,
    /// When it was made, as the file writes it.
    pub time: String,
    /// How long it took, in seconds.
    pub seconds: Option<f64>,
    /// Made by a model and not yet taken by a person.
    pub prediction: bool,
    /// Says that the label does not hold.
    pub rejected: bool,
    /// What belongs together has the same group; empty for none.
    pub group: String,
    /// A remark.
    pub note: String,
    /// Attributes.
    pub attributes: Pairs,
}

/// What an annotation marks.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// The whole document is of the class.
    Class,
    /// A stretch of text, maybe in pieces.
    Span(Span),
    /// A directed relation between two annotations of the document, by their places in its list.
    Relation {
        /// Where it begins.
        from: usize,
        /// Where it ends.
        to: usize,
    },
    /// A box, maybe turned.
    Box(Rect),
    /// An area of one or more parts, each with holes.
    Polygon(Vec<Part>),
    /// An open line.
    Polyline(Vec<Point>),
    /// Named points of one object, in the order of the class's keypoints.
    Keypoints(Keypoints),
    /// Pixels.
    Mask(Mask),
    /// A stretch of time; a moment where both are equal.
    Segment {
        /// The beginning in seconds.
        start: f64,
        /// The end in seconds.
        end: f64,
    },
    /// A free text: a translation, caption or transcript.
    Answer(String),
    /// Things in order, best first.
    Ranking(Vec<String>),
}

/// A stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The beginning and end of every piece in code points, in order.
    pub pieces: Vec<(usize, usize)>,
    /// The text of the pieces, joined by one space.
    pub surface: String,
}

impl Span {
    /// The whole range from the first piece to the last.
    pub fn range(&self) -> (usize, usize) {
        let start = self.pieces.first().map_or(0, |piece| piece.0);
        (start, self.pieces.last().map_or(start, |piece| piece.1))
    }
}

/// A point in pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl Point {
    /// A point.
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

/// A box in pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rect {
    /// The left side before it is turned.
    pub x: f64,
    /// The upper side before it is turned.
    pub y: f64,
    /// The width, not negative.
    pub width: f64,
    /// The height, not negative.
    pub height: f64,
    /// Degrees clockwise by which it is turned about its centre, 0 for an upright box.
    pub angle: f64,
}

impl Rect {
    /// An upright box.
    pub fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height, angle: 0.0 }
    }
}

/// One part of an area.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// The outline, not closed: the last point is not the first again.
    pub outline: Vec<Point>,
    /// What is cut out of it.
    pub holes: Vec<Vec<Point>>,
}

/// The points of one object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keypoints {
    /// The points in the order of the class's keypoints; those that are absent are kept as such.
    pub points: Vec<Keypoint>,
    /// The box of the object, where the format gives one.
    pub bounds: Option<Rect>,
}

/// One point of an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keypoint {
    /// Where it is; (0, 0) if it is absent.
    pub at: Point,
    /// How it is seen.
    pub seen: Seen,
    /// Its name, where the format names single points; else empty.
    pub name: String,
}

/// How a keypoint is seen, numbered as in COCO.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Seen {
    /// Not in the image, or not labelled.
    Absent,
    /// Labelled, but hidden behind something.
    Hidden,
    /// Labelled and visible.
    #[default]
    Visible,
}

impl Seen {
    /// COCO's number: 0 absent, 1 hidden, 2 visible.
    pub fn number(self) -> u8 {
        match self {
            Self::Absent => 0,
            Self::Hidden => 1,
            Self::Visible => 2,
        }
    }

    /// From COCO's number; anything else is visible.
    pub fn of(number: f64) -> Self {
        if number == 0.0 {
            Self::Absent
        } else if number == 1.0 {
            Self::Hidden
        } else {
            Self::Visible
        }
    }
}

/// The distinct labels of annotations in the order in which classes are declared, and then first used. What numbers
/// classes uses this order.
pub fn class_order(documents: &Documents) -> Vec<Label> {
    let mut seen = std::collections::HashSet::new();
    let mut order = Vec::new();
    let declared = documents.classes.iter().map(|class| &class.name);
    let used =
        documents.documents.iter().flat_map(|document| &document.annotations).map(|annotation| &annotation.label);
    for label in declared.chain(used) {
        if !label.is_empty() && seen.insert(label.clone()) {
            order.push(label.clone());
        }
    }
    order
}
