/// On each date, which of the rules with the same pattern and scopes holds.
///
/// One rule without dates is its own timeline. Else dates are cut where a rule begins or ends, and each stretch has its one winner,
/// so that finding it is a binary search however many rules overlap.
struct Timelines: Sendable {
    /// What a look-up starts from: a rule's index, or the complement of a timeline's number.
    typealias Start = Int32

    static let none: Int32 = -1
    /// Where each timeline begins in `dates` and `winners`, and where the last one ends.
    private var bounds: [Int32] = [0]
    private var dates: [Int32] = []
    private var winners: [Int32] = []

    /// The index of the rule that holds on a date (days since 1970-01-01), or -1.
    @inline(__always)
    func winner(_ start: Start, on date: Int32) -> Int32 {
        start >= 0 ? start : search(Int(~start), date)
    }

    private func search(_ timeline: Int, _ date: Int32) -> Int32 {
        let first = Int(bounds[timeline])
        var low = first
        var high = Int(bounds[timeline + 1])
        while low < high {
            let middle = (low + high) / 2
            if dates[middle] <= date { low = middle + 1 } else { high = middle }
        }
        return low == first ? Timelines.none : winners[low - 1]
    }

    /// A timeline of rules, each given by its index and period, the one that wins wherever it holds first. Nil if none ever holds.
    mutating func add(_ ranked: [(index: Int32, from: Int32, to: Int32?)]) -> Start? {
        var cuts = ranked.map(\.from) + ranked.compactMap(\.to)
        cuts.sort()
        cuts = cuts.enumerated().filter { $0.offset == 0 || cuts[$0.offset - 1] != $0.element }.map(\.element)

        var winner = [Int32](repeating: Timelines.none, count: cuts.count)
        // `next[i]` leads to the first stretch from i on that nobody has yet; every rule takes only those, so the whole is almost linear.
        var next = Array(0...cuts.count)
        for (index, from, to) in ranked {
            let end = to.map { Timelines.place(of: $0, in: cuts) } ?? cuts.count
            var stretch = Timelines.free(Timelines.place(of: from, in: cuts), &next)
            while stretch < end {
                winner[stretch] = index
                next[stretch] = stretch + 1
                stretch = Timelines.free(stretch + 1, &next)
            }
        }
        guard winner.contains(where: { $0 != Timelines.none }) else { return nil }
        if cuts == [Int32.min] { return winner[0] }
        for stretch in cuts.indices where stretch == 0 || winner[stretch] != winner[stretch - 1] {
            dates.append(cuts[stretch])
            winners.append(winner[stretch])
        }
        bounds.append(Int32(dates.count))
        return ~Int32(bounds.count - 2)
    }

    private static func free(_ start: Int, _ next: inout [Int]) -> Int {
        var stretch = start
        while next[stretch] != stretch {
            next[stretch] = next[next[stretch]]
            stretch = next[stretch]
        }
        return stretch
    }

    private static func place(of date: Int32, in cuts: [Int32]) -> Int {
        var low = 0
        var high = cuts.count
        while low < high {
            let middle = (low + high) / 2
            if cuts[middle] < date { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
