//! The session as the window sees it: the last value of everything derived, and the jobs that renew them.
//!
//! Votes, the label model, layers, the view and the summaries follow every change at once. The end model and the
//! findings take longer and are computed when asked for; after a change they are shown as stale.

use std::sync::Arc;

use super::derived::{CountsOf, DescriptionsOf, EndModelOf, LabelModelOf, VotesOf};
use super::findings::FindingsOf;
use super::layers::{Layers, LayersOf};
use super::map::{FlatMapOf, MapOf, NeighboursOf, Preview, SimilarityOf};
use super::queue_order::{QueueOrder, QueueOrderOf};
use super::watched::{ExpectationsOf, expectations_of, expectations_path};
use super::{Basis, Followed, Session};
use crate::clean::Settlement;
use crate::data::media::properties::PropertiesOf;
use crate::data::view::{Snapshot, View, ViewOf};
use crate::engine::{Derived as _, Fingerprint, Slot, Waker, Work};
use crate::learn::knn::Neighbours;
use crate::project::Content;

/// Images that are measured without being asked for.
const FEW_IMAGES: usize = 10_000;

/// The live values of an open session.
pub struct Live {
    waker: Waker,
    /// The votes and their statistics.
    pub votes: Slot<VotesOf>,
    /// The label model.
    pub model: Slot<LabelModelOf>,
    /// The end model, trained on request.
    pub end_model: Slot<EndModelOf>,
    /// Label errors, duplicates, outliers, bad images and texts, looked for on request.
    pub findings: Slot<FindingsOf>,
    /// Data columns and layers.
    pub layers: Slot<LayersOf>,
    /// The view.
    pub view: Slot<ViewOf>,
    /// Descriptions of all rows.
    pub whole: Slot<DescriptionsOf>,
    /// How many rows in view fall into each bar of these.
    pub shown: Slot<CountsOf>,
    /// The flat map, made when a map is first looked at.
    pub flat_map: Slot<FlatMapOf>,
    /// The map of neighbours, made after it.
    pub map: Slot<MapOf>,
    /// What the images are like: size, brightness, sharpness.
    pub properties: Slot<PropertiesOf>,
    want_properties: bool,
    /// How much the items are like those that were asked about.
    pub similarity: Slot<SimilarityOf>,
    similar_to: Vec<u32>,
    /// The places of the items in the order of the queue that was asked for last.
    pub queue_order: Slot<QueueOrderOf>,
    order_wanted: Option<QueueOrderOf>,
    /// The map of neighbours while it is being laid out.
    pub map_preview: Preview,
    want_map: bool,
    /// What is expected of the data, as its file says.
    pub suite: Followed,
    /// How that came out: checked when a project opens, and whenever the file, the data or a label changes.
    pub expectations: Slot<ExpectationsOf>,
    /// The text, layers and state of the store that were last checked.
    expected: Option<(Arc<str>, Fingerprint, u64)>,
    basis: Option<(u64, Basis)>,
    settlement: Arc<Settlement>,
    settled_at: Option<u64>,
    train: bool,
    look: bool,
    /// What the findings were looked for in.
    looked_in: Option<Basis>,
    end_model_stale: bool,
    findings_stale: bool,
}

impl Live {
    /// Nothing is computed yet. `waker` is called when a job has something to show.
    pub fn new(waker: Waker) -> Self {
        Self {
            waker,
            votes: Slot::default(),
            model: Slot::default(),
            end_model: Slot::default(),
            findings: Slot::default(),
            layers: Slot::default(),
            view: Slot::default(),
            whole: Slot::default(),
            shown: Slot::default(),
            flat_map: Slot::default(),
            map: Slot::default(),
            map_preview: Preview::default(),
            properties: Slot::default(),
            want_properties: false,
            similarity: Slot::default(),
            similar_to: Vec::new(),
            queue_order: Slot::default(),
            order_wanted: None,
            want_map: false,
            suite: Followed::default(),
            expectations: Slot::default(),
            expected: None,
            basis: None,
            settlement: Arc::default(),
            settled_at: None,
            train: false,
            look: false,
            looked_in: None,
            end_model_stale: false,
            findings_stale: false,
        }
    }

    /// Asks for the end model to be trained on what holds now.
    pub fn train(&mut self) {
        self.train = true;
        self.end_model.retry();
    }

    /// Asks for problems to be looked for in what holds now.
    pub fn look(&mut self) {
        self.look = true;
        self.findings.retry();
    }

    /// Lets the findings follow the cut of label errors and the rule for the kept copy, in what they were looked for in: nothing
    /// is learnt anew.
    pub fn follow_settings(&mut self, session: &Session) {
        let settings = &session.project().config.settings;
        let Some(basis) = &mut self.looked_in else { return };
        (basis.settings.error_cut, basis.settings.keep) = (settings.error_cut, settings.keep.clone());
        self.findings.retry();
        let wanted = FindingsOf { basis: basis.clone(), quality: true };
        self.findings.want(wanted, session.cache(), &self.waker);
    }

