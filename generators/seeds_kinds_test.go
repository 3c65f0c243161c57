package generators_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/generators/signal"
	"github.com/triggerfinder/triggerfinder/generators/table"
	"github.com/triggerfinder/triggerfinder/generators/tokens"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// wavFile is a sound of 16 bits at 8,000 Hz.
func wavFile(samples ...int16) []byte {
	data := []byte{}
	for _, s := range samples {
		data = append(data, byte(s), byte(uint16(s)>>8))
	}
	le := func(n, size int) []byte {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(n >> (8 * i))
		}
		return b
	}
	return slices.Concat([]byte("RIFF"), le(36+len(data), 4), []byte("WAVEfmt "), le(16, 4), le(1, 2), le(1, 2), le(8000, 4), le(16000, 4), le(2, 2), le(16, 2),
		[]byte("data"), le(len(data), 4), data)
}

// Open knows sounds, tables, texts and bytes by content and ending, and takes what is said of them.
func TestOpenKinds(t *testing.T) {
	dir := t.TempDir()
	put := func(content []byte, path ...string) string {
		return writeFile(t, content, append([]string{dir}, path...)...)
	}
	put(wavFile(0, 16384), "sound") // by its content
	put(wavFile(1, 2), "flat", "b.wav")
	put(wavFile(1, 2), "spoken", "10", "a.wav")
	put(wavFile(1, 2), "spoken", "9", "a.wav")
	people := []byte("age,sex,class\n20,m,yes\n30,f,no\n50,m,yes\n")
	put(people, "people.csv")
	put([]byte(strings.ReplaceAll(string(people), ",", "\t")), "people.tsv")
	put(people, "people.data")
	put(people, "only", "people.csv")
	put([]byte("read me"), "only", "notes.txt")
	put([]byte("abc\n\nde\n"), "lines.txt")
	put([]byte(`{"text":"ab","lang":"en"}`+"\n"+`{"text":"c","lang":"de"}`), "lines.jsonl")
	put([]byte(`{"ids":[1,2,3],"y":1}`+"\n"+`{"ids":[4,5,6],"y":0}`), "numbers.ndjson")
	put([]byte("\x00\xffab"), "program.exe")
	put([]byte("ab"), "programs", "good", "x.exe")
	put([]byte("cd"), "programs", "evil", "y.exe")
	vocabulary := input.Vocabulary{Size: 259, Pad: 0, Special: []int{1}}
	encode := tokens.ByteTokens(3, 1)
	bytes := generators.Bytes(input.Vocabulary{Size: 257, Pad: 256}, tokens.Length(4))

	type seed struct {
		Name  string
		Kind  input.Kind
		Data  []float32
		Label int
	}
	for name, test := range map[string]struct {
		path    string
		options []generators.OpenOption
		want    []seed
		classes []string
	}{
		"a sound":           {"sound", nil, []seed{{"sound", input.Signal, []float32{0, 0.5}, -1}}, nil},
		"a longer sound":    {"sound", []generators.OpenOption{generators.Sounds(signal.Rate(8000), signal.Samples(3))}, []seed{{"sound", input.Signal, []float32{0, 0.5, 0}, -1}}, nil},
		"sounds":            {"flat", nil, []seed{{"b.wav", input.Signal, []float32{1. / 32768, 2. / 32768}, -1}}, nil},
		"sounds in classes": {"spoken", []generators.OpenOption{generators.NumericOrder()}, []seed{{"9/a.wav", input.Signal, []float32{1. / 32768, 2. / 32768}, 0}, {"10/a.wav", input.Signal, []float32{1. / 32768, 2. / 32768}, 1}}, []string{"9", "10"}},
		"sounds, and how they are read": {"spoken", []generators.OpenOption{generators.Sounds(signal.Samples(1)), generators.NumericOrder()},
			[]seed{{"9/a.wav", input.Signal, []float32{1. / 32768}, 0}, {"10/a.wav", input.Signal, []float32{1. / 32768}, 1}}, []string{"9", "10"}},
		"a table": {"people.csv", []generators.OpenOption{generators.LabelKey("class")},
			[]seed{{"people.csv, line 2", input.Row, []float32{20, 1}, 1}, {"people.csv, line 3", input.Row, []float32{30, 0}, 0}, {"people.csv, line 4", input.Row, []float32{50, 1}, 1}}, []string{"no", "yes"}},
		"a table with classes in an order": {"people.csv", []generators.OpenOption{generators.LabelKey("class", "yes", "no")},
			[]seed{{"people.csv, line 2", input.Row, []float32{20, 1}, 0}, {"people.csv, line 3", input.Row, []float32{30, 0}, 1}, {"people.csv, line 4", input.Row, []float32{50, 1}, 0}}, []string{"yes", "no"}},
		"a table with tabs":           {"people.tsv", []generators.OpenOption{generators.Table(table.Without("sex", "class"))}, []seed{{"people.tsv, line 2", input.Row, []float32{20}, -1}, {"people.tsv, line 3", input.Row, []float32{30}, -1}, {"people.tsv, line 4", input.Row, []float32{50}, -1}}, nil},
		"a table by what is said":     {"people.data", []generators.OpenOption{generators.Table(table.Without("sex", "class"))}, []seed{{"people.data, line 2", input.Row, []float32{20}, -1}, {"people.data, line 3", input.Row, []float32{30}, -1}, {"people.data, line 4", input.Row, []float32{50}, -1}}, nil},
		"the only table of a folder":  {"only", []generators.OpenOption{generators.Table(table.Without("sex", "class"))}, []seed{{"people.csv, line 2", input.Row, []float32{20}, -1}, {"people.csv, line 3", input.Row, []float32{30}, -1}, {"people.csv, line 4", input.Row, []float32{50}, -1}}, nil},
		"lines":                       {"lines.txt", []generators.OpenOption{generators.Texts(vocabulary, encode)}, []seed{{"lines.txt, line 1", input.Tokens, []float32{100, 101, 102, 1}, -1}, {"lines.txt, line 3", input.Tokens, []float32{103, 104, 1}, -1}}, nil},
		"JSON lines":                  {"lines.jsonl", []generators.OpenOption{generators.Texts(vocabulary, encode, tokens.Length(4)), generators.LabelKey("lang", "en", "de")}, []seed{{"lines.jsonl, line 1", input.Tokens, []float32{100, 101, 1, 0}, 0}, {"lines.jsonl, line 2", input.Tokens, []float32{102, 1, 0, 0}, 1}}, []string{"en", "de"}},
		"JSON lines, another field":   {"lines.jsonl", []generators.OpenOption{generators.Texts(vocabulary, encode), generators.Key("lang")}, []seed{{"lines.jsonl, line 1", input.Tokens, []float32{104, 113, 1}, -1}, {"lines.jsonl, line 2", input.Tokens, []float32{103, 104, 1}, -1}}, nil},
		"JSON lines of numbers":       {"numbers.ndjson", []generators.OpenOption{generators.Key("ids"), generators.LabelKey("y"), generators.Vocabulary(vocabulary)}, []seed{{"numbers.ndjson, line 1", input.Tokens, []float32{1, 2, 3}, 1}, {"numbers.ndjson, line 2", input.Tokens, []float32{4, 5, 6}, 0}}, nil},
		"a file as bytes":             {"program.exe", []generators.OpenOption{bytes}, []seed{{filepath.Join(dir, "program.exe"), input.Tokens, []float32{0, 255, 97, 98}, -1}}, nil},
		"a folder of files as bytes":  {"programs", []generators.OpenOption{bytes}, []seed{{"evil/y.exe", input.Tokens, []float32{99, 100, 256, 256}, 0}, {"good/x.exe", input.Tokens, []float32{97, 98, 256, 256}, 1}}, []string{"evil", "good"}},
		"other tokens of their bytes": {"programs", []generators.OpenOption{generators.Bytes(vocabulary, tokens.Length(3), tokens.Encoded(encode))}, []seed{{"evil/y.exe", input.Tokens, []float32{102, 103, 1}, 0}, {"good/x.exe", input.Tokens, []float32{100, 101, 1}, 1}}, []string{"evil", "good"}},
	} {
		t.Run(name, func(t *testing.T) {
			seeds, err := generators.Open(filepath.Join(dir, test.path), test.options...)
			if err != nil {
				t.Fatal(err)
			}
			var got []seed
			for i := range seeds.Len() {
				s, err := seeds.Seed(i)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Input.Validate(); err != nil {
					t.Error(err)
				}
				got = append(got, seed{s.Name, s.Input.Kind, s.Input.Data, s.Label})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.classes, input.ClassNamesOf(seeds)); diff != "" {
				t.Errorf("classes: %s", diff)
			}
		})
	}

	texts := generators.Texts(vocabulary, encode)
	for _, test := range []struct {
		path    string
		options []generators.OpenOption
		says    string
	}{
		{"lines.txt", nil, "lines.txt: expected generators.Texts(vocabulary, tokenizer), which says how texts become tokens"},
		{"lines.jsonl", nil, "lines.jsonl: expected generators.Texts(vocabulary, tokenizer)"},
		{"people.csv", []generators.OpenOption{texts}, "people.csv: expected text or JSON lines, which the options are for, found a file in the format CSV"},
		{"people.csv", []generators.OpenOption{generators.OfKind(input.Row)}, "people.csv: expected an array, which the options are for, found a file in the format CSV"},
		{"people.csv", []generators.OpenOption{generators.LabelKey("wages")}, `people.csv: column "wages": expected one of the header`},
		{"people.csv", []generators.OpenOption{generators.NumericOrder()}, "people.csv: expected a folder, which the options are for, found a file"},
		{"sound", []generators.OpenOption{generators.Table()}, "sound: expected CSV, which the options are for, found a file in the format WAV"},
		{"sound", []generators.OpenOption{generators.Sounds(signal.Rate(16000))}, "expected a sampling rate of 16000 Hz, found 8000 Hz"},
		{"lines.txt", []generators.OpenOption{generators.Sounds()}, "lines.txt: expected WAV, which the options are for, found a file in the format text"},
		{"flat", []generators.OpenOption{generators.Upright()}, "flat: expected a folder of images, which the options are for, found one of WAV files"},
		{"flat", []generators.OpenOption{generators.OfKind(input.Signal)}, "flat: expected an array, which the options are for, found a folder of WAV files"},
		{"flat", []generators.OpenOption{texts}, "flat: expected text, which the options are for, found a folder without such a file"},
		{"programs", nil, "expected PNG, JPEG, WebP, BMP, TIFF, GIF or PPM files in it or in its folders, one a class, found 2 .exe; WAV files, or one file of seeds, are read too"},
		{"sound", []generators.OpenOption{generators.Table(), texts}, "expected options of one format, found those of CSV and text"},
		{"numbers.ndjson", []generators.OpenOption{generators.Key("ids")}, `numbers.ndjson: field "ids": expected the option In, which gives the domain of the values, or Vocabulary for tokens`},
	} {
		if seeds, err := generators.Open(filepath.Join(dir, test.path), test.options...); err == nil || seeds != nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v; expected %q", test.path, err, test.says)
		}
	}
}

