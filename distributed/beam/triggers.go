package beam

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
	"golang.org/x/sync/errgroup"
)

// triggersFolder is where the triggers of a job lie, as a [report.Store].
const triggersFolder = "triggers"

// saveTriggers saves the triggers of which the report holds the inputs into the job's folder. In a bucket those that are there already are left as they are: their names say what they
// hold.
func (j Job) saveTriggers(ctx context.Context, r *engine.Report) error {
	root := j.place(triggersFolder)
	if !isLocal(root) {
		dir, err := os.MkdirTemp("", "triggerfinder-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		root = dir
	}
	store, err := report.OpenStore(root)
	if err != nil {
		return err
	}
	about := report.ContextOf(r)
	triggers := slices.DeleteFunc(r.Triggers(), (*engine.Trigger).Abridged)
	if err := sideBySide(triggers, func(t *engine.Trigger) error {
		_, err := store.Save(t, about)
		return err
	}); err != nil || isLocal(j.Folder) {
		return err
	}
	there, err := list(ctx, j.place(triggersFolder, "*", "*", triggerFile))
	if err != nil {
		return err
	}
	files, err := filesIn(root)
	if err != nil {
		return err
	}
	saved := map[string]bool{}
	for _, file := range there {
		saved[path.Dir(file)] = true
	}
	upload := func(name string) error {
		return copyFile(ctx, filepath.Join(root, filepath.FromSlash(name)), j.place(triggersFolder, name))
	}
	var last, others []string // what makes a folder that of a trigger comes when it is complete
	for _, name := range files {
		switch {
		case saved[path.Dir(j.place(triggersFolder, name))]:
		case path.Base(name) == triggerFile:
			last = append(last, name)
		default:
			others = append(others, name)
		}
	}
	if err := sideBySide(others, upload); err != nil {
		return err
	}
	return sideBySide(last, upload)
}

// sideBySide calls do for all of them, several at a time, as disks and stores take long to answer and little to do so. It ends with an error.
func sideBySide[T any](all []T, do func(T) error) error {
	const atOnce = 16
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, one := range all {
		group.Go(func() error { return do(one) })
	}
	return group.Wait()
}

// triggerFile makes a folder that of a trigger.
const triggerFile = "trigger.json"

// filesIn are the files below a folder, hidden ones not included.
func filesIn(root string) (names []string, err error) {
	if _, err := os.Stat(root); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	err = filepath.WalkDir(root, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		name, err := filepath.Rel(root, file)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	return names, err
}

// FetchTriggers copies the triggers that a job saved into a folder of this machine, so that a test replays them: root is laid out as a [report.Store], such as
// testdata/triggers, and keeps what it holds. A job's folder on this machine needs none of this: its triggers lie in its folder triggers.
//
//	err := beam.FetchTriggers(ctx, "gs://bucket/release-17", "testdata/triggers")
//	Expect(pair).To(matchers.ReplayCleanly("testdata/triggers"))
func FetchTriggers(ctx context.Context, folder, root string) error {
	j := Job{Folder: folder}
	files, err := list(ctx, j.place(triggersFolder, "*", "*"))
	if err != nil {
		return fmt.Errorf("beam: %w", err)
	}
	inside, err := list(ctx, j.place(triggersFolder, "*", "*", "*"))
	if err != nil {
		return fmt.Errorf("beam: %w", err)
	}
	names := map[string][]string{} // by folder of a trigger, or of a pair
	for _, file := range slices.Concat(files, inside) {
		name := strings.TrimPrefix(filepath.ToSlash(file), j.place(triggersFolder)+"/")
		if strings.HasPrefix(path.Base(name), ".") || isLocal(file) && isFolder(file) {
			continue
		}
		names[path.Dir(name)] = append(names[path.Dir(name)], path.Base(name))
	}
	var complete []string
	for dir, files := range names {
		if strings.Contains(dir, "/") {
			if slices.Contains(files, triggerFile) { // without it, it is what was left of a job that was killed
				complete = append(complete, dir)
			}
			continue
		}
		for _, name := range files { // names of classes, of a pair
			if err := fetch(ctx, j.place(triggersFolder, dir, name), filepath.Join(root, dir, name)); err != nil {
				return err
			}
		}
	}
	if complete == nil {
		return fmt.Errorf("beam: %s: expected triggers, found none", j.place(triggersFolder))
	}
	return sideBySide(complete, func(dir string) error {
		to := filepath.Join(root, filepath.FromSlash(dir))
		if report.IsTrigger(to) {
			return nil
		}
		unfinished := filepath.Join(filepath.Dir(to), ".tmp-"+random())
		for _, name := range names[dir] {
			if err := fetch(ctx, j.place(triggersFolder, dir, name), filepath.Join(unfinished, name)); err != nil {
				return errors.Join(err, os.RemoveAll(unfinished))
			}
		}
		if err := os.Rename(unfinished, to); err != nil {
			return fmt.Errorf("beam: %w", errors.Join(err, os.RemoveAll(unfinished)))
		}
		return nil
	})
}

func isFolder(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.IsDir()
}

// fetch copies a file to this machine.
func fetch(ctx context.Context, from, to string) error {
	data, err := readFile(ctx, from)
	if err == nil {
		err = writeFile(ctx, to, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("beam: %w", err)
	}
	return nil
}
