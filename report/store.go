package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

const (
	// DefaultRoot is where triggers are kept, relative to the package under test.
	DefaultRoot = "testdata/triggers"
	// RootVariable is the environment variable that moves it.
	RootVariable = "TRIGGERFINDER_TRIGGERS"
)

// Store is a folder of saved triggers. It is safe for concurrent use, by several processes too.
//
// # The folders
//
// There is a folder for each pair of models, and in it one for each trigger:
//
//	testdata/triggers/.gitignore   leaves out reports and what is not complete
//	testdata/triggers/lenet5-int8/class-names-5994471a.json   the names of classes, once for all triggers that have them
//	testdata/triggers/lenet5-int8/9f86d081884c7d65/
//	    trigger.json   what deviated, how it was found, how to replay it
//	    trigger.png    the exact input: an image of 8 bits, of 1 or 3 channels
//	    seed.png       the exact input that the search started from
//	    diff.png       a heat map of what changed, on a scale that is the same for all triggers, see [HeatScale]
//	    trigger.npy, seed.npy   in place of these for other inputs, beside what the [Viewer] of their kind draws
//	    trigger.npz, seed.npz   for a set, with one array a part
//
// Triggers of earlier versions, of which images are arrays too and each repeats the names of all classes, are read as well.
//
// The usual pattern is to save each trigger as it is found and to replay all of them next time:
//
//	store, err := report.OpenStore("")
//	dir, err := store.Save(trigger, report.ContextOf(r))
//	saved, err := store.List("lenet5-int8")
//
// Commit the folder: it is to two models what testdata/fuzz is to a parser. The trigger's folder is
// named after the content of the trigger alone, see [input.Input.ID]. The seed has no part in it:
// replaying needs the trigger only, so the same input reached from a second seed adds nothing.
//
// # What can be relied on
//
// Nothing is ever seen half written: folders and files appear under their final name only when they
// are complete, whether or not the process is killed and however many processes save at once. What
// it was working on stays behind under a name that begins with ".tmp-", is ignored by everything here,
// and is removed by the next process that opens the store; one that ran on another machine has an hour. No trigger is ever removed
// or changed.
//
// What is read is checked: a trigger whose data do not have the recorded shape, domain and hash is
// an error that names the file. [Store.List] returns the good triggers beside a [MalformedError] about
// the others.
type Store struct {
	root string
	now  func() time.Time
}

// OpenStore opens the store in the folder root; if that is "", in the one that the environment
// variable TRIGGERFINDER_TRIGGERS names; if that is empty too, in testdata/triggers. The folder need not
// exist: the first Save makes it.
func OpenStore(root string) (*Store, error) {
	root = filepath.Clean(cmp.Or(root, os.Getenv(RootVariable), filepath.FromSlash(DefaultRoot)))
	if _, err := isFolder(root); err != nil {
		return nil, fmt.Errorf("report: trigger store: %w", err)
	}
	s := &Store{root: root, now: time.Now}
	if _, known := tidied.LoadOrStore(root, true); !known {
		s.tidy()
	}
	return s, nil
}

// tidied are the roots of stores that this process has tidied.
var tidied sync.Map

// tidy removes what killed processes left behind.
func (s *Store) tidy() {
	for _, pair := range removeStale(s.root, s.now()) {
		for _, inside := range removeStale(pair, s.now()) {
			if strings.HasPrefix(filepath.Base(inside), reportFolderPrefix) {
				removeStale(inside, s.now())
			}
		}
	}
}

const (
	ignoreFile = ".gitignore"
	ignored    = `# Written by triggerfinder, once; change it as you like. Triggers are worth committing, reports are of single runs,
# and .tmp- begins the name of what is being written.
/*/report-*/
.tmp-*
`
)

// makeRoot makes the folder of the store, ready for git.
func (s *Store) makeRoot() error {
	if err := makeFolder(s.root); err != nil {
		return err
	}
	path := filepath.Join(s.root, ignoreFile)
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return nil // it is the user's
	}
	return writeFile(path, []byte(ignored))
}

// SaveReport writes the report of a search beside the triggers of its pair, into [Store.ReportDir], as [SaveReport] does.
func (s *Store) SaveReport(key string, r *engine.Report, o Options) (files []string, err error) {
	if r == nil {
		return SaveReport("", r, o)
	}
	if err := s.makeRoot(); err != nil {
		return nil, fmt.Errorf("report: save report of pair %q: %w", r.Pair, err)
	}
	return SaveReport(s.ReportDir(r.Pair, key), r, o)
}

// Root is the folder of the store.
func (s *Store) Root() string { return s.root }

// PairDir is the folder that holds, or will hold, the triggers of the pair.
func (s *Store) PairDir(pair string) string { return filepath.Join(s.root, FolderName(pair)) }

// reportFolderPrefix begins the names of folders beside the triggers of a pair that hold reports.
const reportFolderPrefix = "report-"

// ReportDir is a folder for the reports of the pair, beside its triggers. The key tells the reports
// of different searches of the same pair apart.
func (s *Store) ReportDir(pair, key string) string {
	return filepath.Join(s.PairDir(pair), reportFolderPrefix+key)
}

// Context is what a trigger is saved with besides itself: the search that found it.
type Context struct {
	Pair                 string            // name of the pair
	Original, Compressed model.Description // a file's folder is not kept, only its name
	Strategy             string
	Oracle               string
	Bound                string // "" for none
	RandomSeed           uint64
	ClassNames           []string // by label; optional
	Replay               string   // how to replay, for people; "" means general advice
}

