//! The stable codes of what the input machinery reports; the meaning of a scenario has its own, from `S0200` on.

/// A file cannot be opened or read.
pub const UNREADABLE: &str = "S0001";
/// A folder or a device stands where a file is expected.
pub const NOT_A_FILE: &str = "S0002";
/// A file is larger than the limit.
pub const TOO_LARGE: &str = "S0003";
/// A file is not UTF-8 text.
pub const NOT_UTF8: &str = "S0004";
/// A file holds no document.
pub const EMPTY: &str = "S0005";
/// A file lies outside the scenario's own folder.
pub const OUTSIDE: &str = "S0006";
/// Files include each other in a circle.
pub const INCLUDE_CYCLE: &str = "S0007";
/// Includes are nested too deeply, or there are too many.
pub const INCLUDE_LIMIT: &str = "S0008";
/// `include:` is neither a file name nor a list of them, or an included file is not a mapping.
pub const INCLUDE_FORM: &str = "S0009";
/// The text is not YAML.
pub const SYNTAX: &str = "S0010";
/// A mapping holds one key twice.
pub const DUPLICATE_KEY: &str = "S0011";
/// A document is too deep, too large, or grows too large by its aliases.
pub const LIMIT: &str = "S0012";
/// An alias or merge key refers to nothing usable.
pub const ALIAS: &str = "S0013";
/// A key of a mapping is not plain text.
pub const KEY_FORM: &str = "S0014";
/// A YAML tag that means nothing here.
pub const TAG: &str = "S0015";
/// A file holds several documents where one is expected.
pub const DOCUMENTS: &str = "S0016";
/// A key that nobody reads.
pub const UNKNOWN_KEY: &str = "S0101";
/// A value of the wrong kind, such as text where a list is expected.
pub const WRONG_TYPE: &str = "S0102";
/// A required key is absent.
pub const MISSING_KEY: &str = "S0103";
/// A value that is none of the possible choices.
pub const UNKNOWN_CHOICE: &str = "S0104";
/// A value of the right kind that cannot be understood, such as a malformed duration.
pub const BAD_VALUE: &str = "S0105";
/// A number outside its range.
pub const OUT_OF_RANGE: &str = "S0106";
/// An override is not written as `PATH=VALUE`.
pub const OVERRIDE_FORM: &str = "S0150";
/// The path of an override cannot exist in the document.
pub const OVERRIDE_PATH: &str = "S0151";
