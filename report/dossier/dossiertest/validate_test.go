package dossiertest

import "testing"

func TestValidate(t *testing.T) {
	for text, want := range map[string]struct{ known, valid bool }{
		`{"format": "triggerfinder-search", "version": 1}`:  {true, false},
		`{"format": "triggerfinder-release", "version": 2}`: {true, false},
		`{"format": "other"}`:                               {false, true},
		`{`:                                                 {false, true},
		`[]`:                                                {false, true},
	} {
		known, err := Validate([]byte(text))
		if known != want.known || (err == nil) != want.valid {
			t.Errorf("%s: known %t, error %v", text, known, err)
		}
	}
}
