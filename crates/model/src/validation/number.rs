//! Rules for numbers, which are read from their decimal text.

#[cfg(test)]
mod tests;

use schemars::{Schema, json_schema};
use serde_json::json;

use super::node::Node;
use super::schema::Rule;
use super::value::ValueKind;
use crate::time::{FRACTION_PATTERN, Rational, ReadNumber, read_number, to_f64};

/// How numbers with more decimals are read, for a field's description.
const ROUNDING: &str = "Rounded to the nearest 0.000001, halves away from zero.";
/// The same for a field that may hold a fraction, whose value no keyword can limit.
const FRACTION_ROUNDING: &str =
    "A fraction has the same bounds. Rounded to the nearest 0.000001, halves away from zero.";

/// The smallest distance of two decimals after rounding.
const STEP: Rational = Rational::new_raw(1, 1_000_000);

/// The notation of a number.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Form {
    /// A number, or a string such as `"30000/1001"`.
    Fraction,
    /// A number.
    Decimal,
    /// An integer.
    Whole,
    /// An even integer.
    Even,
}

/// The numbers that a field may hold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct NumberRule {
    form: Form,
    /// The bounds of the number as it is written. They are multiples of [`STEP`], so that it is inside after rounding, too.
    least: Rational,
    most: Rational,
    excludes_least: bool,
}

impl NumberRule {
    /// Numbers and fractions from `least` to `most`.
    pub(crate) const fn fraction(least: Rational, most: Rational) -> Self {
        Self { form: Form::Fraction, least, most, excludes_least: false }
    }

    /// Numbers from `least` to `most`.
    pub(crate) const fn decimal(least: i128, most: i128) -> Self {
        Self { form: Form::Decimal, ..Self::fraction(whole(least), whole(most)) }
    }

    /// Integers from `least` to `most`.
    pub(crate) const fn whole(least: i128, most: i128) -> Self {
        Self { form: Form::Whole, ..Self::decimal(least, most) }
    }

    /// Even integers from `least` to `most`.
    pub(crate) const fn even(least: i128, most: i128) -> Self {
        Self { form: Form::Even, ..Self::decimal(least, most) }
    }

    /// The same numbers without the lower bound itself.
    pub(crate) const fn above_least(self) -> Self {
        Self { excludes_least: true, ..self }
    }

    fn read(self, node: &Node<'_>) -> Option<Rational> {
        let text = match node.kind() {
            ValueKind::Number(text) => text,
            ValueKind::Text(text) if self.form == Form::Fraction && text.contains('/') => text,
            ValueKind::Text(_) if self.form == Form::Fraction => {
                return node.fault("must be a number such as 1.5, or a fraction such as \"3/2\"");
            }
            _ => return node.wrong_type("a number"),
        };
        let number = node.check(read_number(text))?;
        node.check(self.check(number))
    }

    fn check(self, ReadNumber { value, written }: ReadNumber) -> Result<Rational, String> {
        if matches!(self.form, Form::Whole | Form::Even) && !(value.is_integer() && written.is_eq()) {
            return Err("must be a whole number".to_owned());
        }
        // The number as it was written, compared with a multiple of a step.
        let compare = |bound: Rational| value.cmp(&bound).then(written);
        if compare(self.lowest()).is_lt() {
            let bound = if self.excludes_least { "above" } else { "at least" };
            return Err(format!("must be {bound} {}", to_f64(self.least)));
        }
        if compare(self.most).is_gt() {
            return Err(format!("must be at most {}", to_f64(self.most)));
        }
        if self.form == Form::Even && value.to_integer() % 2 != 0 {
            return Err("must be even".to_owned());
        }
        Ok(value)
    }
}

impl NumberRule {
    /// The lowest number that is allowed: without the lower bound, the lowest that is not rounded to it for sure.
    fn lowest(self) -> Rational {
        if self.excludes_least { self.least + STEP } else { self.least }
    }
}

impl Rule for NumberRule {
    fn schema(&self) -> Schema {
        let type_name = if matches!(self.form, Form::Whole | Form::Even) { "integer" } else { "number" };
        let mut number = json_schema!({ "type": type_name });
        number.insert("minimum".to_owned(), bound(self.lowest()));
        number.insert("maximum".to_owned(), bound(self.most));
        match self.form {
            Form::Fraction => json_schema!({
                "anyOf": [number, { "type": "string", "pattern": FRACTION_PATTERN }],
            }),
            Form::Even => {
                number.insert("multipleOf".to_owned(), json!(2));
                number
            }
            Form::Decimal | Form::Whole => number,
        }
    }

    fn note(&self) -> Option<&'static str> {
        match self.form {
            Form::Fraction => Some(FRACTION_ROUNDING),
            Form::Decimal => Some(ROUNDING),
            Form::Whole | Form::Even => None,
        }
    }
}

/// Reads a number.
pub(crate) fn number(rule: NumberRule) -> impl Fn(&Node<'_>) -> Option<Rational> {
    move |node| rule.read(node)
}

/// Reads an integer. `T` must hold every value that the rule allows.
pub(crate) fn integer<T: TryFrom<i128>>(rule: NumberRule) -> impl Fn(&Node<'_>) -> Option<T> {
    move |node| {
        let value = rule.read(node)?.to_integer();
        node.check(T::try_from(value).map_err(|_| "is too large".to_owned()))
    }
}

/// Rules for the numbers of an array of fixed length.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct NumbersRule<const N: usize>(pub(crate) [NumberRule; N]);

impl<const N: usize> Rule for NumbersRule<N> {
    fn schema(&self) -> Schema {
        let numbers: Vec<Schema> = self.0.iter().map(Rule::schema).collect();
        json_schema!({ "type": "array", "prefixItems": numbers, "items": false, "minItems": N, "maxItems": N })
    }

    fn note(&self) -> Option<&'static str> {
        self.0.iter().find_map(Rule::note)
    }
}

/// Reads an array of numbers.
pub(crate) fn numbers<const N: usize>(rule: NumbersRule<N>) -> impl Fn(&Node<'_>) -> Option<[Rational; N]> {
    move |node| {
        let items: Vec<_> = node.items(N..=N)?.zip(rule.0).map(|(item, rule)| rule.read(&item)).collect();
        items.into_iter().collect::<Option<Vec<_>>>()?.try_into().ok()
    }
}

/// An integer as a rational, in constants too.
pub(crate) const fn whole(value: i128) -> Rational {
    Rational::new_raw(value, 1)
}

fn bound(value: Rational) -> serde_json::Value {
    if value.is_integer() { json!(value.to_integer() as i64) } else { json!(to_f64(value)) }
}