// Lines of JSON are seeds of several parts, as archives are.
func TestJSONLinesOfParts(t *testing.T) {
	content := `{"ids":[1,2,3],"picture":[[0,255],[12,7]],"rate":16000,"on":true,"label":2}

{"ids":[4],"picture":[[1,2],[3,4]],"rate":8000,"on":false,"label":null}
`
	options := []generators.ArrayOption{
		generators.Parts("ids", "picture"), generators.FixedParts("rate", "on"), generators.LabelKey("label"),
		generators.ForPart("ids", generators.Vocabulary(input.Vocabulary{Size: 9, Pad: input.Unpadded})),
		generators.ForPart("picture", generators.In(input.Bytes), generators.OfKind(input.Image)),
	}
	path := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"x.jsonl": {Data: []byte(content)}}
	inFS := model.Must(generators.JSONLinesFS(files, "x.jsonl", options...))
	for name, seeds := range map[string]input.Seeds{"a file": model.Must(generators.JSONLines(path, options...)), "in a file system": inFS} {
		if seeds.Len() != 2 {
			t.Fatalf("%s: %d seeds", name, seeds.Len())
		}
		first, second := model.Must(seeds.Seed(0)), model.Must(seeds.Seed(1))
		if first.Label != 2 || second.Label != input.Unlabelled || first.Name != "x.jsonl, line 1" || second.Name != "x.jsonl, line 3" {
			t.Errorf("%s: %+v, %+v", name, first, second)
		}
		for _, p := range first.Input.Parts() {
			if p.Fixed != (p.Name == "rate" || p.Name == "on") {
				t.Errorf("%s: part %s is fixed: %t", name, p.Name, p.Fixed)
			}
		}
		if !slices.Equal(first.Input.Data, []float32{1, 2, 3, 0, 255, 12, 7}) {
			t.Errorf("%s: data %v", name, first.Input.Data)
		}
		picture, _ := first.Input.Part("picture")
		if ids, _ := first.Input.Part("ids"); ids.Kind != input.Tokens || ids.Vocabulary() == nil || !slices.Equal(picture.Shape, []int{2, 2, 1}) || picture.Kind != input.Image {
			t.Errorf("%s: %v, %v", name, ids, picture)
		}
		if rate, _ := second.Input.Part("rate"); rate.Data[0] != 8000 || !slices.Equal(rate.Shape, []int{1}) {
			t.Errorf("%s: rate %v", name, rate)
		}
		if err := second.Input.Validate(); err != nil {
			t.Error(err)
		}
	}

	one := []generators.ArrayOption{generators.Key("x"), generators.In(input.Domain{Min: -10, Max: 10}), generators.OfKind(input.Signal)}
	for says, test := range map[string]struct {
		content string
		options []generators.ArrayOption
	}{
		`expected Key with the field of the values, or Parts`:                                {`{"x":1}`, nil},
		`x.jsonl: line 2: expected a JSON object`:                                            {"{\"x\":1}\n[1]", one},
		`x.jsonl: line 1: expected a JSON object, found null`:                                {"null", one},
		`x.jsonl: expected lines with JSON objects, found none`:                              {"\n", one},
		`x.jsonl, line 1: field "x": expected numbers, found no such field`:                  {`{"y":1}`, one},
		`x.jsonl, line 1: field "x": expected numbers, found "a"`:                            {`{"x":["a"]}`, one},
		`x.jsonl, line 1: field "x": expected numbers, found <nil>`:                          {`{"x":null}`, one},
		`x.jsonl, line 1: field "x": expected numbers, found an empty array`:                 {`{"x":[[]]}`, one},
		`field "x": expected arrays of the same length, found 2 and 1 values`:                {`{"x":[[1,2],[3]]}`, one},
		`field "x": expected arrays of the same depth, found a number beside an array`:       {`{"x":[[1,2],3]}`, one},
		`field "x": expected arrays of the same depth, found a deeper one`:                   {`{"x":[1,[2]]}`, one},
		`field "x": value 11 at index 0: expected a value of the domain -10..10`:             {`{"x":[11]}`, one},
		`line 1: field "y": expected a class, a whole number from 0 on, or null, found 1.5`:  {`{"x":[1],"y":1.5}`, append(slices.Clone(one), generators.LabelKey("y"))},
		`line 1: field "y": expected a class, a whole number from 0 on, or null, found none`: {`{"x":[1]}`, append(slices.Clone(one), generators.LabelKey("y"))},
		`expected no Single, since each line is a seed`:                                      {`{"x":[1]}`, append(slices.Clone(one), generators.Single())},
		`field "x": expected whole numbers below 16777216, which a float32 holds exactly`:    {`{"x":[16777217]}`, one},
	} {
		files["x.jsonl"].Data = []byte(test.content)
		seeds, err := generators.JSONLinesFS(files, "x.jsonl", test.options...)
		if err == nil {
			_, err = seeds.Seed(0)
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; expected %q", test.content, err, says)
		}
	}
}

