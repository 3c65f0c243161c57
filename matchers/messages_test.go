package matchers

import "testing"

func TestTestFunction(t *testing.T) {
	for function, want := range map[string][2]string{
		"example.com/models.TestPruned":                    {"example.com/models", "TestPruned"},
		"example.com/models_test.TestPruned.func1":         {"example.com/models", "TestPruned"},
		"example.com/models%2ev2.TestPruned":               {"example.com/models.v2", "TestPruned"},
		"models.ExampleHave":                               {"models", "ExampleHave"},
		"example.com/models.TestAll[...].func2":            {"example.com/models", "TestAll"},
		"example.com/models.(*Suite).TestMethod":           {"example.com/models", ""},
		"example.com/models.suite.TestMethod":              {"example.com/models", ""},
		"example.com/models_test.init.func1.2":             {"example.com/models", ""},
		"example.com/models.helper":                        {"example.com/models", ""},
		"example.com/some.thing/models.TestPruned.func1.1": {"example.com/some.thing/models", "TestPruned"},
	} {
		got := [2]string{importPath(packageOf.FindString(function)), ""}
		if m := testFunction.FindStringSubmatch(function); m != nil {
			got = [2]string{importPath(m[1]), m[2]}
		}
		if got != want {
			t.Errorf("%s: got %q, expected %q", function, got, want)
		}
	}
}

// "Below 2 %, but it is at most 2 %" would look like a contradiction.
func TestBoundsAreOnTheirSideOfTheLimit(t *testing.T) {
	for _, c := range []struct {
		bound, limit float64
		want         string
	}{
		{0.01998, 0.02, "1.998 %"}, {0.0199996, 0.02, "1.99996 %"}, {0.02000001, 0.02, "2.000001 %"},
		{0.02, 0.02, "2 %"}, {0.0154321, 0.02, "1.54 %"}, {0, 0.02, "0 %"},
	} {
		if got := boundBeside(c.bound, c.limit); got != c.want {
			t.Errorf("boundBeside(%g, %g) = %q; expected %q", c.bound, c.limit, got, c.want)
		}
	}
}
