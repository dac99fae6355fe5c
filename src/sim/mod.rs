//! The mock hardware: simulated modules behind a simulated I2C bus.
//!
//! It stands in for a switch in tests, in `opticsd demo` and in `opticsd sim`,
//! so it is written against the specifications and not against the decoders:
//! it has its own register layout ([`builders`]), its own F16 ([`mod@f16`]) and the
//! bus manners that real modules have (refusals after a page change, flags that
//! clear when read, quiet fallback to page 00h).
//!
//! From the wire inwards: [`i2c`] is one mux channel, [`wire`] its speed,
//! [`cage`] what is plugged there and [`fault`] what is wrong with it, which the
//! transactions of `transaction` suffer;
//! [`module`] is one module on the bus, [`memory`] and [`access`] its registers
//! and who may do what with them; [`lifecycle`], [`physics`], [`quality`] and
//! [`live`] make time pass in it, and [`knobs`] are what can be turned. [`air`] is
//! what the modules of a box share, [`host`] the decoder that counts what came
//! through a module. [`scenario`] says what happens when, [`demo`] is a switch.

pub mod access;
pub mod air;
pub mod builders;
mod bus_side;
pub mod cage;
pub mod cuse;
pub mod demo;
pub mod diagnostics;
pub mod f16;
pub mod fault;
pub mod host;
pub mod i2c;
pub mod knobs;
pub mod lifecycle;
pub mod live;
pub mod live_sff;
pub mod memory;
pub mod module;
pub mod noise;
pub mod page_writer;
pub mod pam4;
pub mod physics;
pub mod quality;
pub mod raw;
pub mod scenario;
pub mod scenario_file;
mod scenario_time;
pub mod speed;
mod transaction;
pub mod vdm;
pub mod wire;
