/// What one document contributes to one target: how many codes (or fields) were predicted, and how many of them the review found wrong.
package struct CodeCount: Sendable, Hashable, Codable {
    /// K_d: 0 when the document says nothing about the target.
    package let codes: Int
    /// E_d, in 0…codes.
    package let wrong: Int

    /// Numbers out of range are held within it: a document can't have more wrong codes than codes.
    package init(codes: Int, wrong: Int) {
        self.codes = max(codes, 0)
        self.wrong = min(max(wrong, 0), self.codes)
    }
}
