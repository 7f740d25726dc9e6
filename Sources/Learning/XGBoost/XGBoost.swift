import CXGBoost

/// What XGBoost's library said when a call failed.
package struct XGBoostError: Error, Sendable, Equatable, CustomStringConvertible {
    package var reason: String
    package var description: String { "XGBoost: \(reason)" }

    /// The last error of the calling thread. The text is the library's own and copied at once.
    fileprivate static var last: XGBoostError {
        let text = unsafe XGBGetLastError().map { unsafe String(cString: $0) } ?? "unknown"
        // Behind the first line stands the library's call stack.
        return XGBoostError(reason: String(text.prefix { !$0.isNewline }))
    }

    fileprivate static func check(_ status: Int32) throws(XGBoostError) {
        if status != 0 { throw .last }
    }
}

/// Rows of features with labels, in XGBoost's memory. NaN is missing.
///
/// Safe: the handle is this object's own, made in init and freed once; the library copies what it is given.
@safe
final class DataMatrix {
    fileprivate let handle: DMatrixHandle?
    let rowCount: Int

    /// - Parameters:
    ///   - values: rows one after the other.
    ///   - width: of a row.
    init(_ values: [Float], width: Int) throws(XGBoostError) {
        precondition(width > 0 && values.count % width == 0, "rows are whole")
        rowCount = values.count / width
        var handle: DMatrixHandle?
        let rows = bst_ulong(rowCount)
        let status = unsafe values.withUnsafeBufferPointer {
            unsafe XGDMatrixCreateFromMat($0.baseAddress, rows, bst_ulong(width), .nan, &handle)
        }
        unsafe self.handle = handle
        try XGBoostError.check(status)
    }

    deinit { unsafe XGDMatrixFree(handle) }

    /// - Parameter labels: one a row, 0 or 1.
    func setLabels(_ labels: [Float]) throws(XGBoostError) {
        precondition(labels.count == rowCount, "one label a row")
        try XGBoostError.check(
            unsafe labels.withUnsafeBufferPointer {
                unsafe XGDMatrixSetFloatInfo(handle, "label", $0.baseAddress, bst_ulong($0.count))
            })
    }
}

/// A model that XGBoost trains and predicts with; on one thread, so that the same data gives the same bytes.
///
/// Safe: the handle is this object's own, freed once. What the library answers lies in its memory until the next call and is copied at once.
@safe
final class Booster {
    private let handle: BoosterHandle?

    private init(owning handle: BoosterHandle?) { unsafe self.handle = handle }

    /// An untrained one.
    /// - Parameter matrices: all that it will see; they must outlive it.
    convenience init(for matrices: [DataMatrix], parameters: [(name: String, value: String)]) throws(XGBoostError) {
        var handle: BoosterHandle?
        let handles = unsafe matrices.map { unsafe $0.handle }
        let status = unsafe handles.withUnsafeBufferPointer {
            unsafe XGBoosterCreate($0.baseAddress, bst_ulong($0.count), &handle)
        }
        unsafe self.init(owning: handle)
        try XGBoostError.check(status)
        for (name, value) in parameters { try XGBoostError.check(unsafe XGBoosterSetParam(self.handle, name, value)) }
    }

    /// One from its JSON, as `json` gives it.
    convenience init(json: [UInt8]) throws(XGBoostError) {
        try self.init(for: [], parameters: [("nthread", "1")])
        try XGBoostError.check(
            unsafe json.withUnsafeBytes { unsafe XGBoosterLoadModelFromBuffer(handle, $0.baseAddress, bst_ulong($0.count)) })
    }

    deinit { unsafe XGBoosterFree(handle) }

    /// Adds the tree of one round.
    func train(round: Int, on matrix: DataMatrix) throws(XGBoostError) {
        try XGBoostError.check(unsafe XGBoosterUpdateOneIter(handle, Int32(round), matrix.handle))
    }

