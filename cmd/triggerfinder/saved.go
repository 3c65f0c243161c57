package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/internal/modeltext"
	"github.com/triggerfinder/triggerfinder/internal/spelling"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// resultFile is the result in JSON that lies beside a report; replay takes from it how the models
// are to be opened.
const resultFile = "search.json"

// parseSave parses how many triggers to save: a number or "all".
func parseSave(text string) (int, error) {
	if strings.EqualFold(text, "all") {
		return math.MaxInt, nil
	}
	n, err := spelling.Count(text, 0)
	if err != nil {
		return 0, spelling.Expected(`a whole number of at least 0, or "all"`, text)
	}
	return n, nil
}

// artifacts saves what a search finds, as the matchers do. Without a store it saves nothing.
type artifacts struct {
	store     *report.Store // nil without --out
	atMost    int
	context   report.Context
	asked     []string // flags that name programs and endpoints, which replay does not take from a folder
	reportDir string
	dirs      map[string]string // of saved triggers, by ID
	files     []string          // of the report
	problem   error             // why the folder of --out cannot be written
	lost      bool              // nor can another one
}

func newArtifacts(store *report.Store, atMost int, pair *model.Pair, settings engine.Settings, classNames []string, m *models) *artifacts {
	c := report.ContextFor(pair, settings)
	c.ClassNames, c.Replay = classNames, howToReplay(m, c)
	a := &artifacts{store: store, atMost: atMost, context: c, dirs: map[string]string{}}
	for _, side := range sides {
		switch text := *m.paths[side]; {
		case modeltext.Where(text).IsFile():
		case m.folders[side] != "": // it runs in the folder of the file that names it
			if !slices.Contains(a.asked, "--pair-file") {
				a.asked = append(a.asked, "--pair-file", m.file)
			}
		default:
			a.asked = append(a.asked, "--"+side, text)
		}
	}
	if store != nil {
		// The key tells the reports of different searches of a pair apart.
		sum := sha256.Sum256(fmt.Append(nil, "command line\n", c.Strategy, "\n", c.Oracle, "\n", c.Bound, "\n", c.RandomSeed, "\n",
			settings.StopAfter, "\n", settings.Aim, "\n", fmt.Sprint(settings.Budget), settings.Shard))
		a.reportDir = store.ReportDir(pair.Name(), hex.EncodeToString(sum[:4]))
	}
	return a
}

// howToReplay is the advice in trigger.json. Where the models lie is nobody else's concern.
func howToReplay(m *models, c report.Context) string {
	words := []string{"triggerfinder replay FOLDER"}
	for _, side := range sides {
		text := *m.paths[side]
		if modeltext.Where(text).IsFile() {
			text = filepath.Base(text)
		}
		words = append(words, "--"+side, quoted(text))
	}
	shared := m.commandLine(originalSide)
	if strings.Join(shared, " ") == strings.Join(m.commandLine(compressedSide), " ") {
		words = append(words, shared...)
	} else {
		for _, side := range sides {
			for _, word := range m.commandLine(side) {
				if name, isFlag := strings.CutPrefix(word, "--"); isFlag {
					word = "--" + side + "." + name
				}
				words = append(words, word)
			}
		}
	}
	return fmt.Sprintf("%s, where FOLDER is the one that holds this file. In Go: Expect(pair).To(ReplayCleanly(FOLDER)) with the pair %q.",
		strings.Join(words, " "), c.Pair)
}

// add saves a trigger. One that cannot be saved is no end of the search.
func (a *artifacts) add(t *engine.Trigger) error {
	if a.store == nil || a.lost || len(a.dirs) >= a.atMost {
		return nil
	}
	dir, err := a.store.Save(t, a.context)
	if err != nil && a.rescue(err) {
		dir, err = a.store.Save(t, a.context)
	}
	if err != nil {
		a.lost = true
		return nil
	}
	a.dirs[t.ID] = dir
	return nil
}

// rescue turns to a folder for temporary files when that of --out cannot be written, lest what was found is lost, and
// reports whether there is one.
func (a *artifacts) rescue(problem error) bool {
	if a.problem != nil {
		return false
	}
	kept := "they are nowhere but above"
	store, err := report.OpenRescue()
	if err == nil {
		kept = "they are in " + store.Root() + " instead"
		a.store = store
		a.reportDir = store.ReportDir(a.context.Pair, filepath.Base(a.reportDir)[len("report-"):])
	}
	a.problem = fmt.Errorf("--out: triggers could not be saved: %w; %s; give --out a folder that can be written", problem, kept)
	return err == nil
}

// writeReport writes the report, the pictures and the result.
func (a *artifacts) writeReport(r *engine.Report, result report.SearchResult) error {
	if a.store == nil {
		return nil
	}
	if a.lost {
		return a.problem
	}
	files, err := a.store.SaveReport(strings.TrimPrefix(filepath.Base(a.reportDir), "report-"), r, report.Options{ClassNames: a.context.ClassNames})
	a.files = files
	if err == nil {
		err = result.Save(filepath.Join(a.reportDir, resultFile))
	}
	return errors.Join(a.problem, err)
}

// whereabouts tells where everything lies.
func (a *artifacts) whereabouts(found int) string {
	if a.store == nil {
		if found > 0 {
			return "Nothing is saved; --out DIR keeps triggers, pictures and a report.\n"
		}
		return ""
	}
	var b strings.Builder
	if len(a.dirs) > 0 {
		fmt.Fprintf(&b, "%s saved in %s\n", report.Plural(len(a.dirs), "trigger"), a.store.PairDir(a.context.Pair))
	}
	for _, file := range a.files {
		what := "Report"
		if strings.HasSuffix(file, ".png") {
			what = "Pictures"
		}
		fmt.Fprintf(&b, "%s: %s\n", what, file)
	}
	if len(a.dirs) > 0 {
		words := append([]string{a.store.PairDir(a.context.Pair)}, a.asked...)
		fmt.Fprintf(&b, "To replay: triggerfinder replay %s\n", strings.Join(quotedAll(words), " "))
	}
	return b.String()
}

// quoted is a word for a shell.
func quoted(word string) string {
	if strings.ContainsAny(word, " \t'\"$&;()<>|*?`") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
