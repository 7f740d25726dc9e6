import Learning

/// What was planned, in words.
enum PlanText {
    static func lines(_ plan: Plan) -> [String] {
        let sequence = plan.sequence
        var lines = zip(plan.request.targets, plan.targets).map { "\($0.name): \(test($1))" }
        guard let floor = sequence.floor, let start = sequence.start else {
            return lines + ["planned on \(sequence.tuneCount) tune documents: no floor, so nothing is tested"]
        }
        lines.append(
            "planned on \(sequence.tuneCount) tune documents: from \(place(sequence.grid[start])) to the floor, \(place(sequence.grid[floor]))"
        )
        lines.append(
            "certify: \(sequence.certifyAboveFloor) of \(sequence.certifyCount) documents are at or above the floor; only these are tested")
        let coverage = sequence.grid[floor].coverage
        if sequence.certifyAboveFloor == sequence.certifyCount, sequence.certifyCount > 0, coverage < 0.999 {
            lines.append(
                "all certify documents are at or above the floor, as \(CertificateText.percent(coverage)) of tune are: they are taken for a draw "
                    + "above it, and captures are shares of these documents alone")
        }
        return lines
    }

    private static func place(_ point: GridPoint) -> String {
        "score >= \(ModelText.digits(point.threshold, 6)) (\(CertificateText.percent(point.coverage)) of tune)"
    }

    private static func test(_ target: TargetPlan) -> String {
        let outside = "documents with more than \(target.codesMax) are outside, never confident"
        switch target.test {
        case .exactBinomial: return "exact binomial test; \(outside)"
        case .kornGraubard where target.codesMax > 2:
            return "Korn-Graubard's test, whose level is rough with so many codes a document (--mode strict keeps it); \(outside)"
        case .kornGraubard: return "Korn-Graubard's test; \(outside)"
        case .betting: return "by betting; \(outside)"
        case .bettingOnShares: return "by betting on each document's share; \(outside)"
        }
    }
}
