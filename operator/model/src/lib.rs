//! Validated, resolved values of what users wrote: raw resources in, model or reasons out; no I/O.