// Arrays of numbers of tokens have a vocabulary, so that operators of tokens fit them.
func TestArraysOfTokens(t *testing.T) {
	files := fstest.MapFS{
		"x.npy": {Data: npyFile(npyDictionary("<f4", "(1, 3)"), float32s(4, 5, 0))},
		"x.npz": {Data: npzFile(t, map[string][]byte{"ids": npyFile(npyDictionary("<f4", "(1, 3)"), float32s(4, 5, 0)), "y": bytesNPY("(1,)", 2)}, "ids", "y")},
	}
	vocabulary := generators.Vocabulary(input.Vocabulary{Size: 9})
	for name, seeds := range map[string]input.Seeds{
		"NPY": model.Must(generators.NPYFS(files, "x.npy", vocabulary)), "NPZ": model.Must(generators.NPZFS(files, "x.npz", "ids", vocabulary, generators.LabelKey("y"))),
		"a part": model.Must(generators.NPZFS(files, "x.npz", "", vocabulary, generators.Parts("ids"))),
	} {
		seed := model.Must(seeds.Seed(0))
		if err := seed.Input.Validate(); err != nil || seed.Input.Kind != input.Tokens || seed.Input.Vocabulary() == nil || seed.Input.Vocabulary().Size != 9 ||
			seed.Input.Domain != (input.Domain{Min: 0, Max: 8, Step: 1}) {
			t.Errorf("%s: %v, %v", name, seed.Input, err)
		}
		if got := membersOf(t, generators.Usual(), seed.Input); len(got) != 5 {
			t.Errorf("%s: operators %v", name, got)
		}
	}
	for says, options := range map[string][]generators.ArrayOption{
		"option Vocabulary: ": {generators.Vocabulary(input.Vocabulary{})},
		"option Vocabulary: expected no other kind than tokens and no In": {vocabulary, generators.In(input.Bytes)},
	} {
		if _, err := generators.NPYFS(files, "x.npy", options...); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	if _, err := generators.NPYFS(files, "y.npy"); err == nil {
		t.Error("no error about a file that is not there")
	}
}
