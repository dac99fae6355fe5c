//! Vendor and part number (CMIS 00h:129-163): a number that is listed, or a word
//! in it that hints at linear optics. Most linear modules have no such word.

use super::super::facts::Facts;
use super::super::score::{Finding, Item};
use super::super::settings::Settings;

pub(super) fn find(facts: &Facts, settings: &Settings) -> Option<Finding> {
    let number = facts.snapshot.identity.part_number.as_ref().value()?;
    let listed = settings
        .parts
        .iter()
        .find(|part| part.fits(facts.snapshot))
        .and_then(|part| Some((part.class, Item::listed(part.class)?)));
    let (item, place, says) = if let Some((class, item)) = listed {
        (
            item,
            "00h:129-144, 00h:148-163",
            format!("this vendor's number is listed as {}", class.name()),
        )
    } else if settings
        .identity
        .tokens
        .iter()
        .any(|token| token.matches(number))
    {
        (
            Item::IdentityToken,
            "00h:148-163",
            "the part number speaks of linear optics".to_owned(),
        )
    } else {
        return None;
    };
    Some(Finding {
        item,
        place: place.to_owned(),
        value: number.clone(),
        says,
    })
}
