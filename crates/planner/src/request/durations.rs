//! Durations in English and French: `20 minutes`, `1h15`, `half an hour`, `trois quarts d'heure`.

use super::words::{Token, TokenClass, stem};

/// A duration and the tokens that say it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Duration {
    pub(super) secs: u64,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Largest number that a duration may have, so that sums stay small.
const MAX_NUMBER: f64 = 100_000.0;

/// The duration at a position.
pub(super) fn duration_at(tokens: &[Token], start: usize) -> Option<Duration> {
    let mut reader = Reader { tokens, at: start };
    let secs = reader.duration()?;
    // Times of single exercises and rests, such as "30 seconds rest".
    let is_part = reader.is_any(&[
        "rest",
        "repos",
        "de repos",
        "of rest",
        "of work",
        "work",
        "on",
        "off",
        "effort",
        "d effort",
        "per exercise",
        "per side",
        "par exercice",
        "par côté",
        "each",
        "chacun",
        "chacune",
        "years",
        "years old",
        "ago",
    ]);
    (!is_part).then_some(Duration { secs, start, end: reader.at })
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    fn stem(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.stem.as_str())
    }

    /// Takes a phrase if it is next.
    fn take(&mut self, phrase: &str) -> bool {
        let words: Vec<String> = phrase.split(' ').map(stem).collect();
        let is_next = words.iter().enumerate().all(|(ahead, word)| self.stem(ahead) == word);
        if is_next {
            self.at += words.len();
        }
        is_next
    }

    fn take_any(&mut self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.take(phrase))
    }

    fn is_any(&mut self, phrases: &[&str]) -> bool {
        let at = self.at;
        let is_next = self.take_any(phrases);
        self.at = at;
        is_next
    }

    fn duration(&mut self) -> Option<u64> {
        const HALF: [&str; 7] =
            ["half an hour", "a half hour", "half hour", "1 / 2 hour", "une demi heure", "demi heure", "1 / 2 heure"];
        const THREE_QUARTERS: [&str; 8] = [
            "three quarters of an hour",
            "three quarter of an hour",
            "3 / 4 of an hour",
            "3 / 4 hour",
            "trois quarts d heure",
            "3 / 4 d heure",
            "3 quarts d heure",
            "3 / 4 heure",
        ];
        const QUARTER: [&str; 8] = [
            "a quarter of an hour",
            "quarter of an hour",
            "a quarter hour",
            "quarter hour",
            "un quart d heure",
            "quart d heure",
            "1 / 4 d heure",
            "1 / 4 hour",
        ];
        if self.take_any(&THREE_QUARTERS) {
            return Some(45 * 60);
        }
        if self.take_any(&HALF) {
            return Some(30 * 60);
        }
        if self.take_any(&QUARTER) {
            return Some(15 * 60);
        }
        let number = self.number()?;
        // Of a range, such as 20-30 minutes, the first counts.
        let at = self.at;
        if self.take_any(&["-", "to", "or", "and", "a", "ou", "et"]) && (self.number().is_none() || !self.is_unit()) {
            self.at = at;
        }
        if self.take_any(&["and a half hours", "and a half hour", "and half hours"]) {
            return Some(secs(number, 3600) + 1800);
        }
        if self.take_any(&["hours", "hour", "hr", "hrs", "h", "heures", "heure"]) {
            return Some(secs(number, 3600) + self.after_hours());
        }
        if self.take_any(&["minutes", "minute", "min", "mins", "mn", "'", "minuten"]) {
            return Some(secs(number, 60) + self.after_minutes());
        }
        if self.take_any(&["seconds", "second", "sec", "secs", "secondes", "seconde", "s"]) {
            return Some(secs(number, 1));
        }
        None
    }

    fn is_unit(&mut self) -> bool {
        self.is_any(&["minute", "min", "mins", "mn", "'", "hour", "heure", "h", "hr", "second", "seconde", "sec", "s"])
    }

    /// What follows full hours: halves, quarters or minutes.
    fn after_hours(&mut self) -> u64 {
        if self.take_any(&["and a half", "and half", "et demie", "et demi", "30 minutes"]) {
            return 30 * 60;
        }
        if self.take_any(&["and a quarter", "et quart", "et un quart"]) {
            return 15 * 60;
        }
        if self.take_any(&["and three quarters", "trois quarts", "et trois quarts"]) {
            return 45 * 60;
        }
        let at = self.at;
        self.take_any(&["and", "et"]);
        let has_connector = self.at > at;
        if let Some(minutes) = self.number().filter(|minutes| *minutes < 60.0 && minutes.fract() == 0.0) {
            let has_unit = self.take_any(&["minutes", "minute", "min", "mins", "mn", "'"]);
            let is_seconds =
                self.is_any(&["second", "seconde", "sec", "s", "round", "exercise", "exercice", "tour", "x"]);
            if has_unit || !has_connector && !is_seconds {
                return secs(minutes, 60);
            }
        }
        self.at = at;
        0
    }

    /// Seconds after minutes.
    fn after_minutes(&mut self) -> u64 {
        if self.take_any(&["and a half", "et demie"]) {
            return 30;
        }
        let at = self.at;
        self.take_any(&["and", "et"]);
        let has_connector = self.at > at;
        if let Some(number) = self.number().filter(|number| *number < 60.0 && number.fract() == 0.0) {
            let has_unit = self.take_any(&["seconds", "second", "sec", "secs", "secondes", "seconde", "s"]);
            // "2 min 30", but not "2 min 30 burpees".
            let is_last = self.tokens.get(self.at).is_none_or(|next| next.class != TokenClass::Word);
            let is_last = is_last || self.is_any(&["of", "de", "d", "for", "pour", "session", "workout"]);
            if has_unit || !has_connector && is_last {
                return secs(number, 1);
            }
        }
        self.at = at;
        0
    }

    /// Digits, or a number in words up to 999.
    fn number(&mut self) -> Option<f64> {
        let token = self.tokens.get(self.at)?;
        if token.class == TokenClass::Number {
            self.at += 1;
            return token.stem.parse().ok().filter(|number: &f64| *number <= MAX_NUMBER);
        }
        let (mut sum, mut count) = (0, 0);
        loop {
            let word = self.stem(0);
            let value = number_word(word);
            match value {
                // Eighty and ninety in French: four twenties.
                Some(20) if count > 0 && sum == 4 => sum = 80,
                Some(100) if count > 0 && sum > 0 && sum < 10 => sum *= 100,
                Some(100) if count == 0 => sum = 100,
                Some(value) if count == 0 => sum = value,
                Some(value) if sum >= 20 && value < 20 && sum % 10 == 0 => sum += value,
                Some(_) => break,
                None if count > 0
                    && sum >= 20
                    && matches!(word, "et" | "and")
                    && number_word(self.stem(1)).is_some_and(|value| value == 1 || value == 11) => {}
                None => break,
            }
            self.at += 1;
            count += 1;
        }
        (count > 0).then_some(f64::from(sum))
    }
}

