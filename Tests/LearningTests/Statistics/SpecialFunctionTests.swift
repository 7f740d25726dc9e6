import Learning
import Testing

/// Against scipy (and mpmath with 60 digits where scipy is less exact), and against values in print.
@Suite struct SpecialFunctionTests {
    static let functions: [String: @Sendable (Double, Double, Double) -> Double] = [
        "logGamma": { x, _, _ in logGamma(x) },
        "betaLower": { x, a, b in IncompleteBeta.lower(x, a, b) },
        "betaUpper": { x, a, b in IncompleteBeta.upper(x, a, b) },
        "betaQuantile": { p, a, b in IncompleteBeta.quantile(p, a, b) },
        "gammaLower": { a, x, _ in IncompleteGamma.lower(a, x) },
        "gammaUpper": { a, x, _ in IncompleteGamma.upper(a, x) },
        "chiSquaredQuantile": { p, degrees, _ in ChiSquared.quantile(p, degrees: degrees) },
        "chiSquaredUpperQuantile": { q, degrees, _ in ChiSquared.quantile(upper: q, degrees: degrees) },
        "normalLower": { z, _, _ in Normal.lower(z) },
        "normalQuantile": { p, _, _ in Normal.quantile(p) },
        "studentLower": { t, degrees, _ in StudentT.lower(t, degrees: degrees) },
        "studentUpperQuantile": { q, degrees, _ in StudentT.quantile(upper: q, degrees: degrees) },
        "binomialLower": { k, n, p in Binomial.lower(Int(k), trials: Int(n), probability: p) },
        "binomialUpper": { k, n, p in Binomial.upper(Int(k), trials: Int(n), probability: p) },
    ]

    @Test(arguments: functions.keys.sorted())
    func `a function is within 1e-11 of the table`(name: String) throws {
        let function = try #require(Self.functions[name])
        let rows = try ReferenceTable("special_functions").rows.filter { $0["function"] == name }
        #expect(rows.count >= 12)
        for row in rows {
            let value = function(row.number("first"), row.number("second"), row.number("third"))
            let error = relativeError(value, row.number("value"))
            #expect(error <= 1e-11, "\(row.cells.joined(separator: " ")): \(value), error \(error)")
        }
    }

    @Test func `the table is wide`() throws {
        let values = try ReferenceTable("special_functions").rows.map { $0.number("value") }
        #expect(values.count > 1000)
        #expect(values.contains { $0 > 0 && $0 < 1e-290 })
    }

    /// Abramowitz, Stegun, "Handbook of Mathematical Functions": tables 26.1 (P(x) and x of 1 − Q), 26.8 (χ²), 26.10 (t), as printed.
    @Test(arguments: [
        ("P(1.00), table 26.1", Normal.lower(1), 0.841344746068543, 1e-15),
        ("P(1.96), table 26.1", Normal.lower(1.96), 0.975002104851780, 1e-15),
        ("x for Q = .05, table 26.5", Normal.quantile(upper: 0.05), 1.64485, 5e-6),
        ("x for Q = .025, table 26.5", Normal.quantile(upper: 0.025), 1.95996, 5e-6),
        ("x for Q = .001, table 26.5", Normal.quantile(upper: 0.001), 3.09023, 5e-6),
        ("χ² for Q = .05, ν = 1, table 26.8", ChiSquared.quantile(upper: 0.05, degrees: 1), 3.84146, 5e-6),
        ("χ² for Q = .05, ν = 10, table 26.8", ChiSquared.quantile(upper: 0.05, degrees: 10), 18.3070, 5e-5),
        ("χ² for Q = .001, ν = 5, table 26.8", ChiSquared.quantile(upper: 0.001, degrees: 5), 20.515, 5e-4),
        ("χ² for Q = .995, ν = 20, table 26.8", ChiSquared.quantile(0.005, degrees: 20), 7.43386, 5e-5),
        ("t for A = .90, ν = 1, table 26.10", StudentT.quantile(0.95, degrees: 1), 6.314, 5e-4),
        ("t for A = .95, ν = 10, table 26.10", StudentT.quantile(0.975, degrees: 10), 2.228, 5e-4),
        ("t for A = .99, ν = 30, table 26.10", StudentT.quantile(0.995, degrees: 30), 2.750, 5e-4),
    ])
    func `values in print`(source: String, value: Double, printed: Double, tolerance: Double) {
        #expect(abs(value - printed) <= tolerance, "\(source): \(value)")
    }

    /// Closed forms: DLMF 5.4.1 and 5.4.6 (Γ), 8.4.1 (P(½, x²) = erf x, 7.1), 8.17.5 (binomial), I_x(1, b) = 1 − (1−x)^b, Cauchy's arctangent.
    @Test func `closed forms of the NIST handbook`() {
        #expect(relativeError(logGamma(0.5), 0.572364942924700087) < 1e-15)
        #expect(relativeError(logGamma(11), 15.1044125730755153) < 1e-15)
        #expect(relativeError(IncompleteGamma.lower(0.5, 1), 0.842700792949714869) < 1e-14)
        #expect(relativeError(IncompleteBeta.upper(0.02, 1, 149), 0.0492816543300895) < 1e-10)
        #expect(relativeError(IncompleteBeta.lower(0.5, 7, 7), 0.5) < 1e-14)
        #expect(relativeError(StudentT.upper(1, degrees: 1), 0.25) < 1e-14)
        #expect(relativeError(IncompleteGamma.upper(3, 2), 5 * 0.135335283236612692) < 1e-14)
    }

    /// Numbers that the method rests on.
    @Test func `check values of the method`() {
        #expect(abs(Binomial.lower(0, trials: 149, probability: 0.02) - 0.0493) < 5e-5)
        #expect(Binomial.lower(5, trials: 523, probability: 0.02) <= 0.05)
        #expect(Binomial.lower(5, trials: 522, probability: 0.02) > 0.05)
        #expect(Binomial.lower(10, trials: 336, probability: 0.05) <= 0.05)
        for (alpha, least) in [(0.02, 149), (0.05, 59), (0.01, 299)] {
            #expect(Binomial.lower(0, trials: least, probability: alpha) <= 0.05)
            #expect(Binomial.lower(0, trials: least - 1, probability: alpha) > 0.05)
        }
    }

    @Test func `tails beyond the range of doubles keep their logarithm`() {
        // ln (1 − 0.02)^100,000, and the same at the other side.
        #expect(relativeError(IncompleteBeta.logUpper(0.02, 1, 100_000), -2020.27073175194484) < 1e-13)
        #expect(relativeError(IncompleteBeta.logLower(0.98, 100_000, 1), -2020.27073175194484) < 1e-12)
        #expect(IncompleteBeta.lower(0.5, 1e6, 1e3) == 0)
        #expect(IncompleteBeta.logLower(0.5, 1e6, 1e3) < -600_000)
    }

    @Test func `arguments out of range give no number`() {
        for value in [
            IncompleteBeta.lower(-0.1, 1, 1), IncompleteBeta.lower(0.5, 0, 1), IncompleteBeta.quantile(.nan, 1, 1),
            IncompleteGamma.lower(-1, 1), Normal.quantile(1.5), StudentT.lower(.nan, degrees: 3), ChiSquared.upper(1, degrees: 0),
        ] { #expect(value.isNaN) }
        #expect(IncompleteBeta.lower(0, 2, 3) == 0 && IncompleteBeta.lower(1, 2, 3) == 1)
        #expect(Binomial.lower(-1, trials: 5, probability: 0.5) == 0 && Binomial.lower(5, trials: 5, probability: 0.5) == 1)
    }
}
