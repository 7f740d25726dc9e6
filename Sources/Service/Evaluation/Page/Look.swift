import Learning

/// How a technique looks in every picture: a colour class, a dash class, a marker.
struct Look {
    let style: String
    let marker: Picture.Marker

    init(_ technique: Technique) {
        switch technique {
        case .crosswalk: self.init(style: "s0", marker: .cross)
        case .engine: self.init(style: "s1", marker: .square)
        case .nonsituated: self.init(style: "s2", marker: .triangle)
        case .situatedLogistic: self.init(style: "s3", marker: .diamond)
        case .situatedBoosted: self.init(style: "s4", marker: .circle)
        }
    }

    private init(style: String, marker: Picture.Marker) {
        self.style = style
        self.marker = marker
    }

    /// Draws names with their looks in a row; returns where the row ends.
    static func drawLegend(in picture: inout Picture, _ entries: [(look: Look, name: String)], x: Double, y: Double) {
        var x = x
        for (look, name) in entries {
            picture.path([(x, y - 4), (x + 26, y - 4)], "line \(look.style)")
            picture.marker(look.marker, x: x + 13, y: y - 4, "mark \(look.style)")
            picture.text(name, x: x + 32, y: y)
            x += 48 + 7.2 * Double(name.count)
        }
    }
}
