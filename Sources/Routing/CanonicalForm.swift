// For the normal forms of Unicode, which Foundation takes from there too.
@_spi(_Unicode) import Swift

/// The one form of all the ways to write a name or a code that are equal to people.
///
/// 1. Of names: normal form C, case folded, white space (Unicode's property of that name) trimmed, runs of it as one space.
/// 2. Of codes: the same, but without any white space or dot: `j96.01`, `J9601` and ` J96.01` are one.
/// 3. Case folding is Unicode's full one (TR 44: CaseFolding.txt, C and F): `ß` is `ss`, the final sigma a sigma, the Kelvin sign a `k`,
///    `İ` an `i` with a dot above. Compatibility forms (full width, ligatures of digits, superscripts) stay what they are.
/// 4. Stable: a canonical form is its own, and by Unicode's promises (normalization and case folding stability) that of assigned
///    characters is the same in every version.
public enum CanonicalForm {
    public static func ofName(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var form = spaced(bytes)
        if form.last == space { form.removeLast() }
        return form
    }

    public static func ofCode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        if let ascii = asciiCode(bytes) { return ascii }
        var form: [UInt8] = []
        for scalar in folded(bytes) where !scalar.properties.isWhitespace && scalar != "." { form.append(contentsOf: UTF8.bytes(scalar)) }
        return form
    }

    /// Of the beginning of a name: white space at its end is one space and counts.
    static func ofNamePrefix(_ bytes: some Collection<UInt8>) -> [UInt8] { spaced(bytes) }

    private static let space = UInt8(ascii: " ")

    /// A name with a space behind it where there was white space.
    private static func spaced(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var form: [UInt8] = []
        if bytes.allSatisfy({ $0 < 0x80 }) {
            for byte in bytes {
                if byte != space { form.append(lower(byte)) } else if let last = form.last, last != space { form.append(space) }
            }
            return form
        }
        for scalar in folded(bytes) {
            if !scalar.properties.isWhitespace {
                form.append(contentsOf: UTF8.bytes(scalar))
            } else if let last = form.last, last != space {
                form.append(space)
            }
        }
        return form
    }

    /// Nil where there is more than ASCII.
    private static func asciiCode(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        var form: [UInt8] = []
        for byte in bytes where byte != space && byte != UInt8(ascii: ".") {
            if byte >= 0x80 { return nil }
            form.append(lower(byte))
        }
        return form
    }

    @inline(__always)
    private static func lower(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte }

    /// Canonical caseless matching (Unicode, chapter 3.13, D145): the normal form C of what the normal form D folds to.
    private static func folded(_ bytes: some Collection<UInt8>) -> some Sequence<Unicode.Scalar> {
        var folded = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self)._nfd { folded.append(contentsOf: fold(scalar)) }
        return String(folded)._nfc
    }

    /// The standard library has no case folding but the mappings it is made of: what is left of a letter when it was small, capital and
    /// small again. It differs from Unicode's in one letter, the dotless `ı`, whose capital is the `I` of `i`.
    private static func fold(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
        if scalar.isASCII { return String.UnicodeScalarView([Unicode.Scalar(lower(UInt8(scalar.value)))]) }
        if scalar == "\u{131}" { return String.UnicodeScalarView([scalar]) }
        var folded = scalar.properties.lowercaseMapping.unicodeScalars
        folded = String.UnicodeScalarView(folded.lazy.flatMap(\.properties.uppercaseMapping.unicodeScalars))
        return String.UnicodeScalarView(folded.lazy.flatMap(\.properties.lowercaseMapping.unicodeScalars))
    }
}

extension UTF8 {
    fileprivate static func bytes(_ scalar: Unicode.Scalar) -> UTF8.EncodedScalar { encode(scalar) ?? encodedReplacementCharacter }
}
