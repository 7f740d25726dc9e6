import Learning

extension EvaluationPage {
    /// How each population fares under the certified threshold: a promise about all of them can hide a site.
    var populationSection: String? {
        guard let shown = run.shownPopulations else { return nil }
        let missed = shown.populations.map { $0.missed(errorRates: run.targets.map { 1 - $0.accuracy }) }
        let rows = zip(shown.populations, missed).map { population, missed in
            [
                Markup.escaped(PopulationText.name(population)), Markup.grouped(population.documents),
                EvaluationPage.share(
                    population.capture, ClopperPearson.interval(successes: population.accepted, trials: population.documents)),
            ]
                + population.accuracies.enumerated().map { index, estimate in
                    guard let accuracy = estimate.accuracy else { return "–" }
                    let text = EvaluationPage.share(accuracy, estimate.lower...estimate.upper, 2)
                    return missed.contains(index) ? "<span class=\"missed\">\(text) ▾</span>" : text
                }
        }
        let names = zip(shown.populations, missed).filter { !$0.1.isEmpty }.map { Markup.escaped(PopulationText.name($0.0)) }
        let verdict =
            names.isEmpty
            ? "No population is shown to miss a target."
            : "<strong>A target is missed in \(names.joined(separator: ", "))</strong>, with a confidence of 95 %: the promise is about all populations together."
        return EvaluationPage.section(
            "By population",
            [
                "<p>A certificate promises accuracies of all captured documents together, and can hide a site. \(verdict)</p>",
                Markup.table(
                    caption:
                        "Table \(number(.populations)). Test documents under the certified threshold of \(shown.technique.rawValue), with intervals. ▾ marks a target that is missed for all that chance could do.",
                    head: ["population", "documents", "captured (%)"] + run.targets.map { "\($0.heading) (%)" }, rows: rows),
            ])
    }
}
