//! All that is known of one module's memory: halves by address.
//!
//! An image is what a dump file holds, what a sweep fills, and what every
//! decoder reads; it also answers as a [`Memory`], so that a recorded module
//! goes through the very same sweep as a live one.

use std::collections::BTreeMap;

use super::address::{Half, Span};
use super::sheet::Sheet;
use super::wait::Work;
use super::{Addressing, BusError, BusErrorKind, Memory, Part};

/// Known bytes of one module, by half.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    halves: BTreeMap<Half, Sheet>,
    withheld: Vec<Span>,
}

impl Image {
    /// An image of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The sheet of a half, if anything of it is known.
    pub fn sheet(&self, half: Half) -> Option<&Sheet> {
        self.halves.get(&half)
    }

    /// The sheet of a half, for filling; a new one knows nothing.
    pub fn sheet_mut(&mut self, half: Half) -> &mut Sheet {
        self.halves.entry(half).or_insert_with(Sheet::unknown)
    }

    /// The sheet of a span's half, if every byte of the span is known.
    pub fn known(&self, span: Span) -> Option<&Sheet> {
        self.sheet(span.half())
            .filter(|sheet| sheet.knows(span.first(), span.length()))
    }

    /// Puts a whole half.
    pub fn put(&mut self, half: Half, bytes: [u8; 128]) {
        self.halves.insert(half, Sheet::full(bytes));
    }

    /// Makes a span unknown again.
    pub fn forget(&mut self, span: Span) {
        if let Some(sheet) = self.halves.get_mut(&span.half()) {
            sheet.forget(span.first(), span.length());
        }
    }

    /// Tells which bytes the reader leaves alone on purpose, in place of those
    /// told before.
    pub fn withhold(&mut self, spans: Vec<Span>) {
        self.withheld = spans;
    }

    /// The bytes that the reader leaves alone on purpose.
    pub fn withheld(&self) -> &[Span] {
        &self.withheld
    }

    /// Whether some byte of a span is left alone on purpose.
    pub fn withholds(&self, span: Span) -> bool {
        self.withheld.iter().any(|other| other.overlaps(span))
    }

    /// The halves of which something is known, in dump order.
    pub fn halves(&self) -> impl Iterator<Item = (Half, &Sheet)> {
        self.halves.iter().map(|(half, sheet)| (*half, sheet))
    }
}

impl Memory for Image {
    fn visit_in_steps<'a>(
        &'a mut self,
        half: Half,
        parts: &'a [Part],
        sheet: &'a mut Sheet,
    ) -> Work<'a, Result<(), BusError>> {
        let held = self
            .sheet(half)
            .filter(|held| parts.iter().all(|p| held.knows(p.first, p.length)));
        let outcome = match held {
            Some(held) => {
                sheet.merge(held, parts);
                Ok(())
            }
            None => Err(BusError {
                kind: BusErrorKind::NotInDump,
                half,
                attempts: 1,
            }),
        };
        Box::pin(async { outcome })
    }

    fn set_addressing(&mut self, _addressing: Addressing) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_answers_only_what_it_knows() {
        let mut image = Image::new();
        image.sheet_mut(Half::page(0x11)).put(154, &[1, 2, 3, 4]);
        let mut sheet = Sheet::unknown();
        let known = Part {
            first: 154,
            length: 4,
        };
        image.visit(Half::page(0x11), &[known], &mut sheet).unwrap();
        assert_eq!(sheet.slice(154, 4), &[1, 2, 3, 4]);

        let beyond = Part {
            first: 156,
            length: 4,
        };
        let error = image
            .visit(Half::page(0x11), &[beyond], &mut sheet)
            .unwrap_err();
        assert_eq!(error.kind, BusErrorKind::NotInDump);
        assert!(image.visit(Half::LOWER, &[known], &mut sheet).is_err());
    }
}
