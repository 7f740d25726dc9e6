import Testing

@testable import Learning

/// What of a document was right, from what became of its items.
struct OutcomeTests {
    private func made(_ pairs: [(String, String, Bool)]) -> Case {
        var maker = CaseMaker(id: "d")
        for (procedure, diagnosis, isPrimary) in pairs { maker.pair(procedure, diagnosis, primary: isPrimary) }
        return maker.document
    }

    private func added(_ procedure: String, _ diagnosis: String, primary: Bool) -> Case.Added {
        Case.Added(first: Case.codeKey(procedure.utf8), second: Case.codeKey(diagnosis.utf8), isPrimary: primary)
    }

    @Test func `an unchanged document has all codes right`() {
        var document = made([("71045", "J18.9", true), ("71045", "R05", false)])
        document.outcome = document.outcome(fates: [.kept, .kept], added: [])
        #expect(document.outcome?.isUnchanged == true)
        #expect(document.count(of: .procedure) == (1, 0))
        #expect(document.count(of: .primaryDiagnosis) == (1, 0))
        #expect(document.count(of: .field) == (0, 0))
    }

    @Test func `a replaced procedure leaves its diagnosis right`() {
        var document = made([("71045", "J18.9", true)])
        document.outcome = document.outcome(fates: [.removed], added: [added("71046", "J18.9", primary: true)])
        #expect(document.count(of: .procedure) == (1, 1))
        #expect(document.count(of: .primaryDiagnosis) == (1, 0))
        #expect(document.outcome?.isUnchanged == false)
    }

    @Test func `codes are counted as multisets over the document`() {
        var document = made([("A", "X", true), ("A", "Y", true)])
        document.outcome = document.outcome(fates: [.kept, .removed], added: [added("B", "Y", primary: true)])
        #expect(document.count(of: .procedure) == (2, 1))
        #expect(document.count(of: .primaryDiagnosis) == (2, 0))
    }

    @Test func `a pair that is no longer primary counts for no promise, and one that became so does`() {
        var document = made([("A", "X", true), ("A", "Y", false)])
        document.outcome = document.outcome(fates: [.changed, .changed], added: [])
        #expect(document.count(of: .procedure) == (1, 0))
        #expect(document.count(of: .primaryDiagnosis) == (1, 1))
    }

    @Test func `an added pair changes the document and no item`() {
        var document = made([("A", "X", true)])
        document.outcome = document.outcome(fates: [.kept], added: [added("A", "Y", primary: false)])
        #expect(document.outcome?.isUnchanged == false)
        #expect(document.outcome?.items == [Case.ItemOutcome(isKept: true, isFirstRight: true, isSecondRight: true)])
        #expect(document.outcome?.addedCount == 1)
    }

    @Test func `what nobody has reviewed counts as wrong`() {
        #expect(made([("A", "X", true)]).count(of: .procedure) == (1, 1))
    }

    @Test func `a changed field is wrong`() {
        var maker = CaseMaker(id: "d")
        maker.field("a")
        maker.field("b")
        maker.document.outcome = maker.document.outcome(fates: [.kept, .changed], added: [])
        #expect(maker.document.count(of: .field) == (2, 1))
    }
}
