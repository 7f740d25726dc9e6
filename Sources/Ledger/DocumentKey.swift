/// What the log finds a document's decisions by: the run of 1,024 decisions a decision is in, and a hash of the document's id.
///
/// The hash is FNV-1a (Fowler, Noll, Vo) of 32 bits. Stored, so neither ever changes.
enum DocumentKey {
    static func of(_ documentId: UnsafeRawBufferPointer, sequence: Int64) -> Int64 {
        var hash: UInt32 = 0x811C_9DC5
        // By index: the formatter does not know `for unsafe`.
        for index in 0..<documentId.count { hash = (hash ^ UInt32(unsafe documentId[index])) &* 0x0100_0193 }
        return (sequence &>> 10) &<< 32 | Int64(hash)
    }

    static func of(_ documentId: String, sequence: Int64) -> Int64 {
        var documentId = documentId
        return documentId.withUTF8 { unsafe of(UnsafeRawBufferPointer($0), sequence: sequence) }
    }

    /// The key's lower half.
    static func hash(_ documentId: String) -> Int64 { of(documentId, sequence: 0) }
}
