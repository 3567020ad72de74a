//! The in-process Kubernetes API over HTTP on loopback, so that `kubectl` works against it. What the API
//! itself does not need is added here: discovery, schemas, tables, logs. It stores nothing, decides
//! nothing about objects, and never listens beyond this machine.

mod access;
mod answer;
mod definitions;
mod discovery;
mod guard;
mod kubeconfig;
mod logs;
mod negotiate;
mod openapi;
mod resource;
mod route;
mod server;
mod service;
mod stop;
mod table;
mod warnings;
mod watch;

pub use kubeconfig::kubeconfig;
pub use logs::{ContainerRun, Output, PodLogs};
pub use server::{BindError, Loopback};
