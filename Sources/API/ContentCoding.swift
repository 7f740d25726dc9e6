import Gzip
import HTTPWire

/// How a body is coded on its way (RFC 9110 §8.4).
enum ContentCoding: Sendable {
    case identity, gzip

    /// What is understood, for the field `Accept-Encoding` of an answer (RFC 9110 §12.5.3).
    static let accepted = "gzip, identity"

    /// The coding of a request's body. The field is a list; codings but one layer of gzip are refused.
    static func read(_ fields: HeadFields, of head: RequestHead) throws(Problem) -> ContentCoding {
        guard let only = fields.contentEncoding else { return .identity }
        if fields.contentEncodingCount == 1 {
            if ASCII.equals(head.bytes[only], "gzip") { return .gzip }
            if ASCII.equals(head.bytes[only], "identity") { return .identity }
        }
        var coding = ContentCoding.identity
        for name in FieldList.elements(head.values("content-encoding")) {
            if ASCII.equals(name, "identity") { continue }
            guard coding == .identity, ASCII.equals(name, "gzip") || ASCII.equals(name, "x-gzip") else {
                throw Problem(.unsupportedMediaType, "The body may be coded by gzip, once, or not at all.")
                    .appending("Accept-Encoding", accepted)
            }
            coding = .gzip
        }
        return coding
    }
}

/// A field whose value is a list (RFC 9110 §5.6.1), over all its lines.
enum FieldList {
    /// The elements without the blanks around them; empty ones are left out.
    static func elements(_ lines: [String]) -> [ArraySlice<UInt8>] {
        lines.flatMap { line in Array(line.utf8).split(separator: UInt8(ascii: ",")).map(trimmed).filter { !$0.isEmpty } }
    }

    static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let end = text.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? text.startIndex
        return text[..<end].drop { $0 == 0x20 || $0 == 0x09 }
    }
}

/// What codings a client takes for an answer: the field `Accept-Encoding` (RFC 9110 §12.5.3).
struct AcceptedCodings {
    /// Weights in thousandths; nil where the field says nothing of it.
    private var gzip: Int?
    private var identity: Int?
    private var any: Int?

    init(_ head: RequestHead) {
        for element in FieldList.elements(head.values("accept-encoding")) {
            let parts = element.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map(FieldList.trimmed)
            // An element that is not of the shape asks for nothing.
            guard let weight = AcceptedCodings.weight(parts.dropFirst()) else { continue }
            if ASCII.equals(parts[0], "gzip") || ASCII.equals(parts[0], "x-gzip") {
                gzip = max(gzip ?? 0, weight)
            } else if ASCII.equals(parts[0], "identity") {
                identity = weight
            } else if ASCII.equals(parts[0], "*") {
                any = weight
            }
        }
    }

    /// Gzip is named, or meant by `*`, and the answer as it is not liked better.
    var prefersGzip: Bool {
        let gzip = gzip ?? any ?? 0
        return gzip > 0 && gzip >= identity ?? 0
    }

    /// `q=` and 0 to 1 with three decimals at most; 1000 when there is none, nil for another shape.
    private static func weight(_ parameters: ArraySlice<ArraySlice<UInt8>>) -> Int? {
        guard let parameter = parameters.first else { return 1_000 }
        guard parameters.count == 1, parameter.count >= 3, ASCII.equals(parameter.prefix(2), "q=") else { return nil }
        let value = Array(parameter.dropFirst(2))
        guard value.count <= 5, value[0] == UInt8(ascii: "0") || value[0] == UInt8(ascii: "1"),
            value.count == 1 || value[1] == UInt8(ascii: ".")
        else { return nil }
        var thousandths = Int(value[0] - 0x30)
        for index in 2..<5 {
            let digit = index < value.count ? value[index] : 0x30
            guard 0x30...0x39 ~= digit else { return nil }
            thousandths = thousandths * 10 + Int(digit - 0x30)
        }
        return thousandths <= 1_000 ? thousandths : nil
    }
}

extension Response {
    /// A shorter body is sent as it is: it fits into one packet either way.
    static let encodedBytesMin = 1_024

    static func isCoded(_ body: [UInt8], for head: RequestHead) -> Bool {
        body.count > encodedBytesMin && AcceptedCodings(head).prefersGzip
    }

    /// An answer in the coding that the client likes best. Each coding has a tag of its own: both mean the same, and are not the same
    /// bytes (RFC 9110 §8.8.3.3). Not for the hot path.
    static func negotiated(
        _ body: [UInt8], type: StaticString = "application/json", _ caching: Caching, for head: RequestHead
    ) -> Response {
        let encoded = isCoded(body, for: head) ? GzipEncoder.encode(body) : nil
        var response = Response(status: 200, body: encoded ?? body)
        response.addField("Content-Type", type)
        if encoded != nil { response.addField("Content-Encoding", "gzip" as StaticString) }
        response.addCaching(caching, isCoded: encoded != nil, variesByCoding: true)
        return response
    }
}

/// Takes the coding off a body that is all here.
enum BodyDecoding {
    /// Bytes that one compressed byte may become, on the average, beyond the first MiB. Results are compressed to a tenth, and to a
    /// hundredth when they hardly differ; one byte repeated becomes 228 times shorter at zlib's lowest level, 1,030 at its highest.
    static let expansionMax = 200

    /// - Parameter budget: what comes out is taken from it, for the caller to give back; nothing stays taken when nothing is returned.
    /// - Returns: nil when more than `bytesMax` bytes would come out.
    static func gunzip(_ input: Span<UInt8>, bytesMax: Int, budget: BytesBudget? = nil) throws(Problem) -> [UInt8]? {
        var output: [UInt8] = []
        var isKept = false
        defer { if !isKept { budget?.give(output.count) } }
        var position = 0
        do throws(GzipDecoder.Fault) {
            let decoder = try GzipDecoder(expansionMax: expansionMax)
            while true {
                let (before, start) = (output.count, position)
                position += try decoder.decode(input.extracting(position..<input.count), into: &output)
                if let budget, !budget.take(output.count - before) {
                    output.removeLast(output.count - before)
                    throw .noMemory
                }
                if output.count > bytesMax { return nil }
                if position == start, output.count == before { break }
            }
            guard decoder.isComplete else { throw .damaged(reason: "it ends too early") }
            isKept = true
            return output
        } catch {
            throw Problem(error)
        }
    }
}

extension Problem {
    /// A body whose coding cannot be taken off.
    init(_ fault: GzipDecoder.Fault) {
        switch fault {
        case .damaged(let reason):
            self.init(Fault(.header("Content-Encoding"), "says gzip, and the body is not: \(reason)"))
        case .expandsTooMuch:
            self.init(.contentTooLarge, "The body becomes more than \(BodyDecoding.expansionMax) times as long when it is decompressed.")
        case .noMemory:
            self = .busy
        }
    }

    static func tooLong(bytesMax: Int) -> Problem {
        Problem(.contentTooLarge, "The body may have \(bytesMax) bytes at most.")
    }
}
