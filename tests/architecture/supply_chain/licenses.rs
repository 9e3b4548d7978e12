//! License expressions of manifests (SPDX 2.3, annex D), with `/` for OR as in old manifests.

/// Whether the allowed licenses satisfy an expression: all sides of an AND, one side of an OR.
pub(super) fn is_satisfied(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = ExpressionReader { words: &words, allowed };
    reader.any() && reader.words.is_empty()
}

struct ExpressionReader<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl ExpressionReader<'_> {
    fn next(&mut self) -> Option<&str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn skip(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        self.words = &self.words[usize::from(is_next)..];
        is_next
    }

    fn any(&mut self) -> bool {
        let mut is_satisfied = self.all();
        while self.skip("OR") {
            is_satisfied |= self.all();
        }
        is_satisfied
    }

    fn all(&mut self) -> bool {
        let mut is_satisfied = self.one();
        while self.skip("AND") {
            is_satisfied &= self.one();
        }
        is_satisfied
    }

    fn one(&mut self) -> bool {
        if self.skip("(") {
            let is_satisfied = self.any();
            return self.skip(")") && is_satisfied;
        }
        let Some(mut license) = self.next().map(str::to_owned) else { return false };
        if self.skip("WITH") {
            license = format!("{license} WITH {}", self.next().unwrap_or_default());
        }
        self.allowed.contains(&license)
    }
}

#[test]
fn expressions_are_satisfied_by_allowed_licenses_alone() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
    for good in [
        "MIT",
        "GPL-2.0-only OR MIT",
        "GPL-2.0-only/MIT",
        "MIT AND ISC",
        "(MIT OR GPL-2.0-only) AND ISC",
        "Apache-2.0 WITH LLVM-exception",
        "GPL-2.0-only AND ISC OR MIT",
    ] {
        assert!(is_satisfied(good, &allowed), "{good}");
    }
    for bad in
        ["", "GPL-2.0-only", "MIT AND GPL-2.0-only", "Apache-2.0", "(MIT", "MIT ISC", "MIT AND (ISC AND MPL-2.0)"]
    {
        assert!(!is_satisfied(bad, &allowed), "{bad}");
    }
}
