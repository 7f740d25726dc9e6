import Foundation

/// The gains and splits of each column, read from the JSON that XGBoost writes of a model.
struct TreeGains {
    private(set) var gains: [Int: Double] = [:]
    private(set) var splits: [Int: Int] = [:]

    private struct Root: Decodable {
        struct Learner: Decodable { var gradient_booster: Booster }
        struct Booster: Decodable { var model: Trees }
        struct Trees: Decodable { var trees: [Tree] }
        struct Tree: Decodable {
            var left_children: [Int]
            var split_indices: [Int]
            var loss_changes: [Double]
        }
        var learner: Learner
    }

    init(_ json: [UInt8]) throws {
        for tree in try JSONDecoder().decode(Root.self, from: Data(json)).learner.gradient_booster.model.trees {
            for node in tree.left_children.indices where tree.left_children[node] >= 0 {
                gains[tree.split_indices[node], default: 0] += tree.loss_changes[node]
                splits[tree.split_indices[node], default: 0] += 1
            }
        }
    }
}
