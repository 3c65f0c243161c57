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
