//! Where a value is in an object, as messages say it: `spec.listeners[0].port`.

/// The path of a field of the object at `at`; the whole object is at the empty path.
pub(crate) fn field(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

/// The path of an item of the list, or of a value of the map, at `at`.
pub(crate) fn item(at: &str, key: impl std::fmt::Display) -> String {
    format!("{at}[{key}]")
}
