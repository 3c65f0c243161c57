// Package pairfile reads files that describe a pair of models once, for all commands of triggerfinder and for tests in Go:
//
//	# triggerfinder.yaml
//	original: models/classifier.onnx
//	compressed: models/classifier-int8.onnx
//	scale: 1/255
//	mean: [0.485, 0.456, 0.406]
//	std: [0.229, 0.224, 0.225]
//
// A test opens the pair by [Open]; the commands search, replay, minimize and layers take the file by --pair-file. The keys are the long names of
// the command's flags about models. docs/commandline.md has them all, [Schema] is for editors.
//
// A file is read strictly: an unknown key, a key that stands twice, a value of the wrong form, or an option that the model's runtime does not have is
// an error that names the file, the line and what was expected. A file may name a program to run ("process:COMMAND"), so open only files that you trust.
package pairfile

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/internal/modeltext"
	"github.com/triggerfinder/triggerfinder/model"
)

// File is a file that describes a pair. What it names by a relative path lies beside it: the paths here are joined with the file's folder.
type File struct {
	Path string // of the file itself
	// Original and Compressed stand for the models: a path, "process:COMMAND", or the address of an endpoint. Converted is the model between, "" for none.
	Original, Converted, Compressed string

	Pair    string // the name of the pair, "" for the names of both models
	Threads int    // of one prediction, at least 1

	// Seeds is the folder or file with the seeds, for generators.Open, and Labels the file with their true classes, for generators.OpenLabels; "" for none.
	Seeds, Labels string
	ClassNames    []string // nil for none

	values  []Value
	given   map[string]Value // the same by key
	options map[string][]modeltext.Setting
}

// Value is what the file says for one flag of the command.
type Value struct {
	Key  string // the long name of the flag, such as scale or compressed.scale
	Text string // as on a command line
	Line int
}

// Values are all that the file says, in its order, as flags of the command.
func (f *File) Values() []Value { return slices.Clone(f.values) }

//go:embed triggerfinder.schema.json
var schema []byte

// Schema is the JSON schema of such files (draft 2020-12), by which editors complete and check them.
func Schema() []byte { return slices.Clone(schema) }

// Open opens the pair that a file describes. Close it when done.
func Open(path string) (*model.Pair, error) {
	f, err := Load(path)
	if err != nil {
		return nil, err
	}
	return f.Open()
}

// Load reads a file. No model is opened, and no program run.
func Load(path string) (*File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: expected a file that describes a pair, found a folder or a device", path)
	}
	if err == nil && info.Size() > most {
		return nil, tooLarge(path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("expected a file that describes a pair: %w", err)
	}
	f, err := Parse(path, data)
	if err != nil {
		return nil, err
	}
	return f, f.check()
}

// sides are those that the file can name, in the order of its documentation.
var sides = []string{modeltext.Original, modeltext.Converted, modeltext.Compressed}

func (f *File) model(side string) string {
	switch side {
	case modeltext.Original:
		return f.Original
	case modeltext.Converted:
		return f.Converted
	}
	return f.Compressed
}

// check finds what only a look at the files beside it can tell.
func (f *File) check() error {
	for _, side := range sides {
		if f.model(side) == "" {
			continue
		}
		if _, err := f.settingsFor(side); err != nil {
			return err
		}
	}
	if v, ok := f.given["threads"]; ok && !modeltext.Where(f.Original).IsFile() && !modeltext.Where(f.Compressed).IsFile() {
		return f.problem(v.Line, "threads: expected it for files of models only, found programs or endpoints")
	}
	if v, ok := f.given["class-names"]; ok && f.ClassNames == nil {
		text, err := os.ReadFile(v.Text)
		if err != nil {
			return f.problem(v.Line, "class-names: expected a file with a name a line, or a list of names: %w", err)
		}
		for line := range strings.SplitSeq(strings.TrimRight(string(text), "\r\n"), "\n") {
			f.ClassNames = append(f.ClassNames, strings.TrimSpace(line))
		}
	}
	return nil
}

// valueFor is what holds for one side: what is said for it alone, or else for all. The model between is opened as the original.
func (f *File) valueFor(side, option string) (v Value, ok bool) {
	if v, ok = f.given[side+"."+option]; ok {
		return v, true
	}
	if side == modeltext.Converted {
		return f.valueFor(modeltext.Original, option)
	}
	v, ok = f.given[option]
	return v, ok
}

// settingsFor are the options of one side, as far as its runtime has them. One that is given for that side, or for all where no model has it, is an error.
func (f *File) settingsFor(side string) ([]modeltext.Setting, error) {
	var settings []modeltext.Setting
	runs := modeltext.Where(f.model(side))
	other := modeltext.Original
	if side == modeltext.Original {
		other = modeltext.Compressed
	}
	for _, option := range modeltext.Options {
		v, ok := f.valueFor(side, option.Name)
		if !ok {
			continue
		}
		for _, s := range f.options[v.Key] {
			switch {
			case s.In(runs):
				settings = append(settings, s)
			case side == modeltext.Converted && v.Key != side+"."+option.Name: // of the others
			case v.Key != option.Name || !s.In(modeltext.Where(f.model(other))):
				return nil, f.problem(v.Line, "%s: expected it for %s only, found %s: %s", v.Key, modeltext.TakenBy[option.Name], runs, f.model(side))
			}
		}
	}
	return settings, nil
}

// Folder is where a program of the file runs, so that its command may name files beside it: the file's folder.
func (f *File) Folder() string { return filepath.Dir(f.Path) }

// Open opens the pair, by way of the model between where there is one. Close it when done.
func (f *File) Open() (*model.Pair, error) {
	o := modeltext.Opening{
		Text: map[string]string{}, Settings: map[string][]modeltext.Setting{}, Folder: map[string]string{}, Name: f.Pair, Threads: f.Threads,
		Called: func(side string) string { return fmt.Sprintf("%s:%d: %s", f.Path, f.given[side].Line, side) },
	}
	for _, side := range sides {
		var err error
		if o.Settings[side], err = f.settingsFor(side); err != nil {
			return nil, err
		}
		text := f.model(side)
		if text != "" && modeltext.Where(text).IsFile() {
			if _, err := os.Stat(text); err != nil {
				return nil, f.problem(f.given[side].Line, "%s: expected the file of a model: %w", side, err)
			}
		}
		o.Text[side], o.Folder[side] = text, f.Folder()
	}
	pair, err := o.Pair()
	if err != nil || f.Converted == "" {
		return pair, err
	}
	pair, _, err = o.Through(pair, "conversion", "compression") // as package engine calls them
	return pair, err
}
