//! Icons by name: code points of the Phosphor font (regular weight, MIT), which is shipped with the program.
//!
//! Icons are painted with [`super::icon`], and never stand without a name that a screen reader can say.

macro_rules! icons {
    ($($name:ident = $code:literal;)*) => {
        $(#[doc = concat!("Phosphor `", stringify!($name), "`.")] pub const $name: &str = $code;)*
        /// Every icon, for the gallery and for the test that the font has them all.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

icons! {
    ARROW_CLOCKWISE = "\u{e036}";
    ARROW_COUNTER_CLOCKWISE = "\u{e038}";
    ARROW_DOWN = "\u{e03e}";
    ARROW_LEFT = "\u{e058}";
    ARROW_RIGHT = "\u{e06c}";
    ARROW_UP = "\u{e08e}";
    ARROWS_CLOCKWISE = "\u{e094}";
    BINOCULARS = "\u{ea64}";
    BROOM = "\u{ec54}";
    CARET_DOWN = "\u{e136}";
    CARET_RIGHT = "\u{e13a}";
    CHART_BAR = "\u{e150}";
    CHART_LINE = "\u{e154}";
    CHECK = "\u{e182}";
    CHECK_CIRCLE = "\u{e184}";
    CIRCLE_NOTCH = "\u{eb44}";
    CLOCK_COUNTER_CLOCKWISE = "\u{e1a0}";
    CODE = "\u{e1bc}";
    COMMAND = "\u{e1c4}";
    COPY = "\u{e1ca}";
    CROSSHAIR = "\u{e1d6}";
    DATABASE = "\u{e1de}";
    DOTS_THREE = "\u{e1fe}";
    DOWNLOAD_SIMPLE = "\u{e20c}";
    EXPORT = "\u{eaf0}";
    EYE = "\u{e220}";
    FILE_TEXT = "\u{e23a}";
    FLAG = "\u{e244}";
    FOLDER_OPEN = "\u{e256}";
    FUNCTION = "\u{ebe4}";
    FUNNEL = "\u{e266}";
    GEAR = "\u{e270}";
    GLOBE = "\u{e288}";
    GRAPH = "\u{eb58}";
    HOUSE = "\u{e2c2}";
    IMAGE = "\u{e2ca}";
    INFO = "\u{e2ce}";
    KEYBOARD = "\u{e2d8}";
    LIGHTNING = "\u{e2de}";
    LIST = "\u{e2f0}";
    MAGNIFYING_GLASS = "\u{e30c}";
    MOON = "\u{e330}";
    PACKAGE = "\u{e390}";
    PAUSE = "\u{e39e}";
    PENCIL_SIMPLE = "\u{e3b4}";
    PLAY = "\u{e3d0}";
    PLUS = "\u{e3d4}";
    PROHIBIT = "\u{e3de}";
    PUSH_PIN = "\u{e3e2}";
    QUESTION = "\u{e3e8}";
    SEAL_CHECK = "\u{e606}";
    SELECTION = "\u{e69a}";
    SIDEBAR_SIMPLE = "\u{ec24}";
    SKIP_FORWARD = "\u{e5a6}";
    SLIDERS_HORIZONTAL = "\u{e434}";
    SPARKLE = "\u{e6a2}";
    SQUARES_FOUR = "\u{e464}";
    STACK = "\u{e466}";
    SUN = "\u{e472}";
    TABLE = "\u{e476}";
    TAG = "\u{e478}";
    TAG_SIMPLE = "\u{e47a}";
    TEXT_AA = "\u{e6ee}";
    TRANSLATE = "\u{e4a2}";
    TRASH = "\u{e4a6}";
    WARNING = "\u{e4e0}";
    X = "\u{e4f6}";
    X_CIRCLE = "\u{e4f8}";
}
