/// What a pattern and its matching may cost. Together they bound one look at a value to a few milliseconds, whatever pattern and value are
/// (docs/decisions/0009-patterns-by-pcre2.md has the measurement).
package struct PatternLimits: Sendable, Hashable {
    /// Longest pattern, in bytes of UTF-8. Patterns of forms have 10 to 200.
    package var patternBytesMax = 1_024
    /// Parentheses within one another.
    package var nestingMax: UInt32 = 64
    /// Longest program that a pattern compiles to, in bytes: `{1,1000}` of a group is a thousand copies of it.
    package var programBytesMax = 16 << 10
    /// Longest value that is compared, in bytes of UTF-8: patterns are for short ones, and a step may look at all of the value.
    package var valueBytesMax = 1_024
    /// Steps of one comparison, as PCRE2 counts them. Patterns of forms take fewer than 100.
    package var stepsMax: UInt32 = 20_000
    /// Memory of one comparison, in KiB, where there is no machine code for the pattern.
    package var heapKibibytesMax: UInt32 = 1_024
    /// Stack of machine code, in bytes: what there is at first, and what it may grow to.
    package var stackBytes = 32 << 10
    package var stackBytesMax = 256 << 10

    package init() {}
}
