//! What the derived schemas cannot know: the names of members that are put
//! together when a document is made, from the lists that they are put together
//! of.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::Members;
use super::coherent::Spread;
use crate::cmis::coherent::QUANTITIES;
use crate::cmis::page12;
use crate::module::{LEVEL_NAMES, LaneReadings};
use crate::names::Lane;

/// Members of any names.
impl<V: JsonSchema> JsonSchema for Members<V> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("MembersOf{}", V::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<V>();
        json_schema!({ "type": "object", "additionalProperties": value })
    }
}

fn members(members: impl IntoIterator<Item = (String, Value)>) -> Schema {
    let members: Map<String, Value> = members.into_iter().collect();
    json_schema!({ "type": "object", "properties": members })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn level_flags(quantity: &str, what: &str) -> impl Iterator<Item = (String, Value)> {
    LEVEL_NAMES
        .map(|level| {
            let said = format!("Whether the latched flag was raised: {what}, {level}.");
            (format!("{quantity}_{level}"), flag(&said))
        })
        .into_iter()
}

/// The four levels of a set of thresholds.
pub(super) fn levels(_: &mut SchemaGenerator) -> Schema {
    let level = |name: &str| {
        let said = format!("The {} threshold.", name.replace('_', " "));
        (
            name.to_owned(),
            json!({ "type": "number", "description": said }),
        )
    };
    members(LEVEL_NAMES.map(level))
}

/// The latched flags of a lane.
pub(super) fn lane_flags(_: &mut SchemaGenerator) -> Schema {
    let unread = LaneReadings::unknown(Lane::from_index(0), Default::default());
    let signals = unread.signals.named().map(|(name, _)| {
        let said = format!("Whether the latched flag `{name}` was raised.");
        (name.to_owned(), flag(&said))
    });
    let levels = [
        ("tx_power", "light sent"),
        ("tx_bias", "laser bias"),
        ("rx_power", "light received"),
    ];
    let levels = levels
        .into_iter()
        .flat_map(|(name, what)| level_flags(name, what));
    members(signals.into_iter().chain(levels))
}

/// The latched flags of a laser.
pub(super) fn laser_flags(_: &mut SchemaGenerator) -> Schema {
    members(page12::FLAG_NAMES.map(|name| {
        let said = format!("Whether the latched flag `{name}` was raised.");
        (name.to_owned(), flag(&said))
    }))
}

/// The latched flags of a lane of an enhanced LPO module.
pub(super) fn lpo_flags(_: &mut SchemaGenerator) -> Schema {
    let vma = level_flags("vma", "voltage modulation amplitude");
    members(vma.chain(level_flags("oma", "optical modulation amplitude")))
}

/// The monitors of the vendor.
pub(super) fn vendor_monitors(_: &mut SchemaGenerator) -> Schema {
    let said = "A monitor of the vendor's, as the register has it.";
    members(["aux1", "aux2", "aux3", "custom"].map(|name| {
        (
            name.to_owned(),
            json!({ "type": "integer", "format": "int16", "description": said }),
        )
    }))
}

/// The latched flags of the whole module.
pub(super) fn module_flags(_: &mut SchemaGenerator) -> Schema {
    let levels = [
        ("temperature", "case temperature"),
        ("supply", "supply"),
        ("aux1", "first auxiliary monitor"),
        ("aux2", "second auxiliary monitor"),
        ("aux3", "third auxiliary monitor"),
        ("custom", "the vendor's monitor"),
    ];
    let levels = levels
        .into_iter()
        .flat_map(|(name, what)| level_flags(name, what));
    let single = [
        ("state_changed", "Whether the module's state changed."),
        (
            "module_firmware_error",
            "Whether the module's firmware is in error.",
        ),
        (
            "data_path_firmware_error",
            "Whether the firmware of its data path is in error.",
        ),
    ];
    let single = single.map(|(name, said)| (name.to_owned(), flag(said)));
    members(levels.chain(single))
}

/// The quantities of a coherent link.
pub(super) fn link(generator: &mut SchemaGenerator) -> Schema {
    members(QUANTITIES.iter().map(|quantity| {
        let mut schema = generator.subschema_for::<Spread>();
        schema.insert(
            "description".to_owned(),
            json!(format!("Unit: {}.", quantity.unit.replace('_', " "))),
        );
        (quantity.name.to_owned(), schema.to_value())
    }))
}
