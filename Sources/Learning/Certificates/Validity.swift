package import Routing

/// The code sets whose yearly change ends a certificate: codes come and go, and the old labels know nothing of it.
package enum CodeSet: String, Sendable, Hashable, Codable, CaseIterable {
    /// Changes on 1 October; the set of fiscal year Y is in force from 1 October of Y − 1.
    case icd10CM = "ICD-10-CM"
    /// Changes on 1 January.
    case cpt = "CPT"
}

/// The dates on which a certificate holds, both inclusive.
package struct Validity: Sendable, Hashable {
    package let from: CivilDate
    package let through: CivilDate
    package let codeSets: [CodeSet]

    /// From the day of issue to the eve of the first change of a code set, and no longer than `daysMax` days.
    package init(issued: CivilDate, daysMax: Int = 366, codeSets: [CodeSet]) {
        let eves = codeSets.map { $0.lastDay(of: $0.year(on: issued)).days }
        from = issued
        through = CivilDate(days: min(eves.min() ?? .max, issued.days + Int32(clamping: max(daysMax, 1)) - 1))
        self.codeSets = codeSets
    }

    package func contains(_ date: CivilDate) -> Bool { from <= date && date <= through }

    /// Whether it is over on a day.
    package func isExpired(on date: CivilDate) -> Bool { date > through }
}

extension CodeSet {
    /// The year by which the set in force on a date goes: 2026 for ICD-10-CM from 2025-10-01 to 2026-09-30, for CPT over 2026.
    package func year(on date: CivilDate) -> Int {
        let (year, month, _) = date.components
        return self == .icd10CM && month >= 10 ? year + 1 : year
    }

    /// The last day on which a year's set is in force.
    package func lastDay(of year: Int) -> CivilDate {
        let day = self == .icd10CM ? CivilDate(year: year, month: 9, day: 30) : CivilDate(year: year, month: 12, day: 31)
        return day ?? .max
    }
}
