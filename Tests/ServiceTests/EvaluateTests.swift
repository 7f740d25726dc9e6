import Foundation
import Routing
import TestSupport
import Testing

@testable import Learning
@testable import Service

/// The command `evaluate` on files: its figures as JSON, its page, its refusals.
struct EvaluateTests {
    private let directory: TemporaryDirectory
    private let files: (train: String, tune: String, test: String)

    /// Half of the documents have a small margin, and half of those a wrong diagnosis.
    private static func lines(_ range: Range<Int>, procedure: String = "71045") -> String {
        range.map { number in
            let margin = Double(number * 37 % 100) / 100
            let isRight = margin >= 0.5 || number / 100 % 2 == 0
            let code = number % 3 == 0 ? "71046" : procedure
            let pair = #"{"procedure":"\#(code)","diagnosis":"J18.9","primary":true"#
            let review =
                isRight
                ? #"{"verdict":"approved"}"#
                : #"{"verdict":"modified","corrected":[{"procedure":"\#(code)","diagnosis":"R91.8","primary":true}]}"#
            return #"{"documentType":"report","documentId":"n-\#(number)","serviceDate":"2026-02-01","pairs":[\#(pair),"#
                + #""confidence":\#(Double(number * 53 % 100) / 100),"evidence":{"margin":\#(margin)}}],"review":\#(review)}"#
        }.joined(separator: "\n")
    }

    init() throws {
        directory = try TemporaryDirectory()
        files = (
            try directory.file("train.jsonl", Self.lines(0..<600)), try directory.file("tune.jsonl", Self.lines(600..<800)),
            try directory.file("test.jsonl", Self.lines(800..<1200))
        )
    }

    private func job(_ name: String = "evaluation", _ change: (inout EvaluateFiles) throws -> Void = { _ in }) throws -> EvaluateFiles {
        var job = EvaluateFiles(
            train: [files.train], tune: [files.tune], test: [files.test],
            targets: try TargetAccuracy.list("procedure=0.9,primaryDiagnosis=0.9"), risk: try #require(Risk(delta: 0.05)),
            now: Instant(milliseconds: 1_790_000_000_000), settings: Settings())
        var boosting = BoostingSettings()
        boosting.roundsMax = 8
        boosting.depthMax = 3
        job.boosting = boosting
        job.jsonPath = "\(directory.path)/\(name).json"
        try change(&job)
        return job
    }

    private struct Figures: Decodable {
        struct Line: Decodable {
            var name: String
            var rule: String
            var threshold: Double?
            var capture: Double
            var procedure: Double?
            var primaryDiagnosis: Double?
            var n: Int
            var captured: Int
            var captureInterval: [Double]
        }
        struct Promise: Decodable {
            var draws: Int
            var naive: Double
            var certified: Double
            var certifiedInterval: [Double]
            var certifiedKept: Bool
        }
        struct Point: Decodable {
            var size: Int
            var techniques: [Line]
        }
        var techniques: [Line]
        var learningCurve: [Point]
        var promise: Promise?
    }

