import Glibc
import JSON

extension Forest {
    /// From XGBoost's own JSON (its "Introduction to Model IO", schema of version 1.7), `gbtree` with `binary:logistic`.
    /// Nil when it is anything else.
    init?(xgboost root: JSONValue, width: Int) {
        guard let learner = root["learner"], let booster = learner["gradient_booster"], booster["name"]?.string == "gbtree",
            learner["objective"]?["name"]?.string == "binary:logistic",
            let base = learner["learner_model_param"]?["base_score"]?.string.flatMap(Double.init), base > 0, base < 1,
            let list = booster["model"]?["trees"], list.kind == .array
        else { return nil }
        var trees: [Tree] = []
        var isWhole = true
        list.forEachElement { element in
            if let tree = Tree(element) { trees.append(tree) } else { isWhole = false }
        }
        guard isWhole else { return nil }
        // As the library has it: in float.
        let bias = -log(1 / Float(base) - 1)
        self.init(trees: trees, bias: base == 0.5 ? 0 : bias, width: width)
    }
}

extension Forest.Tree {
    fileprivate init?(_ tree: JSONValue) {
        guard let lefts = tree["left_children"]?.numbers, let rights = tree["right_children"]?.numbers,
            let features = tree["split_indices"]?.numbers, let thresholds = tree["split_conditions"]?.numbers,
            let defaults = tree["default_left"]?.numbers
        else { return nil }
        let whole = { (numbers: [Double]) in numbers.map { Int(exactly: $0) ?? -2 } }
        self.init(
            lefts: whole(lefts), rights: whole(rights), features: whole(features), thresholds: thresholds.map { Float($0) },
            defaultsLeft: defaults.map { $0 != 0 })
    }
}

extension JSONValue {
    /// The numbers (or booleans, as 0 and 1) of an array; nil when there is anything else.
    fileprivate var numbers: [Double]? {
        guard kind == .array else { return nil }
        var numbers: [Double] = []
        numbers.reserveCapacity(count)
        var isWhole = true
        forEachElement { element in
            if let number = element.double ?? element.bool.map({ $0 ? 1 : 0 }) { numbers.append(number) } else { isWhole = false }
        }
        return isWhole ? numbers : nil
    }
}
