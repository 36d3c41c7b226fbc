//! The two languages of the page.

use serde::{Deserialize, Serialize};

use crate::words;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Chinese, simplified.
    Zh,
}

/// A text in both languages.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Both {
    pub en: String,
    pub zh: String,
}

impl Both {
    pub(super) fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }

    /// English words with the Chinese ones that the page has for them.
    pub(super) fn of(en: &str) -> Self {
        Self::new(en, words::zh(en))
    }

    /// The same in both languages: names and figures.
    pub(super) fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        Self { zh: en.clone(), en }
    }
}

/// A length of time as `format::duration` writes it, with Chinese units.
pub(super) fn zh_time(text: &str) -> String {
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
