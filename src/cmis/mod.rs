//! Typed CMIS registers: bytes of a page in, plain data out; cannot fail.
pub mod f16;
pub mod page01;
pub mod page13_14;
pub mod sff8024;
pub mod text;
pub mod vdm;
pub mod vdm_observables;
