/// The beginning of a list: as many elements as were asked for, and no more than memory should hold.
package struct Excerpt<Element: Sendable>: Sendable, RandomAccessCollection {
    /// Stored bytes above which no further element is taken. The one that passes it is.
    private static var bytesMax: Int { 4 << 20 }

    private var elements: [Element] = []
    /// Others follow.
    package private(set) var hasMore = false
    private let countMax: Int
    private var bytes = 0

    init(countMax: Int) { self.countMax = countMax }

    /// The first `countMax` of those given.
    package init(_ all: some Collection<Element>, countMax: Int) {
        self.init(countMax: countMax)
        elements = Array(all.prefix(countMax))
        hasMore = all.count > countMax
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { elements.count }
    package subscript(index: Int) -> Element { elements[index] }

    /// Takes the next element; false, and there are more, when there is no room for it.
    /// - Parameter byteCount: what it takes of the database.
    mutating func take(_ element: Element, byteCount: Int) -> Bool {
        guard elements.count < countMax, bytes <= Self.bytesMax else {
            hasMore = true
            return false
        }
        elements.append(element)
        bytes += byteCount
        return true
    }

    func map<Other: Sendable>(_ transform: (Element) throws(LedgerError) -> Other) throws(LedgerError) -> Excerpt<Other> {
        var other = Excerpt<Other>(countMax: countMax)
        for element in elements { other.elements.append(try transform(element)) }
        other.hasMore = hasMore
        return other
    }
}
