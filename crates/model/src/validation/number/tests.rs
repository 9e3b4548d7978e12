//! The schema of a number accepts what its reader does.

use proptest::prelude::*;

use super::*;
use crate::time::parse_rational;
use crate::validation::read_value;
use crate::validation::value::Value;

/// Rules of each form, with bounds that are fractions, negative, and excluded.
const RULES: [NumberRule; 7] = [
    NumberRule::fraction(whole(0), whole(43_200)),
    NumberRule::fraction(whole(0), whole(43_200)).above_least(),
    NumberRule::fraction(Rational::new_raw(1, 10), whole(16)),
    NumberRule::decimal(-100_000, 100_000),
    NumberRule::decimal(0, 1).above_least(),
    NumberRule::whole(1, 100),
    NumberRule::even(16, 7680),
];

fn read(rule: NumberRule, json: &str) -> Result<Rational, String> {
    let value = Value::from_json(json.as_bytes()).unwrap();
    read_value(&value, number(rule)).map_err(|faults| faults[0].message.clone())
}

fn is_schema_valid(rule: NumberRule, json: &str) -> bool {
    let schema = rule.schema().to_value();
    jsonschema::validator_for(&schema).unwrap().is_valid(&serde_json::from_str(json).unwrap())
}

fn rules() -> impl Strategy<Value = NumberRule> {
    prop::sample::select(RULES.to_vec())
}

/// A number close to a bound, written with up to nine decimals: at most 15 digits, which validators that compare
/// floating-point numbers tell apart.
fn numbers() -> impl Strategy<Value = (NumberRule, String)> {
    let near = (rules(), any::<bool>(), 0_u32..=9, -25_i128..=25);
    let near = near.prop_map(|(rule, is_least, decimals, steps)| {
        let bound = if is_least { rule.least } else { rule.most };
        let value = bound * 1_000_000_000 + steps * 10_i128.pow(9 - decimals);
        let value = value.to_integer();
        let sign = if value < 0 { "-" } else { "" };
        let (whole, rest) = (value.abs() / 1_000_000_000, value.abs() % 1_000_000_000);
        (rule, format!("{sign}{whole}.{rest:09}"))
    });
    let any = (rules(), any::<f64>().prop_filter("finite", |value| value.is_finite()))
        .prop_map(|(rule, value)| (rule, serde_json::to_string(&value).unwrap()));
    let integers = (rules(), -10_i64..=110_000).prop_map(|(rule, value)| (rule, value.to_string()));
    prop_oneof![4 => near, 1 => any, 1 => integers]
}

fn fractions() -> impl Strategy<Value = String> {
    let edges =
        [0_u64, 1, 999_999, 1_000_000, 1_000_999, 1_001_000, 1_001_001, 999_999_999, 1_000_000_000, 1_000_000_001];
    let part = || prop_oneof![prop::sample::select(edges.to_vec()), 0..100_u64, any::<u64>()];
    let around = || prop::sample::select(vec!["", "", "", " ", "  ", "0", "000", "-", "+", "\\t", ".", "x"]);
    (around(), part(), around(), around(), part(), around())
        .prop_map(|(a, numerator, b, c, denominator, d)| format!("\"{a}{numerator}{b}/{c}{denominator}{d}\""))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_schema_accepts_the_numbers_that_are_read((rule, json) in numbers()) {
        prop_assert_eq!(is_schema_valid(rule, &json), read(rule, &json).is_ok(), "{} {:?}", json, rule);
    }

    /// A schema cannot limit the value of a fraction.
    #[test]
    fn the_schema_accepts_the_fractions_that_are_read(rule in rules(), json in fractions()) {
        let is_bounded = read(rule, &json).is_err_and(|message| message.starts_with("must be a"));
        let text = json.trim_matches('"');
        let is_fraction = rule.form == Form::Fraction && parse_rational(text).is_ok();
        prop_assert_eq!(is_schema_valid(rule, &json), is_fraction, "{} {:?}", json, rule);
        if is_fraction {
            prop_assert!(read(rule, &json).is_ok() || is_bounded, "{} {:?}", json, rule);
        } else {
            prop_assert!(read(rule, &json).is_err(), "{} {:?}", json, rule);
        }
    }
}

#[test]
fn bounds_hold_for_the_number_as_it_is_written() {
    let [_, seconds, speed, coordinate, extent, rounds, _] = RULES;
    let accepted = [
        (seconds, "0.000001"),
        (seconds, "43200"),
        (seconds, "\"1/1000\""),
        (speed, "0.1000000000000001"),
        (coordinate, "-100000"),
        (extent, "0.99999999"),
        (rounds, "1e2"),
        (rounds, "2.000"),
    ];
    for (rule, json) in accepted {
        assert!(read(rule, json).is_ok() && is_schema_valid(rule, json), "{json}");
    }
    let rejected = [
        (seconds, "5e-324", "must be above 0"),
        (seconds, "0.0000009", "must be above 0"),
        (seconds, "43200.0000004", "must be at most 43200"),
        (speed, "0.0999999", "must be at least 0.1"),
        (coordinate, "-100000.0000001", "must be at least -100000"),
        (extent, "1.00000001", "must be at most 1"),
        (rounds, "2.0000001", "must be a whole number"),
    ];
    for (rule, json, message) in rejected {
        assert_eq!(read(rule, json), Err(message.to_owned()), "{json}");
        assert!(!is_schema_valid(rule, json), "{json}");
    }
}
