/// An INSERT of several rows at once, prepared for each number of rows when it first occurs.
///
/// A statement's beginning and end (cursors, halt, the way down each tree) cost as much as some rows, so rows go in together.
struct RowsInsert {
    /// More gain next to nothing.
    static let rowsMax = 16

    private let connection: Connection
    private let table: String
    private let columns: [String]
    /// By number of rows less one.
    private var statements: [Statement?]

    init(_ connection: Connection, into table: String, _ columns: [String]) {
        self.connection = connection
        self.table = table
        self.columns = columns
        statements = Array(repeating: nil, count: RowsInsert.rowsMax)
    }

    /// Parameters of a row, which are numbered row after row in the order of the columns.
    var parametersPerRow: Int32 { Int32(columns.count) }

    mutating func statement(rows: Int) throws(LedgerError) -> Statement {
        if let statement = statements[rows - 1] { return statement }
        let row = "(" + repeatElement("?", count: columns.count).joined(separator: ", ") + ")"
        let statement = try connection.prepare(
            """
            INSERT INTO \(table) (\(columns.joined(separator: ", ")))
            VALUES \(repeatElement(row, count: rows).joined(separator: ", "))
            """, persistent: true)
        statements[rows - 1] = statement
        return statement
    }
}
