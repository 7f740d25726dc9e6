import Learning

/// The rows that a model is trained on as files that numpy reads: `train.npy` and `tune.npy` (float32, a row an item), `train-HEAD.npy` and
/// `tune-HEAD.npy` (the labels), `columns.txt` (the names, one a line).
enum FeatureFiles {
    /// The files that may be written.
    static func paths(_ directory: String) -> [String] {
        let names = ["train", "tune"].flatMap { part in [part] + Head.allCases.map { "\(part)-\($0.rawValue)" } }
        return names.map { "\(directory)/\($0).npy" } + ["\(directory)/columns.txt"]
    }

    /// - Parameter directory: there already.
    /// - Throws: `Failure` (cannotCreate).
    static func write(_ features: FeatureExport, to directory: String, _ outputs: OutputFiles) throws(Failure) {
        let width = features.columns.count
        for (name, part) in [("train", features.train), ("tune", features.tune)] {
            let rows = part.values.count / max(width, 1)
            try outputs.write(array(part.values, shape: "(\(rows), \(width))"), to: "\(directory)/\(name).npy")
            for (head, labels) in zip(features.heads, part.labels) {
                try outputs.write(array(labels, shape: "(\(labels.count),)"), to: "\(directory)/\(name)-\(head.rawValue).npy")
            }
        }
        try outputs.write(Array(features.columns.map { "\($0)\n" }.joined().utf8), to: "\(directory)/columns.txt")
    }

    /// Version 1.0 of numpy's format (its documentation, "numpy.lib.format"): magic, version, length of the header, the header padded so that the
    /// data begins at a multiple of 64, the data in little-endian order.
    private static func array(_ values: [Float], shape: String) -> [UInt8] {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
        let padding = (64 - (10 + header.utf8.count + 1) % 64) % 64
        let length = header.utf8.count + padding + 1
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
        bytes += header.utf8
        bytes += repeatElement(UInt8(ascii: " "), count: padding)
        bytes.append(UInt8(ascii: "\n"))
        bytes.reserveCapacity(bytes.count + 4 * values.count)
        for value in values {
            let bits = value.bitPattern
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
        }
        return bytes
    }
}
