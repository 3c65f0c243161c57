package report

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestArraysOfNumbersStandOnOneLine(t *testing.T) {
	got, err := EncodeJSON(map[string]any{
		"scores":  []float64{0.25, -1e-9, 3e+20},
		"boxes":   [][]int{{1, 2}, {}},
		"names":   []string{"[1,\n 2]", `a "quoted" [3]`, `\`},
		"nothing": []int{},
		"mixed":   []any{1, "NaN", nil},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "boxes": [
    [1, 2],
    []
  ],
  "mixed": [
    1,
    "NaN",
    null
  ],
  "names": [
    "[1,\n 2]",
    "a \"quoted\" [3]",
    "\\"
  ],
  "nothing": [],
  "scores": [0.25, -1e-9, 300000000000000000000]
}
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func FuzzNumbersInLine(f *testing.F) {
	f.Add([]byte(`{"a": [1, 2.5e-3, [3]], "b": "\"[1, 2]", "c": [true, null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var before, after bytes.Buffer
		if json.Indent(&before, text, "", "  ") != nil {
			return
		}
		var want bytes.Buffer
		if err := json.Compact(&want, text); err != nil {
			t.Fatal(err)
		}
		if err := json.Compact(&after, numbersInLine(before.Bytes())); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(after.Bytes(), want.Bytes()) {
			t.Errorf("got %s, want %s", after.Bytes(), want.Bytes())
		}
	})
}
