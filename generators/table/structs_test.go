package table_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

type address struct{ Town string }

type customer struct {
	ID      string `column:"-"`
	Age     uint8  `column:"age"`
	Income  float64
	Member  bool
	Visits  *int32 `column:"visits"`
	Churned string
	address
	secret []int
}

// Structs are rows of a table as those of a file are.
func TestStructs(t *testing.T) {
	two, five := int32(2), int32(5)
	customers := []customer{
		{"a", 30, 1200, true, &two, "no", address{"Rome"}, nil}, {"b", 41, 900.5, false, nil, "yes", address{"Oslo"}, nil}, {"c", 52, 3000, true, &five, "", address{"Oslo"}, nil},
	}
	options := []table.Option{table.Label("Churned", "no", "yes"), table.Columns(table.Column{Name: "visits", Domain: input.Domain{Min: 0, Max: 9, Step: 1}, Missing: "0"})}
	seeds := model.Must(table.Structs(customers, options...))
	var names []string
	var types []table.Type
	for _, c := range seeds.Columns() {
		names, types = append(names, c.Name), append(types, c.Type)
	}
	if want := []string{"age", "Income", "Member", "visits", "Town"}; !slices.Equal(names, want) {
		t.Errorf("columns %q; expected %q", names, want)
	}
	if want := []table.Type{table.Integer, table.Number, table.Category, table.Integer, table.Category}; !slices.Equal(types, want) {
		t.Errorf("types %q; expected %q", types, want)
	}
	for i, want := range [][]float32{{30, 1200, 1, 2, 1}, {41, 900.5, 0, 0, 0}, {52, 3000, 1, 5, 0}} {
		seed := model.Must(seeds.Seed(i))
		if err := seed.Input.Validate(); err != nil || !slices.Equal(seed.Input.Data, want) || seed.Label != []int{0, 1, input.Unlabelled}[i] {
			t.Errorf("seed %d: %v, label %d, %v; expected %v", i, seed.Input.Data, seed.Label, err, want)
		}
	}
	if name := model.Must(seeds.Seed(1)).Name; name != "customer, row 1" && name != "table_test.customer, row 1" {
		t.Errorf("it is called %q", name)
	}
	pointers := []*customer{&customers[0], &customers[1], &customers[2]}
	if other := model.Must(table.Structs(pointers, options...)); !slices.Equal(model.Must(other.Seed(2)).Input.Data, model.Must(seeds.Seed(2)).Input.Data) {
		t.Error("pointers to structs are other seeds")
	}
	type wrong struct{ Numbers []float64 }
	type odd struct{ Size float32 }
	for says, err := range map[string]error{
		"expected structs, found int":                of(table.Structs([]int{1})),
		"expected rows below the header, found none": of(table.Structs([]customer{})),
		"field Numbers: expected a number, a string, bool or a pointer to one, found []float64; the tag `column:\"-\"` leaves it out": of(table.Structs([]wrong{{}})),
		`row 1 is nil`: of(table.Structs([]*customer{&customers[0], nil}, options...)),
		`missing cells in column "visits" (1, the first in row 1)`:                    of(table.Structs(customers, table.Label("Churned"))),
		`missing cells in column "Size" (1, the first in row 1)`:                      of(table.Structs([]odd{{1}, {float32(math.NaN())}})),
		`row 1, column "Size": expected a number, as in the rows above, found "+Inf"`: of(table.Structs([]odd{{1}, {float32(math.Inf(1))}})),
		`expected exported fields, found none`:                                        of(table.Structs([]struct{ a int }{{1}})),
		`column "height": expected one of the header`:                                 of(table.Structs(customers, table.Without("height"))),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
}

func of(_ *table.Seeds, err error) error { return err }
