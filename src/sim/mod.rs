//! The mock hardware: simulated modules behind a simulated I2C bus.
