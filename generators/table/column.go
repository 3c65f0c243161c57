package table

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/input"
)

// Type is what the cells of a column are.
type Type string

// The types of columns.
const (
	Number   Type = "number"   // such as 12, -0.5 or 1e3
	Integer  Type = "integer"  // whole numbers
	Category Type = "category" // names without an order, which may be written as numbers
)

// Column says of a column what the data do not. What is not said is taken from the data, and told in the notes of the seeds.
type Column struct {
	Name string
	Unit string // of the numbers, such as "mg/dl", for messages and reports; "" for none
	Type Type
	// Domain is the range of the numbers, with their step. Of categories, which are numbered in steps of 1, it says the first
	// number: Min, with Max for the last one.
	Domain input.Domain
	// Categories are those of a category in the order of their numbers. A cell that is none of them is an error of its row.
	Categories []string
	// Missing is how an empty cell is read (see [MissingCells]): a number, or a category. "" makes missing cells an error.
	Missing string
}

// check tells what does not go together.
func (c Column) check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("column %q: %s", c.Name, fmt.Sprintf(format, args...))
	}
	zero := c.Domain == input.Domain{}
	switch c.Type {
	case "", Number, Integer, Category:
	default:
		return bad("type: expected %s, %s, %s, or none for what the data tell, found %q", Number, Integer, Category, c.Type)
	}
	switch n := len(c.Categories); {
	case c.Name == "":
		return fmt.Errorf("column without a Name: expected that of the header")
	case c.Unit != "" && (n > 0 || c.Type == Category):
		return bad("expected no unit of categories, found %q", c.Unit)
	case n > 0 && c.Type != "" && c.Type != Category:
		return bad("expected no categories of the type %s", c.Type)
	case n == 1:
		return bad("expected at least 2 categories, found 1")
	case !zero && !(c.Domain.Max > c.Domain.Min && c.Domain.Step >= 0):
		return bad("expected a domain with Min < Max and Step >= 0, found %s", c.Domain)
	case !zero && c.Type == Integer && !c.Domain.Whole():
		return bad("expected a domain of whole numbers with step 1, found %s", c.Domain)
	case !zero && (c.Type == Category || n > 0) && (!c.Domain.Whole() || n > 0 && int(c.Domain.Range())+1 != n):
		return bad("expected a domain that numbers the %d categories in steps of 1, found %s", n, c.Domain)
	}
	for i, name := range c.Categories {
		if slices.Contains(c.Categories[:i], name) {
			return bad("expected each category once, found %q twice", name)
		}
	}
	return nil
}
