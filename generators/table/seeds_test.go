package table_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/input"
)

func write(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const people = "\ufeffid,age,\"height, m\",colour,sex,income\r\n" +
	"a,30,1.8,red,1,low\r\n" +
	"b,20, 1.6 ,\"dark \"\"blue\"\"\",2,high\r\n" +
	"c,50,1.75,red,2,low\r\n" +
	"d,41,1.7,\"green\nor so\",1,\r\n"

func TestCSVFindsTypesAndRanges(t *testing.T) {
	seeds, err := table.CSV(write(t, people), table.Label("income"), table.Without("id"))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := seeds.Seed(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := seed.Input.Validate(); err != nil || seed.Input.Kind != input.Row {
		t.Errorf("expected a row, found %s: %v", seed.Input, err)
	}
	if want := []float32{20, 1.6, 0, 2}; !slices.Equal(seed.Input.Data, want) {
		t.Errorf("expected %v, found %v", want, seed.Input.Data)
	}
	if seed.Label != 0 || seed.Name != "people.csv, line 3" || !slices.Equal(seeds.ClassNames(), []string{"high", "low"}) {
		t.Errorf("expected the label high in line 3, found %d, %q of %q", seed.Label, seed.Name, seeds.ClassNames())
	}
	if last, err := seeds.Seed(3); err != nil || last.Label != input.Unlabelled {
		t.Errorf("expected no label in an empty cell, found %d (error %v)", last.Label, err)
	}
	for i, want := range []struct {
		name   string
		kind   table.Type
		domain input.Domain
	}{
		{"age", table.Integer, input.Domain{Min: 20, Max: 50, Step: 1}}, {"height, m", table.Number, input.Domain{Min: 1.6, Max: 1.8}},
		{"colour", table.Category, input.Domain{Min: 0, Max: 2, Step: 1}}, {"sex", table.Integer, input.Domain{Min: 1, Max: 2, Step: 1}},
	} {
		if c := seeds.Columns()[i]; c.Name != want.name || c.Type != want.kind || c.Domain != want.domain || seed.Input.DomainAt(i) != want.domain {
			t.Errorf("column %d: expected %+v, found %+v", i, want, c)
		}
	}
	if colours := seeds.Columns()[2].Categories; !slices.Equal(colours, []string{`dark "blue"`, "green\nor so", "red"}) {
		t.Errorf("found the colours %q", colours)
	}
	notes := strings.Join(seeds.Notes(), "\n")
	for _, want := range []string{`columns read as integer, in the domain of the data: "age" 20..50 step 1, "sex" 1..2 step 1`, `column "colour": read as category`, `the classes are "high", "low"`} {
		if !strings.Contains(notes, want) {
			t.Errorf("expected a note %q in\n%s", want, notes)
		}
	}
}

// A table of many columns does not fill a report with what was taken from the data.
func TestNotesOfManyColumnsAreOne(t *testing.T) {
	path := write(t, "a,b,c,d,e,f,g,y\n1,0.5,1,2,3,4,5,0\n2,1.5,3,4,5,6,,1\n")
	seeds, err := table.CSV(path, table.Label("y"), table.Columns(table.Column{Name: "c", Type: table.Integer}, table.Column{Name: "g", Missing: "0"}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`people.csv: column "c": domain 1..3 step 1, as in the data`,
		`people.csv: column "g": 1 missing cells are read as 0`,
		`people.csv: columns read as integer, in the domain of the data: "a" 1..2 step 1, "d" 2..4 step 1, "e" 3..5 step 1, "f" 4..6 step 1, 1 more`,
		`people.csv: columns read as number, in the domain of the data: "b" 0.5..1.5`,
	}
	if found := seeds.Notes(); !slices.Equal(found, want) {
		t.Errorf("expected\n%s\nfound\n%s", strings.Join(want, "\n"), strings.Join(found, "\n"))
	}
}

func TestCSVTakesWhatIsDeclared(t *testing.T) {
	path := write(t, "age;sex;colour;y\n30;1;red;0\n-;2;blue;2\n99;1;mauve;1\n")
	seeds, err := table.CSV(path, table.Comma(';'), table.Label("y"), table.MissingCells("-"), table.Columns(
		table.Column{Name: "age", Domain: input.Domain{Min: -1, Max: 60, Step: 1}, Missing: "-1"},
		table.Column{Name: "sex", Type: table.Category},
		table.Column{Name: "colour", Categories: []string{"red", "blue", "grey"}},
	))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := seeds.Seed(1)
	if want := []float32{-1, 2, 1}; err != nil || !slices.Equal(seed.Input.Data, want) || seed.Label != 2 {
		t.Errorf("expected %v of the class 2, found %v, %d (error %v)", want, seed.Input.Data, seed.Label, err)
	}
	if !seed.Input.Categorical(1) || seed.Input.Categorical(0) || !slices.Equal(seeds.Columns()[1].Categories, []string{"1", "2"}) {
		t.Errorf("expected sex to be a category of its own numbers, found %+v", seeds.Columns())
	}
	_, err = seeds.Seed(2) // outside the declared domain
	if err == nil || !strings.Contains(err.Error(), "line 4") || !strings.Contains(err.Error(), `"age"`) {
		t.Errorf("expected an error that names line 4 and age, found %v", err)
	}
	if seeds, err = table.CSV(write(t, "colour,a\nred,1\nmauve,2\n"), table.Columns(table.Column{Name: "colour", Categories: []string{"red", "blue"}})); err != nil {
		t.Fatal(err)
	}
	if _, err := seeds.Seed(1); err == nil || !strings.Contains(err.Error(), `"colour"`) {
		t.Errorf("expected an error of another category, found %v", err)
	}
}

func TestCSVRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		options []table.Option
		want    string
	}{
		"empty":                  {"", nil, "empty file"},
		"no rows":                {"a,b\n", nil, "no seeds"},
		"ragged":                 {"a,b\n1,2\n1\n", nil, "line 3: expected 2 cells"},
		"bare quote":             {"a,b\n1,x\"y\n", nil, "line 2"},
		"twice":                  {"a,a\n1,2\n", nil, `"a" twice`},
		"nameless":               {"a,\n1,2\n", nil, "column 2 of 2"},
		"missing":                {"a,b\n1,2\n,3\n4,NA\n", nil, `"a" (1, the first in line 3), "b" (1, the first in line 4)`},
		"text among numbers":     {"a,b\n1,2\nx,3\n", nil, `line 3, column "a": expected a number`},
		"numbers after text":     {"a,b\nx,2\n3,3\n4,4\n5,5\n", nil, `column "a": expected numbers or names`},
		"no integer":             {"a,b\n1,2\n1.5,3\n", []table.Option{table.Columns(table.Column{Name: "a", Type: table.Integer})}, `line 3, column "a": expected a whole number`},
		"infinite":               {"a,b\n1,2\n1e99,3\n", nil, `line 3, column "a"`},
		"constant":               {"a,b\n1,2\n1,3\n", nil, `column "a": all rows have the value 1`},
		"one category":           {"a,b\nx,2\nx,3\n", nil, `column "a": all rows have the category "x"`},
		"unknown column":         {"a,b\n1,2\n", []table.Option{table.Columns(table.Column{Name: "c"})}, `column "c": expected one of the header, "a", "b"`},
		"unknown label":          {"a,b\n1,2\n", []table.Option{table.Label("c")}, `column "c"`},
		"label alone":            {"a\n1\n", []table.Option{table.Label("a")}, "besides"},
		"another class":          {"a,y\n1,x\n2,z\n", []table.Option{table.Label("y", "x", "w")}, `line 3: expected one of the classes "x", "w", found "z"`},
		"bad type":               {"a\n1\n", []table.Option{table.Columns(table.Column{Name: "a", Type: "float"})}, `found "float"`},
		"bad domain":             {"a\n1\n", []table.Option{table.Columns(table.Column{Name: "a", Domain: input.Domain{Min: 1, Max: 0}})}, "Min < Max"},
		"categories of a domain": {"a\nx\n", []table.Option{table.Columns(table.Column{Name: "a", Categories: []string{"x", "y"}, Domain: input.Domain{Min: 0, Max: 2, Step: 1}})}, "2 categories"},
		"no number for missing":  {"a\n1\n2\n", []table.Option{table.Columns(table.Column{Name: "a", Missing: "x"})}, `found "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := table.CSV(write(t, c.content), c.options...)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "people.csv") {
				t.Errorf("expected an error with the file and %q, found %v", c.want, err)
			}
		})
	}
	if _, err := table.CSV(filepath.Join(t.TempDir(), "none.csv")); err == nil {
		t.Error("expected an error of a file that is not there")
	}
}

func TestSpreadIsThatOfTheRows(t *testing.T) {
	seeds, err := table.CSV(write(t, "a,b\n1,x\n3,y\n1,x\n3,y\n"))
	if err != nil {
		t.Fatal(err)
	}
	if spread := seeds.Spread(); len(spread) != 1 || spread["a"] != 1 {
		t.Errorf("expected a standard deviation of 1 for a alone, found %v", spread)
	}
}

// Whatever a file holds, seeds are valid and alike, or there is one error.
func FuzzCSV(f *testing.F) {
	for _, content := range []string{people, "a,b\n1,2\n2,x\n", "a;b\n1;2\n", "a,b\n\"1\",\n", "a\n1e38\n-1e38\n", "a\n16777217\n2\n", "a,y\n1,0\n2,7\n", "a\n+1\n-\n"} {
		f.Add(content, ',', "y")
		f.Add(content, ';', "")
	}
	f.Fuzz(func(t *testing.T, content string, comma rune, label string) {
		options := []table.Option{table.Comma(comma)}
		if label != "" {
			options = append(options, table.Label(label))
		}
		seeds, err := table.CSV(write(t, content), options...)
		if err != nil {
			return
		}
		var first input.Input
		for i := range seeds.Len() {
			seed, err := seeds.Seed(i)
			if err != nil {
				t.Fatalf("nothing was declared, and row %d: %v", i, err)
			}
			if err := seed.Input.Validate(); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = seed.Input
			}
			if !seed.Input.Like(first) || seed.Label < input.Unlabelled {
				t.Fatalf("row %d: %+v", i, seed)
			}
		}
		for _, m := range seeds.Corruptions() {
			if err := input.Supports(m, first); err != nil {
				t.Fatal(err)
			}
		}
	})
}
