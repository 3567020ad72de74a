//! Every API of the protocol by number: names, versions, header versions, listeners.
//! What of it this broker serves is in `versions`.

use std::fmt;

macro_rules! api_keys {
    ($($api:ident = $key:literal, $min:literal..=$max:literal, stable $stable:literal,
        flexible $flexible:expr, [$($listener:ident)*];)*) => {
        /// One kind of request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {
            $($api = $key,)*
        }

        impl ApiKey {
            /// Every API, by number.
            pub const ALL: &[Self] = &[$(Self::$api,)*];

            #[must_use]
            pub const fn from_code(code: i16) -> Option<Self> {
                match code {
                    $($key => Some(Self::$api),)*
                    _ => None,
                }
            }

            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$api => stringify!($api),)*
                }
            }

            /// Every version that has a schema.
            #[must_use]
            pub const fn versions(self) -> $crate::VersionRange {
                match self {
                    $(Self::$api => $crate::VersionRange::new($min, $max),)*
                }
            }

            /// The last version that may still be relied upon not to change.
            #[must_use]
            pub const fn last_stable_version(self) -> i16 {
                match self {
                    $(Self::$api => $stable,)*
                }
            }

            #[must_use]
            pub const fn flexible_from(self) -> Option<i16> {
                match self {
                    $(Self::$api => $flexible,)*
                }
            }

            /// Where Kafka answers it.
            #[must_use]
            pub const fn listeners(self) -> &'static [$crate::Listener] {
                match self {
                    $(Self::$api => &[$(api_keys!(@listener $listener),)*],)*
                }
            }
        }
    };
    (@listener broker) => { $crate::Listener::Broker };
    (@listener controller) => { $crate::Listener::Controller };
}

mod table;

pub use table::ApiKey;

/// Who listens: brokers for clients, controllers for brokers and for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    Broker,
    Controller,
}

impl ApiKey {
    #[must_use]
    pub const fn code(self) -> i16 {
        self as i16
    }

    #[must_use]
    pub const fn is_flexible(self, version: i16) -> bool {
        matches!(self.flexible_from(), Some(from) if version >= from)
    }

    #[must_use]
    pub const fn request_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) { 2 } else { 1 }
    }

    /// A client that asks for the versions does not know yet what the answer may look like, so
    /// that answer's header never changes.
    #[must_use]
    pub const fn response_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) && !matches!(self, Self::ApiVersions) {
            1
        } else {
            0
        }
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
