//! Sizes as people type them: `65536`, `512K`, `64M`, `64MiB`.

/// Bytes from a number with an optional unit; units are powers of 1024.
///
/// # Errors
/// What is wrong with the text, and what would be right.
pub fn parse(text: &str) -> Result<u32, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err(format!("`{unit}` is no unit of size; use K, M or G, as in 64M")),
    };
    let number: u64 = number.parse().map_err(|_| "a size is a number, as in 64M".to_owned())?;
    let bytes = number.checked_mul(factor).and_then(|bytes| u32::try_from(bytes).ok());
    match bytes {
        Some(bytes) if (1..=i32::MAX as u32).contains(&bytes) => Ok(bytes),
        _ => Err("a size lies between 1 byte and 2 GiB".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sizes_have_units_and_bounds() {
        assert_eq!(parse("65536"), Ok(65_536));
        assert_eq!(parse("64M"), Ok(64 << 20));
        assert_eq!(parse("512KiB"), Ok(512 << 10));
        for wrong in ["", "M", "-1", "64X", "0", "2G", "9999999999999999999", "1.5M"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