    private func figures(_ job: EvaluateFiles) throws -> Figures {
        try JSONDecoder().decode(Figures.self, from: Data(contentsOf: URL(filePath: try #require(job.jsonPath))))
    }

    @Test func `the figures have their names, and the same seed gives the same bytes`() throws {
        let crosswalk = try directory.file("crosswalk.csv", "procedure,diagnosis\n71045,J18.9\n")
        let jobs = try ["one", "two"].map { name in
            try job(name) {
                $0.crosswalk = crosswalk
                $0.promiseDraws = 10
                $0.curveSizes = [200]
                $0.reportPath = "\(directory.path)/\(name).html"
            }
        }
        let lines = try jobs.map { try $0.run { Issue.record("\($0)") } }[0]
        #expect(lines.contains { $0.hasPrefix("situated-boosted  certified") || $0.hasPrefix("situated-boosted   certified") })
        #expect(lines.contains { $0.hasPrefix("certified: broken in ") })
        let figures = try figures(jobs[0])
        let names = ["crosswalk", "engine", "nonsituated", "situated-logistic", "situated-boosted"]
        #expect(
            figures.techniques.map { "\($0.name) \($0.rule)" }
                == names.flatMap { name in (name == "crosswalk" ? ["table", "certified"] : ["naive", "certified"]).map { "\(name) \($0)" } }
        )
        for line in figures.techniques {
            #expect(line.n == 400 && line.capture == Double(line.captured) / 400)
            #expect((line.threshold == nil) == (line.captured == 0 || line.rule == "table"))
            #expect((line.procedure == nil) == (line.captured == 0) && (line.primaryDiagnosis == nil) == (line.captured == 0))
            #expect(line.captureInterval[0] <= line.capture && line.capture <= line.captureInterval[1])
        }
        // Every third document has the other procedure: two in three stand in the table.
        #expect(figures.techniques[0].captured == (800..<1200).count { $0 % 3 != 0 })
        let boosted = try #require(figures.techniques.last { $0.name == "situated-boosted" && $0.rule == "naive" })
        #expect(boosted.capture >= 0.4, "\(boosted)")
        #expect(figures.learningCurve.map(\.size) == [200])
        let promise = try #require(figures.promise)
        #expect(promise.draws == 10 && (0...1).contains(promise.naive) && (0...1).contains(promise.certified))
        #expect(promise.certifiedInterval.count == 2)
        for suffix in ["json", "html"] {
            let bytes = try ["one", "two"].map { try Data(contentsOf: URL(filePath: "\(directory.path)/\($0).\(suffix)")) }
            #expect(bytes[0] == bytes[1] && !bytes[0].isEmpty)
        }
    }

    @Test func `the page stands alone, is well-formed, and obeys no file`() throws {
        let odd = #"<script src='http://x.example/y.js'>\"&"#
        let train = try directory.file("odd <i> & \"q\".jsonl", Self.lines(0..<600, procedure: odd))
        let test = try directory.file("odd-test.jsonl", Self.lines(800..<1200, procedure: odd))
        let path = "\(directory.path)/page.html"
        let job = try job {
            $0.train = [train]
            $0.test = [test]
            $0.promiseDraws = 5
            $0.curveSizes = [300]
            $0.reportPath = path
        }
        _ = try job.run { Issue.record("\($0)") }
        let page = try String(contentsOfFile: path, encoding: .utf8)
        // Nothing from elsewhere, nothing that runs.
        for forbidden in ["<script", "<link", "<img", "<iframe", "url(", "@import", "onload=", "<i>"] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
        #expect(page.contains("odd &lt;i&gt; &amp; &quot;q&quot;.jsonl"))
        #expect(page.contains("&lt;script src=&#39;http://x.example/y.js&#39;&gt;&quot;&amp;"))
        #expect(page.contains("@media print") && page.contains("prefers-color-scheme: dark"))
        // Every picture says what it shows; every table has a caption; identifiers are of their own.
        let elements = try WellFormed.elements(page)
        #expect(elements.count("svg") >= 7 && elements.count("svg") == elements.count("desc"))
        #expect(elements.count("table") == elements.count("caption") && elements.count("table") >= 7)
        #expect(elements.tags.allSatisfy { !$0.contains(" src=") && !$0.contains("href=") && !$0.contains(" on") })
        #expect(Set(elements.ids).count == elements.ids.count)
        #expect(page.contains("2026-09-21") && page.contains("seed 1"))
    }

    @Test func `parts that share documents are refused before anything is trained or written`() throws {
        let job = try job { $0.test = [files.tune] }
        #expect {
            try job.run { _ in }
        } throws: {
            let failure = Failure($0)
            return failure.status == .badData && failure.message.contains("tune and test share 200 documents")
        }
        #expect(throws: (any Error).self) { try InputFile(try #require(job.jsonPath)) }
    }

    @Test func `targets that nothing counts for, and files that are no crosswalk, are refused with a way out`() throws {
        let crosswalk = try directory.file("crosswalk.csv", "71045,J18.9\n")
        let jobs = try [
            (job { $0.targets = try TargetAccuracy.list("field=0.9") }, "nothing that field counts"),
            (job { $0.crosswalk = crosswalk }, "procedure,diagnosis"),
        ]
        for (job, words) in jobs {
            #expect {
                try job.run { _ in }
            } throws: {
                Failure($0).status == .badData && Failure($0).message.contains(words)
            }
        }
    }
}

/// The elements of a page that is written as XML too: every tag closed in order, every attribute quoted.
private struct WellFormed {
    struct Fault: Error { var place: String }

    private var names: [String] = []
    private(set) var ids: [String] = []
    /// What stands between `<` and `>`, of opening tags.
    private(set) var tags: [Substring] = []

    func count(_ name: String) -> Int { names.count { $0 == name } }

    static func elements(_ page: String) throws -> WellFormed {
        var found = WellFormed()
        var open: [String] = []
        var rest = page.drop { $0 != ">" }.dropFirst()
        while let start = rest.firstIndex(of: "<") {
            if rest[..<start].contains(">") && open.last != "style" { throw Fault(place: String(rest[..<start].suffix(80))) }
            guard let end = rest[start...].firstIndex(of: ">") else { throw Fault(place: String(rest[start...].prefix(80))) }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard open.popLast() == String(tag.dropFirst()) else { throw Fault(place: String(tag)) }
                continue
            }
            let name = String(tag.prefix { $0.isLetter || $0.isNumber })
            guard !name.isEmpty, tag.count(where: { $0 == "\"" }) % 2 == 0 else { throw Fault(place: String(tag)) }
            found.names.append(name)
            found.tags.append(tag)
            if let id = tag.firstRange(of: " id=\"") { found.ids.append(String(tag[id.upperBound...].prefix { $0 != "\"" })) }
            if !tag.hasSuffix("/") { open.append(name) }
        }
        if let left = open.last { throw Fault(place: left) }
        return found
    }
}
