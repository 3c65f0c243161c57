package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codeberg.org/sbinet/npyio/npy"
	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	npyarray "github.com/triggerfinder/triggerfinder/input/npy"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"pgregory.net/rapid"
)

// inputs are images, sounds and rows of tables, in several domains.
var inputs = rapid.Custom(func(t *rapid.T) input.Input {
	domain := rapid.SampledFrom([]input.Domain{
		input.Bytes, {Min: -1, Max: 1}, {Min: 0, Max: 1, Step: 0.125}, {Min: 0, Max: 255},
	}).Draw(t, "domain")
	in := input.Input{Shape: rapid.SliceOfN(rapid.IntRange(1, 6), 1, 4).Draw(t, "shape"), Domain: domain}
	n := 1
	for _, d := range in.Shape {
		n *= d
	}
	in.Data = rapid.SliceOfN(rapid.Map(rapid.Float32Range(domain.Min, domain.Max), domain.Snap), n, n).Draw(t, "data")
	return in
})

// mixed are inputs whose values differ in their domains, and sets.
var mixed = rapid.Custom(func(t *rapid.T) input.Input {
	rows := rapid.SliceOfN(rapid.SampledFrom([]input.Domain{input.Bytes, {Min: -1, Max: 1}, {Min: 0, Max: 3, Step: 1}}), 1, 8)
	row := func(name string) input.Input {
		columns := rows.Draw(t, name)
		values := make([]float32, len(columns))
		for i, d := range columns {
			values[i] = d.Snap(rapid.Float32Range(d.Min, d.Max).Draw(t, "value"))
		}
		in, err := input.NewRow(values, columns)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "named") {
			if in.Layout == nil {
				in.Layout = &input.Layout{}
			}
			for i, d := range columns {
				in.Layout.Columns = append(in.Layout.Columns, input.Column{Name: fmt.Sprintf("column %d", i), Unit: "kg"})
				if d.Max == 3 {
					in.Layout.Columns[i].Categories = []string{"red", "green", "blue", "grey"}
				}
			}
		}
		return in
	}
	text, err := input.NewTokens([]int{1, 7, 8, 2, 0}, input.Vocabulary{Size: 9, Special: []int{1, 2}, KeepLength: rapid.Bool().Draw(t, "keep length")})
	if err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "text alone") {
		return text
	}
	if rapid.Bool().Draw(t, "alone") {
		return row("columns")
	}
	image := inputs.Draw(t, "image")
	if len(image.Shape) == 2 || len(image.Shape) == 3 {
		image.Kind = input.Image
	}
	parts := []input.NamedInput{input.Searched("../facts", row("facts")), input.Fixed("model/rate:0", row("rate"))}
	if rapid.Bool().Draw(t, "sound too") {
		second := sound(pcm16, 4000).Seed
		second.Layout = &input.Layout{Rate: 8000}
		if rapid.Bool().Draw(t, "sound alone") {
			return second
		}
		parts = append(parts, input.Searched("sound", second))
	}
	if rapid.Bool().Draw(t, "text too") {
		parts = append(parts, input.Searched("text", text), input.Fixed("old text", text))
	}
	if rapid.Bool().Draw(t, "image too") {
		parts = append(parts, input.Searched("picture", image), input.Fixed("old picture", image))
	}
	set, err := input.Join(rapid.Permutation(parts).Draw(t, "parts")...)
	if err != nil {
		t.Fatal(err)
	}
	return set
})

// measuredAlike compares units and rates, which make no input another one.
func measuredAlike(a, b input.Input) bool {
	rates := func(in input.Input) []int {
		all := []int{in.Rate()}
		for _, p := range in.Parts() {
			all = append(all, p.Rate)
		}
		return all
	}
	for i := range a.Data {
		if a.ColumnAt(i).Unit != b.ColumnAt(i).Unit {
			return false
		}
	}
	return slices.Equal(rates(a), rates(b))
}

func TestInputsAreReadAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(inputs, mixed).Draw(t, "input")
		got, err := report.DecodeInput(report.EncodeInput(in), in)
		if err != nil || got.ID() != in.ID() || !got.Like(in) || !slices.Equal(got.Data, in.Data) || !measuredAlike(got, in) {
			t.Errorf("got %v, %v; expected %v", got, err, in)
		}
	})
}

// sampleSet is a trigger of a set of three parts beside its seed.
func sampleSet(t testing.TB) *engine.Trigger {
	set := func(age float32) input.Input {
		row := model.Must(input.NewRow([]float32{age, 2, 0.5}, []input.Domain{{Min: 0, Max: 120, Step: 1}, {Min: 0, Max: 3, Step: 1}, {Min: 0, Max: 1}}))
		rate := input.Input{Shape: []int{1}, Data: []float32{16000}, Domain: input.Domain{Min: 0, Max: 48000}}
		return model.Must(input.Join(input.Searched("facts", row), input.Fixed("rate", rate), input.Searched("picture", gradient(4, 5, 1, 0))))
	}
	trigger := sampleTrigger(1)
	trigger.Seed, trigger.Input = set(30), set(47)
	trigger.SeedID, trigger.ID, trigger.Distance = trigger.Seed.ID(), trigger.Input.ID(), distance.DistanceBetween(trigger.Seed, trigger.Input)
	return trigger
}

// A set is saved as an archive with an array a part, and what it consists of is in trigger.json.
func TestSetsAreSavedAndLoaded(t *testing.T) {
	s, trigger := openStore(t), sampleSet(t)
	dir := save(t, s, trigger)
	if diff := cmp.Diff([]string{"facts-columns.tsv", "picture-diff.png", "picture-seed.png", "picture-trigger.png", "seed.npz", "trigger.json", "trigger.npz"}, names(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	saved, err := report.LoadTrigger(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]input.Input{trigger.Seed, trigger.Input}, []input.Input{saved.Trigger.Seed, saved.Trigger.Input}); diff != "" {
		t.Errorf("read otherwise than it was saved (-want +got):\n%s", diff)
	}
	var written struct {
		About, Replay string
		Input         struct {
			Domains []struct {
				Values         int
				Min, Max, Step float32
			}
			Parts []struct {
				Name, Kind, Type string
				Fixed            bool
			}
		}
	}
	if err := json.Unmarshal(readFile(t, filepath.Join(dir, "trigger.json")), &written); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(written.Input); got != "{[{1 0 120 1} {1 0 3 1} {1 0 1 0} {20 0 255 1}] [{facts row <f4 false} {rate other <f4 true} {picture image |u1 false}]}" {
		t.Errorf("trigger.json says %s", got)
	}
	for _, text := range []string{written.About, written.Replay} {
		if !strings.Contains(text, "trigger.npz") || strings.Contains(text, ".npy") {
			t.Errorf("trigger.json says %q; expected trigger.npz", text)
		}
	}
	if words := report.InputInWords(trigger); words != "its input is the seed with value 0 of facts from 30 to 47" {
		t.Errorf("in words: %s", words)
	}
}

func TestDamagedSetsAreRefused(t *testing.T) {
	array := func(name string, shape []int, values ...float32) npyarray.Named {
		return npyarray.Named{Name: name, Array: model.Must(npyarray.FromFloat32s(npyarray.Float32, shape, values))}
	}
	facts, rate, picture := array("facts", []int{3}, 47, 2, 0.5), array("rate", []int{1}, 16000), array("picture", []int{4, 5, 1}, gradient(4, 5, 1, 0).Data...)
	for says, arrays := range map[string][]npyarray.Named{
		"trigger.npz: content: expected ID":                                                       {facts, array("rate", []int{1}, 8000), picture},
		"trigger.npz: expected the arrays of 3 parts as in trigger.json, found 2":                 {facts, picture},
		`trigger.npz: part "rate": expected an array of that name as in trigger.json, found none`: {facts, picture, array("speed", []int{1}, 1)},
		`trigger.npz: part "rate": shape: expected [1] as in trigger.json, found [2]`:             {facts, picture, array("rate", []int{2}, 1, 2)},
		"trigger.npz: value 300 at index 0: expected a value of the domain 0..120 step 1":         {array("facts", []int{3}, 300, 2, 0.5), rate, picture},
	} {
		dir := save(t, openStore(t), sampleSet(t))
		var file bytes.Buffer
		if err := npyarray.WriteArchive(&file, arrays...); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "trigger.npz"), file.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := report.LoadTrigger(dir); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; expected %q", err, says)
		}
	}
	for old, new := range map[string]string{`"values": 20`: `"values": 21`, `"values": 1,`: `"values": -1,`} {
		dir := save(t, openStore(t), sampleSet(t))
		path := filepath.Join(dir, "trigger.json")
		if err := os.WriteFile(path, bytes.Replace(readFile(t, path), []byte(old), []byte(new), 1), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := report.LoadTrigger(dir); err == nil || !strings.Contains(err.Error(), "domains[") {
			t.Errorf("%s: error %v", new, err)
		}
	}
}

