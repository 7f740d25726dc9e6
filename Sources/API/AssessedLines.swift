import JSON
package import Learning
package import Validation

/// Results as a model assesses them: the same lines, each item's `confidence` the assessed one and the engine's own beside it as `reported`,
/// and a member `assessment` with the document's score. What is unlike the model's training has none: null, and `unassessed` says why.
package final class AssessedLines {
    private let assessor: Assessor
    private let parser = JSONParser()
    private let reader: CaseReader
    private let isPlain: Bool
    private var assessment = Assessment()
    /// What was left unassessed so far.
    package private(set) var unassessed = UnassessedCounts()

    /// - Parameter isPlain: write results as `POST /v1/decisions` takes them: with assessed confidences, and nothing beside them.
    package init(_ model: Model, isPlain: Bool = false) {
        self.isPlain = isPlain
        assessor = Assessor(model)
        reader = CaseReader(schemas: model.about.schemas ?? [])
    }

    /// As `CaseReader` counts them, of all lines so far.
    package var valuesBeyondLimits: [FieldFormats.BeyondLimits] { reader.valuesBeyondLimits }

    /// - Returns: the line, with its newline.
    /// - Throws: `Faults`.
    package func assessed(_ line: [UInt8]) throws(Faults) -> [UInt8] {
        do {
            return try parser.parse(line) { root in
                let document = try reader.read(root)
                assessor.assess(document, into: &assessment)
                unassessed.add(assessment)
                var writer = JSONWriter(reserving: line.count + 1_024)
                write(root, to: &writer)
                return writer.bytes
            }
        } catch let faults as Faults {
            throw faults
        } catch let error as JSONSyntaxError {
            throw unsafe line.withUnsafeBufferPointer { unsafe Faults(error, in: $0) }
        } catch {
            preconditionFailure("reading throws faults only")
        }
    }

    private func write(_ root: JSONValue, to writer: inout JSONWriter) {
        var index = root["fields"]?.count ?? 0
        writer.beginObject()
        // Safe: names are read during the call only.
        unsafe root.forEachMember { name, value in
            unsafe writer.key(String(decoding: name, as: UTF8.self))
            if unsafe name.equals("fields") {
                // Fields are the first items, wherever they stand in the line.
                var field = 0
                items(value, from: &field, to: &writer)
            } else if unsafe name.equals("pairs") {
                items(value, from: &index, to: &writer)
            } else {
                writer.value(value)
            }
        }
        if !isPlain { writeAssessment(to: &writer) }
        writer.endObject()
        writer.bytes.append(UInt8(ascii: "\n"))
    }

    private func writeAssessment(to writer: inout JSONWriter) {
        writer.key("assessment")
        writer.beginObject()
        writer.key("score")
        writer.number(assessment.score)
        writer.key("confidence")
        writer.number(assessment.confidence)
        writer.key("model")
        writer.string(assessor.model.hash)
        writer.endObject()
    }

    private func items(_ list: JSONValue, from index: inout Int, to writer: inout JSONWriter) {
        writer.beginArray()
        list.forEachElement { item in
            writer.beginObject()
            unsafe item.forEachMember { name, value in
                if unsafe name.equals("confidence") { return }
                unsafe writer.key(String(decoding: name, as: UTF8.self))
                writer.value(value)
            }
            if !isPlain {
                writer.key("reported")
                if let reported = item["confidence"]?.double { writer.double(reported) } else { writer.null() }
            }
            writer.key("confidence")
            // An item that the engine gave none for is for a human, whatever a model makes of it.
            writer.number(isPlain && item["confidence"]?.double == nil ? nil : assessment.items[index].confidence)
            if !isPlain, let reason = assessment.items[index].unassessed {
                writer.key("unassessed")
                writer.string(reason.rawValue)
            }
            writer.endObject()
            index += 1
        }
        writer.endArray()
    }
}

extension JSONWriter {
    /// Null for nil.
    fileprivate mutating func number(_ value: Double?) {
        if let value { double(value) } else { null() }
    }
}
