import Glibc

/// Gradient-boosted trees, walked by our own code.
///
/// 1. As XGBoost does: a value below the node's threshold, compared as floats, goes left, any other right; a missing one (NaN) goes where
///    training found it better. Leaves are added up as floats in the order of the trees.
/// 2. A row is laid out twice: missing as -∞ for nodes where it goes left, as ∞ for the others. So a step is one comparison.
/// 3. A leaf's left child is itself, and every value goes left of ∞: walks have a fixed length, and eight trees are walked side by side, since
///    each step waits for memory.
/// 4. Feature numbers are below twice the width, children within the tree: checked when it is made, so that a walk need not check.
package struct Forest: Sendable {
    /// Eight bytes: a cache line holds eight.
    struct Node: Sendable {
        /// What is less goes left. Infinity in a leaf.
        var threshold: Float
        /// Place in the laid-out row, above `distanceBits`; below, how far ahead the left child is (the right one is behind it), 0 in a leaf.
        var link: UInt32

        static let distanceBits: UInt32 = 12
        static let distanceMax = 1 << 12 - 1
        static let featuresMax = 1 << 20
    }

    /// The tree as its maker has it: parallel arrays; child -1 in a leaf, whose value stands in `thresholds`.
    struct Tree {
        var lefts: [Int]
        var rights: [Int]
        var features: [Int]
        var thresholds: [Float]
        var defaultsLeft: [Bool]
    }

    /// Trees walked side by side.
    private static let lanes = 8

    package let treeCount: Int
    /// Added to the sum of the leaves, in log-odds.
    let bias: Float
    let width: Int
    private var nodes: [Node] = []
    private var leaves: [Float] = []
    private var roots: [UInt32] = []
    /// Of each group of `lanes` trees, the longest walk.
    private var depths: [Int] = []

    /// Nil when a tree is not one: a child outside of it or not below its parent, a feature beyond `width`; or when it is too large.
    init?(trees: [Tree], bias: Float, width: Int) {
        guard 2 * width <= Node.featuresMax else { return nil }
        treeCount = trees.count
        self.bias = bias
        self.width = width
        for (index, tree) in trees.enumerated() {
            guard let depth = add(tree) else { return nil }
            if index % Forest.lanes == 0 { depths.append(0) }
            depths[depths.count - 1] = max(depths[depths.count - 1], depth)
        }
    }

    /// Appends a tree, its nodes level by level, siblings together; returns its depth.
    private mutating func add(_ tree: Tree) -> Int? {
        let count = tree.lefts.count
        guard count > 0, tree.rights.count == count, tree.features.count == count, tree.thresholds.count == count,
            tree.defaultsLeft.count == count
        else { return nil }
        roots.append(UInt32(nodes.count))
        var level = [0]
        var depth = 0
        var seen = 0
        nodes.append(Node(threshold: .infinity, link: 0))
        leaves.append(0)
        var places = [nodes.count - 1]
        while !level.isEmpty {
            var next: [Int] = []
            var nextPlaces: [Int] = []
            for (old, place) in zip(level, places) {
                seen += 1
                guard seen <= count else { return nil }
                let (left, right) = (tree.lefts[old], tree.rights[old])
                if left < 0 {
                    leaves[place] = tree.thresholds[old]
                    continue
                }
                guard left < count, (0..<count).contains(right), (0..<width).contains(tree.features[old]) else { return nil }
                let distance = nodes.count - place
                guard distance <= Node.distanceMax, !tree.thresholds[old].isNaN else { return nil }
                let feature = tree.features[old] + (tree.defaultsLeft[old] ? 0 : width)
                nodes[place] = Node(threshold: tree.thresholds[old], link: UInt32(feature) << Node.distanceBits | UInt32(distance))
                for child in [left, right] {
                    next.append(child)
                    nextPlaces.append(nodes.count)
                    nodes.append(Node(threshold: .infinity, link: 0))
                    leaves.append(0)
                }
            }
            if !next.isEmpty { depth += 1 }
            (level, places) = (next, nextPlaces)
        }
        return depth
    }

    /// Lays a row of `width` features out as walks need it: into `2 * width` numbers.
    static func layOut(_ row: Span<Float>, into laidOut: inout MutableSpan<Float>) {
        let width = row.count
        for column in 0..<width {
            let value = row[column]
            let isMissing = value.isNaN
            laidOut[column] = isMissing ? -.infinity : value
            laidOut[width + column] = isMissing ? .infinity : value
        }
    }

    /// The log-odds for a row of features that `layOut` made.
    func margin(_ laidOut: Span<Float>) -> Float {
        precondition(laidOut.count == 2 * width, "the row is whole")
        // Safe: the pointers are used during the call only, and invariant 4 bounds every index.
        return unsafe laidOut.withUnsafeBufferPointer { row in
            unsafe nodes.withUnsafeBufferPointer { nodes in
                guard let values = row.baseAddress, let first = nodes.baseAddress else { return bias }
                return unsafe walk(values, first)
            }
        }
    }

    private func walk(_ values: UnsafePointer<Float>, _ nodes: UnsafePointer<Node>) -> Float {
        var sum: Float = 0
        var tree = 0
        var group = 0
        while tree + Forest.lanes <= treeCount {
            var (a, b, c, d) = (roots[tree], roots[tree + 1], roots[tree + 2], roots[tree + 3])
            var (e, f, g, h) = (roots[tree + 4], roots[tree + 5], roots[tree + 6], roots[tree + 7])
            for _ in 0..<depths[group] {
                unsafe Forest.step(nodes, values, &a)
                unsafe Forest.step(nodes, values, &b)
                unsafe Forest.step(nodes, values, &c)
                unsafe Forest.step(nodes, values, &d)
                unsafe Forest.step(nodes, values, &e)
                unsafe Forest.step(nodes, values, &f)
                unsafe Forest.step(nodes, values, &g)
                unsafe Forest.step(nodes, values, &h)
            }
            sum += leaves[Int(a)]
            sum += leaves[Int(b)]
            sum += leaves[Int(c)]
            sum += leaves[Int(d)]
            sum += leaves[Int(e)]
            sum += leaves[Int(f)]
            sum += leaves[Int(g)]
            sum += leaves[Int(h)]
            tree += Forest.lanes
            group += 1
        }
        while tree < treeCount {
            var at = roots[tree]
            for _ in 0..<depths[group] { unsafe Forest.step(nodes, values, &at) }
            sum += leaves[Int(at)]
            tree += 1
        }
        return sum + bias
    }

    @inline(__always)
    private static func step(_ nodes: UnsafePointer<Node>, _ values: UnsafePointer<Float>, _ index: inout UInt32) {
        let node = unsafe nodes[Int(index)]
        let value = unsafe values[Int(node.link >> Node.distanceBits)]
        let distance = node.link & UInt32(Node.distanceMax)
        index = index &+ distance &+ (value < node.threshold ? 0 : 1)
    }
}
