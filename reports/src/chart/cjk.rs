//! A font of this machine for Chinese, because the one that is part of the program has Latin, Greek and Cyrillic only.

use std::sync::LazyLock;

use fontdb::{Database, ID, Style};
use ttf_parser::Face;

/// Families that are made for simplified Chinese, the best for charts first: no serifs, even strokes.
const FAMILIES: [&str; 14] = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "SimHei",
    "SimSun",
    "AR PL UMing CN",
];
/// Some of what charts write: a font that lacks one of these is none for them.
const SAMPLE: &str = "每秒请求数就绪延迟费用负载时刻等待镜像，：（）";

/// The font's file and the place of the face in it.
static FILE: LazyLock<Option<(Vec<u8>, u32)>> = LazyLock::new(|| {
    let mut database = Database::new();
    database.load_system_fonts();
    choose(&database)
});
static FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| FILE.as_ref().and_then(|(bytes, index)| Face::parse(bytes, *index).ok()));

/// The font, if this machine has one.
pub(super) fn face() -> Option<&'static Face<'static>> {
    FACE.as_ref()
}

/// The best of the known families, else any upright font that has the sample.
fn choose(database: &Database) -> Option<(Vec<u8>, u32)> {
    let rank = |id: ID| {
        let face = database.face(id)?;
        let family = FAMILIES.iter().position(|family| face.families.iter().any(|(name, _)| name == family)).unwrap_or(FAMILIES.len());
        (face.style == Style::Normal).then_some((family, face.weight.0.abs_diff(400), face.monospaced, id))
    };
    let mut ranked: Vec<_> = database.faces().filter_map(|face| rank(face.id)).collect();
    ranked.sort_by_key(|(family, weight, monospaced, _)| (*family, *weight, *monospaced));
    let has_sample = |bytes: &[u8], index: u32| {
        let Ok(face) = Face::parse(bytes, index) else { return false };
        SAMPLE.chars().all(|c| face.glyph_index(c).is_some())
    };
    let read = |id: ID| database.with_face_data(id, |bytes, index| has_sample(bytes, index).then(|| (bytes.to_vec(), index))).flatten();
    ranked.into_iter().find_map(|(.., id)| read(id))
}

#[cfg(test)]
mod tests {
    use fontdb::Database;

    use super::choose;

    #[test]
    fn a_machine_without_a_chinese_font_has_none() {
        let mut database = Database::new();
        assert!(choose(&database).is_none());
        database.load_font_data(notosans::REGULAR_TTF.to_vec());
        assert!(choose(&database).is_none(), "the program's own font has no Chinese");
    }
}
