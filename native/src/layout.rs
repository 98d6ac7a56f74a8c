//! How single fields lie in bytes, and the two macros that the generated messages are written with.

use std::fmt;

/// A value that its field's bytes cannot stand for: a foreign enum number, flag or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign;

/// A field of a fixed number of bytes, little-endian.
pub trait Field: Copy {
    /// Bytes that it takes.
    const SIZE: usize;

    /// Reads a field from exactly `SIZE` bytes.
    fn get(from: &[u8]) -> Result<Self, Foreign>;

    /// Writes a field to exactly `SIZE` bytes.
    fn put(self, to: &mut [u8]);
}

macro_rules! int_field {
    ($($int:ty),*) => {$(
        impl Field for $int {
            const SIZE: usize = size_of::<$int>();

            #[inline(always)]
            fn get(from: &[u8]) -> Result<Self, Foreign> {
                Ok(Self::from_le_bytes(from.try_into().map_err(|_| Foreign)?))
            }

            #[inline(always)]
            fn put(self, to: &mut [u8]) {
                to.copy_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

int_field!(u8, u16, u32, u64, i64);

impl Field for bool {
    const SIZE: usize = 1;

    #[inline(always)]
    fn get(from: &[u8]) -> Result<Self, Foreign> {
        match from {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Foreign),
        }
    }

    #[inline(always)]
    fn put(self, to: &mut [u8]) {
        to[0] = u8::from(self);
    }
}

impl<const N: usize> Field for [u8; N] {
    const SIZE: usize = N;

    #[inline(always)]
    fn get(from: &[u8]) -> Result<Self, Foreign> {
        from.try_into().map_err(|_| Foreign)
    }

    #[inline(always)]
    fn put(self, to: &mut [u8]) {
        to.copy_from_slice(&self);
    }
}

/// ASCII text without zero bytes, padded with zero bytes at its end.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text<const N: usize>(pub [u8; N]);

impl<const N: usize> Text<N> {
    /// The empty text.
    pub const EMPTY: Self = Self([0; N]);

    /// Tells whether there is no text: it would begin with its first character.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0[0] == 0
    }

    /// Returns the text without its padding.
    pub fn as_bytes(&self) -> &[u8] {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(N);
        &self.0[..end]
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self.as_bytes()), f)
    }
}

/// Tells whether all bytes are zero, eight at a time, the last eight perhaps twice: most texts of orders are empty.
#[inline(always)]
fn is_blank<const N: usize>(raw: &[u8; N]) -> bool {
    const { assert!(N >= 8, "no text is shorter") };
    let word = |at: usize| u64::from_le_bytes(raw[at..at + 8].try_into().expect("8 bytes"));
    let (mut any, mut at) = (word(N - 8), 0);
    while at + 8 <= N {
        any |= word(at);
        at += 8;
    }
    any == 0
}

/// Tells whether bytes are an ASCII text with nothing but zero bytes behind it.
#[cold]
fn is_text(raw: &[u8]) -> bool {
    let end = raw.iter().position(|&byte| byte == 0).unwrap_or(raw.len());
    raw[..end].is_ascii() && raw[end..].iter().all(|&byte| byte == 0)
}

impl<const N: usize> Field for Text<N> {
    const SIZE: usize = N;

    #[inline(always)]
    fn get(from: &[u8]) -> Result<Self, Foreign> {
        // Looked at where it lies: a copy that was just made would be waited for.
        let raw: &[u8; N] = from.try_into().map_err(|_| Foreign)?;
        if is_blank(raw) {
            return Ok(Self::EMPTY);
        }
        if is_text(raw) {
            Ok(Self(*raw))
        } else {
            Err(Foreign)
        }
    }

    #[inline(always)]
    fn put(self, to: &mut [u8]) {
        to.copy_from_slice(&self.0);
    }
}

/// A message of a fixed layout.
pub trait Message: Sized {
    /// Its number in frame headers.
    const NUMBER: u8;

    /// Bytes of its fields.
    const BODY: usize;

    /// Reads it from exactly `BODY` bytes.
    fn read(body: &[u8]) -> Result<Self, Foreign>;

    /// Writes it to exactly `BODY` bytes.
    fn write(&self, body: &mut [u8]);
}

/// Defines an enumeration whose numbers travel.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident: $int:ty { $($member:ident = $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr($int)]
        #[allow(missing_docs)] // the members' names say what they are; docs/reference has the words
        pub enum $name { $($member = $number,)* }

        impl $name {
            /// Every member, by number.
            pub const ALL: &'static [Self] = &[$(Self::$member,)*];
        }

        impl TryFrom<$int> for $name {
            type Error = $crate::layout::Foreign;

            #[inline(always)]
            fn try_from(number: $int) -> Result<Self, $crate::layout::Foreign> {
                match number {
                    $($number => Ok(Self::$member),)*
                    _ => Err($crate::layout::Foreign),
                }
            }
        }

        impl $crate::layout::Field for $name {
            const SIZE: usize = size_of::<$int>();

            #[inline(always)]
            fn get(from: &[u8]) -> Result<Self, $crate::layout::Foreign> {
                <$int as $crate::layout::Field>::get(from)?.try_into()
            }

            #[inline(always)]
            fn put(self, to: &mut [u8]) {
                (self as $int).put(to);
            }
        }

        #[cfg(test)]
        impl $crate::sample::Sample for $name {
            fn sample(random: &mut $crate::sample::Random) -> Self {
                Self::ALL[random.below(Self::ALL.len())]
            }
        }
    };
}

/// Defines a message by the places of its fields; that they lie without gaps is checked while compiling.
macro_rules! message {
    ($(#[$doc:meta])* $name:ident = $number:literal, $body:literal {
        $($field:ident: $kind:ty = $from:literal..$to:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[allow(missing_docs)] // docs/reference/codec.md and the Python definitions have the words
        pub struct $name { $(pub $field: $kind,)* }

        const _: () = assert!(0 $(+ <$kind as $crate::layout::Field>::SIZE)* == $body);

        impl $crate::layout::Message for $name {
            const NUMBER: u8 = $number;
            const BODY: usize = $body;

            #[inline(always)]
            #[allow(unused_variables)] // a message may have no fields
            fn read(body: &[u8]) -> Result<Self, $crate::layout::Foreign> {
                let body: &[u8; $body] = body.try_into().map_err(|_| $crate::layout::Foreign)?;
                Ok(Self { $($field: <$kind as $crate::layout::Field>::get(&body[$from..$to])?,)* })
            }

            #[inline(always)]
            #[allow(unused_variables)] // a message may have no fields
            fn write(&self, body: &mut [u8]) {
                let body = &mut body[..$body];
                $($crate::layout::Field::put(self.$field, &mut body[$from..$to]);)*
            }
        }

        #[cfg(test)]
        impl $crate::sample::Sample for $name {
            #[allow(unused_variables)] // a message may have no fields
            fn sample(random: &mut $crate::sample::Random) -> Self {
                Self { $($field: $crate::sample::Sample::sample(random),)* }
            }
        }
    };
}

pub(crate) use {message, wire_enum};
