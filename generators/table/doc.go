// Package table is what inputs of the kind input.Row come from: the rows of tables, one value a column, each with a domain of its own.
//
//   - seeds from CSV files with a header, and from Go structs: [CSV], [CSVFS], [Structs]; a [Column] says of one what the data do not
//   - mutation operators with severities: [Noise], [NoiseOf], [Replace], [CategoryChange], [Swap], [Missing], [Rounding]
//
// Columns are of three types: numbers, whole numbers, and categories, which are replaced by other categories and never mixed, moved
// or scaled. A model sees the number of a category: its place in the list, from the least of the column's domain on.
//
//	seeds, err := table.CSV("people.csv", table.Label("income"), table.Without("id"),
//		table.Columns(table.Column{Name: "age", Type: table.Integer, Domain: input.Domain{Min: 17, Max: 99, Step: 1}}))
//
// Searches of rows take those of [Corruptions], which go by the domains of the columns. [Seeds.Corruptions] are as strong as the rows of a table
// differ:
//
//	strategies.BoundarySearch{Corruptions: seeds.Corruptions()}
//	generators.Corrupted(seeds).By(seeds.Corruptions()...).WithSeverity(generators.Between(0.1, 0.5))
package table
