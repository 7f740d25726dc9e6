import Learning
import Routing
import Testing

@testable import Service

/// Certificates from files: planned, tested, shown, computed again.
struct CertifyTests {
    private let directory: TemporaryDirectory
    private let settings = Settings()
    private static let today = CivilDate(year: 2026, month: 3, day: 1) ?? .max
    private let model: String
    private let tune: String

    /// Reported confidence says all: from 0.2 on codes are right; below, half of the diagnoses are wrong, and with some the procedure.
    private static func lines(_ range: Range<Int>, withReview: Bool = true) -> String {
        range.map { number in
            let confidence = Double(number * 37 % 100) / 100
            let isRight = confidence >= 0.2 || number / 100 % 2 == 0
            let procedure = number % 3 == 0 ? "71046" : "71045"
            let review =
                isRight
                ? #"{"verdict":"approved"}"#
                : #"{"verdict":"modified","corrected":[{"procedure":"\#(procedure)","diagnosis":"R91.8","primary":true}]}"#
            return #"{"documentType":"radiology-report","documentId":"n-\#(number)","serviceDate":"2026-02-01","#
                + #""pairs":[{"procedure":"71045","diagnosis":"J18.9","primary":true,"confidence":\#(confidence)}]"#
                + (withReview ? #","review":\#(review)}"# : "}")
        }.joined(separator: "\n")
    }

    init() throws {
        directory = try TemporaryDirectory()
        model = "\(directory.path)/model.json"
        tune = try directory.file("tune.jsonl", Self.lines(600..<1200))
        _ = try TrainModel(train: [directory.file("train.jsonl", Self.lines(0..<600))], tune: [tune], out: model, settings: settings)
            .run { _ in }
    }

    private func job(_ certify: String, out: String) throws -> CertifyFiles {
        var job = CertifyFiles(
            model: model, tune: [tune], certify: [certify], targets: try TargetAccuracy.list("procedure=0.98,primaryDiagnosis=0.95"),
            risk: try #require(Risk(delta: 0.05)), out: "\(directory.path)/\(out)", today: Self.today, settings: settings)
        job.startRule = .leastDocuments
        return job
    }

    private func verification(
        _ path: String, _ certify: String, _ change: (inout VerifyCertificate) -> Void = { _ in }
    ) -> VerifyCertificate {
        var job = VerifyCertificate(path, today: Self.today, settings: settings)
        job.model = model
        job.certify = [certify]
        change(&job)
        return job
    }

    @Test func `a threshold is certified that lets the right ones through, and can be computed again`() throws {
        let certify = try directory.file("certify.jsonl", Self.lines(1200..<2700))
        let job = try job(certify, out: "certificate.json")
        let (lines, isCertified) = try job.run { Issue.record("\($0)") }
        #expect(isCertified)
        #expect(lines.contains { $0.hasPrefix("certified: score >= ") })
        let certificate = try CertificateChecks.read(job.out)
        let estimate = try #require(certificate.outcomes.first?.estimates.first)
        // Four of five are right for certain; with them at most a few others may pass at 95 %.
        #expect(0.7...0.9 ~= estimate.capture)
        #expect(try #require(estimate.accuracies.last?.accuracy) >= 0.95)
        #expect(try CertificateFile.plan(InputFile.bytes(of: job.planPath, bytesMax: 1 << 20)) == certificate.plan)

        let (found, isExpired) = try verification(job.out, certify) { $0.tune = [tune] }.run { _ in }
        #expect(found.first == "\(job.out) is sound")
        #expect(!isExpired)
        #expect(found.contains("all sums were counted again") && found.contains("the plan was made again"))
        // The same files give the same bytes.
        let again = try self.job(certify, out: "again.json")
        _ = try again.run { _ in }
        #expect(try InputFile.bytes(of: again.out, bytesMax: 1 << 20) == InputFile.bytes(of: job.out, bytesMax: 1 << 20))
    }

    @Test func `too few labels certify nothing, and it is said which test stopped and how many are likely to be needed`() throws {
        let job = try job(try directory.file("few.jsonl", Self.lines(1200..<1280)), out: "few.json")
        let (lines, isCertified) = try job.run { _ in }
        #expect(!isCertified)
        #expect(lines.contains("certified: nothing; no document may be routed confident by this model yet"))
        let stop = try #require(lines.first { $0.hasPrefix("stopped by ") })
        #expect(stop.contains("fresh reviewed documents are likely"))
        #expect(try #require(CertificateChecks.read(job.out).outcomes.first?.stop?.labelsNeeded) > 80)
    }

    @Test func `documents that planned or taught are not certified by`() throws {
        let shared = try directory.file("shared.jsonl", Self.lines(1150..<1700))
        let taught = try directory.file("taught.jsonl", Self.lines(0..<600))
        for (path, words) in [
            (shared, "tune and certify share 50 documents"), (taught, "of the 600 certify documents 600 taught the model"),
        ] {
            let failure = try #require(throws: Failure.self) { _ = try job(path, out: "none.json").run { _ in } }
            #expect(failure.message.contains(words))
        }
    }

    @Test func `strict mode bets as high as the codes of tune's documents allow`() throws {
        var job = try job(directory.file("strict.jsonl", Self.lines(1200..<2700)), out: "strict.json")
        job.strictSeed = 1
        let (_, isCertified) = try job.run { Issue.record("\($0)") }
        #expect(isCertified)
        #expect(try CertificateChecks.read(job.out).plan.targets.map(\.codesMax) == [1, 1])
    }

    @Test func `work that nobody has reviewed counts as wrong`() throws {
        let job = try job(try directory.file("open.jsonl", Self.lines(1200..<2700, withReview: false)), out: "open.json")
        #expect(try !job.run { _ in }.isCertified)
    }

    @Test func `a certificate that was changed, and files that are others, are found out`() throws {
        let certify = try directory.file("certify.jsonl", Self.lines(1200..<2700))
        let job = try job(certify, out: "certificate.json")
        _ = try job.run { _ in }
        let text = String(decoding: try InputFile.bytes(of: job.out, bytesMax: 1 << 20), as: UTF8.self)
        let threshold = try #require(CertificateChecks.read(job.out).threshold)
        let looser = try directory.file(
            "looser.json",
            text.split(separator: "\"threshold\" : \(threshold)", omittingEmptySubsequences: false).joined(
                separator: "\"threshold\" : \(threshold / 2)"))
        let others = try directory.file("others.jsonl", Self.lines(3000..<4500))
        for (file, certify) in [(looser, certify), (job.out, others)] {
            #expect {
                try verification(file, certify).run { _ in }
            } throws: {
                Failure($0).status == .badData
            }
        }
    }

    @Test(arguments: [
        ("procedure", "the accuracy of procedure"), ("procedure=2", "the accuracy of procedure"), ("dx=0.9", "\"dx\" is no target"),
        ("procedure=0.9,procedure=0.8", "procedure is named twice"), ("", "\"\" is no target"),
    ]) func `targets that mean nothing are refused`(text: String, words: String) {
        #expect {
            try TargetAccuracy.list(text)
        } throws: {
            Failure($0).status == .usage && Failure($0).message.contains(words)
        }
    }
}
