//! Typed SFF-8636 and SFF-8472 registers: bytes in, plain data out; cannot fail.
