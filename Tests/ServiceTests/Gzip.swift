import Gzip

/// Compresses bytes as one gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] { GzipEncoder.encode(bytes) ?? [] }
