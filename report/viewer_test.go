package report_test

import (
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/report"
)

// viewerFunc is a viewer of one function.
type viewerFunc func(seed, trigger input.Input) (report.View, error)

func (f viewerFunc) View(seed, trigger input.Input) (report.View, error) { return f(seed, trigger) }

// bars are a picture of a few values.
func bars(in input.Input) image.Image {
	img := image.NewGray(image.Rect(0, 0, len(in.Data), 8))
	for x, v := range in.Data {
		img.SetGray(x, int(7*v/255), color.Gray{Y: 255})
	}
	return img
}

// broken is what the viewer of the kind "faulty" gives.
var broken struct {
	view report.View
	err  error
}

func init() {
	for kind, viewer := range map[input.Kind]viewerFunc{
		"hum": func(seed, trigger input.Input) (report.View, error) {
			return report.View{
				Panels: []report.Panel{{Name: "hum before", Alt: "a curve of four values", File: "before.png", Image: bars(seed)}, {Name: "hum after", Alt: "another", Image: bars(trigger)}},
				Files:  []report.File{{Name: "hum.txt", Data: []byte("hum")}},
			}, nil
		},
		"faulty": func(seed, trigger input.Input) (report.View, error) { return broken.view, broken.err },
	} {
		if err := report.Show(kind, viewer); err != nil {
			panic(err)
		}
	}
}

// hum is a trigger of four values of a kind.
func hum(kind input.Kind) *engine.Trigger {
	return triggerFrom(input.Input{Shape: []int{4}, Data: []float32{10, 20, 30, 40}, Domain: input.Bytes, Kind: kind}, 1)
}

func TestShowRefuses(t *testing.T) {
	viewer := viewerFunc(func(input.Input, input.Input) (report.View, error) { return report.View{}, nil })
	for _, test := range []struct {
		kind   input.Kind
		viewer report.Viewer
		says   string
	}{
		{"", viewer, `expected the name of a kind, found "other"`},
		{"other", viewer, `expected the name of a kind, found "other"`},
		{"My Kind", viewer, `found "My Kind"`},
		{"image", viewer, "kind image: it has a viewer already"},
		{"hum", viewer, "kind hum: it has a viewer already"},
		{"row", nil, "kind row: expected a viewer, found nil"},
	} {
		if err := report.Show(test.kind, test.viewer); err == nil || !strings.HasPrefix(err.Error(), "report: Show: ") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: error %v; expected %q", test.kind, err, test.says)
		}
	}
}

// A kind with a viewer has its pictures and files; one without has none, whatever its shape.
func TestTriggersAreShownByTheirKind(t *testing.T) {
	shaped := func(kind input.Kind) *engine.Trigger {
		in := gradient(5, 4, 1, 0)
		in.Kind = kind
		return triggerFrom(in, 0)
	}
	for _, test := range []struct {
		trigger *engine.Trigger
		files   []string
		shown   int
	}{
		{shaped(input.Image), []string{"diff.png", "seed.png", "trigger.json", "trigger.png"}, 3},
		{shaped(input.Signal), []string{"seed.npy", "trigger.json", "trigger.npy"}, 0},
		{shaped(input.Other), []string{"seed.npy", "trigger.json", "trigger.npy"}, 0},
		{hum("hum"), []string{"before.png", "hum.txt", "seed.npy", "trigger.json", "trigger.npy"}, 2},
		{sampleSet(t), []string{"facts-columns.tsv", "picture-diff.png", "picture-seed.png", "picture-trigger.png", "seed.npz", "trigger.json", "trigger.npz"}, 3},
	} {
		dir := save(t, openStore(t), test.trigger)
		if diff := cmp.Diff(test.files, names(t, dir)); diff != "" {
			t.Errorf("%s: files (-want +got):\n%s", test.trigger.Input, diff)
		}
		p, ok := report.PicturesOf(test.trigger, 0)
		if ok != (test.shown > 0) || len(p.Panels) != test.shown {
			t.Errorf("%s: %d pictures (%t), expected %d", test.trigger.Input, len(p.Panels), ok, test.shown)
		}
		for _, panel := range p.Panels {
			if panel.Alt == "" || panel.Name == "" {
				t.Errorf("%s: a picture without words: %q, %q", test.trigger.Input, panel.Name, panel.Alt)
			}
		}
		if _, sheet := report.Sheet(sampleReport(test.trigger), report.Options{}); sheet != ok {
			t.Errorf("%s: sheet %t, expected %t", test.trigger.Input, sheet, ok)
		}
		if _, card := report.Card(test.trigger, sampleContext); card != ok {
			t.Errorf("%s: card %t, expected %t", test.trigger.Input, card, ok)
		}
	}
}

// A viewer that fails, or makes what a folder cannot hold, keeps no trigger from being saved.
func TestFaultyViewersLoseNoTrigger(t *testing.T) {
	panel := report.Panel{Name: "a", Alt: "b", File: "a.png", Image: image.NewGray(image.Rect(0, 0, 2, 2))}
	with := func(change func(*report.Panel)) report.View {
		p := panel
		change(&p)
		return report.View{Panels: []report.Panel{panel, p}}
	}
	named := func(name string) report.View { return report.View{Files: []report.File{{Name: name}}} }
	for says, view := range map[string]report.View{
		"expected at most 4 panels, found 5":                              {Panels: []report.Panel{panel, panel, panel, panel, panel}},
		"panel 2: expected an image, found nil":                           with(func(p *report.Panel) { p.Image = nil }),
		"panel 2: expected 1 to 16384 pixels a side, found 0 x 0":         with(func(p *report.Panel) { p.Image = image.NewGray(image.Rectangle{}) }),
		"panel 2: expected a Name, and an Alt":                            with(func(p *report.Panel) { p.Alt = "" }),
		`panel 2: file "a.gif": expected a name that ends in .png`:        with(func(p *report.Panel) { p.File = "a.gif" }),
		`panel 2: file "a.png": expected each name once`:                  with(func(p *report.Panel) {}),
		`file "../x": expected a name of small letters`:                   named("../x"),
		`file "": expected a name of small letters`:                       named(""),
		`file "con.txt": expected a name of small letters`:                named("con.txt"),
		`file ".tmp-x": expected a name of small letters`:                 named(".tmp-x"),
		`file "trigger.json": expected another name`:                      named("trigger.json"),
		`file "seed.npy": expected another name`:                          named("seed.npy"),
		`file "trigger.npz": expected another name, as every trigger has`: named("trigger.npz"),
		"no ink": {},
	} {
		broken.view, broken.err = view, nil
		if says == "no ink" {
			broken.err = errors.New(says)
		}
		trigger := hum("faulty")
		dir := save(t, openStore(t), trigger)
		if diff := cmp.Diff([]string{"seed.npy", "trigger.json", "trigger.npy"}, names(t, dir)); diff != "" {
			t.Errorf("%s: files (-want +got):\n%s", says, diff)
		}
		text, err := os.ReadFile(filepath.Join(dir, "trigger.json"))
		if err != nil {
			t.Fatal(err)
		}
		if want := `"view_error": "viewer of the kind faulty: ` + strings.ReplaceAll(says, `"`, `\"`); !strings.Contains(string(text), want) {
			t.Errorf("trigger.json:\n%s\nexpected %s", text, want)
		}
		if _, err := report.LoadTrigger(dir); err != nil {
			t.Error(err)
		}
		if _, ok := report.PicturesOf(trigger, 0); ok {
			t.Errorf("%s: it has pictures", says)
		}
	}
}
