package pairfile_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/triggerfinder/triggerfinder/internal/modeltext"
	"github.com/triggerfinder/triggerfinder/runtimes/pairfile"
	"go.yaml.in/yaml/v3"
)

// pair is the beginning of a file, two lines.
const pair = "original: a.onnx\ncompressed: b.onnx\n"

// all has every key, in every form.
const all = `# A comment.
original:
  model: models/a.onnx
  layout: NCHW
  output: scores
  class-order: [0, 2, 1]
converted: /models/c.onnx
compressed:
  model: models/b.tflite
  scale: "1"
  channels: bgr
  quantized-input: [1/255, -128]
  quantized-output: 1/255,-128
  output-as:
    Identity:0: boxes
  signature: serving_default
pair: our pair
threads: 2
seeds: ../photos
labels: labels.npy
class-names: [cat, dog, no]
preset: torchvision:256,224
scale: 1/255
mean: [0.485, 0.456, 0.406]
std: 0.229,0.224,0.225
grey-to-rgb: true
scores: logits
fixed: {sr: 16000, state: [0, 1, 0]}
feed: input_ids=ids
made: {attention_mask: mask, lengths: length}
provider: [cpu, a=b]
no-fallback: false
gradients: true
exact-products: true
layout: NHWC
`

func TestValuesAreThoseOfFlags(t *testing.T) {
	f, err := pairfile.Parse("models/triggerfinder.yaml", []byte(all))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, v := range f.Values() {
		found[v.Key] = v.Text
	}
	want := map[string]string{
		"original": filepath.FromSlash("models/models/a.onnx"), "original.layout": "NCHW", "original.output": "scores", "original.class-order": "0,2,1",
		"converted": "/models/c.onnx", "compressed": filepath.FromSlash("models/models/b.tflite"), "compressed.scale": "1", "compressed.channels": "bgr",
		"compressed.quantized-input": "1/255,-128", "compressed.quantized-output": "1/255,-128", "compressed.output-as": "Identity:0=boxes",
		"compressed.signature": "serving_default", "pair": "our pair", "threads": "2", "seeds": "photos", "labels": filepath.FromSlash("models/labels.npy"),
		"class-names": "cat,dog,no", "preset": "torchvision:256,224", "scale": "1/255", "mean": "0.485,0.456,0.406", "std": "0.229,0.224,0.225", "grey-to-rgb": "true",
		"scores": "logits", "fixed": "sr=16000,state=0:1:0", "feed": "input_ids=ids", "made": "attention_mask=mask,lengths=length", "provider": "cpu,a=b",
		"no-fallback": "false", "gradients": "true", "exact-products": "true", "layout": "NHWC",
	}
	if !maps.Equal(found, want) {
		t.Errorf("found %q\nwant  %q", found, want)
	}
	if line := f.Values()[len(want)-1].Line; line != strings.Count(all, "\n") {
		t.Errorf("the last key stands in line %d, found %d", strings.Count(all, "\n"), line)
	}
	if f.Threads != 2 || f.Pair != "our pair" || f.Seeds != "photos" || !slices.Equal(f.ClassNames, []string{"cat", "dog", "no"}) {
		t.Errorf("found %+v", f)
	}
	for text, want := range map[string]string{"process:python3 server.py": "process:python3 server.py", "grpc://h:1/m": "grpc://h:1/m", "/m/b.onnx": "/m/b.onnx"} {
		f, err := pairfile.Parse("models/triggerfinder.yaml", []byte("original: a.onnx\ncompressed: "+text+"\n"))
		if err != nil || f.Compressed != want {
			t.Errorf("%s: found %+v, %v", text, f, err)
		}
	}
}