    /// The metric on each matrix after a round, in their order.
    func evaluate(round: Int, on matrices: [DataMatrix]) throws(XGBoostError) -> [Double] {
        var handles = unsafe matrices.map { unsafe $0.handle }
        var text: UnsafePointer<CChar>?
        let status = unsafe "m".withCString { name in
            var names = unsafe [UnsafePointer<CChar>?](repeating: name, count: matrices.count)
            return unsafe XGBoosterEvalOneIter(handle, Int32(round), &handles, &names, bst_ulong(matrices.count), &text)
        }
        try XGBoostError.check(status)
        // `[3]\tm-logloss:0.43\tm-logloss:0.44`
        let answer = unsafe text.map { unsafe String(cString: $0) } ?? ""
        let values = answer.split(separator: "\t").dropFirst().compactMap { part in
            part.lastIndex(of: ":").flatMap { Double(part[part.index(after: $0)...]) }
        }
        guard values.count == matrices.count else { throw XGBoostError(reason: "an evaluation is not readable: \(answer)") }
        return values
    }

    /// The first rounds of it.
    func prefix(rounds: Int) throws(XGBoostError) -> Booster {
        var slice: BoosterHandle?
        let status = unsafe XGBoosterSlice(handle, 0, Int32(rounds), 1, &slice)
        let booster = unsafe Booster(owning: slice)
        try XGBoostError.check(status)
        return booster
    }

    func json() throws(XGBoostError) -> [UInt8] {
        var length: bst_ulong = 0
        var bytes: UnsafePointer<CChar>?
        try XGBoostError.check(unsafe XGBoosterSaveModelToBuffer(handle, #"{"format": "json"}"#, &length, &bytes))
        return unsafe UnsafeRawBufferPointer(start: bytes, count: Int(length)).map { $0 }
    }

    enum Answer: Int {
        /// A probability a row.
        case probability = 0
        /// Log-odds a row.
        case margin = 1
        /// Per row a share of the log-odds for each feature, and the bias last: exact TreeSHAP (Lundberg et al. 2018) for trees.
        case contributions = 2
    }

    func predict(_ matrix: DataMatrix, _ answer: Answer) throws(XGBoostError) -> [Float] {
        let configuration =
            #"{"type": \#(answer.rawValue), "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false}"#
        var shape: UnsafePointer<bst_ulong>?
        var dimensions: bst_ulong = 0
        var values: UnsafePointer<Float>?
        try XGBoostError.check(
            unsafe XGBoosterPredictFromDMatrix(handle, matrix.handle, configuration, &shape, &dimensions, &values))
        var count = 1
        for index in 0..<Int(dimensions) { count *= Int(unsafe shape.unsafelyUnwrapped[index]) }
        return unsafe Array(UnsafeBufferPointer(start: values, count: count))
    }

    /// A score of each column that a tree splits by.
    /// - Parameter kind: `weight` (splits), `total_gain`, …: XGBoost's `importance_type`.
    func featureScores(_ kind: String) throws(XGBoostError) -> [Int: Double] {
        var count: bst_ulong = 0
        var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        var dimensions: bst_ulong = 0
        var shape: UnsafePointer<bst_ulong>?
        var scores: UnsafePointer<Float>?
        try XGBoostError.check(
            unsafe XGBoosterFeatureScore(handle, #"{"importance_type": "\#(kind)"}"#, &count, &names, &dimensions, &shape, &scores))
        var found: [Int: Double] = [:]
        for index in 0..<Int(count) {
            // Columns have no names here: the library calls them f0, f1, …
            guard let name = unsafe names?[index], let column = Int(unsafe String(cString: name).dropFirst()), let scores = unsafe scores
            else { throw XGBoostError(reason: "its feature scores are not readable") }
            found[column] = Double(unsafe scores[index])
        }
        return found
    }

    /// The library's version, as it says itself.
    static var xgboostVersion: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        unsafe XGBoostVersion(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }
}
