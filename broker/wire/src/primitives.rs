//! Primitive types as elements of arrays.

use std::sync::Arc;

use bytes::Bytes;
use millrace_types::Uuid;

use crate::decoder::Decoder;
use crate::encoder::Encoder;
use crate::error::DecodeError;
use crate::message::Fields;

macro_rules! elements {
    ($($type:ty: $method:ident, $min:literal;)*) => {
        $(
            impl Fields for $type {
                const MIN_SIZE: usize = $min;

                fn read(d: &mut Decoder, _version: i16) -> Result<Self, DecodeError> {
                    d.$method()
                }

                fn write(&self, e: &mut Encoder, _version: i16) {
                    e.$method(elements!(@pass $method, self));
                }
            }
        )*
    };
    (@pass string, $value:expr) => { $value };
    (@pass bytes, $value:expr) => { $value };
    (@pass $method:ident, $value:expr) => { *$value };
}

elements! {
    bool: bool, 1;
    i8: int8, 1;
    i16: int16, 2;
    u16: uint16, 2;
    i32: int32, 4;
    u32: uint32, 4;
    i64: int64, 8;
    f64: float64, 8;
    Uuid: uuid, 16;
    Arc<str>: string, 1;
    Bytes: bytes, 1;
}
