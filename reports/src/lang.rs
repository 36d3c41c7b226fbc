//! The two languages of everything that people read.

use serde::{Deserialize, Serialize};

use crate::words;

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese, simplified.
    Zh,
}

impl Lang {
    /// A text of this language: the English one as it is, or its Chinese.
    pub(crate) fn word(self, en: &str) -> String {
        match self {
            Self::En => en.to_owned(),
            Self::Zh => words::zh(en),
        }
    }

    /// A length of time, as `format::duration` writes it.
    pub(crate) fn duration(self, s: f64) -> String {
        let text = crate::format::duration(s);
        if self == Self::Zh { zh_time(&text) } else { text }
    }
}

/// A text in both languages.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Both {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

impl Both {
    /// A text in both languages.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }

    /// English words with the Chinese ones that there are for them.
    pub(crate) fn of(en: &str) -> Self {
        Self::new(en, words::zh(en))
    }

    /// A length of time.
    pub(crate) fn duration(s: f64) -> Self {
        Self::new(Lang::En.duration(s), Lang::Zh.duration(s))
    }

    /// The text in a language.
    pub fn get(&self, lang: Lang) -> &str {
        if lang == Lang::Zh { &self.zh } else { &self.en }
    }
}

/// A length of time as `format::duration` writes it, with Chinese units.
pub(crate) fn zh_time(text: &str) -> String {
    let unit = |word: &str| match word {
        "ms" => "毫秒".to_owned(),
        "s" => "秒".to_owned(),
        "min" => "分".to_owned(),
        "h" => "小时".to_owned(),
        "d" => "天".to_owned(),
        other => other.to_owned(),
    };
    text.split(' ').map(unit).collect::<Vec<_>>().join(" ")
}
