import Learning

/// How the populations fare under one threshold, in words: a promise about all of them can hide a site.
enum PopulationText {
    /// A table, and a line for each population that misses a target for all that chance could do. Empty where no population is named.
    static func lines(_ populations: [SetEstimate], _ targets: [(name: String, accuracy: Double)]) -> [String] {
        guard !populations.isEmpty else { return [] }
        var lines = TextTable.lines(
            head: ["population", "documents", "captured"] + targets.map { "\($0.name) right" },
            rows: populations.map { population in
                [name(population), "\(population.documents)", "\(population.accepted)"] + population.accuracies.map(accuracy)
            }, numbersFrom: 1)
        for population in populations {
            for index in population.missed(errorRates: targets.map { 1 - $0.accuracy }) {
                lines.append(
                    "\(name(population)) misses \(targets[index].name): at least \(percent(population.accuracies[index].wrongLeast)) are wrong "
                        + "(95 % sure), \(percent(1 - targets[index].accuracy)) are allowed; the promise is about all populations together")
            }
        }
        return lines
    }

    static func name(_ estimate: SetEstimate) -> String {
        switch estimate.population {
        case .all: "all"
        case .named(let name): String(String.UnicodeScalarView(name.unicodeScalars.filter { $0.properties.generalCategory != .control }))
        case .unnamed: "(none named)"
        }
    }

    private static func accuracy(_ estimate: AccuracyEstimate) -> String {
        estimate.accuracy.map { "\(percent($0)) (\(percent(estimate.lower)) to \(percent(estimate.upper)), n \(estimate.codes))" } ?? "-"
    }

    private static func percent(_ share: Double) -> String { CertificateText.percent(share) }
}