func TestErrorsNameTheLineAndWhatWasExpected(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "t.yaml: expected the description of a pair, found an empty file",
		"# nothing\n":               "t.yaml: expected the description of a pair, found an empty file",
		"- a\n":                     "t.yaml:1: expected keys with values, such as original: model.onnx, found a list",
		"original: [a":              "t.yaml:1: expected YAML: ",
		"\ta: b":                    "t.yaml:1: expected YAML: ",
		"original: a\n  b: c\n":     "t.yaml:2: expected YAML: ",
		"pair: x":                   "t.yaml:1: expected the keys original and compressed, found neither",
		"original: x":               "t.yaml:1: expected the key compressed too, found original only",
		"compressed: x":             "t.yaml:1: expected the key original too, found compressed only",
		pair + "---\na: b\n":        "expected one description of a pair, found another YAML document",
		pair + "original: c\n":      "t.yaml:3: expected the key original once, found it in line 1 too",
		pair + "sacle: 1\n":         "t.yaml:3: sacle: there is no such key; did you mean scale?",
		pair + "model: x\n":         "t.yaml:3: model: there is no such key; ",
		pair + "quite-another: 1\n": "t.yaml:3: quite-another: there is no such key; expected one of original, compressed, converted, pair, threads, ",
		pair + strings.Repeat("x", 500) + ": 1\n":             "t.yaml:3: " + strings.Repeat("x", 100) + "…: there is no such key; expected one of original, ",
		pair + "? [a]\n: b\n":                                 "t.yaml:3: expected a key, found a list",
		pair + "threads: 0\n":                                 `t.yaml:3: threads: expected a whole number of at least 1, found "0"`,
		pair + "threads: many\n":                              `t.yaml:3: threads: expected a whole number of at least 1, found "many"`,
		pair + "threads: [1]\n":                               `t.yaml:3: threads: expected a whole number of at least 1, found a list`,
		pair + "pair:\n":                                      "t.yaml:3: pair: expected a name, found nothing",
		pair + "seeds: [a]\n":                                 "t.yaml:3: seeds: expected the path of a folder or a file, found a list",
		pair + "labels: ''\n":                                 `t.yaml:3: labels: expected the path of a file, found ""`,
		pair + "class-names: [a]\n":                           "t.yaml:3: class-names: expected two names or more, found 1",
		pair + "class-names: [a, 'b, c']\n":                   `t.yaml:3: class-names: expected names of one line without commas, found "b, c"`,
		pair + "class-names: {a: b}\n":                        "t.yaml:3: class-names: expected a file with a name a line, or a list of names, found keys with values",
		pair + "scale: 0\n":                                   `t.yaml:3: scale: expected numbers other than 0, found "0"`,
		pair + "scale: [1, a]\n":                              `t.yaml:3: scale: expected numbers by comma, such as 1/255 or 0.485,0.456,0.406, found "1,a"`,
		pair + "scale: [1, [2]]\n":                            "t.yaml:3: scale: expected one value in each place of the list, found a list",
		pair + "scale: ['1,2', 3]\n":                          `t.yaml:3: scale: expected one value in each place of the list, found "1,2"`,
		pair + "scale: {a: 1}\n":                              "t.yaml:3: scale: expected a value, or a list of values, found keys with values",
		pair + "scale:\n":                                     "t.yaml:3: scale: expected a value, or a list of values, found nothing",
		pair + "layout: NHCW\n":                               `t.yaml:3: layout: expected NCHW or NHWC, found "NHCW"; did you mean NCHW?`,
		pair + "layout: [NCHW]\n":                             "t.yaml:3: layout: expected one value, found a list",
		pair + "grey-to-rgb: yes\n":                           `t.yaml:3: grey-to-rgb: expected true or false, found "yes"`,
		pair + "grey-to-rgb: 'true'\n":                        `t.yaml:3: grey-to-rgb: expected true or false, found "true"`,
		pair + "fixed: {a: }\n":                               "t.yaml:3: fixed: expected NAME: VALUE without commas, found a: nothing",
		pair + "fixed: {a: b}\n":                              "t.yaml:3: fixed: expected NAME=NUMBER by comma, ",
		pair + "fixed: {a: [1, '2:3']}\n":                     `t.yaml:3: fixed: expected one value in each place of the list, found "2:3"`,
		pair + "fixed: [a]\n":                                 "t.yaml:3: fixed: expected NAME: VALUE, once or more, found a list",
		pair + "feed:\n  a: b\n  a: c\n":                      "t.yaml:5: expected the key a once, found it in line 4 too",
		"original: &a x\ncompressed: *a\n":                    "t.yaml:2: compressed: expected a model: its path, process:COMMAND or an address, or keys with model: among them, found the alias *a, and aliases are not read",
		"original: a\ncompressed:\n  scale: 1\n":              "t.yaml:2: compressed: expected the key model too, such as model: classifier.onnx, found none",
		"original: a\ncompressed:\n  model: b\n  pair: x\n":   "t.yaml:4: pair: there is no such key; ",
		"original: a\ncompressed:\n  model: b\n  scales: 1\n": "t.yaml:4: scales: there is no such key; did you mean scale?",
		"original: a\ncompressed:\n  model: b\n  scale: x\n":  "t.yaml:4: compressed.scale: expected numbers by comma, ",
		"original: a\ncompressed: [b]\n":                      "t.yaml:2: compressed: expected a model: its path, process:COMMAND or an address, or keys with model: among them, found a list",
		strings.Repeat("# x\n", 1<<18+1):                      "t.yaml: expected the description of a pair of at most 1048576 bytes, found more",
	} {
		f, err := pairfile.Parse("t.yaml", []byte(text))
		if err == nil || f != nil || !strings.HasPrefix(err.Error(), "t.yaml") || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: expected %s, found %v", text, want, err)
		}
	}
}

