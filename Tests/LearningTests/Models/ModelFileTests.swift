import Testing
import Validation

@testable import Learning

/// A model file is refused unless it is whole and fits together.
struct ModelFileTests {
    private static let bytes: [UInt8] = {
        var synthetic = SyntheticCases(seed: 21)
        var request = TrainingRequest()
        var boosting = BoostingSettings()
        boosting.roundsMax = 5
        request.boosting = boosting
        request.learner = .boosted
        let model = try? Trainer(request).train(train: synthetic.documents(300), tune: synthetic.documents(120))
        return model.flatMap { try? ModelFile.bytes(of: $0) } ?? []
    }()

    private func error(_ bytes: [UInt8]) -> ModelFileError? {
        do throws(ModelFileError) {
            _ = try ModelFile.read(bytes)
            return nil
        } catch {
            return error
        }
    }

    /// The file with a part exchanged and the hash made anew: another model, not a damaged one.
    private func rehashed(_ old: String, _ new: String) -> [UInt8] {
        let text = String(decoding: Self.bytes, as: UTF8.self)
        let end = text.ranges(of: ",\"sha256\"").first?.lowerBound ?? text.endIndex
        let content = Array(text[..<end].replacing(old, with: new, maxReplacements: 1).utf8)
        return content + Array(",\"sha256\":\"\(ModelFile.digest(content))\"}\n".utf8)
    }

    @Test func `the whole file is read, without its last newline too`() {
        #expect(Self.bytes.count > 10_000)
        #expect(error(Self.bytes) == nil)
        #expect(error(Array(Self.bytes.dropLast())) == nil)
    }

    @Test func `any changed byte is seen`() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<200 {
            var changed = Self.bytes
            changed[generator.below(changed.count - 1)] ^= UInt8(1 << generator.below(7))
            #expect(error(changed) != nil)
        }
    }

    @Test func `a file that was cut short is refused`() {
        for count in [0, 1, 30, 100, 5_000, Self.bytes.count - 2] { #expect(error(Array(Self.bytes.prefix(count))) != nil) }
        #expect(error(Array(Self.bytes.prefix(5_000))) == .damaged)
    }

    @Test func `something else is no model`() {
        for text in ["", "{}", "not JSON", "{\"format\":\"other\"}"] {
            guard case .notAModel = error(Array(text.utf8)) else {
                Issue.record("\(text)")
                continue
            }
        }
    }

    @Test func `another format is named`() {
        #expect(error(rehashed("\"formatVersion\":2", "\"formatVersion\":1")) == .format(1))
    }

    @Test(arguments: [
        ("\"aggregated\":[", "\"aggregated\":[99999,"), ("\"split_indices\":[", "\"split_indices\":[1,"),
        ("\"name\":\"gbtree\"", "\"name\":\"gblinear\""), ("\"prior\":[", "\"prior\":[0.5,"),
    ])
    func `parts of another schema are refused`(old: String, new: String) {
        let error = error(rehashed(old, new))
        guard case .inconsistent = error else {
            Issue.record("\(new): \(error.map { "\($0)" } ?? "read")")
            return
        }
    }

    @Test(arguments: ["(", "(*LIMIT_MATCH=9)a", "(((a{1,100}){1,100}){1,100}){1,100}"])
    func `a model whose schema has a pattern that is none, or cannot be bounded, is refused`(pattern: String) {
        let right = #","schemas":[{"documentType":"form","fields":[{"name":"a","pattern":"^a$"}]}],"#
        let wrong = right.replacing("^a$", with: pattern)
        #expect(error(rehashed(",\"seed\":", right + "\"seed\":")) == nil)
        guard case .schema("form", .pattern(field: "a", _)) = error(rehashed(",\"seed\":", wrong + "\"seed\":")) else {
            Issue.record("it was read")
            return
        }
    }

    @Test func `a member of another name is refused`() {
        guard case .notAModel = error(rehashed("\"scoring\":", "\"scores\":")) else {
            Issue.record("it was read")
            return
        }
    }
}
