//! The end of validity of an X.509 certificate, for monitoring. Nothing is verified here.

/// Tags of DER (ITU-T X.690, 8.1.2) that occur before the validity of a certificate.
const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of validity (`notAfter` of RFC 5280, 4.1.2.5) of a certificate in DER, in seconds since 1970-01-01 UTC. `None`
/// if it cannot be read, or lies before 1970.
pub(crate) fn expiry(der: &[u8]) -> Option<u64> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut fields, _) = element(certificate, SEQUENCE)?;
    if let Some((_, rest)) = element(fields, VERSION) {
        fields = rest;
    }
    // Serial number, signature algorithm, issuer.
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        fields = element(fields, tag)?.1;
    }
    let (validity, _) = element(fields, SEQUENCE)?;
    let (_, not_after) = time(validity)?;
    let (text, _) = time(not_after)?;
    seconds(text)
}

/// The content of the first element, if it has this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        // The long form; more than four bytes of length are not a certificate.
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    (*found == tag).then(|| rest.split_at_checked(length)).flatten()
}

/// The text of a time with a year of four digits, and what follows it.
fn time(der: &[u8]) -> Option<(String, &[u8])> {
    if let Some((text, rest)) = element(der, GENERALIZED_TIME) {
        return Some((std::str::from_utf8(text).ok()?.to_owned(), rest));
    }
    let (text, rest) = element(der, UTC_TIME)?;
    let text = std::str::from_utf8(text).ok()?;
    // Years of two digits are those from 1950 to 2049 (RFC 5280, 4.1.2.5.1).
    let century = if text.as_bytes().first()? >= &b'5' { "19" } else { "20" };
    Some((format!("{century}{text}"), rest))
}

/// The seconds since 1970 of a time like `20490101000000Z`.
fn seconds(text: String) -> Option<u64> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.len() == 14)?;
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(8..10)?, number(10..12)?, number(12..14)?);
    let is_valid = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_valid || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let leap_days = (1970..year).filter(|year| is_leap(*year)).count() as u64 + u64::from(month > 2 && is_leap(year));
    let before: u64 = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30].iter().take(month as usize - 1).sum();
    let days = (year - 1970) * 365 + leap_days + before + day - 1;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn the_end_of_validity_is_read_in_both_forms_of_times() {
        // `date --utc --date=... +%s`
        for ((year, month, day), expected) in [
            ((2030, 2, 28), 1_898_467_200),
            ((2032, 3, 1), 1_961_712_000),
            ((2049, 12, 31), 2_524_521_600),
            ((2050, 1, 1), 2_524_608_000),
            ((2400, 2, 29), 13_574_563_200),
        ] {
            let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
            params.not_after = date_time_ymd(year, month, day);
            let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            assert_eq!(expiry(certificate.der()), Some(expected), "{year}-{month}-{day}");
        }
    }

    #[test]
    fn damaged_certificates_have_no_end_of_validity() {
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let der = certificate.der().to_vec();
        // The time is within the first 200 bytes.
        for length in 0..60 {
            assert_eq!(expiry(&der[..length]), None, "{length}");
        }
        for at in 0..der.len().min(300) {
            for value in [0, 0x7f, 0x84, 0xff] {
                let mut damaged = der.clone();
                damaged[at] = value;
                // Any result is right, as long as there is one.
                let _ = expiry(&damaged);
            }
        }
        assert_eq!(expiry(b"\x30\x84\xff\xff\xff\xff"), None);
    }
}
