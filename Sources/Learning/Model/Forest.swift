import Glibc

/// Gradient-boosted trees, walked by our own code.
///
/// 1. As XGBoost does: a value below the node's threshold, compared as floats, goes left, any other right; a missing one (NaN) goes where
///    training found it better. Leaves are added up as floats in the order of the trees.
/// 2. A leaf's children are itself: walks have a fixed length, and eight trees are walked side by side, since each step waits for memory.
/// 3. Feature numbers are below `width`, children within the tree: checked when it is made, so that a walk need not check.
package struct Forest: Sendable {
    struct Node: Sendable {
        /// What is less goes left. Infinity in a leaf.
        var threshold: Float
        /// The feature; the top bit says that missing goes left.
        var feature: UInt32
        /// The left child; the right one is behind it. In a leaf, the node itself.
        var left: UInt32
        /// 1 in an inner node, 0 in a leaf.
        var fork: UInt32
    }

    /// The tree as its maker has it: parallel arrays; child -1 in a leaf, whose value stands in `thresholds`.
    struct Tree {
        var lefts: [Int]
        var rights: [Int]
        var features: [Int]
        var thresholds: [Float]
        var defaultsLeft: [Bool]
    }

    private static let missingLeft: UInt32 = 1 << 31
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

    /// Nil when a tree is not one: a child outside of it or not below its parent, a feature beyond `width`.
    init?(trees: [Tree], bias: Float, width: Int) {
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
        nodes.append(Node(threshold: 0, feature: 0, left: 0, fork: 0))
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
                    nodes[place] = Node(threshold: .infinity, feature: 0, left: UInt32(place), fork: 0)
                    leaves[place] = tree.thresholds[old]
                    continue
                }
                guard left < count, (0..<count).contains(right), (0..<width).contains(tree.features[old]) else { return nil }
                nodes[place] = Node(
                    threshold: tree.thresholds[old],
                    feature: UInt32(tree.features[old]) | (tree.defaultsLeft[old] ? Forest.missingLeft : 0),
                    left: UInt32(nodes.count), fork: 1)
                for child in [left, right] {
                    next.append(child)
                    nextPlaces.append(nodes.count)
                    nodes.append(Node(threshold: 0, feature: 0, left: 0, fork: 0))
                    leaves.append(0)
                }
            }
            if !next.isEmpty { depth += 1 }
            (level, places) = (next, nextPlaces)
        }
        return depth
    }

    /// The log-odds for the row of features that begins at `start`.
    package func margin(_ rows: [Float], start: Int) -> Float {
        precondition(start >= 0 && start + width <= rows.count, "the row is whole")
        return unsafe rows.withUnsafeBufferPointer { rows in
            unsafe nodes.withUnsafeBufferPointer { nodes in
                unsafe walk(UnsafeBufferPointer(rebasing: rows[start..<(start + width)]), nodes)
            }
        }
    }

    // Safe: the row has `width` numbers, and invariant 3 bounds features and children.
    private func walk(_ row: UnsafeBufferPointer<Float>, _ nodes: UnsafeBufferPointer<Node>) -> Float {
        var sum: Float = 0
        var tree = 0
        var group = 0
        guard let values = row.baseAddress, let first = nodes.baseAddress else { return bias }
        while tree + Forest.lanes <= treeCount {
            var at = SIMD8<UInt32>(
                roots[tree], roots[tree + 1], roots[tree + 2], roots[tree + 3], roots[tree + 4], roots[tree + 5], roots[tree + 6],
                roots[tree + 7])
            for _ in 0..<depths[group] {
                unsafe at[0] = Forest.step(first, values, at[0])
                unsafe at[1] = Forest.step(first, values, at[1])
                unsafe at[2] = Forest.step(first, values, at[2])
                unsafe at[3] = Forest.step(first, values, at[3])
                unsafe at[4] = Forest.step(first, values, at[4])
                unsafe at[5] = Forest.step(first, values, at[5])
                unsafe at[6] = Forest.step(first, values, at[6])
                unsafe at[7] = Forest.step(first, values, at[7])
            }
            for lane in 0..<Forest.lanes { sum += leaves[Int(at[lane])] }
            tree += Forest.lanes
            group += 1
        }
        while tree < treeCount {
            var at = roots[tree]
            for _ in 0..<depths[group] { at = unsafe Forest.step(first, values, at) }
            sum += leaves[Int(at)]
            tree += 1
        }
        return sum + bias
    }

    @inline(__always)
    private static func step(_ nodes: UnsafePointer<Node>, _ values: UnsafePointer<Float>, _ index: UInt32) -> UInt32 {
        let node = unsafe nodes[Int(index)]
        let value = unsafe values[Int(node.feature & ~missingLeft)]
        // NaN is not below anything.
        let isLeft = value < node.threshold || (value != value && node.feature & missingLeft != 0)
        return node.left &+ (isLeft ? 0 : node.fork)
    }
}
