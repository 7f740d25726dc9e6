/// Deadlines of many connections, coarse and cheap: an entry is made at most once per connection and turn of the wheel; a deadline that
/// moved on is found out when its entry comes up.
struct TimerWheel {
    /// An instant in ticks of 2^23 ns (8.4 ms).
    typealias Tick = UInt64

    private static let tickBits: UInt64 = 23
    private static let slotCount = 1_024

    private var slots = [[UInt64]](repeating: [], count: slotCount)
    private var entryCount = 0
    /// All slots up to this tick have been looked at.
    private var current: Tick
    /// No entry is due before this tick.
    private var earliest = Tick.max

    init(now: UInt64) { current = now >> Self.tickBits }

    /// The tick at which an entry with this deadline comes up: not before the deadline, unless it is farther than one turn.
    func tick(for deadline: UInt64) -> Tick {
        min(max((deadline >> Self.tickBits) + 1, current + 1), current + Tick(Self.slotCount) - 1)
    }

    mutating func add(_ token: UInt64, at tick: Tick) {
        slots[Int(tick % Tick(Self.slotCount))].append(token)
        entryCount += 1
        earliest = min(earliest, tick)
    }

    func currentTick(at now: UInt64) -> Tick { now >> Self.tickBits }

    /// The instant of the first entry.
    var nextInstant: UInt64 { earliest == .max ? .max : earliest << Self.tickBits }

    /// Takes the entries that are due.
    mutating func advance(to now: UInt64) -> [UInt64] {
        let target = now >> Self.tickBits
        guard target >= earliest else {
            current = max(current, target)
            return []
        }
        var due: [UInt64] = []
        // Every entry lies within one turn of `current`.
        for tick in earliest...min(target, max(earliest, current + Tick(Self.slotCount))) {
            let slot = Int(tick % Tick(Self.slotCount))
            guard !slots[slot].isEmpty else { continue }
            due += slots[slot]
            slots[slot].removeAll()
        }
        current = max(current, target)
        entryCount -= due.count
        earliest = .max
        if entryCount > 0 {
            var tick = current + 1
            while slots[Int(tick % Tick(Self.slotCount))].isEmpty { tick += 1 }
            earliest = tick
        }
        return due
    }
}
