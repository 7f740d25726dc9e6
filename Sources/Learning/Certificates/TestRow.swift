/// One test of one target at one threshold, as the ledger keeps it: enough to compute p again (but in strict mode, which needs the documents).
package struct TestRow: Sendable, Hashable, Codable {
    /// j: index in the grid.
    package let point: Int
    /// Index among the plan's targets.
    package let target: Int
    /// k: accepted clusters (documents, where none is named) with a wrong code; for one code a document, the wrong ones.
    package let wrongClusters: Int
    /// n: accepted clusters with a code of the target.
    package let clusters: Int
    /// N = ΣK.
    package let codes: Int
    /// E = ΣE.
    package let wrong: Int
    /// The most codes in a cluster.
    package let codesMax: Int
    /// ΣK².
    package let codesSquared: Int
    /// max(1, design effect), before any guard.
    package let designEffect: Double
    package let pValue: Double

    /// ΣE/N; 0 without codes.
    package var errorRate: Double { codes > 0 ? Double(wrong) / Double(codes) : 0 }

    init(point: Int, target: Int, summary: KornGraubard.Summary, pValue: Double) {
        self.point = point
        self.target = target
        wrongClusters = summary.wrongClusters
        clusters = summary.clusters
        codes = summary.codes
        wrong = summary.wrong
        codesMax = summary.codesMax
        codesSquared = summary.codesSquared
        designEffect = summary.designEffect
        self.pValue = pValue
    }

    package var summary: KornGraubard.Summary {
        KornGraubard.Summary(
            clusters: clusters, wrongClusters: wrongClusters, codes: codes, wrong: wrong, codesMax: codesMax, codesSquared: codesSquared,
            designEffect: designEffect)
    }
}
