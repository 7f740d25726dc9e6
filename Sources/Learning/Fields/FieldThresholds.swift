/// Thresholds of a family of pools: what was certified and, beside it, what the eye would have chosen. Everything is counted on the certify
/// readings, but for what was planned.
package struct FieldThresholds: Sendable, Hashable, Codable {
    package let plan: FieldPlan
    /// In the order of the plan's pools.
    package let pools: [PoolThreshold]
    /// Over all readings, whichever pool they are of.
    package let naive: FieldCapture
    package let certified: FieldCapture

    package struct PoolThreshold: Sendable, Hashable, Codable {
        package let pool: FieldPool
        package let readings: FieldCapture
        /// The loosest at which the accuracy of these very readings is the target's: certified by nothing.
        package let naiveThreshold: Double?
        package let naive: FieldCapture
        /// Nil when nothing was certified.
        package let threshold: Double?
        package let certified: FieldCapture
        /// Nil for a pool that was not opened.
        package let certificate: Certificate?
        /// Fresh certify readings with which something is likely to be certified, where nothing was; nil where no number is.
        package let readingsNeeded: Int?
        package let members: [Member]
    }

    /// A field of a pool, under the pool's thresholds.
    package struct Member: Sendable, Hashable, Codable {
        package let key: FieldKey
        package let readings: FieldCapture
        package let naive: FieldCapture
        package let certified: FieldCapture
    }
}

/// A set of readings that a rule accepts: how many of how many, and how many of them are right.
package struct FieldCapture: Sendable, Hashable, Codable {
    /// Readings that could have been accepted.
    package let of: Int
    package let accuracy: AccuracyEstimate
    /// The mean, over documents with an accepted reading, of the share of theirs that is right; nil without any.
    package let documentAccuracy: Double?

    package var count: Int { accuracy.codes }
    package var wrong: Int { accuracy.codes - accuracy.right }
    package var share: Double { of > 0 ? Double(count) / Double(of) : 0 }

    /// - Parameter isAccepted: called for each of the readings.
    package init(_ readings: [FieldReading], where isAccepted: (FieldReading) -> Bool = { _ in true }) {
        var counts: [Int: CodeCount] = [:]
        for reading in readings where isAccepted(reading) {
            let before = counts[reading.document] ?? CodeCount(codes: 0, wrong: 0)
            counts[reading.document] = CodeCount(codes: before.codes + 1, wrong: before.wrong + (reading.isWrong ? 1 : 0))
        }
        var sums = ClusterSums()
        for count in counts.values { sums.add(count) }
        of = readings.count
        accuracy = AccuracyEstimate(sums)
        // In order, so that the sum is always the same.
        let shares = counts.sorted { $0.key < $1.key }.reduce(0.0) { $0 + Double($1.value.codes - $1.value.wrong) / Double($1.value.codes) }
        documentAccuracy = counts.isEmpty ? nil : shares / Double(counts.count)
    }

    /// Those at or above a threshold; none for nil.
    init(_ readings: [FieldReading], threshold: Double?) {
        self.init(readings) { reading in
            guard let threshold, let score = reading.score else { return false }
            return score >= threshold
        }
    }
}

extension FieldPlan {
    /// Runs every opened plan, once, on the certify readings.
    package func certify(_ readings: [FieldReading], validity: Validity) throws(CertifyError) -> FieldThresholds {
        let byKey = Dictionary(grouping: readings, by: \.key)
        var pools: [FieldThresholds.PoolThreshold] = []
        for plan in self.pools {
            let own = readings.filter { plan.pool.members.contains($0.key) }
            let documents = plan.pool.documents(own)
            let certificate: Certificate? = if let plan = plan.plan { try plan.certify(documents, validity: validity) } else { nil }
            let naive = NaiveThreshold.choose(documents, accuracies: [request.accuracy])
            let threshold = certificate?.threshold
            pools.append(
                FieldThresholds.PoolThreshold(
                    pool: plan.pool, readings: FieldCapture(own), naiveThreshold: naive, naive: FieldCapture(own, threshold: naive),
                    threshold: threshold, certified: FieldCapture(own, threshold: threshold), certificate: certificate,
                    readingsNeeded: threshold == nil ? likelyCount(plan.pool, like: documents) : nil,
                    members: plan.pool.members.map { key in
                        let own = byKey[key] ?? []
                        return FieldThresholds.Member(
                            key: key, readings: FieldCapture(own), naive: FieldCapture(own, threshold: naive),
                            certified: FieldCapture(own, threshold: threshold))
                    }))
        }
        let thresholds = (
            naive: FieldThresholds.byField(pools) { $0.naiveThreshold }, certified: FieldThresholds.byField(pools) { $0.threshold }
        )
        return FieldThresholds(
            plan: self, pools: pools, naive: FieldCapture(readings, thresholds: thresholds.naive),
            certified: FieldCapture(readings, thresholds: thresholds.certified))
    }
}

extension FieldThresholds {
    fileprivate static func byField(_ pools: [PoolThreshold], _ threshold: (PoolThreshold) -> Double?) -> [FieldKey: Double] {
        var thresholds: [FieldKey: Double] = [:]
        for pool in pools {
            guard let threshold = threshold(pool) else { continue }
            for key in pool.pool.members { thresholds[key] = threshold }
        }
        return thresholds
    }

    /// Of the certified fields alone.
    package var certifiedThresholds: [FieldKey: Double] { FieldThresholds.byField(pools) { $0.threshold } }

    /// The same thresholds on readings of other documents: what they really let through.
    package func tried(on readings: [FieldReading]) -> FieldTrial {
        let naive = FieldThresholds.byField(pools) { $0.naiveThreshold }
        let certified = certifiedThresholds
        return FieldTrial(
            readings: FieldCapture(readings), naive: FieldCapture(readings, thresholds: naive),
            certified: FieldCapture(readings, thresholds: certified),
            pools: pools.map { pool in
                let own = readings.filter { pool.pool.members.contains($0.key) }
                return FieldTrial.Pool(
                    name: pool.pool.name, readings: FieldCapture(own), naive: FieldCapture(own, thresholds: naive),
                    certified: FieldCapture(own, thresholds: certified))
            })
    }
}

/// Thresholds on documents that had no part in choosing them.
package struct FieldTrial: Sendable, Hashable, Codable {
    package let readings: FieldCapture
    package let naive: FieldCapture
    package let certified: FieldCapture
    package let pools: [Pool]

    package struct Pool: Sendable, Hashable, Codable {
        package let name: String
        package let readings: FieldCapture
        package let naive: FieldCapture
        package let certified: FieldCapture
    }
}

extension FieldCapture {
    fileprivate init(_ readings: [FieldReading], thresholds: [FieldKey: Double]) {
        self.init(readings) { reading in
            guard let threshold = thresholds[reading.key], let score = reading.score else { return false }
            return score >= threshold
        }
    }
}