    /// Asks for the map, from now on.
    pub fn map(&mut self) {
        self.want_map = true;
        self.flat_map.retry();
        self.map.retry();
    }

    /// Asks for the properties of the images, from now on.
    pub fn measure_images(&mut self) {
        self.want_properties = true;
        self.properties.retry();
    }

    /// Asks how much all items are like these rows.
    pub fn find_similar(&mut self, rows: Vec<u32>) {
        self.similar_to = rows;
        self.similarity.retry();
    }

    /// Asks for an order of the queue, as of now.
    pub fn order_queue(&mut self, order: QueueOrder) {
        let end_model = self.end_model.value().cloned().zip(self.end_model.print());
        self.order_wanted = self.basis().cloned().map(|basis| QueueOrderOf { basis, end_model, order });
        self.queue_order.retry();
    }

    /// The neighbours of all items, once a map has needed them.
    pub fn neighbours(&self, session: &Session) -> Option<Arc<Neighbours>> {
        self.map.value()?;
        session.cache().peek(NeighboursOf(self.basis()?.clone()).fingerprint())
    }

    /// What everything derived starts from, as it is now.
    pub fn basis(&self) -> Option<&Basis> {
        self.basis.as_ref().map(|(_, basis)| basis)
    }

    /// What is called when a job has something to show.
    pub fn waker(&self) -> &Waker {
        &self.waker
    }

    /// True if the end model was trained on an older state.
    pub fn end_model_stale(&self) -> bool {
        self.end_model_stale
    }

    /// True if the findings are of an older state.
    pub fn findings_stale(&self) -> bool {
        self.findings_stale
    }

    /// What a person has decided about findings.
    pub fn settlement(&self) -> &Arc<Settlement> {
        &self.settlement
    }

    /// Takes in finished jobs and starts those that are wanted. `revision` changes whenever the session does; `view` is
    /// the current rule. Call it once a frame: it costs microseconds when nothing has changed.
    pub fn tick(&mut self, session: &Session, revision: u64, view: &View) {
        self.refresh_basis(session, revision);
        let Some((_, basis)) = self.basis.clone() else { return };
        let cache = session.cache();
        self.votes.want(VotesOf(basis.clone()), cache, &self.waker);
        if let (Some(votes), Some(print)) = (self.votes.value(), self.votes.print())
            && !votes.votes.columns().is_empty()
        {
            let wanted = LabelModelOf { basis: basis.clone(), votes: votes.clone(), votes_print: print };
            self.model.want(wanted, cache, &self.waker);
        }
        self.tick_on_request(&basis, session);
        self.tick_map(&basis, session);
        self.tick_properties(&basis, session);
        if !self.similar_to.is_empty() {
            let wanted = SimilarityOf { basis: basis.clone(), rows: self.similar_to.clone() };
            self.similarity.want(wanted, session.cache(), &self.waker);
        }
        if let Some(wanted) = &self.order_wanted {
            self.queue_order.want(wanted.clone(), session.cache(), &self.waker);
        }
        self.tick_layers(&basis, session);
        self.tick_view(session, view);
        self.tick_expectations(session);
    }

    fn tick_expectations(&mut self, session: &Session) {
        self.suite.follow(expectations_path(session));
        let Some(Ok(text)) = self.suite.text() else { return };
        let Some(layers) = self.layers.value().cloned().zip(self.layers.print()) else { return };
        // Votes and labels that are about to change would be checked twice.
        if self.layers.running().is_some() || self.votes.running().is_some() {
            return;
        }
        let generation = session.project().ledger.generation();
        let state = (text.clone(), layers.1, generation);
        if self.expected.as_ref() != Some(&state) {
            let wanted = expectations_of(session, text.clone(), layers, self.votes.value().cloned());
            self.expectations.want(wanted, session.cache(), &self.waker);
            self.expected = Some(state);
        }
        self.expectations.poll();
    }

    /// Reads the file of expectations anew and checks it.
    pub fn check_again(&mut self) {
        self.suite.forget();
        self.expectations.retry();
        self.expected = None;
    }

    fn refresh_basis(&mut self, session: &Session, revision: u64) {
        if self.basis.as_ref().is_none_or(|(at, _)| *at != revision) {
            self.basis = Some((revision, session.basis()));
        }
        let generation = session.project().ledger.generation();
        if self.settled_at != Some(generation) {
            self.settled_at = Some(generation);
            self.settlement = Arc::new(session.settlement());
        }
    }