// What only a look at the files tells.
func TestLoadFindsWhatDoesNotFit(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "t.yaml")
	for text, want := range map[string]string{
		pair + "signature: x\n": "t.yaml:3: signature: expected it for a .tflite file only, found an ONNX file: " + filepath.Join(dir, "a.onnx"),
		"original: a.onnx\ncompressed:\n  model: b.tflite\n  gradients: true\n": "t.yaml:4: compressed.gradients: expected it for an ONNX file only, found a .tflite file: ",
		"original: process:a\ncompressed: process:b\nthreads: 2\n":              "t.yaml:3: threads: expected it for files of models only, found programs or endpoints",
		pair + "class-names: gone.txt\n":                                        "t.yaml:3: class-names: expected a file with a name a line, or a list of names: ",
		pair + "converted: {model: c.onnx, timeout: 1s}\n":                      "t.yaml:3: converted.timeout: expected it for a program or an endpoint only, found an ONNX file: ",
	} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := pairfile.Load(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: expected %s, found %v", text, want, err)
		}
	}
	if _, err := pairfile.Load(filepath.Join(dir, "gone.yaml")); err == nil || !strings.Contains(err.Error(), "gone.yaml") {
		t.Errorf("found %v", err)
	}
	if _, err := pairfile.Load(dir); err == nil || !strings.Contains(err.Error(), "found a folder or a device") {
		t.Errorf("found %v", err)
	}
	// An option of one of the two runtimes holds for the model that has it.
	if err := os.WriteFile(file, []byte("original: a.onnx\ncompressed: b.tflite\ngradients: true\nclass-names: names.txt\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "names.txt"), []byte("cat\r\ndog\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := pairfile.Load(file)
	if err != nil || !slices.Equal(f.ClassNames, []string{"cat", "dog"}) {
		t.Errorf("found %+v, %v", f, err)
	}
	if _, err := f.Open(); err == nil || !strings.Contains(err.Error(), "t.yaml:1: original: expected the file of a model: ") {
		t.Errorf("found %v", err)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(pairfile.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(s *jsonschema.Schema, text string) error {
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return err
	}
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if value, err = jsonschema.UnmarshalJSON(bytes.NewReader(data)); err != nil {
		return err
	}
	return s.Validate(value)
}

// The schema and the reader agree on what is a description and what is none.
func TestSchemaAgreesWithTheReader(t *testing.T) {
	s := compiled(t)
	for _, text := range []string{
		all, pair, pair + "scale: 1\n", pair + "scale: 0.5\n", pair + "class-names: names.txt\n", pair + "timeout: 10s\npreset: keras:224,tf\n",
		"original: {model: process:a b}\ncompressed: grpc://h:1/m\nprovider: openvino\nfixed: sr=16000\n",
	} {
		if err := valid(s, text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if _, err := pairfile.Parse("t.yaml", []byte(text)); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{
		"[]", "{}", "original: a\n", pair + "sacle: 1\n", pair + "threads: 0\n", pair + "threads: many\n", pair + "scale: {a: 1}\n", pair + "scale: [a]\n", pair + "layout: NHCW\n",
		pair + "grey-to-rgb: 1\n", pair + "class-names: [a]\n", pair + "class-names: [a, 'b,c']\n", pair + "fixed: [a]\n", pair + "fixed: {}\n", pair + "preset: other\n", pair + "seeds: [a]\n",
		"original: a\ncompressed: {scale: 1}\n", "original: a\ncompressed: {model: b, pair: x}\n", "original: a\ncompressed: [b]\n",
	} {
		if valid(s, text) == nil {
			t.Errorf("%q: the schema takes it", text)
		}
		if _, err := pairfile.Parse("t.yaml", []byte(text)); err == nil {
			t.Errorf("%q: the reader takes it", text)
		}
	}
}

var inYAML = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```")

// What the documentation and the example show is valid.
func TestDocumentedFilesAreRead(t *testing.T) {
	s := compiled(t)
	texts := []string{}
	for _, page := range []string{"../../docs/commandline.md", "../../docs/guide.md", "../../README.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range inYAML.FindAllSubmatch(text, -1) {
			texts = append(texts, string(block[1]))
		}
	}
	example, err := os.ReadFile("testdata/triggerfinder.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if texts = append(texts, string(example)); len(texts) < 3 {
		t.Fatalf("expected two descriptions in docs/commandline.md, found %d", len(texts)-1)
	}
	for _, text := range texts {
		if err := valid(s, text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if _, err := pairfile.Parse("triggerfinder.yaml", []byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Each option is in the schema, for both models and for one, in a form that it takes.
func TestSchemaHasAllOptions(t *testing.T) {
	var document struct {
		Properties map[string]any
		Defs       struct {
			Model struct {
				OneOf []struct{ Properties map[string]any }
			}
			Options map[string]struct {
				Description, Ref, Type string
				Enum                   []string
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(bytes.ReplaceAll(pairfile.Schema(), []byte(`"$ref"`), []byte(`"ref"`)), &document); err != nil {
		t.Fatal(err)
	}
	ofOne, forms := document.Defs.Model.OneOf[1].Properties, map[string][]modeltext.Form{"#/$defs/numbers": {modeltext.List}, "#/$defs/words": {modeltext.List}, "#/$defs/named": {modeltext.Pairs}, "": {modeltext.Single}}
	for _, o := range modeltext.Options {
		described := document.Defs.Options[o.Name]
		if document.Properties[o.Name] == nil || ofOne[o.Name] == nil || described.Description == "" {
			t.Errorf("%s is not in the schema", o.Name)
		}
		if !slices.Contains(forms[described.Ref], o.Form) || o.Boolean != (described.Type == "boolean") {
			t.Errorf("%s: the schema has another form: %+v", o.Name, described)
		}
	}
	if n := len(modeltext.Options); len(ofOne) != n+1 || len(document.Properties) != n+8 || len(document.Defs.Options) != n {
		t.Errorf("the schema has keys that the reader has not: %d, %d and %d for %d options", len(ofOne), len(document.Properties), len(document.Defs.Options), n)
	}
}

// written writes what was read as a file again.
func written(values []pairfile.Value) []byte {
	var b bytes.Buffer
	models := map[string]map[string]string{}
	for _, v := range values {
		side, option, ofOne := strings.Cut(v.Key, ".")
		switch {
		case ofOne || slices.Contains([]string{"original", "converted", "compressed"}, v.Key):
			if models[side] == nil {
				models[side] = map[string]string{}
			}
			if !ofOne {
				option = "model"
			}
			models[side][option] = v.Text
		default:
			b.WriteString(v.Key + ": " + asYAML(v.Key, v.Text) + "\n")
		}
	}
	for side, keys := range models {
		b.WriteString(side + ":\n")
		for key, text := range keys {
			b.WriteString("  " + key + ": " + asYAML(key, text) + "\n")
		}
	}
	return b.Bytes()
}

func asYAML(key, text string) string {
	if i := slices.IndexFunc(modeltext.Options, func(o modeltext.Option) bool { return o.Name == key }); i >= 0 && modeltext.Options[i].Boolean {
		return text
	}
	quoted, _ := yaml.Marshal(text)
	if bytes.Contains(bytes.TrimRight(quoted, "\n"), []byte("\n")) || len(quoted) == 0 {
		return strconv.Quote(text)
	}
	return strings.TrimRight(string(quoted), "\n")
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{all, pair, pair + "scale: [1, 2]\n", "original: {model: a, fixed: {a: [1, 2]}}\ncompressed: process:b\n", "- a", "a: *b", "original: &a x\n<<: *a\n", "? [a]\n: b\n", "%YAML 1.2\n---\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := pairfile.Parse("t.yaml", data)
		if err != nil {
			if first != nil || !strings.HasPrefix(err.Error(), "t.yaml:") {
				t.Errorf("found %+v, %v", first, err)
			}
			return
		}
		if first.Original == "" || first.Compressed == "" || first.Threads < 1 {
			t.Errorf("found %+v", first)
		}
		again, err := pairfile.Parse("t.yaml", written(first.Values()))
		if err != nil {
			t.Fatalf("%q is read, but not %q: %v", data, written(first.Values()), err)
		}
		if one, other := texts(first), texts(again); !reflect.DeepEqual(one, other) {
			t.Errorf("%q says %q, written again %q", data, one, other)
		}
	})
}

func texts(f *pairfile.File) map[string]string {
	all := map[string]string{}
	for _, v := range f.Values() {
		all[v.Key] = v.Text
	}
	delete(all, "class-names") // a list, or a file
	return all
}
