/// Times and dates as text: RFC 3339, over bytes.
///
/// Read strictly: real dates of the years 0001…9999, hours 00…23, minutes 00…59, offsets 00:00…23:59 or `Z`; `t` and `z` may be
/// lower case (§5.6). Second 60 is read only where leap seconds are, at 23:59 UTC on the last day of a month (§5.7, appendix D), as the
/// millisecond before the next day: UTC counts it, our clock cannot. Fractions of any length are cut, not rounded, to milliseconds.
extension Instant {
    /// Reads a date-time such as `2026-03-02T08:30:58Z` or `2026-03-02t10:30:58.25+02:00`; nil for anything else.
    @inlinable
    public init?(rfc3339 bytes: some Collection<UInt8>) {
        let read = bytes.withContiguousStorageIfAvailable { unsafe Instant.read($0) }
        guard let instant = unsafe read ?? Array(bytes).withUnsafeBufferPointer({ unsafe Instant.read($0) }) else { return nil }
        self = instant
    }

    /// Appends `YYYY-MM-DDTHH:MM:SS.mmmZ`, 24 bytes. Moments outside of 0001…9999 are written as the nearest within.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: Instant.textBytes) { (out: inout OutputSpan<UInt8>) in write(to: &out) }
    }

    /// Bytes of what `append(to:)` and `write(to:)` write.
    public static let textBytes = 24

    /// The same into memory with room for it.
    public func write(to out: inout OutputSpan<UInt8>) {
        let held = Swift.min(Swift.max(self, .min), .max)
        let days = held.days
        let millisecond = Int(held.milliseconds - days * Instant.millisecondsPerDay)
        let second = millisecond / 1000
        CivilDate(days: Int32(clamping: days)).write(to: &out)
        out.append(UInt8(ascii: "T"))
        out.append(digits: second / 3600, count: 2)
        out.append(UInt8(ascii: ":"))
        out.append(digits: second / 60 % 60, count: 2)
        out.append(UInt8(ascii: ":"))
        out.append(digits: second % 60, count: 2)
        out.append(UInt8(ascii: "."))
        out.append(digits: millisecond % 1000, count: 3)
        out.append(UInt8(ascii: "Z"))
    }

    /// As `append(to:)` writes it.
    public var rfc3339: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z.
    static let min = Instant(milliseconds: Int64(CivilDate.min.days) * millisecondsPerDay)
    static let max = Instant(milliseconds: (Int64(CivilDate.max.days) + 1) * millisecondsPerDay - 1)

    @usableFromInline
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Instant? {
        var reader = unsafe TextReader(bytes)
        guard let date = reader.date(), reader.take(UInt8(ascii: "T"), orLower: true),
            let hour = reader.digits(2), reader.take(UInt8(ascii: ":")), let minute = reader.digits(2), reader.take(UInt8(ascii: ":")),
            let second = reader.digits(2), hour < 24, minute < 60, second <= 60
        else { return nil }
        var millisecond = 0
        if reader.take(UInt8(ascii: ".")) {
            guard let fraction = reader.thousandths() else { return nil }
            millisecond = fraction
        }
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }

        let minutes = Int64(date.days) * 1440 + Int64(hour * 60 + minute - offset)
        if second == 60 {
            let next = Instant(milliseconds: (minutes + 1) * 60_000)
            guard next.milliseconds % millisecondsPerDay == 0, next.date.components.day == 1, next > .min else { return nil }
            return Instant(milliseconds: next.milliseconds - 1)
        }
        let instant = Instant(milliseconds: minutes * 60_000 + Int64(second * 1000 + millisecond))
        return instant >= .min && instant <= .max ? instant : nil
    }
}

extension CivilDate {
    /// Reads a date such as `2026-03-02`; nil for anything else.
    @inlinable
    public init?(iso8601 bytes: some Collection<UInt8>) {
        let read = bytes.withContiguousStorageIfAvailable { unsafe CivilDate.read($0) }
        guard let date = unsafe read ?? Array(bytes).withUnsafeBufferPointer({ unsafe CivilDate.read($0) }) else { return nil }
        self = date
    }

    /// Appends `YYYY-MM-DD`, 10 bytes. Dates outside of 0001…9999 are written as the nearest within.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: 10) { (out: inout OutputSpan<UInt8>) in write(to: &out) }
    }

    /// As `append(to:)` writes it.
    public var iso8601: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @inline(__always)
    fileprivate func write(to out: inout OutputSpan<UInt8>) {
        let (year, month, day) = components
        out.append(digits: year, count: 4)
        out.append(UInt8(ascii: "-"))
        out.append(digits: month, count: 2)
        out.append(UInt8(ascii: "-"))
        out.append(digits: day, count: 2)
    }

    @usableFromInline
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> CivilDate? {
        var reader = unsafe TextReader(bytes)
        guard let date = reader.date(), reader.isAtEnd else { return nil }
        return date
    }
}

extension OutputSpan<UInt8> {
    /// Appends the last `count` digits, with leading zeros.
    @inline(__always)
    fileprivate mutating func append(digits value: Int, count: Int) {
        var scale = 1
        for _ in 1..<count { scale *= 10 }
        while scale > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / scale % 10))
            scale /= 10
        }
    }
}

/// Reads fixed shapes from left to right.
///
/// Safe as long as the bytes stay where they are, which the caller sees to: every read is checked against their count.
@safe
private struct TextReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { unsafe self.bytes = bytes }

    var isAtEnd: Bool { unsafe at == bytes.count }

    private var next: UInt8? { unsafe at < bytes.count ? bytes[at] : nil }

    mutating func take(_ byte: UInt8, orLower: Bool = false) -> Bool {
        guard let next, next == byte || (orLower && next == byte | 0x20) else { return false }
        at += 1
        return true
    }

    private mutating func digit() -> Int? {
        guard let next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= next else { return nil }
        at += 1
        return Int(next & 0x0F)
    }

    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One digit or more, of which three count.
    mutating func thousandths() -> Int? {
        guard var value = digit() else { return nil }
        var places = 1
        while let digit = digit() {
            if places < 3 {
                value = value * 10 + digit
                places += 1
            }
        }
        while places < 3 {
            value *= 10
            places += 1
        }
        return value
    }

    mutating func date() -> CivilDate? {
        guard let year = digits(4), take(UInt8(ascii: "-")), let month = digits(2), take(UInt8(ascii: "-")), let day = digits(2) else {
            return nil
        }
        return CivilDate(year: year, month: month, day: day)
    }

    /// Minutes east of UTC.
    mutating func offset() -> Int? {
        if take(UInt8(ascii: "Z"), orLower: true) { return 0 }
        let isEast = take(UInt8(ascii: "+"))
        guard isEast || take(UInt8(ascii: "-")), let hours = digits(2), take(UInt8(ascii: ":")), let minutes = digits(2), hours < 24,
            minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 60 + minutes)
    }
}