// A set is exported with one array a part.
func TestSetsAreExported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sets.npz")
	if err := report.ExportTriggers(path, []*engine.Trigger{sampleSet(t), sampleSet(t)}); err != nil {
		t.Fatal(err)
	}
	file := readFile(t, path)
	arrays, err := npyarray.ReadArchive(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, a := range arrays[:6] {
		found = append(found, fmt.Sprint(a.Name, a.Shape, a.DType))
	}
	want := []string{"inputs/facts[2 3]f4", "inputs/rate[2 1]f4", "inputs/picture[2 4 5 1]u1", "seeds/facts[2 3]f4", "seeds/rate[2 1]f4", "seeds/picture[2 4 5 1]u1"}
	if !slices.Equal(found, want) {
		t.Errorf("arrays %v, expected %v", found, want)
	}
}

func TestNPYKeepsNegativeZero(t *testing.T) {
	in := input.Input{Shape: []int{2}, Data: []float32{float32(math.Copysign(0, -1)), 7}, Domain: input.Bytes}
	got, err := report.DecodeInput(report.EncodeInput(in), in)
	if err != nil || !math.Signbit(float64(got.Data[0])) {
		t.Errorf("got %v, %v; expected a negative zero, which has another ID than zero", got.Data, err)
	}
}

// Another implementation reads what ours writes.
func TestNPYIsReadByOthers(t *testing.T) {
	image := gradient(5, 4, 3, 0)
	sound := input.Input{Shape: []int{6}, Data: []float32{-1, -0.5, 0, 0.25, 0.3, 1}, Domain: input.Domain{Min: -1, Max: 1}}
	for _, in := range []input.Input{image, sound} {
		r, err := npy.NewReader(bytes.NewReader(report.EncodeInput(in)))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.Header.Descr.Shape, in.Shape) {
			t.Errorf("shape %v, expected %v", r.Header.Descr.Shape, in.Shape)
		}
		var data []float32
		if in.Domain == input.Bytes {
			var raw []uint8
			err = r.Read(&raw)
			for _, v := range raw {
				data = append(data, float32(v))
			}
		} else {
			err = r.Read(&data)
		}
		if err != nil || !slices.Equal(data, in.Data) {
			t.Errorf("data %v, %v; expected %v", data, err, in.Data)
		}
	}
}

// A trigger's array is of a type that inputs have. What its header says is checked in input/npy.
func TestNPYRefusesOtherTypes(t *testing.T) {
	image := gradient(4, 4, 1, 0)
	good := report.EncodeInput(image)
	for old, new := range map[string]string{"|u1": "|i1", "'|u1'": "'<f2'"} {
		file := bytes.Replace(good, []byte(old), []byte(new), 1)
		if new == "'<f2'" {
			file = append(file, file[len(file)-16:]...)
		}
		if _, err := report.DecodeInput(file, image); err == nil || !strings.Contains(err.Error(), "expected u1 (8-bit inputs) or f4") {
			t.Errorf("%s: error %v", new, err)
		}
	}
	if _, err := report.DecodeInput(append(good, 0), image); err == nil || !strings.Contains(err.Error(), "expected 16 bytes of values, found 17") {
		t.Errorf("too much data: error %v", err)
	}
}
