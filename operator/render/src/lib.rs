//! The model as Kubernetes objects and broker properties; pure, no I/O.