fn secs(number: f64, unit: u32) -> u64 {
    (number * f64::from(unit)).round() as u64
}

/// The number that a word stands for, by its stem.
fn number_word(word: &str) -> Option<u32> {
    Some(match word {
        "a" | "an" | "one" | "un" | "une" => 1,
        "two" | "deux" | "deu" => 2,
        "three" | "trois" | "troi" => 3,
        "four" | "quatre" => 4,
        "five" | "cinq" => 5,
        "six" => 6,
        "seven" | "sept" => 7,
        "eight" | "huit" => 8,
        "nine" | "neuf" => 9,
        "ten" | "dix" => 10,
        "eleven" | "onze" => 11,
        "twelve" | "douze" => 12,
        "thirteen" | "treize" => 13,
        "fourteen" | "quatorze" => 14,
        "fifteen" | "quinze" => 15,
        "sixteen" | "seize" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        "twenty" | "vingt" => 20,
        "thirty" | "trente" => 30,
        "forty" | "fourty" | "quarante" => 40,
        "fifty" | "cinquante" => 50,
        "sixty" | "soixante" => 60,
        "seventy" | "septante" => 70,
        "eighty" | "huitante" | "octante" => 80,
        "ninety" | "nonante" => 90,
        "hundred" | "cent" => 100,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;
    use super::*;

    fn found(text: &str) -> Option<u64> {
        let tokens = tokens(text);
        (0..tokens.len()).find_map(|at| duration_at(&tokens, at)).map(|duration| duration.secs)
    }

    #[test]
    fn durations_are_read_in_all_usual_forms() {
        let minutes: &[(&str, u64)] = &[
            ("20 minutes", 20),
            ("20 min", 20),
            ("20min", 20),
            ("20 mn", 20),
            ("20'", 20),
            ("20-minute workout", 20),
            ("a twenty minute workout", 20),
            ("twenty-five minutes", 25),
            ("vingt-cinq minutes", 25),
            ("vingt et une minutes", 21),
            ("quarante-cinq minutes", 45),
            ("soixante-dix minutes", 70),
            ("soixante-quinze minutes", 75),
            ("quatre-vingt-dix minutes", 90),
            ("quatre-vingts minutes", 80),
            ("une minute", 1),
            ("a minute", 1),
            ("half an hour", 30),
            ("a half hour", 30),
            ("half-hour session", 30),
            ("une demi-heure", 30),
            ("1/2 heure", 30),
            ("an hour", 60),
            ("une heure", 60),
            ("1h", 60),
            ("1 h", 60),
            ("1 hour", 60),
            ("one hour", 60),
            ("1 hr", 60),
            ("1h15", 75),
            ("1 h 15", 75),
            ("1h15min", 75),
            ("1 hour 15 minutes", 75),
            ("one hour and fifteen minutes", 75),
            ("une heure quinze", 75),
            ("une heure et quart", 75),
            ("an hour and a quarter", 75),
            ("1h05", 65),
            ("an hour and a half", 90),
            ("one and a half hours", 90),
            ("une heure et demie", 90),
            ("1.5 hours", 90),
            ("1,5 heure", 90),
            ("1 heure et 30 minutes", 90),
            ("two hours", 120),
            ("2h30", 150),
            ("cent minutes", 100),
            ("3/4 d'heure", 45),
            ("trois quarts d'heure", 45),
            ("three quarters of an hour", 45),
            ("un quart d'heure", 15),
            ("a quarter of an hour", 15),
            ("20-30 minutes", 20),
            ("20 to 30 minutes", 20),
            ("entre 15 et 20 minutes", 15),
            ("20 à 25 min", 20),
            ("15 ou 20 minutes", 15),
            ("90 minutes", 90),
            ("ninety minutes", 90),
        ];
        for (text, minutes) in minutes {
            assert_eq!(found(text), Some(minutes * 60), "{text}");
        }
        for (text, secs) in [
            ("90 seconds", 90),
            ("90s", 90),
            ("2 min 30", 150),
            ("2min30", 150),
            ("2 minutes et 30 secondes", 150),
            ("7.5 minutes", 450),
        ] {
            assert_eq!(found(text), Some(secs), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_durations() {
        for text in [
            "40/20",
            "3 rounds",
            "30 seconds rest",
            "20 s de repos",
            "30 years old",
            "5 exercises",
            "a",
            "level 2",
            "99999999999999999999 minutes",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
