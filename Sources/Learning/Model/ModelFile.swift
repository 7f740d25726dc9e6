import Crypto
import FoundationEssentials
import JSON
package import Validation

/// Why a model file is refused.
package enum ModelFileError: Error, Sendable, Equatable {
    /// Not JSON, or not a model.
    case notAModel(reason: String)
    /// Of another format; its number.
    case format(Int64)
    /// The content is not what was hashed.
    case damaged
    /// The parts do not fit each other: of another schema.
    case inconsistent(reason: String)
    /// What it says of the values of fields is not a schema: a pattern that cannot be compiled or bounded, for one.
    case schema(documentType: String, FieldSchema.ReadError)
}

/// The bytes of a model: one line of JSON, `{"format":"sluice-model","formatVersion":2,"model":{…},"boosters":[…],"sha256":"…"}`.
///
/// 1. The hash, last, is over all bytes before `,"sha256"`: any change to the file is seen, and a file that was formatted anew is refused.
/// 2. `model` is everything but the trees, members sorted by name; `boosters` is what XGBoost wrote, one a head that has trees.
/// 3. The same model has the same bytes. There is no time in it but the dates of its data.
package enum ModelFile {
    static let formatVersion: Int64 = 2
    private static let beforeHash = Array(",\"sha256\":\"".utf8)
    private static let afterHash = Array("\"}\n".utf8)
    private static let hashDigits = 64
    /// Longest file that is read, in bytes.
    package static let bytesMax = 256 << 20

    /// All but the trees.
    private struct Content: Codable {
        var about: Model.About
        var schema: FeatureSchema
        var vocabulary: Vocabulary
        var heads: [HeadContent]
        var scoring: DocumentScoring
    }

    private struct HeadContent: Codable {
        var head: Head
        var calibrator: Calibrator
        var tuneLoss: Double
        /// Nil for trees.
        var linear: LinearScorer?
        /// The log-odds of a head that is a constant; nil for all others.
        var constant: Double?
    }

    /// The file of a model.
    package static func bytes(of model: Model) throws(ModelFileError) -> [UInt8] {
        try sealedBytes(
            about: model.about, schema: model.schema, vocabulary: model.vocabulary, heads: model.heads, scoring: model.scoring
        ).bytes
    }

    /// A model with the hash that its file has.
    static func sealed(
        about: Model.About, schema: FeatureSchema, vocabulary: Vocabulary, heads: [Model.TrainedHead], scoring: DocumentScoring
    ) throws(ModelFileError) -> Model {
        let hash = try sealedBytes(about: about, schema: schema, vocabulary: vocabulary, heads: heads, scoring: scoring).hash
        return Model(about: about, schema: schema, vocabulary: vocabulary, heads: heads, scoring: scoring, hash: hash)
    }

    private static func sealedBytes(
        about: Model.About, schema: FeatureSchema, vocabulary: Vocabulary, heads: [Model.TrainedHead], scoring: DocumentScoring
    ) throws(ModelFileError) -> (bytes: [UInt8], hash: String) {
        var boosters: [[UInt8]] = []
        let contents = heads.map { head -> HeadContent in
            var linear: LinearScorer?
            var constant: Double?
            switch head.scorer {
            case .boosted(_, let json): boosters.append(json)
            case .logistic(let scorer): linear = scorer
            case .constant(let margin): constant = margin
            }
            return HeadContent(
                head: head.head, calibrator: head.calibrator, tuneLoss: head.tuneLoss, linear: linear, constant: constant)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let content: [UInt8]
        do {
            content = Array(
                try encoder.encode(Content(about: about, schema: schema, vocabulary: vocabulary, heads: contents, scoring: scoring)))
        } catch {
            throw .inconsistent(reason: "it holds a number that is not finite")
        }
        var bytes = Array("{\"format\":\"sluice-model\",\"formatVersion\":\(formatVersion),\"model\":".utf8)
        bytes += content
        bytes += Array(",\"boosters\":[".utf8)
        for (index, booster) in boosters.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += booster
        }
        bytes.append(UInt8(ascii: "]"))
        let hash = digest(bytes)
        bytes += beforeHash + Array(hash.utf8) + afterHash
        return (bytes, hash)
    }

    /// Reads a model and checks all of it.
    package static func read(_ bytes: [UInt8]) throws(ModelFileError) -> Model {
        let hash = try checkedHash(bytes)
        do {
            return try JSONParser(depthMax: 64).parse(bytes) { root in try model(root, boosters: boosters(in: bytes), hash: hash) }
        } catch let error as ModelFileError {
            throw error
        } catch let error as JSONSyntaxError {
            throw .notAModel(reason: "it is not JSON (\(error.problem) at byte \(error.offset ?? 0))")
        } catch {
            throw .notAModel(reason: "\(error)")
        }
    }

    /// The hash that the file ends with, found to be that of its content.
    private static func checkedHash(_ bytes: [UInt8]) throws(ModelFileError) -> String {
        guard bytes.starts(with: Array("{\"format\":\"sluice-model\",".utf8)) else {
            throw .notAModel(reason: "it does not begin as a model file does")
        }
        // A file that lost its last newline on the way is whole.
        let end = bytes.last == UInt8(ascii: "\n") ? bytes.count : bytes.count + 1
        let hashEnd = end - afterHash.count
        let hashStart = hashEnd - hashDigits
        let contentEnd = hashStart - beforeHash.count
        guard contentEnd > 0, Array(bytes[contentEnd..<hashStart]) == beforeHash else { throw .damaged }
        let hash = String(decoding: bytes[hashStart..<hashEnd], as: UTF8.self)
        guard digest(Array(bytes[..<contentEnd])) == hash else { throw .damaged }
        return hash
    }

    /// The bytes of each booster, in a file that is JSON: the library reads its own numbers only as it wrote them (`1E0`, never `1`).
    private static func boosters(in bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        // Within a string the quotes would be escaped.
        guard let list = bytes.firstRange(of: Array(",\"boosters\":[".utf8)) else { return [] }
        var boosters: [ArraySlice<UInt8>] = []
        var depth = 0
        var start = list.upperBound
        var isInString = false
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\") where isInString: index += 1
            case UInt8(ascii: "\""): isInString.toggle()
            case _ where isInString: break
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if depth == 0 { start = index }
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { return boosters }
                if depth == 0 { boosters.append(bytes[start...index]) }
            default: break
            }
            index += 1
        }
        return boosters
    }

    private static func model(_ root: JSONValue, boosters texts: [ArraySlice<UInt8>], hash: String) throws -> Model {
        guard let version = root["formatVersion"]?.int else { throw ModelFileError.notAModel(reason: "it has no formatVersion") }
        guard version == formatVersion else { throw ModelFileError.format(version) }
        guard let part = root["model"], let boosters = root["boosters"] else {
            throw ModelFileError.notAModel(reason: "it has no model")
        }
        var writer = JSONWriter(reserving: 1 << 20)
        writer.value(part)
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: Data(writer.bytes))
        } catch {
            throw ModelFileError.notAModel(reason: "its parts are not of the shape this version reads")
        }
        for schema in content.about.schemas ?? [] {
            do throws(FieldSchema.ReadError) { try schema.check() } catch {
                throw ModelFileError.schema(documentType: schema.documentType, error)
            }
        }
        guard content.schema.isWellFormed else { throw ModelFileError.inconsistent(reason: "its schema names columns that are not there") }
        var trees: [(forest: Forest, json: [UInt8])] = []
        var isReadable = true
        boosters.forEachElement { element in
            guard let forest = Forest(xgboost: element, width: content.schema.width), trees.count < texts.count else {
                isReadable = false
                return
            }
            trees.append((forest, Array(texts[trees.count])))
        }
        guard isReadable else { throw ModelFileError.inconsistent(reason: "its trees do not fit its schema") }
        return try assembled(content, trees, hash: hash)
    }

    private static func assembled(_ content: Content, _ trees: [(forest: Forest, json: [UInt8])], hash: String) throws -> Model {
        var trees = trees[...]
        var heads: [Model.TrainedHead] = []
        for head in content.heads {
            let scorer: Model.Scorer
            if let linear = head.linear {
                guard linear.isWellFormed(width: content.schema.width) else {
                    throw ModelFileError.inconsistent(reason: "its weights do not fit its schema")
                }
                scorer = .logistic(linear)
            } else if let margin = head.constant {
                guard margin.isFinite else { throw ModelFileError.inconsistent(reason: "a constant is not finite") }
                scorer = .constant(margin)
            } else {
                guard let tree = trees.popFirst() else { throw ModelFileError.inconsistent(reason: "a head has no trees") }
                scorer = .boosted(tree.forest, json: tree.json)
            }
            heads.append(Model.TrainedHead(head: head.head, scorer: scorer, calibrator: head.calibrator, tuneLoss: head.tuneLoss))
        }
        let isWhole =
            trees.isEmpty && !heads.isEmpty
            && content.schema.encodings.allSatisfy { $0.prior.count == heads.count }
        guard isWhole else { throw ModelFileError.inconsistent(reason: "its encodings are of other heads") }
        return Model(
            about: content.about, schema: content.schema, vocabulary: content.vocabulary, heads: heads, scoring: content.scoring, hash: hash
        )
    }

    static func digest(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: SHA256.hash(data: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
