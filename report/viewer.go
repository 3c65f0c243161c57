package report

import (
	"fmt"
	"image"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// Viewer shows triggers of one kind of input beside their seeds. It is safe for concurrent use.
type Viewer interface {
	// View shows a trigger and its seed, which are alike and valid. It is empty for those that cannot be shown.
	View(seed, trigger input.Input) (View, error)
}

// View is what people see of a trigger: in contact sheets, in the page of a release, and as files in its folder.
type View struct {
	// Panels stand side by side, at most 4 of one input: the seed first, then the trigger and what changed.
	Panels []Panel
	// Amplification is how many times a panel enlarges differences; 0 where none does.
	Amplification int
	// Heat says that a panel is a heat map of [HeatScale].
	Heat bool
	// Tables and Texts show what is read rather than seen: changed columns, what was edited in a text.
	Tables []Table
	Texts  []Text
	// Sounds can be played.
	Sounds []Sound
	// Answers are pictures of what both models say, such as boxes over the trigger; see [AnswersOf] for what is said in numbers.
	Answers []Panel
	// Files are further files for the trigger's folder, such as a table as text.
	Files []File
}

// Empty reports whether there is nothing to look at; files may be there all the same.
func (v View) Empty() bool {
	return len(v.Panels)+len(v.Tables)+len(v.Texts)+len(v.Sounds)+len(v.Answers) == 0
}

// Panel is one picture.
type Panel struct {
	Name  string // some words that stand below it
	Alt   string // what it shows, for those who cannot see it
	File  string // in the trigger's folder, such as "seed.png"; "" for none
	Image image.Image
}

// viewers are those of the kinds, images first.
var viewers = struct {
	sync.RWMutex
	of map[input.Kind]Viewer
}{of: map[input.Kind]Viewer{input.Image: imageViewer{}, input.Signal: signalViewer{}, input.Row: rowViewer{}, input.Tokens: tokensViewer{}}}

// Show makes a viewer that of a kind. Call it at the start of a program, in an init function or in TestMain, beside
// [distance.Define]. A kind has one viewer; kinds without one are told of in words alone.
func Show(kind input.Kind, viewer Viewer) error {
	switch _, err := input.ParseKind(kind.String()); {
	case err != nil:
		return fmt.Errorf("report: Show: %w", err)
	case kind == input.Other || kind.String() == input.Other.String():
		return fmt.Errorf("report: Show: expected the name of a kind, found %q, which stands for inputs of which nothing more is known", input.Other)
	case viewer == nil:
		return fmt.Errorf("report: Show: kind %s: expected a viewer, found nil", kind)
	}
	viewers.Lock()
	defer viewers.Unlock()
	if _, ok := viewers.of[kind]; ok {
		return fmt.Errorf("report: Show: kind %s: it has a viewer already; expected one", kind)
	}
	viewers.of[kind] = viewer
	return nil
}

// viewerOf is the viewer of a kind, nil where there is none.
func viewerOf(kind input.Kind) Viewer {
	viewers.RLock()
	defer viewers.RUnlock()
	return viewers.of[kind]
}

// ViewOf shows a trigger by the viewer of its kind, and the answers to it where they can be drawn. Of a set of which several parts are
// searched, it shows each part whose kind has a viewer. It is empty where there is none, and for a trigger without its inputs. Names
// of classes, by label, stand beside what is drawn of answers. An error is of a viewer, or tells what is wrong with what it made.
func ViewOf(t *engine.Trigger, classNames ...string) (View, error) {
	if t.Abridged() || !t.Input.Like(t.Seed) {
		return View{}, nil
	}
	v, err := viewOf(t.Seed, t.Input)
	if err != nil {
		return View{}, fmt.Errorf("viewer of the kind %s: %w", t.Input.Kind, err)
	}
	if t.Input.Validate() == nil && t.Seed.Validate() == nil {
		v.Answers = drawnAnswers(t, classNames)
	}
	if err := v.check(); err != nil {
		return View{}, fmt.Errorf("answers over the kind %s: %w", t.Input.Kind, err)
	}
	return v, nil
}

func viewOf(seed, trigger input.Input) (View, error) {
	if viewer := viewerOf(trigger.Kind); viewer != nil {
		if trigger.Validate() != nil || seed.Validate() != nil {
			return View{}, nil
		}
		v, err := viewer.View(seed, trigger)
		if err == nil && len(v.Panels) > mostPanels {
			err = fmt.Errorf("expected at most %d panels, found %d", mostPanels, len(v.Panels))
		}
		if err == nil {
			err = v.check()
		}
		return v, err
	}
	var all View
	shown := 0
	for _, part := range trigger.Parts() {
		if viewerOf(part.Kind) == nil || part.Fixed || shown == mostParts {
			continue
		}
		shown++
		before, _ := seed.Part(part.Name)
		after, _ := trigger.Part(part.Name)
		v, err := viewOf(before, after)
		if err != nil {
			return View{}, fmt.Errorf("part %q: %w", part.Name, err)
		}
		all.add(v, oneLine(part.Name)+": ", FolderName(part.Name)+"-")
	}
	return all, nil
}

// add adds the view of a part, under its name.
func (v *View) add(part View, name, folder string) {
	file := func(file string) string {
		if file == "" {
			return ""
		}
		return folder + file
	}
	for _, p := range part.Panels {
		v.Panels = append(v.Panels, Panel{name + p.Name, name + p.Alt, file(p.File), p.Image})
	}
	for _, t := range part.Tables {
		t.Name = name + t.Name
		v.Tables = append(v.Tables, t)
	}
	for _, t := range part.Texts {
		t.Name = name + t.Name
		v.Texts = append(v.Texts, t)
	}
	for _, s := range part.Sounds {
		s.Name, s.File = name+s.Name, file(s.File)
		v.Sounds = append(v.Sounds, s)
	}
	for _, f := range part.Files {
		v.Files = append(v.Files, File{file(f.Name), f.Data})
	}
	v.Amplification = max(v.Amplification, part.Amplification)
	v.Heat = v.Heat || part.Heat
}

const (
	// mostPanels is how many panels the view of one input has at most, and one of answers.
	mostPanels = 4
	// mostParts is how many parts of a set are shown at most.
	mostParts = 8
	// mostSide is the most pixels of a panel's side.
	mostSide = 1 << 14
)

// viewFile is a name that every system takes, and that is no other file of a trigger's folder.
var viewFile = regexp.MustCompile(`^[a-z0-9_][a-z0-9_.-]{0,200}$`)

// check tells what is wrong with a view.
func (v View) check() error {
	seen := map[string]bool{}
	file := func(name string) error {
		stem, _, _ := strings.Cut(name, ".")
		switch own := strings.TrimSuffix(strings.TrimSuffix(name, ".npy"), ".npz"); {
		case !viewFile.MatchString(name) || strings.HasSuffix(name, ".") || reservedName.MatchString(stem):
			return fmt.Errorf("file %q: expected a name of small letters, digits and _.-, such as seed.png", name)
		case name == artifactFile || own != name && (own == triggerName || own == seedName):
			return fmt.Errorf("file %q: expected another name, as every trigger has one of that name", name)
		case seen[name]:
			return fmt.Errorf("file %q: expected each name once", name)
		}
		seen[name] = true
		return nil
	}
	for i, p := range slices.Concat(v.Panels, v.Answers) {
		if p.Image == nil {
			return fmt.Errorf("panel %d: expected an image, found nil", i+1)
		}
		size := p.Image.Bounds().Size()
		switch {
		case size.X < 1 || size.Y < 1 || size.X > mostSide || size.Y > mostSide:
			return fmt.Errorf("panel %d: expected 1 to %d pixels a side, found %d x %d", i+1, mostSide, size.X, size.Y)
		case p.Name == "" || p.Alt == "":
			return fmt.Errorf("panel %d: expected a Name, and an Alt for those who cannot see it", i+1)
		case p.File != "" && !strings.HasSuffix(p.File, ".png"):
			return fmt.Errorf("panel %d: file %q: expected a name that ends in .png", i+1, p.File)
		}
		if p.File != "" {
			if err := file(p.File); err != nil {
				return fmt.Errorf("panel %d: %w", i+1, err)
			}
		}
	}
	for i, s := range v.Sounds {
		if err := s.check(); err != nil {
			return fmt.Errorf("sound %d: %w", i+1, err)
		}
		if s.File != "" {
			if err := file(s.File); err != nil {
				return fmt.Errorf("sound %d: %w", i+1, err)
			}
		}
	}
	for i, t := range v.Tables {
		if err := t.check(); err != nil {
			return fmt.Errorf("table %d: %w", i+1, err)
		}
	}
	for i, t := range v.Texts {
		if err := t.check(); err != nil {
			return fmt.Errorf("text %d: %w", i+1, err)
		}
	}
	for _, f := range v.Files {
		if err := file(f.Name); err != nil {
			return err
		}
	}
	return nil
}

// files are those for the trigger's folder, pictures first.
func (v View) files() (files []file, err error) {
	for _, p := range slices.Concat(v.Panels, v.Answers) {
		if p.File == "" {
			continue
		}
		data, err := pixels.EncodePNG(p.Image)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.File, err)
		}
		files = append(files, file{p.File, data})
	}
	for _, s := range v.Sounds {
		if s.File != "" {
			files = append(files, file{s.File, s.WAV})
		}
	}
	for _, f := range v.Files {
		files = append(files, file{f.Name, f.Data})
	}
	return files, nil
}
