/// Results as engines post them, made of little.
enum Results {
    /// A line of NDJSON; `review` is JSON, or nil for none.
    static func line(_ documentId: String, type: String = "sample", confidence: Double = 0.95, review: String? = nil) -> String {
        let result =
            #""documentType":"\#(type)","documentId":"\#(documentId)","fields":[{"name":"a","value":"x","confidence":\#(confidence)}]"#
        return review.map { "{\(result),\"review\":\($0)}" } ?? "{\(result)}"
    }

    static let approved = #"{"verdict":"approved","reviewedBy":"coder-1","at":"2026-01-05T08:30:58Z"}"#
    static let modified = #"{"verdict":"modified","corrected":{"a":"y"},"at":"2026-01-05T08:30:58Z"}"#

    /// A policy for those results.
    static let policy = #"{"documentType":"sample","threshold":0.9}"#
}
