//! The part of a sweep that meets a module: finds out what it is and reads all of
//! it, at its insertion and whenever it may be another one than before.

use super::{Due, QUICKEST_SWAP, Session, has_transient};
use crate::bus::address::{Device, Half, Span};
use crate::bus::image::Image;
use crate::bus::sheet::Sheet;
use crate::bus::{BusError, BusErrorKind, Memory, Part};
use crate::clock::Clock;
use crate::cmis::vdm::{self, Purpose};
use crate::module::identify::{self, Identified, Name};
use crate::module::read_list::{self, Entry};
use crate::module::{GroupFailure, Management};

/// How often a new module is read before it is given up that it stays there.
const MOST_MEETINGS: u32 = 3;

impl Session {
    /// Reads all of a module that may be another one than at the last sweep.
    /// Flags that this sweep has read already are those of the module that
    /// answers now, if it is sure that they are, or if it is the same one.
    pub(super) async fn meet_again(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
        identified: Identified,
        is_sure: bool,
    ) -> Result<(bool, Vec<GroupFailure>), BusError> {
        let before = std::mem::take(&mut self.image);
        let met = self.meet(memory, clock).await;
        let failures = met.inspect_err(|_| self.identified = None)?;
        let same = identify::plate(&self.image, identified.management)
            == identify::plate(&before, identified.management);
        if is_sure || same {
            self.carry_flags(&before);
        }
        Ok((!same, failures))
    }

    /// Identifies the module and reads everything it has. All of it is of one
    /// module: of that which gave its name before and behind the reading.
    pub(super) async fn meet(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
    ) -> Result<Vec<GroupFailure>, BusError> {
        for _ in 0..MOST_MEETINGS {
            let (name, failures) = self.meet_once(memory, clock).await?;
            let management = self.identified.map(|identified| identified.management);
            let began = clock.now();
            let now = Name::read(memory, management.unwrap_or(Management::Unknown)).await?;
            if name.may_be(&now) {
                self.stand_off(memory).await;
                // Another module may stand there now, at the page that was selected.
                self.is_unsure = clock.now().saturating_sub(began) >= QUICKEST_SWAP;
                return Ok(failures);
            }
        }
        Err(BusError {
            kind: BusErrorKind::Other("modules change faster than they can be read".to_owned()),
            half: Half::LOWER,
            attempts: MOST_MEETINGS,
        })
    }

    /// Reads everything in steps, for each tells what the next may read. Returns
    /// the name that the module gave first.
    async fn meet_once(
        &mut self,
        memory: &mut dyn Memory,
        clock: &dyn Clock,
    ) -> Result<(Name, Vec<GroupFailure>), BusError> {
        self.statistics.start_over();
        *self = Self {
            settings: self.settings,
            statistics: std::mem::take(&mut self.statistics),
            ..Self::default()
        };
        let identified = identify::identify(memory, &mut self.image).await?;
        let kind = self.image.sheet(Half::LOWER).map(identify::kind_of);
        let name = Name::of_kind(kind.unwrap_or_default(), memory, identified.management).await;
        let mut tried = read_list::first(identified.management, identified.flat);
        self.leave_alone(&mut tried, read_list::clearing(identified.management, 1));
        let mut failures = self.read(memory, &tried).await;
        if let Some(failure) = failures.iter().find(|f| f.error.half == Half::LOWER) {
            return Err(failure.error.clone());
        }
        self.make_list(identified);
        let map = self.due(Due::ALL, Entry::is_page_map);
        if !map.is_empty() {
            failures.extend(self.read(memory, &map).await);
            self.make_list(identified);
            tried.extend(map);
        }
        let is_known = !has_transient(&failures);
        self.release(memory, clock, is_known).await;
        for step in [
            |purpose| purpose == Some(Purpose::Control),
            |purpose| purpose == Some(Purpose::Descriptors),
            |_: Option<Purpose>| true,
        ] {
            let unread: Vec<Entry> = self
                .list
                .iter()
                .filter(|entry| step(entry.vdm_purpose().map(|(purpose, _)| purpose)))
                .filter(|entry| !tried.contains(entry))
                .copied()
                .collect();
            failures.extend(self.read(memory, &unread).await);
            // Without what VDM there is nobody knows which of its pages there are.
            let control = Half::page(vdm::CONTROL_PAGE);
            if has_transient(failures.iter().filter(|f| f.error.half == control)) {
                self.list.retain(|entry| {
                    let purpose = entry.vdm_purpose().map(|(purpose, _)| purpose);
                    matches!(purpose, None | Some(Purpose::Control))
                });
            }
            read_list::leave_out_unused_vdm(&mut self.list, &self.image);
            tried.extend(unread);
        }
        self.standing = failures
            .iter()
            .filter(|f| f.error.kind == BusErrorKind::NoSuchPage)
            .cloned()
            .collect();
        self.identified = Some(identified);
        Ok((name, failures))
    }

    /// Selects some page other than 00h, at which every new module begins: so a
    /// swap shows in the select bytes. Where that fails serial numbers show it.
    async fn stand_off(&self, memory: &mut dyn Memory) {
        let away = self.list.iter().map(|entry| entry.span).find(|span| {
            let page = span.half().upper().map_or(0, |(page, _)| page.0);
            let is_first_device = span.half().device() == Device::A0;
            is_first_device && page != 0 && self.image.known(*span).is_some()
        });
        if let Some(span) = away {
            let parts = [Part {
                first: span.first(),
                length: 1,
            }];
            let mut sheet = Sheet::unknown();
            // Whether it could be selected the memory knows.
            let _ = memory.visit_in_steps(span.half(), &parts, &mut sheet).await;
        }
    }

    /// Makes the read list from what is known of the module.
    fn make_list(&mut self, identified: Identified) {
        let advertised = identify::advertised(&self.image, identified);
        let mut list = read_list::full(advertised);
        let clearing = read_list::clearing(identified.management, advertised.banks());
        self.leave_alone(&mut list, clearing);
        self.list = list;
    }

    /// Where another manager owns the module: takes what clears when read off a
    /// list, and remembers not to read it on the way to something else.
    fn leave_alone(&mut self, list: &mut Vec<Entry>, clearing: Vec<Span>) {
        if self.settings.passive {
            self.image.withhold(clearing);
            list.retain(|entry| !entry.clears && !self.image.withholds(entry.span));
        }
    }

    /// Flags that the first read of this sweep consumed belong to it, whatever
    /// was read again after it.
    fn carry_flags(&mut self, before: &Image) {
        let Some(consumed) = before.sheet(Half::LOWER) else {
            return;
        };
        let lower = self.image.sheet_mut(Half::LOWER);
        for entry in &self.list {
            let span = entry.span;
            if entry.clears && span.half() == Half::LOWER {
                for offset in span.first()..=span.last() {
                    lower.put(offset, &[lower.u8(offset) | consumed.u8(offset)]);
                }
            }
        }
    }
}