// ContextOf is the context of the triggers of a report.
func ContextOf(r *engine.Report) Context {
	return Context{
		Pair: r.Pair, Original: r.Original, Compressed: r.Compressed,
		Strategy: r.Strategy, Oracle: r.Oracle, Bound: r.Bound, RandomSeed: r.RandomSeed, ClassNames: r.ClassNames,
	}
}

// ContextFor is the context of the triggers of a search that has yet to be made, without class names. Settings that are
// nil are left out.
func ContextFor(pair *model.Pair, s engine.Settings) Context {
	c := Context{Pair: pair.Name(), RandomSeed: s.RandomSeed}
	c.Original, c.Compressed = pair.Describe()
	if s.Strategy != nil {
		c.Strategy = s.Strategy.String()
	}
	if s.Oracle != nil {
		c.Oracle = s.Oracle.String()
	}
	if s.Bound != nil {
		c.Bound = s.Bound.String()
	}
	return c
}

// Save saves a trigger and returns its folder. A trigger that is there already stays as it is. The
// folder appears under its name only when it is complete; many processes may save the same trigger
// at once.
func (s *Store) Save(t *engine.Trigger, c Context) (dir string, err error) {
	files, id, err := s.encode(t, c)
	if err != nil {
		return "", fmt.Errorf("report: save trigger of pair %q: %w", c.Pair, err)
	}
	dir = filepath.Join(s.PairDir(c.Pair), id)
	if err := s.write(dir, files, c.ClassNames); err != nil {
		return "", fmt.Errorf("report: save trigger %s: %w", id, err)
	}
	return dir, nil
}

func (s *Store) write(dir string, files []file, classNames []string) error {
	parent := filepath.Dir(dir)
	if err := s.makeRoot(); err != nil {
		return err
	}
	if err := makeFolder(parent); err != nil {
		return err
	}
	removeStale(parent, s.now())
	if err := writeClassNames(parent, classNames); err != nil {
		return err
	}
	existed, err := writeFolder(dir, files)
	if err != nil || !existed {
		return err
	}
	// Keep the old one, unless there is nothing to keep.
	if _, err := LoadTrigger(dir); err != nil && !errors.Is(err, ErrNewerVersion) {
		return fmt.Errorf("it was saved before and is damaged since; remove or restore it: %w", err)
	}
	return nil
}

// encode makes the files of a trigger's folder.
func (s *Store) encode(t *engine.Trigger, c Context) (files []file, id string, err error) {
	if err := checkInputs(t); err != nil {
		return nil, "", err
	}
	a := newArtifact(t, c, s.now())
	if err := a.check(); err != nil {
		return nil, "", err
	}
	for _, array := range []struct {
		name string
		in   input.Input
	}{{a.Input.fileOf(triggerName), t.Input}, {a.Input.fileOf(seedName), t.Seed}} {
		data, err := encodeInput(array.in, a.Input.Type == pictureType)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", array.name, err)
		}
		files = append(files, file{array.name, data})
	}
	view, err := ViewOf(t, c.ClassNames...)
	var shown []file
	if err == nil {
		shown, err = view.files()
	}
	if err != nil {
		a.ViewError = err.Error() // that it cannot be shown is no reason to lose a trigger
	} else {
		for _, f := range shown {
			if !slices.ContainsFunc(files, func(has file) bool { return has.name == f.name }) { // a picture may be the input itself
				files = append(files, f)
			}
		}
		a.Difference = newArtifactDifference(view)
	}
	data, err := EncodeJSON(a)
	if err != nil {
		return nil, "", err
	}
	return append(files, file{artifactFile, data}), a.ID, nil
}

func checkInputs(t *engine.Trigger) error {
	if err := t.Input.Validate(); err != nil {
		return fmt.Errorf("input: %w", err)
	}
	if err := t.Seed.Validate(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if !t.Input.Like(t.Seed) {
		return fmt.Errorf("expected seed and trigger alike, found %s", t.Seed.Unlike(t.Input))
	}
	for _, id := range []struct {
		of, recorded, actual string
	}{{"trigger", t.ID, t.Input.ID()}, {"seed", t.SeedID, t.Seed.ID()}} {
		if id.recorded != "" && id.recorded != id.actual {
			return fmt.Errorf("ID of the %s: expected %s, which its data have, found %s", id.of, id.actual, id.recorded)
		}
	}
	return nil
}

const (
	longestPlainName = 64
	longestStem      = 48
)

var (
	plainName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_.-]*$`)
	// hashSuffix ends every name that is not plain, and therefore no plain one.
	hashSuffix = regexp.MustCompile(`-[0-9a-f]{8}$`)
	// reservedName is what Windows takes for a device, with any extension.
	reservedName = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)
	unsafeRun    = regexp.MustCompile(`[^a-z0-9_]+`)
)

// FolderName is the name of a pair's folder in a [Store]. A short name of lower-case ASCII letters,
// digits and "_.-" stays as it is, such as "lenet5-int8". Any other, such as "LeNet 5/int8", is made
// of those and ends in 8 digits of its hash, "lenet-5-int8-bdf8d0fe". The names are valid on all
// systems, and different for different pairs, also where upper and lower case are the same.
func FolderName(pair string) string {
	if plainName.MatchString(pair) && len(pair) <= longestPlainName && !strings.HasSuffix(pair, ".") &&
		!reservedName.MatchString(pair) && !hashSuffix.MatchString(pair) {
		return pair
	}
	stem := strings.Trim(unsafeRun.ReplaceAllString(strings.ToLower(pair), "-"), "-")
	if len(stem) > longestStem {
		stem = strings.TrimRight(stem[:longestStem], "-")
	}
	if stem == "" {
		stem = "pair"
	}
	sum := sha256.Sum256([]byte(pair))
	return stem + "-" + hex.EncodeToString(sum[:4])
}
