//! Colours: Okabe and Ito's set, which people with any common colour vision deficiency can tell apart.
//!
//! A thing has the same colour in every chart: blue machines of one's own, green rented ones, orange instances; vermilion only for
//! what went wrong.

/// A colour, red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

/// Text and the load.
pub const INK: Color = Color(0x22, 0x22, 0x22);
/// Secondary text.
pub const MUTED: Color = Color(0x5A, 0x60, 0x66);
/// The page.
pub const PAPER: Color = Color(0xFF, 0xFF, 0xFF);
/// Capacity, and machines of one's own.
pub const BLUE: Color = Color(0x00, 0x72, 0xB2);
/// A lighter companion of blue.
pub const SKY: Color = Color(0x56, 0xB4, 0xE9);
/// What went well, and rented machines.
pub const GREEN: Color = Color(0x00, 0x9E, 0x73);
/// What is under way, and instances by the second.
pub const ORANGE: Color = Color(0xE6, 0x9F, 0x00);
/// What went wrong.
pub const VERMILION: Color = Color(0xD5, 0x5E, 0x00);
/// A third kind of wrong, or a further tier.
pub const PURPLE: Color = Color(0xCC, 0x79, 0xA7);
/// A further tier.
pub const YELLOW: Color = Color(0xF0, 0xE4, 0x42);
/// A further tier.
pub const GREY: Color = Color(0x99, 0x99, 0x99);

/// For things without a fixed colour, in order.
const FURTHER: [Color; 5] = [PURPLE, SKY, YELLOW, GREY, VERMILION];

impl Color {
    /// This colour mixed with white: 1 is the colour itself, 0 white. Opaque, unlike transparency, so that areas can overlap.
    #[must_use]
    pub fn tint(self, share: f64) -> Self {
        let mix = |part: u8| (255.0 - (255.0 - f64::from(part)) * share).round() as u8;
        Self(mix(self.0), mix(self.1), mix(self.2))
    }

    /// The colour of an area: a little lighter, so that lines stand out against it, but what went wrong keeps its full strength.
    #[must_use]
    pub fn area(self) -> Self {
        if self == VERMILION { self } else { self.tint(0.75) }
    }
}

/// Colours of tiers, in the order in which they are shown.
pub fn of_tiers<'a>(names: &[&'a str]) -> Vec<(&'a str, Color)> {
    let mut further = FURTHER.iter().copied().cycle();
    let mut color = |name: &str| match name {
        "idc" => BLUE,
        "ecs" => GREEN,
        "eci" => ORANGE,
        _ => further.next().unwrap_or(GREY),
    };
    names.iter().map(|name| (*name, color(name))).collect()
}

/// The colour of the `i`th of several like things.
pub fn nth(i: usize) -> Color {
    const ALL: [Color; 7] = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, GREY];
    ALL[i % ALL.len()]
}

/// Every colour with the name that the page's style sheet gives it.
pub const NAMED: [(&str, Color); 10] = [
    ("ink", INK),
    ("muted", MUTED),
    ("blue", BLUE),
    ("sky", SKY),
    ("green", GREEN),
    ("orange", ORANGE),
    ("vermilion", VERMILION),
    ("purple", PURPLE),
    ("yellow", YELLOW),
    ("grey", GREY),
];