    fn tick_on_request(&mut self, basis: &Basis, session: &Session) {
        let cache = session.cache();
        let model = self.model.value().filter(|model| !model.patterns.functions().is_empty()).cloned();
        let end_model = EndModelOf { basis: basis.clone(), model_print: model.as_ref().and(self.model.print()), model };
        if self.end_model.value().is_some_and(|model| model.probabilities.columns() != basis.classes.len()) {
            self.end_model = Slot::default();
        }
        self.end_model_stale = self.end_model.print().is_some_and(|print| print != end_model.fingerprint());
        self.end_model.poll();
        if std::mem::take(&mut self.train) {
            self.end_model.want(end_model, cache, &self.waker);
        }
        // Where there are other classes now, findings would speak of the wrong ones.
        if self.findings.value().is_some_and(|found| found.classes != basis.classes) {
            self.findings = Slot::default();
            self.look = true;
        }
        let findings = FindingsOf { basis: basis.clone(), quality: true };
        self.findings_stale = self.findings.print().is_some_and(|print| print != findings.fingerprint());
        self.findings.poll();
        if std::mem::take(&mut self.look) {
            self.looked_in = Some(basis.clone());
            self.findings.want(findings, cache, &self.waker);
        }
    }

    /// The map does not depend on labels: once made, it stays. The flat one comes first and is there at once.
    fn tick_map(&mut self, basis: &Basis, session: &Session) {
        if !self.want_map {
            return;
        }
        let cache = session.cache();
        self.flat_map.want(FlatMapOf(basis.clone()), cache, &self.waker);
        if self.flat_map.value().is_some() {
            let map = MapOf { basis: basis.clone(), preview: self.map_preview.clone() };
            self.map.want(map, cache, &self.waker);
        }
    }

    /// A few images are measured unasked; many take their time.
    fn tick_properties(&mut self, basis: &Basis, session: &Session) {
        let Content::Image(name) = basis.content() else { return };
        if !self.want_properties && basis.dataset.rows() > FEW_IMAGES {
            return;
        }
        let Some(column) = basis.dataset.frame.get(name) else { return };
        let wanted = PropertiesOf {
            root: basis.dataset.root.clone(),
            column: column.clone(),
            folder: Some(session.project().thumbnail_folder()),
            print: basis.dataset.fingerprint,
        };
        self.properties.want(wanted, session.cache(), &self.waker);
    }

    fn tick_layers(&mut self, basis: &Basis, session: &Session) {
        let wanted = LayersOf {
            basis: basis.clone(),
            votes: self.votes.value().cloned().zip(self.votes.print()),
            model: self.model.value().cloned().zip(self.model.print()),
            end_model: self.end_model.value().cloned().zip(self.end_model.print()),
            findings: self.findings.value().cloned().zip(self.findings.print()),
            properties: self.properties.value().cloned().zip(self.properties.print()),
            similarity: self.similarity.value().map(|column| Arc::clone(&**column)).zip(self.similarity.print()),
            queue_order: self.queue_order.value().map(|column| Arc::clone(&**column)).zip(self.queue_order.print()),
            settlement: self.settlement.clone(),
        };
        self.layers.want(wanted, session.cache(), &self.waker);
    }

    fn tick_view(&mut self, session: &Session, view: &View) {
        let Some((layers, print)) = self.layers.value().cloned().zip(self.layers.print()) else { return };
        let cache = session.cache();
        let (frame, dataset) = (layers.frame.clone(), session.dataset().clone());
        self.view.want(ViewOf { frame, dataset, print, view: view.clone() }, cache, &self.waker);
        let columns: Vec<_> = layers.frame.columns().iter().cloned().zip(layers.prints.iter().copied()).collect();
        self.whole.want(DescriptionsOf { columns: columns.clone(), cache: cache.clone() }, cache, &self.waker);
        let whole = self.whole.value().cloned().zip(self.whole.print());
        let snapshot = self.view.value().cloned().zip(self.view.print());
        // Descriptions of older layers may have other columns than these: then the counts wait for the new ones.
        if let (Some(whole), Some(snapshot)) = (whole, snapshot)
            && self.whole.running().is_none()
            && self.view.running().is_none()
        {
            self.shown.want(CountsOf { columns, whole, snapshot, cache: cache.clone() }, cache, &self.waker);
        }
    }

    /// The layers as last computed.
    pub fn layers(&self) -> Option<&Arc<Layers>> {
        self.layers.value()
    }

    /// The rows in view as last computed.
    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.view.value()
    }

    /// The jobs under way, with a stable English name each.
    pub fn jobs(&self) -> Vec<(&'static str, &Work)> {
        let all = [
            ("votes", self.votes.running()),
            ("label model", self.model.running()),
            ("end model", self.end_model.running()),
            ("findings", self.findings.running()),
            ("layers", self.layers.running()),
            ("view", self.view.running()),
            ("summaries", self.whole.running()),
            ("shown summaries", self.shown.running()),
            ("similarity", self.similarity.running()),
            ("order", self.queue_order.running()),
            ("images", self.properties.running()),
            ("expectations", self.expectations.running()),
            ("map", self.flat_map.running().or(self.map.running())),
        ];
        all.into_iter().filter_map(|(name, work)| Some((name, work?))).collect()
    }

    /// True if nothing is under way: what is shown is final.
    pub fn is_settled(&self) -> bool {
        self.jobs().is_empty()
    }
}
